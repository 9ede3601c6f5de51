#' Who writes a run's file
#'
#' The records of a run are made in R in any case; an engine appends them to the run's file. `"native"` is plain
#' R. `"python"` is the Python client, by the package reticulate: it can upload while the run goes. `"auto"` is
#' `"python"` where reticulate has started a Python that has the package runjson already, else `"native"`;
#' a Python is never started for it.
#'
#' @param engine `"native"`, `"python"` or `"auto"`; by default the option `runjson.engine`, else the environment
#'   variable `RUNJSON_R_ENGINE`, else `"auto"`.
#' @return The engine that is meant, `"native"` or `"python"`.
#'   An error of class `rj_engine` if it is none of the three.
#' @export
#' @examples
#' rj_engine()
#' rj_engine("native")
rj_engine <- function(engine = NULL) {
  chosen <- engine
  if (is.null(chosen)) chosen <- getOption("runjson.engine")
  if (is.null(chosen)) chosen <- Sys.getenv("RUNJSON_R_ENGINE", "auto")
  if (!is.character(chosen) || length(chosen) != 1L || !chosen %in% c("native", "python", "auto")) {
    rj_abort(
      "The engine is \"native\", \"python\" or \"auto\", and not ", paste(format(chosen), collapse = ", "), ".",
      class = "rj_engine"
    )
  }
  if (chosen != "auto") return(chosen)
  if (python_is_there()) "python" else "native"
}

# Asking must not start a Python: reticulate is asked only if it is loaded, and only whether one runs.
python_is_there <- function() {
  if (!isNamespaceLoaded("reticulate")) return(FALSE)
  isTRUE(tryCatch(
    reticulate::py_available(initialize = FALSE) && reticulate::py_module_available("runjson"),
    error = function(error) FALSE
  ))
}

#' The engine that appends to the file itself.
#'
#' `begin(head, folder, writer, resume, upload)` opens the file of the run, or of the part of it that `writer` is,
#' and writes the first record, `head`, a character vector of JSON texts named by member. It returns a list of
#' `path`, `write(line)` and `close(status)`, which says how the run ended and lets go of the file.
#' @noRd
engine_native <- function() {
  list(name = "native", begin = function(head, folder, writer = NULL, resume = "never", upload = NULL) {
    path <- file.path(folder, if (is.null(writer)) "run.jsonl" else paste0(writer, ".run.jsonl"))
    sink <- native_sink(path)
    if (length(head)) sink$write(js_object(head))
    list(path = path, write = sink$write, close = function(status = "succeeded") {
      ended <- rfc3339(Sys.time())
      sink$write(js_object(c(status = js_text(status), ended_at = js_text(ended))))
      sink$close()
    })
  })
}

#' The engine by its name.
#' @noRd
engine_named <- function(name) if (name == "python") engine_python() else engine_native()

#' A moment as a time text in UTC.
#' @noRd
rfc3339 <- function(time) {
  attr(time, "tzone") <- "UTC"
  sub("^.*:\"(.*)\"\\}$", "\\1", moment_texts(time))
}
