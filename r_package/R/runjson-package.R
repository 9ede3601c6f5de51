#' Runs of experiments as JSON
#'
#' A run is one execution of an experiment: its parameters, series of numbers, texts, images, files,
#' tags and properties. `rj_init()` begins one, `rj_log()` says what happens in it, `rj_finish()`
#' ends it. What is written is a folder of plain text and files, which [rj_read()] reads back, and
#' which any reader of the format takes.
#'
#' Options, each with the environment variable that says the same:
#'
#' | option | variable | what |
#' |---|---|---|
#' | `runjson.engine` | `RUNJSON_R_ENGINE` | who writes the file, see [rj_engine()] |
#' | `runjson.command` | `RUNJSON_COMMAND` | the command runjson, see [rj_has_command()] |
#'
#' [runjson-values] says what R's values become.
#'
#' @keywords internal
"_PACKAGE"
