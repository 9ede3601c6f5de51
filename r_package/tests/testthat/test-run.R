test_that("parameters are written once, all of a call or none", {
  run <- quiet_run(runs_folder(), parameters = list(lr = 0.1, model = list(layers = c(64, 10))))
  rj_set_parameters(run, lr = 0.1, seed = 7L)
  expect_error(rj_set_parameters(run, seed = 8L, other = 1), "parameters\\$seed was 7 and is 8",
    class = "rj_parameter_changed")
  rj_set_parameters(run, other = 2)
  rj_set_parameters(run, list(model = list(width = 3)), seed = 7)
  run$parameters <- list(flag = TRUE)
  run$parameters$late <- "x"
  run[["parameters/optimizer/name"]] <- "sgd"
  expect_error(run[["parameters/optimizer/name"]] <- "adam", class = "rj_parameter_changed")
  rj_finish(run)
  expect_equal(run$parameters$model, list(layers = c(64, 10), width = 3))
  expect_equal(run$parameters[c("seed", "other", "flag", "late")], list(seed = 7, other = 2, flag = TRUE, late = "x"))
  expect_equal(run[["parameters/optimizer/name"]], "sgd")
  expect_valid(run$folder)
})

test_that("equal parameters are equal however they are spelled", {
  expect_true(same_value(7L, 7))
  expect_true(same_value(list("$int" = "7"), 7))
  expect_true(same_value(list("$float" = "NaN"), list("$float" = "NaN")))
  expect_true(same_value(list(a = 1, b = 2), list(b = 2, a = 1)))
  expect_false(same_value(TRUE, 1))
  expect_false(same_value("7", 7))
  expect_false(same_value(NULL, 0))
  expect_false(same_value(list(1, 2), list(1)))
  expect_false(same_value(list("$int" = "9007199254740993"), list("$int" = "9007199254740992")))
})

test_that("properties change and are taken back, tags come and go", {
  run <- quiet_run(runs_folder())
  run[["notes"]] <- "first"
  run[["notes"]] <- "second"
  rj_set_properties(run, list(a = 1), b = NULL)
  rj_add_tags(run, "x", c("y", "z"))
  rj_remove_tags(run, "y")
  rj_describe(run, "about")
  expect_error(rj_set_properties(run, f = mean), class = "rj_not_json")
  expect_error(run$tags <- "w", "rj_add_tags", class = "rj_bad_argument")
  expect_error(run$id <- "w", class = "rj_bad_argument")
  rj_finish(run)
  expect_equal(run[["notes"]], "second")
  expect_setequal(run$tags, c("x", "z"))
  expect_equal(run$description, "about")
  expect_valid(run$folder)
})

test_that("a run ends once, with the status that is said", {
  run <- quiet_run(runs_folder())
  rj_finish(run, "aborted")
  rj_finish(run)
  expect_equal(run$status, "aborted")
  expect_error(rj_finish(run, "crashed"), class = "rj_bad_argument")
  run <- quiet_run(runs_folder())
  rj_fail(run, simpleError("no data", quote(read(x))))
  expect_equal(run$error, list(type = "simpleError", message = "no data", traceback = "1: read(x)"))
  expect_equal(run$status, "failed")
  expect_true(run$finished)
  expect_valid(run$folder)
})

test_that("a run is shown, summed up and drawn", {
  run <- quiet_run(runs_folder(), project = "p", id = "r")
  expect_output(print(run), "^<run p/r: running, .*run.jsonl>$")
  expect_output(print(summary(run)), "no series yet")
  for (step in 1:5) rj_log(run, loss = c(5, 4, NaN, 2, 3)[step], step = step)
  rj_log(run, other = 1)
  found <- summary(run)
  expect_equal(found$series, c("loss", "other"))
  expect_equal(found[1, c("points", "first", "last", "min", "max", "step")], data.frame(points = 5L, first = 5, last = 3,
    min = 2, max = 5, step = 5), ignore_attr = TRUE)
  grDevices::pdf(NULL)
  expect_identical(plot(run, "loss", log = "y"), run)
  plot(run, c("loss", "other"), main = "both")
  expect_error(plot(run, "nope"), "it has loss, other", class = "rj_bad_argument")
  grDevices::dev.off()
  rj_finish(run)
  expect_output(print(run), "finished")
  expect_null(run[["nope"]])
  expect_true("parameters" %in% names(run))
})

test_that("with_run gives the value of its code, visible as it was, and leaves what the code assigned", {
  folder <- runs_folder()
  seen <- withVisible(with_run({
    assigned <- run$id
    rj_log(run, loss = 1)
    rj_log(n = 2)
    42
  }, project = "p", id = "w", dir = folder, capture = FALSE))
  expect_equal(seen, list(value = 42, visible = TRUE))
  expect_equal(assigned, "w")
  expect_false(exists("run", inherits = FALSE))
  expect_false(withVisible(with_run(invisible(1), dir = folder, capture = FALSE))$visible)
  found <- rj_read(file.path(folder, "w"))
  expect_equal(found$status, "succeeded")
  expect_equal(names(found$series), c("loss", "n"))
  run <- "mine"
  with_run(expect_s3_class(run, "rj_run"), dir = folder, capture = FALSE)
  expect_equal(run, "mine")
})

test_that("an error in with_run is recorded with its traceback, and goes on", {
  folder <- runs_folder()
  inner <- function(x) stop("boom ", x)
  outer <- function() inner(7)
  expect_error(with_run(outer(), id = "e", dir = folder, capture = FALSE), "boom 7")
  found <- rj_read(file.path(folder, "e"))
  expect_equal(found$status, "failed")
  expect_equal(found$error$type, "simpleError")
  expect_equal(found$error$message, "boom 7")
  expect_equal(gsub(" at .*", "", strsplit(found$error$traceback, "\n")[[1]]), c("1: outer()", "2: inner(7)"))
  custom <- structure(class = c("my_error", "error", "condition"), list(message = "own", call = NULL))
  expect_error(with_run(stop(custom), id = "c", dir = folder, capture = FALSE), class = "my_error")
  expect_equal(rj_read(file.path(folder, "c"))$error$type, "my_error")
  expect_valid(folder)
})

test_that("errors that the code handles are none of with_run's", {
  folder <- runs_folder()
  with_run({
    try(stop("a"), silent = TRUE)
    tryCatch(stop("b"), error = function(e) 1)
  }, id = "h", dir = folder, capture = FALSE)
  expect_equal(rj_read(file.path(folder, "h"))$status, "succeeded")
  leave <- function() {
    with_run(return("left"), id = "l", dir = folder, capture = FALSE)
    "stayed"
  }
  expect_equal(leave(), "left")
  expect_equal(rj_read(file.path(folder, "l"))$status, "succeeded")
})

test_that("what is said and printed in with_run is recorded and still shown", {
  folder <- runs_folder()
  said <- character()
  printed <- utils::capture.output(withCallingHandlers(
    with_run({
      print(1:3)
      message("a message\nof two lines")
      cat("10%\r100%\n")
      warning("careful")
      cat("no line break")
    }, id = "o", dir = folder, capture = "console"),
    message = function(m) {
      said <<- c(said, conditionMessage(m))
      invokeRestart("muffleMessage")
    },
    warning = function(w) {
      said <<- c(said, conditionMessage(w))
      invokeRestart("muffleWarning")
    }
  ))
  expect_equal(said, c("a message\nof two lines\n", "careful"))
  expect_equal(printed, c("[1] 1 2 3", "10%\r100%", "no line break"))
  found <- rj_read(file.path(folder, "o"))
  expect_equal(found$text[["console/stdout"]]$value, c("[1] 1 2 3", "100%", "no line break"))
  expect_match(found$text[["console/stderr"]]$value[1:2], "message|lines")
  expect_match(found$text[["console/stderr"]]$value[3], "^Warning in .*: careful$")
  expect_valid(folder)
})

test_that("sinks of the user survive with_run, inside and outside", {
  folder <- runs_folder()
  before <- sink.number()
  mine <- tempfile()
  kept <- file(mine, "w")
  with_run({
    inside <- utils::capture.output(cat("hidden\n"))
    sink(kept)
    cat("two\n")
  }, id = "s", dir = folder, capture = "console")
  # The user's sink was above with_run's, which had to stay below it.
  cat("three\n")
  sink()
  while (sink.number() > before) sink()
  close(kept)
  expect_equal(inside, "hidden")
  expect_equal(readLines(mine), c("two", "three"))
  with_run(sink(), id = "t", dir = folder, capture = "console")
  expect_equal(sink.number(), before)
  expect_equal(rj_read(file.path(folder, "t"))$status, "succeeded")
})
