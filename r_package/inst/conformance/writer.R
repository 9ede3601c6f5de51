# The package as a writer under test: makes the calls of a description that comes on standard input.
#   runjson conformance --writer "Rscript writer.R"
own <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
sources <- file.path(dirname(own), "..", "..", "R")
if (dir.exists(sources)) {
  for (file in list.files(sources, "[.]R$", full.names = TRUE)) source(file, encoding = "UTF-8")
} else {
  library(runjson)
}

given <- file("stdin")
description <- jsonlite::parse_json(paste(readLines(given, encoding = "UTF-8", warn = FALSE), collapse = "\n"))
close(given)

# A value of the description as R has it: arrays are unnamed lists, which stay arrays.
value <- function(tree) {
  if (!is.list(tree)) return(if (is.integer(tree)) as.double(tree) else tree)
  if (length(tree) == 1 && !is.null(names(tree))) {
    text <- tree[[1]]
    if (names(tree) == "$float") return(c("NaN" = NaN, "Infinity" = Inf, "-Infinity" = -Inf)[[text]])
    if (names(tree) == "$int") return(bit64::as.integer64(text))
    if (names(tree) == "$datetime") {
      return(as.POSIXct(sub(":(..)$", "\\1", sub("Z$", "+0000", text)), format = "%Y-%m-%dT%H:%M:%OS%z", tz = "UTC"))
    }
  }
  lapply(tree, value)
}

points <- function(cells) {
  vapply(cells, function(cell) {
    if (is.null(cell)) NA_real_ else as.numeric(if (is.character(cell)) sub("Infinity", "Inf", cell) else cell)
  }, 0)
}

run <- NULL
for (call in description$calls) {
  call <- call[!vapply(call, is.null, NA)]
  texts <- function(name) unlist(call[[name]])
  switch(call$call,
    begin = run <- rj_init(
      project = call$project, id = call$id, writer = call$writer, name = call$name, description = call$description,
      group = call$group, parent = call$parent, tags = texts("tags"), parameters = value(call$parameters),
      properties = value(call$properties), dir = getwd(), capture = FALSE, engine = "native"
    ),
    log = rj_log(
      run, c(lapply(call$series, function(one) points(list(one))), call$text), step = call$step, time = call$time
    ),
    extend = rj_extend(
      run, call$name, points(call$values), steps = if (!is.null(call$steps)) points(call$steps),
      times = if (!is.null(call$times)) points(call$times)
    ),
    histogram = rj_log_histogram(
      run, call$name, counts = points(call$counts), edges = points(call$edges), step = call$step, time = call$time
    ),
    define = rj_define_series(
      run, call$name, unit = call$unit, goal = call$goal, description = call$description, x = call$x
    ),
    parameters = rj_set_parameters(run, value(call$parameters)),
    properties = rj_set_properties(run, value(call$properties)),
    tags = rj_add_tags(run, texts("tags")),
    untags = rj_remove_tags(run, texts("untags")),
    artifact = {
      path <- tempfile()
      writeBin(jsonlite::base64_dec(call$base64), path)
      rj_log_artifact(run, path, call$name)
    },
    finish = if (is.null(call$error)) rj_finish(run, call$status) else rj_fail(run, call$error)
  )
}
# A description without `finish` is a program that dies there: without this the end of R would finish the run.
state <- if (exists("state_of")) state_of(run) else getFromNamespace("state_of", "runjson")(run)
state$finished <- TRUE
