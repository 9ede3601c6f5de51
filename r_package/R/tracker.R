#' Tracked runs as a data frame
#'
#' Asks a tracker, through Python (see [rj_install()]). Filters and fields are those of the command
#' `runjson runs`.
#'
#' @param where A filter, such as `'parameters.lr < 0.1 and status == "failed"'`; `NULL` for all
#'   runs.
#' @param sort Fields to sort by, each with a leading `-` for descending; the newest first by
#'   default.
#' @param columns Fields, or patterns of them such as `"parameters.*"`, beside what every run has.
#' @param group_by Fields; runs with equal values in them are one row, with mean, standard
#'   deviation, minimum, maximum and count of each column.
#' @param project Whose runs; `NULL` for all.
#' @param limit How many at most.
#' @param tracker The tracker's folder; `RUNJSON_TRACKER`, or else the user's own, by default.
#' @return A data frame, one row a run. Numbers that a run does not have are `NA`; times are
#'   `POSIXct` in UTC; columns of several types, and tags, are lists.
#' @examplesIf rj_has_python()
#' store <- tempfile("store")
#' run <- rj_init(dir = tempfile("runs"), parameters = list(lr = 0.1))
#' rj_log(run, loss = 0.5, step = 1)
#' rj_finish(run)
#' rj_upload(run$path, to = store)
#' rj_runs(where = "parameters.lr < 1", columns = "series.loss.min", tracker = store)
#' @export
rj_runs <- function(where = NULL, sort = character(), columns = character(), group_by = NULL,
                    project = NULL, limit = NULL, tracker = NULL) {
  found <- as_data_frame(python_call(
    "rj_runs", "runs", tracker_path(tracker), project, where,
    sort = as.list(sort), columns = as.list(columns),
    group_by = if (is.null(group_by)) NULL else as.list(group_by),
    limit = if (is.null(limit)) NULL else as.integer(limit)
  ))
  typed(found, c("project", "id", "name", "group", "status"), as.character)
}

#' Columns that keep their type where no row has a value
#' @noRd
typed <- function(found, columns, as_type) {
  for (column in intersect(columns, names(found))) found[[column]] <- as_type(found[[column]])
  found
}

#' Points of series of tracked runs, in one long data frame
#'
#' @param runs Ids, or `"PROJECT/ID"`, or a data frame of [rj_runs()]; `NULL` for those that the
#'   filter finds.
#' @param names Of the series; runs that lack one are left out.
#' @param where,project,group_by As of [rj_runs()]. With `group_by` the series of equal runs are
#'   taken together, step by step.
#' @param points At most so many points of each series; no extreme is left out, and no mark of
#'   points that are not finite.
#' @inheritParams rj_runs
#' @return A data frame: `project`, `run`, `series`, `index`, `step`, `time` (seconds since 1970),
#'   `value`; with `group_by` the fields, and `series`, `step`, `mean`, `std`, `min`, `max`,
#'   `count`.
#' @examplesIf rj_has_python()
#' store <- tempfile("store")
#' run <- rj_init(dir = tempfile("runs"))
#' for (i in 1:3) rj_log(run, loss = 1 / i, step = i)
#' rj_finish(run)
#' rj_upload(run$path, to = store)
#' rj_series(run$id, "loss", tracker = store)
#' @export
rj_series <- function(runs = NULL, names, where = NULL, project = NULL, points = NULL,
  group_by = NULL,
                      tracker = NULL) {
  chosen <- run_names(runs)
  if (!is.null(chosen) && (!is.null(where) || !is.null(group_by))) {
    rj_abort("rj_series takes runs, or a filter: `where` and `group_by` go without `runs`.")
  }
  found <- as_data_frame(python_call(
    "rj_series", "series", tracker_path(tracker), as.list(names),
    if (is.null(chosen)) NULL else as.list(chosen),
    where = where, project = project,
    points = if (is.null(points)) NULL else as.integer(points),
    group_by = if (is.null(group_by)) NULL else as.list(group_by)
  ))
  found <- typed(found, c("project", "run", "series"), as.character)
  found <- typed(found, c("index", "count"), as.integer)
  found <- typed(found, c("value", "mean", "std", "min", "max"), as.numeric)
  # A point without a step or time has NaN there.
  typed(found, c("step", "time"), function(column) {
    replace(as.numeric(column), is.nan(column), NA_real_)
  })
}

#' Files of a tracked run, or the whole run
#'
#' @param run An id, the beginning of one, or `"PROJECT/ID"`.
#' @param name Of an artifact, or of a series of images; `NULL` for the run files, with all of the
#'   run's files.
#' @param to A folder, made if it is not there.
#' @param replace Whether files with other contents that are there are replaced; else they are an
#'   error, and stay as they are. Run files never replace others.
#' @inheritParams rj_runs
#' @return The paths of what was written, invisibly.
#' @examplesIf rj_has_python()
#' store <- tempfile("store")
#' run <- rj_init(dir = tempfile("runs"))
#' rj_log_table(run, "errors", data.frame(digit = 8, read_as = 1))
#' rj_finish(run)
#' rj_upload(run$path, to = store)
#' files <- rj_download(run$id, "errors", to = tempfile(), tracker = store)
#' read.csv(files)
#' @export
rj_download <- function(run, name = NULL, to = ".", tracker = NULL, replace = FALSE) {
  run <- run_names(run)
  if (length(run) != 1) {
    rj_abort("rj_download takes one run, and not ", length(run), ".")
  }
  dir.create(to, showWarnings = FALSE, recursive = TRUE)
  if (!is.null(name)) {
    place <- paste0(sub("/+$", "", to), "/")
    return(invisible(as.character(python_call("rj_download", "download", tracker_path(tracker), run,
      name, place, isTRUE(replace)))))
  }
  before <- list.files(to, recursive = TRUE)
  given <- if (is.null(tracker)) character() else c("--tracker", tracker)
  run_command("rj_download", c("export", "--to", "jsonl", "--output", to, given, run))
  invisible(file.path(to, setdiff(list.files(to, recursive = TRUE), before)))
}

tracker_path <- function(tracker) {
  if (is.null(tracker)) NULL else path.expand(as.character(tracker))
}

#' Ids of runs, of whatever names runs
#' @noRd
run_names <- function(runs) {
  if (inherits(runs, "rj_run")) {
    return(runs$id)
  }
  if (!is.data.frame(runs)) {
    return(if (is.null(runs)) NULL else as.character(runs))
  }
  if (!all(c("project", "id") %in% names(runs))) {
    rj_abort("a data frame of runs has the columns project and id, as rj_runs() gives it.")
  }
  paste0(runs$project, "/", runs$id)
}

#' A data frame of the bridge's columns
#' @noRd
as_data_frame <- function(columns) {
  cells <- lapply(columns, function(one) {
    if (is.null(one$json)) as.numeric(unlist(one$numbers)) else as_column(js_parse(one$json))
  })
  names(cells) <- vapply(columns, function(one) one$name, "")
  rows <- if (length(cells) == 0) 0L else length(cells[[1]])
  structure(cells, class = "data.frame", row.names = seq_len(rows))
}

#' A column of values: a vector where they are of one type, else a list
#' @noRd
as_column <- function(values) {
  missing <- vapply(values, is.null, NA)
  if (all(missing)) {
    return(rep(NA, length(values)))
  }
  there <- lapply(values[!missing], as_cell)
  kinds <- unique(vapply(values[!missing],
    function(one) if (is.list(one) && is.null(names(one))) "list" else "one", ""))
  kinds <- if ("list" %in% kinds) "list" else unique(vapply(there, function(one) class(one)[1], ""))
  if (all(kinds %in% c("numeric", "integer")) ||
      (length(kinds) == 1 && kinds %in% c("logical", "character"))) {
    column <- rep(NA, length(values))
    column[!missing] <- unlist(there)
    return(column)
  }
  if (identical(kinds, "POSIXct")) {
    column <- .POSIXct(rep(NA_real_, length(values)), tz = "UTC")
    column[!missing] <- do.call(c, there)
    return(column)
  }
  column <- vector("list", length(values))
  column[!missing] <- there
  column
}

#' A value as R has it: tagged values and lists of one type are vectors
#' @noRd
as_cell <- function(value) {
  if (!is.list(value)) {
    return(value)
  }
  if (length(value) == 1 && !is.null(names(value))) {
    text <- value[[1]]
    if (names(value) == "$float") {
      return(c("NaN" = NaN, "Infinity" = Inf, "-Infinity" = -Inf)[[text]])
    }
    if (names(value) == "$int") {
      return(as_integer64_or_text(text))
    }
    if (names(value) == "$datetime") {
      return(parse_moment(text))
    }
  }
  plain <- lapply(value, as_cell)
  kinds <- unique(vapply(plain,
    function(one) if (is.list(one) || length(one) != 1) "list" else class(one)[1], ""))
  if (length(kinds) == 1 &&
    kinds %in% c("numeric", "integer", "logical", "character")) unlist(plain) else plain
}

#' An integer that no double holds: integer64 where package bit64 is there and it fits, else its
#' digits
#' @noRd
as_integer64_or_text <- function(text) {
  if (nchar(sub("^-", "", text)) <= 18 && requireNamespace("bit64", quietly = TRUE)) {
    return(bit64::as.integer64(text))
  }
  text
}

#' A time text (SPEC 5.5) as POSIXct
#' @noRd
parse_moment <- function(text) {
  parts <- regmatches(text,
    regexec("^(.{10}).(.{8})(\\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})$", text))[[1]]
  seconds <- as.numeric(as.POSIXct(paste(parts[2], parts[3]), tz = "UTC",
    format = "%Y-%m-%d %H:%M:%OS"))
  offset <- 0
  if (parts[5] != "Z") {
    digits <- gsub("[^0-9]", "", parts[5])
    offset <- as.numeric(substr(digits, 1, 2)) * 3600 + as.numeric(substr(digits, 3, 4)) * 60
    if (startsWith(parts[5], "-")) offset <- -offset
  }
  fraction <- if (nzchar(parts[4])) as.numeric(paste0("0", parts[4])) else 0
  .POSIXct(seconds - offset + fraction, tz = "UTC")
}
