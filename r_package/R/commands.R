#' Check run files
#'
#' Runs `runjson validate` (see [rj_install()]).
#'
#' @param path Run files, folders that hold them, or patterns.
#' @param lenient Whether unknown members are taken with a warning.
#' @param files Whether the files that run files name are looked at.
#' @return A data frame, one row a finding: `file`, `severity` (`error`, `warning`, `advice`),
#'   `code`, `line`, `column`, `pointer`, `message`, `hint`. No rows: all is well. The attribute
#'   `valid` says whether there was no error.
#' @examplesIf rj_has_command()
#' path <- tempfile(fileext = ".json")
#' writeLines('{"runjson": "1.0", "series": {"loss": [0.3, NaN]}}', path)
#' rj_validate(path)
#' @export
rj_validate <- function(path, lenient = FALSE, files = TRUE) {
  words <- c("validate", "--format", "json", if (lenient) "--lenient", if (!files) "--no-files",
    as.character(path))
  done <- run_command("rj_validate", words, expected = 0:1)
  found <- js_parse(done$out)
  rows <- unlist(lapply(found$files, function(file) {
    lapply(file$findings, function(one) c(list(file = file$file), one))
  }), recursive = FALSE)
  text <- function(member) vapply(rows, function(one) one[[member]] %or% NA_character_, "")
  whole <- function(member) vapply(rows, function(one) as.integer(one[[member]] %or% NA), 1L)
  structure(
    data.frame(
      file = text("file"), severity = text("severity"), code = text("code"), line = whole("line"),
      column = whole("column"), pointer = text("pointer"), message = text("message"),
      hint = text("hint"),
      stringsAsFactors = FALSE
    ),
    valid = isTRUE(found$valid)
  )
}

#' Track run files
#'
#' Runs `runjson upload` (see [rj_install()]): new files are tracked, what grew since the last
#' upload is added, the same file again changes nothing.
#'
#' @param path Run files, folders that hold them, patterns, or a run of [rj_init()].
#' @param to The tracker's folder; `RUNJSON_TRACKER`, or else the user's own, by default.
#' @param project Of files that name none.
#' @param replace Whether a run whose past changed is replaced.
#' @return Invisibly a data frame, one row a file: `file`, `answer` (`new`, `grown`, `unchanged`,
#'   `replaced`, `refused`, `unread`), `project`, `run`, `points`, `files`, `why`. A warning names
#'   files that were not tracked.
#' @examplesIf rj_has_command()
#' run <- rj_init(dir = tempfile("runs"))
#' rj_log(run, loss = 0.5)
#' rj_finish(run)
#' print(rj_upload(run, to = tempfile("store")))
#' @export
rj_upload <- function(path, to = NULL, project = NULL, replace = FALSE) {
  if (inherits(path, "rj_run")) {
    path <- path$folder
  }
  report <- tempfile(fileext = ".json")
  on.exit(unlink(report))
  words <- c(
    "upload", "--report", report, if (!is.null(to)) c("--to", path.expand(to)),
    if (!is.null(project)) c("--project", project), if (replace) "--replace",
    path.expand(as.character(path))
  )
  done <- run_command("rj_upload", words, expected = 0:2)
  if (!file.exists(report)) {
    rj_abort(trimws(done$err), class = "rj_tracker_error")
  }
  files <- js_parse(paste(readLines(report, encoding = "UTF-8", warn = FALSE),
    collapse = "\n"))$files
  text <- function(member) vapply(files, function(one) one[[member]] %or% NA_character_, "")
  count <- function(member) vapply(files, function(one) as.numeric(one[[member]] %or% 0), 1)
  found <- data.frame(
    file = text("file"), answer = text("answer"), project = text("project"), run = text("run"),
    points = count("points"), files = count("files"),
    why = vapply(files, function(one) paste(unlist(one$why), collapse = "\n"), ""),
      stringsAsFactors = FALSE
  )
  bad <- found[found$answer %in% c("refused", "unread", "trashed"), ]
  if (nrow(bad) > 0) {
    warning("not tracked: ", paste0(bad$file, " (", bad$answer, "): ", bad$why, collapse = "\n"),
      call. = FALSE)
  }
  invisible(found)
}

#' Whether the command `runjson`, or Python with runjson, is there
#'
#' Neither starts Python within R.
#'
#' @return `TRUE` or `FALSE`.
#' @examples
#' rj_has_command()
#' rj_has_python()
#' @export
rj_has_command <- function() {
  length(command_words()) > 0
}

#' @rdname rj_has_command
#' @export
rj_has_python <- function() {
  requireNamespace("reticulate", quietly = TRUE) && !is.null(discovered_python())
}

#' The words that start `runjson`; none if it is not there
#' @noRd
command_words <- function() {
  given <- getOption("runjson.command", Sys.getenv("RUNJSON_COMMAND", NA))
  if (!is.na(given[1])) {
    return(as.character(given))
  }
  python <- if (requireNamespace("reticulate", quietly = TRUE)) discovered_python()
  if (!is.null(python)) {
    return(c(python, "-m", "runjson"))
  }
  found <- Sys.which("runjson")
  if (nzchar(found)) unname(found) else character()
}

#' The Python that reticulate has, or would take, if it has runjson; found once
#' @noRd
discovered_python <- function() {
  if (reticulate::py_available(initialize = FALSE)) {
    return(if (reticulate::py_module_available("runjson")) reticulate::py_config()$python)
  }
  key <- paste(Sys.getenv(c("RETICULATE_PYTHON", "VIRTUAL_ENV", "PATH")), collapse = "\n")
  if (!identical(python_state$key, key)) {
    config <- tryCatch(suppressWarnings(reticulate::py_discover_config("runjson")),
      error = function(fault) NULL)
    has <- !is.null(config$python) && has_runjson(config$python)
    python_state$python <- if (has) config$python
    python_state$key <- key
  }
  python_state$python
}

has_runjson <- function(python) {
  code <- paste(
    "import sys; from importlib.util import find_spec as f;",
    "sys.exit(not (f('runjson') and f('runjson_tracker')))"
  )
  status <- suppressWarnings(system2(python, c("-c", shQuote(code)), stdout = FALSE,
    stderr = FALSE))
  identical(as.integer(status), 0L)
}

#' Run the command `runjson`
#'
#' @param expected Exit codes that are no fault of the command itself.
#' @return `out`, `err` and `code`.
#' @noRd
run_command <- function(from, words, expected = 0L) {
  command <- command_words()
  if (length(command) == 0) {
    rj_abort(
      from, " needs the command runjson: pip install \"runjson[all]\", or rj_install(). ",
      "If it is there under another name: options(runjson.command = \"...\").",
      class = "rj_no_python"
    )
  }
  out <- tempfile()
  err <- tempfile()
  on.exit(unlink(c(out, err)))
  code <- suppressWarnings(system2(
    command[1], shQuote(c(command[-1], enc2utf8(words))),
    stdout = out, stderr = err, env = c("PYTHONIOENCODING=utf-8", own_libraries())
  ))
  said <- function(path) paste(readLines(path, encoding = "UTF-8", warn = FALSE), collapse = "\n")
  done <- list(out = said(out), err = said(err), code = code)
  if (!code %in% expected || (code == 127 && !nzchar(done$out))) {
    rj_abort(from, ": ", if (nzchar(done$err)) done$err else paste("exit code", code),
      class = "rj_command_failed")
  }
  done
}

#' The libraries of a child: not those that R puts before all others, with which a Python may not load its own
#' @noRd
own_libraries <- function() {
  paths <- function(text) strsplit(text, ":", fixed = TRUE)[[1]]
  if (is.null(python_state$libraries)) {
    # What R's own start-up script makes of an empty one.
    script <- shQuote('. "$R_HOME/etc/ldpaths" && printf %s "$LD_LIBRARY_PATH"')
    told <- suppressWarnings(tryCatch(
      system2("sh", c("-c", script), stdout = TRUE, stderr = FALSE, env = "LD_LIBRARY_PATH="),
      error = function(fault) character()
    ))
    python_state$libraries <- paths(paste(told, collapse = ""))
  }
  rest <- setdiff(paths(Sys.getenv("LD_LIBRARY_PATH")), python_state$libraries)
  paste0("LD_LIBRARY_PATH=", shQuote(paste(rest, collapse = ":")))
}

`%or%` <- function(one, other) if (is.null(one)) other else one
