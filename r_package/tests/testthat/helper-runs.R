# A folder for runs, which is gone after the test.
runs_folder <- function(frame = parent.frame()) {
  folder <- tempfile("runs-")
  dir.create(folder)
  do.call(on.exit, list(bquote(unlink(.(folder), recursive = TRUE)), add = TRUE), envir = frame)
  normalizePath(folder, winslash = "/")
}

quiet_run <- function(folder, ..., capture = FALSE) rj_init(dir = folder, capture = capture, upload = FALSE, ...)

# The records of a run, as trees.
records <- function(run) {
  path <- if (inherits(run, "rj_run")) run$path else run
  lapply(readLines(path, encoding = "UTF-8"), jsonlite::parse_json)
}

# What the validator of the project says, where it is there.
validator <- function() {
  given <- Sys.getenv("RUNJSON_COMMAND", Sys.which("runjson"))
  if (nzchar(given)) strsplit(given, " ", fixed = TRUE)[[1]]
}

expect_valid <- function(path) {
  command <- validator()
  if (is.null(command)) return(invisible(testthat::succeed()))
  said <- suppressWarnings(system2(command[1], c(command[-1], "validate", shQuote(path)), stdout = TRUE, stderr = TRUE))
  testthat::expect(is.null(attr(said, "status")), paste(c("The validator says:", said), collapse = "\n"))
}

# Code that a new R runs begins so.
loading <- function() {
  if (requireNamespace("pkgload", quietly = TRUE) && pkgload::is_dev_package("runjson")) {
    return(sprintf("pkgload::load_all(\"%s\", quiet = TRUE, helpers = FALSE)", getNamespaceInfo("runjson", "path")))
  }
  sprintf("library(runjson, lib.loc = \"%s\")", dirname(getNamespaceInfo("runjson", "path")))
}

# Run a script as Rscript does; returns what it printed, with its exit status.
run_script <- function(lines, folder, arguments = character(), wait = TRUE, environment = character()) {
  script <- file.path(folder, "train.R")
  writeLines(c(loading(), sprintf("options(runjson.engine = \"native\"); Sys.setenv(RUNJSON_DIR = \"%s\")", folder), lines),
    script)
  out <- file.path(folder, "printed.txt")
  status <- suppressWarnings(system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(script), arguments),
    stdout = out, stderr = out, wait = wait, env = environment))
  list(status = status, printed = if (wait) readLines(out, encoding = "UTF-8"), out = out)
}

wait_for <- function(condition, seconds = 30) {
  until <- Sys.time() + seconds
  while (!isTRUE(condition()) && Sys.time() < until) Sys.sleep(0.02)
  isTRUE(condition())
}
