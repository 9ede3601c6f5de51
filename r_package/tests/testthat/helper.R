# Whether these tests run in the source tree, where the functions that are not exported can be had in a new session too.
source_folder <- function() {
  folder <- normalizePath(test_path("..", "..", "R"), mustWork = FALSE)
  if (file.exists(file.path(folder, "decode.R"))) folder else NULL
}

# Code for a new session in which all functions of the package are known.
loading <- function() {
  folder <- source_folder()
  if (is.null(folder)) {
    return("attach(asNamespace(\"runjson\"), name = \"all\")")
  }
  sprintf("found <- new.env(); for (f in list.files(%s, \"R$\", full.names = TRUE)) sys.source(f, found); attach(found)", deparse(folder))
}

# Start a session of its own that runs code; gives its lines, as bytes.
in_session <- function(code, env = character(), wait = TRUE) {
  script <- tempfile(fileext = ".R")
  base::writeLines(c("suppressWarnings({", loading(), "})", code), script, useBytes = TRUE)
  out <- tempfile()
  rscript <- file.path(R.home("bin"), "Rscript")
  command <- paste(
    paste(env, collapse = " "), "exec", shQuote(rscript), "--vanilla", shQuote(script), ">", shQuote(out), "2>&1"
  )
  system(command, wait = wait)
  if (!wait) return(out)
  lines <- base::readLines(out, warn = FALSE)
  Encoding(lines) <- "UTF-8"
  lines
}

# The checkout around the package, where there is one: its Python and its corpus are tested against. The check of CRAN
# has the package elsewhere, and is told.
checkout <- function(...) {
  # The last links are not followed: a Python of a virtual environment is one.
  root <- Sys.getenv("RUNJSON_CHECKOUT", test_path("..", "..", ".."))
  path <- file.path(normalizePath(root, mustWork = FALSE), ...)
  if (file.exists(path)) path else skip(paste(file.path(...), "is not beside the package"))
}

run_file_of <- function(..., extension = ".jsonl") {
  path <- tempfile(fileext = extension)
  base::writeLines(c(...), path, useBytes = TRUE)
  path
}

canonical_of <- function(..., extension = ".jsonl") rj_canonical(run_file_of(..., extension = extension))

# A locale of Latin-1 with a decimal comma, made for the session that is to have it.
latin_1_session <- function() {
  skip_if(!nzchar(Sys.which("localedef")), "localedef is not there")
  folder <- tempfile()
  dir.create(folder)
  made <- suppressWarnings(system2(
    "localedef", c("-i", "de_DE", "-f", "ISO-8859-1", file.path(folder, "de_DE.ISO-8859-1")), stdout = FALSE, stderr = FALSE
  ))
  skip_if(made > 1 || !dir.exists(file.path(folder, "de_DE.ISO-8859-1")), "the locale can not be made")
  paste0("LOCPATH=", folder)
}
