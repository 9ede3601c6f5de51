# Run files as R data, and back.

#' Read a run
#'
#' Reads a document or a stream (SPEC section 3) and folds it: what a stream said in many records becomes one record.
#' Torn lines, which a killed writer leaves, are skipped with a warning. No Python is needed.
#'
#' @param path Of a run file, or of a folder that holds a `run.json` or a `run.jsonl`.
#' @param lenient Whether members that the format does not know are taken with a warning, not refused.
#' @return A list of class `rj_record` with the members that the run says:
#'   `runjson`, `project`, `id`, `writer`, `name`, `description`, `group`, `status`, `started_at`, `ended_at` are texts,
#'   `tags` and `untags` character vectors, `error`, `parent`, `parameters`, `properties`, `source`, `environment` and
#'   `artifacts` named lists.
#'   `series` and `text` are named lists of data frames with the columns `step`, `time` (seconds since 1970; NA
#'   where a point has none) and `value`; `unit`, `goal`, `description`, `media_type` and `x` are attributes of these.
#'   `images` and `histograms` are such data frames too, their `value` a list.
#'   Within values, arrays of several numbers, texts or logicals are vectors, other arrays unnamed lists;
#'   integers beyond 2^53 - 1 are texts of class `rj_int`, times texts of class `rj_moment`, which `as.POSIXct` takes.
#'
#'   A file that breaks a rule of the format is refused as a whole: an error of class `rj_invalid` with `code`.
#' @seealso [rj_write()], [rj_canonical()]
#' @export
#' @examples
#' path <- tempfile(fileext = ".jsonl")
#' writeLines(c(
#'   '{"runjson": "1.0", "id": "lm-1", "parameters": {"lr": 0.1}}',
#'   '{"step": 1, "series": {"train/loss": 0.9}}',
#'   '{"step": 2, "series": {"train/loss": 0.5}}'
#' ), path)
#' run <- rj_read(path)
#' run$parameters$lr
#' run$series[["train/loss"]]
#' as.data.frame(run)
rj_read <- function(path, lenient = FALSE) {
  state <- read_fold(path, lenient)
  tell_warnings(state$warnings, path)
  record_from(state)
}

tell_warnings <- function(warnings, path) {
  codes <- vapply(warnings, function(one) one$code, "")
  torn <- sum(codes == "RJ010")
  if (torn) {
    lines <- vapply(warnings[codes == "RJ010"], function(one) one$line, 1L)
    warning(sprintf(
      "%s: %d torn line%s skipped (line %s).", path, torn, if (torn > 1L) "s were" else " was",
      paste(utils::head(lines, 5L), collapse = ", ")
    ), call. = FALSE)
  }
  for (one in warnings[match(setdiff(codes, "RJ010"), codes)]) {
    warning(sprintf("%s: %s (%s, %d times).", path, one$message, one$code, sum(codes == one$code)), call. = FALSE)
  }
}

#' What a fold says, as R data.
#' @noRd
record_from <- function(state) {
  found <- if (is.null(state$minor)) list() else list(runjson = paste0("1.", state$minor))
  for (name in known_members) {
    if (name %in% names(state$members)) found[[name]] <- shown(state$members[[name]])
    set <- vapply(state$tags, identity, NA) == (name == "tags")
    if (name %in% c("tags", "untags") && any(set)) found[[name]] <- sorted_names(names(state$tags)[set])
    if (name == "parameters" && length(state$parameters)) found$parameters <- lapply(state$parameters, shown)
    if (name %in% names(state$maps) && length(state$maps[[name]])) found[[name]] <- lapply(state$maps[[name]], shown)
    if (name %in% kinds && length(state$order[[name]])) found[[name]] <- frames(state, name)
  }
  for (name in setdiff(names(state$members), known_members)) {
    found <- put_member(found, name, shown(member(state$members, name)))
  }
  structure(found, class = "rj_record")
}

# Arrays of several scalars of one kind as vectors; an array of one stays a list, or it would be written as a scalar.
shown <- function(value) {
  if (!is.list(value)) return(value)
  value <- lapply(value, shown)
  if (is_object(value) || length(value) < 2L) return(value)
  bare <- vapply(value, function(entry) is.atomic(entry) && !is.object(entry) && length(entry) == 1L, NA)
  types <- vapply(value, typeof, "")
  if (all(bare) && length(unique(types)) == 1L) unlist(value) else value
}

frames <- function(state, kind) {
  stats::setNames(lapply(state$order[[kind]], function(name) {
    column <- state$columns[[kind]][[name]]
    points <- joined(column)
    size <- length(points$values)
    frame <- data.frame(
      step = if (size) points$steps else numeric(), time = if (size) points$times else numeric()
    )
    frame$value <- if (size) points$values else if (kind == "series") numeric() else if (kind == "text") character() else list()
    for (note in names(column$notes)) attr(frame, note) <- shown(column$notes[[note]])
    frame
  }), state$order[[kind]])
}

#' Write a run
#'
#' Writes what [rj_read()] gave, perhaps changed, or a list of the same shape, as a run file.
#'
#' @param record Of class `rj_record`, or a list with such members; `runjson` is `"1.0"` where it is missing. A series
#'   may also be a plain vector of numbers.
#' @param path Of the file. One that ends in `.jsonl` or `.ndjson` becomes a stream, and needs an `id`; any other a document.
#'   A file that is there is replaced.
#' @return `path`, invisibly. Errors: `rj_not_json` for a value that JSON does not have, `rj_invalid` for a record that
#'   breaks a rule of the format; nothing is written then.
#' @export
#' @examples
#' path <- tempfile(fileext = ".json")
#' rj_write(list(id = "lm-1", parameters = list(lr = 0.1), series = list(loss = c(0.9, NaN))), path)
#' readLines(path)
rj_write <- function(record, path) {
  texts <- record_texts(unclass(record))
  stream <- grepl("\\.(jsonl|ndjson)$", path, ignore.case = TRUE)
  lines <- if (stream) c(js_object(texts[setdiff(names(texts), kinds)]), points_lines(unclass(record))) else js_object(texts)
  bytes <- charToRaw(paste0(paste0(lines, collapse = "\n"), "\n"))
  # What is written can be read: a record that breaks a rule is refused before the file is touched.
  decode_bytes(bytes, path, lenient = TRUE)
  part <- paste0(path, ".part")
  writeBin(bytes, part)
  if (!file.rename(part, path)) rj_abort(path, " can not be written.", class = "rj_file")
  invisible(path)
}

record_texts <- function(record) {
  if (!is.list(record) || is.null(names(record))) {
    rj_abort("A record is a list with names, such as rj_read gives.", class = "rj_not_json")
  }
  if (is.null(record[["runjson"]])) record <- c(list(runjson = "1.0"), record)
  vapply(stats::setNames(nm = names(record)), function(name) {
    value <- member(record, name)
    if (name %in% kinds) return(js_object(kind_texts(value, name)))
    if (name %in% c("tags", "untags")) return(js_array(js_text(as.character(value))))
    written(value, name)
  }, "")
}

kind_texts <- function(entries, kind) {
  vapply(stats::setNames(nm = names(entries)), function(name) {
    frame_points(member(entries, name), kind, paste0(kind, "/", name))
  }, "")
}

points_lines <- function(record) {
  unlist(lapply(intersect(kinds, names(record)), function(kind) {
    texts <- kind_texts(record[[kind]], kind)
    lapply(seq_along(texts), function(index) {
      js_object(stats::setNames(js_object(texts[index]), kind))
    })
  }), use.names = FALSE)
}

frame_points <- function(frame, kind, path) {
  if (!is.data.frame(frame)) frame <- list(value = frame)
  if (is.null(frame[["value"]])) rj_abort(path, " has no column value.", class = "rj_not_json")
  values <- frame[["value"]]
  texts <- c(values = js_array(point_texts(values, kind, path)))
  for (name in c("step", "time")) {
    if (!is.null(frame[[name]]) && any(!is.na(frame[[name]]))) {
      texts[[paste0(name, "s")]] <- js_array(js_step(frame[[name]]))
    }
  }
  for (name in setdiff(names(attributes(frame)), c("names", "row.names", "class"))) {
    texts[[name]] <- written(attr(frame, name), paste0(path, "/", name))
  }
  js_object(texts)
}

point_texts <- function(values, kind, path) {
  if (kind == "series") return(js_number(values))
  if (kind == "text") return(marked_text(as.character(values)))
  if (kind == "images") return(vapply(values, written, "", path = path))
  vapply(values, function(histogram) {
    texts <- vapply(histogram[!names(histogram) %in% c("edges", "counts")], written, "", path = path)
    js_object(c(edges = js_array(js_number(histogram$edges)), counts = js_array(js_number(histogram$counts)), texts))
  }, "")
}

# As js_value, which would refuse the names that are allowed in values that were read: the empty one, for example.
written <- function(value, path) {
  if (inherits(value, c("rj_int", "rj_moment"))) return(tree_text(value))
  if (is.list(value) && !is.object(value)) {
    texts <- vapply(seq_along(value), function(index) {
      written(value[[index]], paste0(path, "$", if (is.null(names(value))) index else names(value)[index]))
    }, "")
    if (is.null(names(value))) return(js_array(texts))
    return(if (length(texts)) marked(paste0("{", paste0(marked_text(names(value)), ":", texts, collapse = ","), "}")) else "{}")
  }
  text <- js_value(value, path)
  if (is.character(value)) gsub(nul_mark, "\\u0000", text, fixed = TRUE) else text
}

#' Points of a run as one data frame
#'
#' @param x Of class `rj_record`.
#' @param row.names,optional Not used.
#' @param kind `"series"` or `"text"`.
#' @param ... Not used.
#' @return A data frame of `name`, `step`, `time` (seconds since 1970) and `value`, a row a point, in the order in
#'   which they were written.
#' @export
as.data.frame.rj_record <- function(x, row.names = NULL, optional = FALSE, kind = c("series", "text"), ...) {
  kind <- match.arg(kind)
  frames <- x[[kind]]
  if (!length(frames)) {
    value <- if (kind == "series") numeric() else character()
    return(data.frame(name = character(), step = numeric(), time = numeric(), value = value))
  }
  all <- do.call(rbind, lapply(unname(frames), function(frame) frame[c("step", "time", "value")]))
  sizes <- vapply(frames, nrow, 1L)
  data.frame(name = rep(names(frames), sizes), all, row.names = NULL)
}

#' @export
print.rj_record <- function(x, ...) {
  title <- c(x[["project"]], x[["id"]])
  cat(sprintf("A run%s\n", if (length(title)) paste0(": ", paste(plain_text(title), collapse = "/")) else ""))
  for (name in c("name", "status", "started_at", "ended_at", "tags")) {
    if (!is.null(x[[name]])) cat(sprintf("  %s: %s\n", name, paste(plain_text(x[[name]]), collapse = ", ")))
  }
  for (name in c("parameters", "properties", "artifacts")) {
    if (length(x[[name]])) cat(sprintf("  %s: %s\n", name, shortened(names(x[[name]]))))
  }
  for (kind in kinds) {
    if (!length(x[[kind]])) next
    cat(sprintf("  %s:\n", kind))
    for (name in names(x[[kind]])) cat(sprintf("    %s  %s\n", plain_text(name), points_line(x[[kind]][[name]], kind)))
  }
  invisible(x)
}

points_line <- function(frame, kind) {
  size <- nrow(frame)
  last <- if (kind == "series" && size) sprintf(", last %s", format(frame$value[size])) else ""
  sprintf("%d point%s%s", size, if (size == 1L) "" else "s", last)
}

shortened <- function(names) {
  more <- length(names) - 8L
  paste0(paste(plain_text(utils::head(names, 8L)), collapse = ", "), if (more > 0L) sprintf(" and %d more", more))
}

# Names of strangers' files may hold what steers a terminal (SPEC 14).
plain_text <- function(texts) marked(gsub("[\\x01-\\x1f\\x7f]|\\xc2[\\x80-\\x9f]|\\xe2\\x80[\\xaa-\\xae]|\\xe2\\x81[\\xa6-\\xa9]", "?", texts, perl = TRUE, useBytes = TRUE))

#' Each series of a run in a line
#'
#' @param object Of class `rj_record`.
#' @param ... Not used.
#' @return A data frame, a row a series: `name`, `points`, `first`, `last`, `min`, `max` (of values that are no NaN),
#'   `unit` and `goal`.
#' @export
summary.rj_record <- function(object, ...) {
  frames <- object[["series"]]
  number <- function(of) vapply(frames, function(frame) of(frame$value), 0, USE.NAMES = FALSE)
  note <- function(name) vapply(frames, function(frame) {
    found <- attr(frame, name, exact = TRUE)
    if (is.null(found)) NA_character_ else found
  }, "", USE.NAMES = FALSE)
  extreme <- function(of) number(function(values) if (all(is.na(values))) NA_real_ else of(values, na.rm = TRUE))
  data.frame(
    name = as.character(names(frames)), points = vapply(frames, nrow, 1L, USE.NAMES = FALSE),
    first = number(function(values) values[1L]), last = number(function(values) values[length(values)][1L]),
    min = extreme(min), max = extreme(max), unit = note("unit"), goal = note("goal")
  )
}

#' @export
format.rj_moment <- function(x, ...) unclass(x)

#' @export
print.rj_moment <- function(x, ...) {
  cat(format(x), "\n")
  invisible(x)
}

#' @export
as.POSIXct.rj_moment <- function(x, tz = "", ...) {
  text <- unclass(x)
  text <- sub("Z$", "+00:00", text)
  parts <- regmatches(text, regexec("^(.{19})(\\.[0-9]+)?([+-])([0-9]{2}):([0-9]{2})$", text))[[1L]]
  seconds <- as.double(as.POSIXct(parts[2L], format = "%Y-%m-%dT%H:%M:%S", tz = "UTC"))
  shift <- (as.double(parts[5L]) * 3600 + as.double(parts[6L]) * 60) * if (parts[4L] == "-") -1 else 1
  fraction <- if (nzchar(parts[3L])) as.double(paste0("0", parts[3L])) else 0
  .POSIXct(seconds - shift + fraction, tz = if (nzchar(tz)) tz else NULL)
}

#' @export
format.rj_int <- function(x, ...) unclass(x)

#' @export
print.rj_int <- function(x, ...) {
  cat(format(x), "\n")
  invisible(x)
}
