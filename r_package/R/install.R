#' Install what needs Python
#'
#' Logging, [rj_read()] and [rj_write()] need no Python. Checking, uploading and asking a tracker
#' do: the Python package `runjson[all]`, Python 3.11 or later. With a reticulate that has
#' `py_require()` (1.41 and later) there is nothing to do: the package is declared when it is first
#' needed, and reticulate provides it. With an older one this makes a virtual environment and
#' installs it there.
#'
#' A Python that `RETICULATE_PYTHON` names, or one that was chosen by
#' `reticulate::use_virtualenv()`, is respected: install there by `pip install "runjson[all]"`.
#'
#' Without a network: `pip download "runjson[all]"` on another machine, then `rj_install(packages =
#' c("--no-index", "--find-links=FOLDER", "runjson[all]"))`.
#'
#' @param envname The virtual environment's name or path. `"r-reticulate"` is what reticulate looks
#'   for by itself.
#' @param packages What is installed.
#' @param python The Python that the environment is made with; the newest that is found by default.
#' @return The environment's Python, invisibly.
#' @examples
#' \dontrun{
#' rj_install()
#' }
#' @export
rj_install <- function(envname = "r-reticulate", packages = "runjson[all]", python = NULL) {
  need_reticulate("rj_install")
  if (nzchar(Sys.getenv("RETICULATE_PYTHON"))) {
    rj_abort(
      "RETICULATE_PYTHON names ", Sys.getenv("RETICULATE_PYTHON"),
      ", which is respected: install there by ",
      Sys.getenv("RETICULATE_PYTHON"), " -m pip install \"runjson[all]\"; or unset it first."
    )
  }
  if (!reticulate::virtualenv_exists(envname)) {
    make_environment(envname, if (is.null(python)) recent_python() else python)
  }
  own <- reticulate::virtualenv_python(envname)
  code <- system2(own, c("-m", "pip", "install", shQuote(packages)))
  if (code != 0) {
    rj_abort(
      "pip could not install ", paste(packages, collapse = " "), " into ", envname,
      "; what it said stands above. Without a network see ?rj_install.",
      class = "rj_install_failed"
    )
  }
  python_state$key <- NULL
  if (reticulate::py_available(initialize = FALSE)) {
    message("Restart R: this session has started another Python already.")
  }
  invisible(own)
}

#' A virtual environment, made by Python itself: reticulate would ask the network for a newer pip
#' @noRd
make_environment <- function(envname, python) {
  path <- if (grepl("/", envname)) envname else file.path(reticulate::virtualenv_root(), envname)
  code <- system2(python, c("-m", "venv", shQuote(path)))
  if (code != 0) {
    rj_abort(
      python, " could not make a virtual environment in ", path, "; what it said stands above. ",
      "On Debian and Ubuntu it needs the package python3-venv.",
      class = "rj_install_failed"
    )
  }
}

#' A Python of version 3.11 or later
#' @noRd
recent_python <- function() {
  for (name in c("python3", paste0("python3.", 20:11), "python")) {
    path <- Sys.which(name)
    if (nzchar(path)) {
      code <- system2(path, c("-c", shQuote("import sys; sys.exit(sys.version_info < (3, 11))")),
        stderr = FALSE)
      if (identical(as.integer(code), 0L)) {
        return(unname(path))
      }
    }
  }
  rj_abort(
    "no Python 3.11 or later was found. Install one, or name it: ",
    "rj_install(python = \"/path/to/python3.12\").",
    class = "rj_no_python"
  )
}
