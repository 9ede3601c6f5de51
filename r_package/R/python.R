# Python, found and loaded when it is needed for the first time; see ?rj_install.

python_state <- new.env(parent = emptyenv())

#' The reference client's module, through reticulate
#'
#' @param from What needs it, for the message.
#' @return A Python module; its values are not converted.
#' @noRd
python_module <- function(from) {
  if (!is.null(python_state$module)) {
    return(python_state$module)
  }
  need_reticulate(from)
  require_python_packages()
  module <- tryCatch(
    reticulate::import("runjson", convert = FALSE),
    error = function(fault) rj_abort(
      from, " needs the Python package runjson, which ", python_name(), " does not have. ",
      "rj_install() makes an environment with it; or name another Python by RETICULATE_PYTHON. (",
      first_line(conditionMessage(fault)), ")",
      class = "rj_no_python"
    )
  )
  # A folder or file of that name where R was started comes first for Python.
  if (!reticulate::py_has_attr(module, "CAPTURED")) {
    rj_abort(
      from, " found something else under the name runjson: ", python_file(module),
      ". Rename it, or start R in another folder.",
      class = "rj_no_python"
    )
  }
  python_state$module <- module
  module
}

need_reticulate <- function(from) {
  if (!requireNamespace("reticulate", quietly = TRUE)) {
    rj_abort(
      from, " needs Python: install.packages(\"reticulate\"), then rj_install(). ",
      "Logging, rj_read and rj_write work without it.",
      class = "rj_no_python"
    )
  }
}

#' Say which Python packages are needed, where reticulate takes that (1.41 and later)
#' @noRd
require_python_packages <- function(functions = asNamespace("reticulate")) {
  declare <- get0("py_require", functions, mode = "function", inherits = FALSE)
  if (!is.null(declare) && !reticulate::py_available(initialize = FALSE)) {
    declare("runjson[all]")
  }
}

python_name <- function() {
  found <- tryCatch(reticulate::py_config()$python, error = function(fault) NULL)
  if (is.null(found)) "no Python was found, and" else found
}

python_file <- function(module) {
  found <- tryCatch(
    as.character(reticulate::py_to_r(reticulate::py_get_attr(module, "__path__")[[0]])),
    error = function(fault) NULL
  )
  if (is.null(found)) {
    found <- tryCatch(
      as.character(reticulate::py_to_r(reticulate::py_get_attr(module, "__file__"))),
      error = function(fault) "a folder of that name"
    )
  }
  found
}

first_line <- function(text) {
  strsplit(text, "\n", fixed = TRUE)[[1]][1]
}

#' What asks a tracker, of inst/python
#' @noRd
python_bridge <- function(from) {
  if (is.null(python_state$bridge)) {
    python_module(from)
    folder <- system.file("python", package = "runjson", mustWork = TRUE)
    python_state$bridge <- reticulate::import_from_path("runjson_for_r", folder, convert = FALSE)
  }
  python_state$bridge
}

#' Call a function of the bridge; what Python raises becomes a condition of R
#' @noRd
python_call <- function(from, name, ...) {
  bridge <- python_bridge(from)
  answer <- tryCatch(
    reticulate::py_to_r(do.call("$", list(bridge, name))(...)),
    error = function(fault) rj_abort(first_line(conditionMessage(fault)), class = "rj_python_error")
  )
  if (!is.null(answer$error)) {
    rj_abort(answer$error, class = c("rj_tracker_error", "rj_python_error"))
  }
  answer$value
}

# -- the engine ------------------------------------------------------------------------------------

#' The engine that writes through the Python client
#'
#' The records are made in R, as for the native engine; the client appends them.
#' @noRd
engine_python <- function() {
  list(name = "python",
      begin = function(head, folder, writer = NULL, resume = "never", upload = NULL) {
    module <- python_module("the engine \"python\"")
    text <- function(member) if (member %in% names(head)) js_parse(head[[member]]) else NULL
    run <- module$init(
      project = text("project"), id = text("id"), writer = writer, resume = "allow",
      dir = dirname(folder), mode = "file", capture = FALSE, upload = python_upload(upload)
    )
    rest <- head[setdiff(names(head), c("runjson", "project", "id", "writer", "status"))]
    if (length(rest) > 0) {
      run$write_record(js_object(rest))
    }
    list(
      path = as.character(reticulate::py_to_r(run$path$as_posix())),
      write = function(line) invisible(run$write_record(line)),
      close = function(status = "succeeded") invisible(run$finish(status))
    )
  })
}

python_upload <- function(upload) {
  if (is.null(upload)) NULL else if (is.logical(upload)) upload else as.character(upload)
}
