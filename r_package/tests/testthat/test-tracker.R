# Against the command itself, and the tracker that it writes.
skip_without_tracker <- function() {
  skip_if(!rj_has_command(), "the command runjson is not there")
  skip_if(!rj_has_python(), "no Python with runjson is there")
}

# Three runs in a tracker: two that differ in the seed, and one that failed.
tracked <- new.env()
tracker_of_three <- function() {
  if (is.null(tracked$store)) {
    tracked$store <- tempfile("store-")
    tracked$dir <- tempfile("tracked-")
    for (id in c("a1", "b1", "c1")) {
      run <- quiet_run(tracked$dir, project = "p", id = id, tags = c("all", id),
        parameters = list(lr = if (id == "c1") 0.01 else 0.1, seed = if (id == "b1") 2L else 1L))
      for (step in 1:8) rj_log(run, loss = step / 10, step = step, time = 1795230821 + step)
      if (id == "a1") fill(run)
      if (id == "b1") rj_set_properties(run, mixed = 3)
      if (id == "c1") rj_fail(run, "no data") else rj_finish(run)
    }
    tracked$answer <- rj_upload(tracked$dir, to = tracked$store)
  }
  tracked$store
}

fill <- function(run) {
  rj_set_properties(run, mixed = "x", infinite = Inf, numbers = c(1, 2), flag = TRUE,
    moment = as.POSIXct("2026-11-21 03:13:41.25", tz = "Europe/Berlin"), nested = list(deep = 1))
  rj_log_table(run, "table", data.frame(x = 1:2))
  rj_log_image(run, "image", matrix(c(0, 1, 1, 0), 2), step = 1)
  rj_log_image(run, "image", matrix(c(1, 0, 0, 1), 2), step = 2)
  rj_log(run, odd = NaN, step = 1)
  rj_log(run, odd = 1)
}

test_that("what is wrong in a file is a row a finding", {
  skip_if(!rj_has_command(), "the command runjson is not there")
  bad <- tempfile(fileext = ".json")
  writeLines("{\"runjson\": \"1.0\", \"series\": {\"loss\": [0.3, NaN]}}", bad)
  found <- rj_validate(bad)
  expect_false(attr(found, "valid"))
  expect_equal(as.list(found[c("severity", "code", "line", "column")]),
    list(severity = "error", code = "RJ005", line = 1L, column = 45L))
  expect_match(found$message, "NaN is not JSON")
  expect_match(found$hint, "with quotes")
  expect_equal(basename(found$file), basename(bad))
  expect_error(rj_validate(tempfile("none")), "can not be read", class = "rj_command_failed")
})

test_that("a run that is well has no findings, and the columns are there", {
  skip_if(!rj_has_command(), "the command runjson is not there")
  run <- quiet_run(runs_folder())
  rj_log(run, loss = 1)
  rj_finish(run)
  found <- rj_validate(run$path)
  expect_true(attr(found, "valid"))
  expect_equal(dim(found), c(0L, 8L))
  expect_type(found$line, "integer")
  expect_type(found$hint, "character")
})

test_that("members that the format does not know are a warning where that is asked for", {
  skip_if(!rj_has_command(), "the command runjson is not there")
  odd <- tempfile(fileext = ".json")
  writeLines("{\"runjson\": \"1.0\", \"colour\": \"red\"}", odd)
  expect_equal(rj_validate(odd)$severity, "error")
  lenient <- rj_validate(odd, lenient = TRUE)
  expect_equal(lenient$severity, "warning")
  expect_true(attr(lenient, "valid"))
})

test_that("files that are named are looked at, unless that is not wanted", {
  skip_if(!rj_has_command(), "the command runjson is not there")
  path <- file.path(runs_folder(), "run.json")
  writeLines("{\"runjson\": \"1.0\", \"artifacts\": {\"a\": {\"path\": \"gone.bin\"}}}", path)
  expect_gt(nrow(rj_validate(path)), 0)
  expect_equal(nrow(rj_validate(path, files = FALSE)), 0)
})

test_that("uploading says what became of each file, and warns of what was not tracked", {
  skip_without_tracker()
  store <- tracker_of_three()
  expect_equal(tracked$answer$answer, rep("new", 3))
  expect_equal(tracked$answer$run, c("a1", "b1", "c1"))
  expect_equal(tracked$answer$files, c(3, 0, 0))
  expect_equal(rj_upload(tracked$dir, to = store)$answer, rep("unchanged", 3))
  bad <- tempfile(fileext = ".json")
  writeLines("{\"runjson\": \"1.0\", \"series\": {\"loss\": [NaN]}}", bad)
  expect_warning(found <- rj_upload(bad, to = store), "not tracked: .*refused.*RJ005")
  expect_equal(found$answer, "refused")
  expect_warning(found <- rj_upload(tempfile("none"), to = store), "unread")
  expect_equal(found$answer, "unread")
})

test_that("a run that grew is grown, and one whose past changed is replaced where that is asked", {
  skip_without_tracker()
  store <- tempfile("store-")
  dir <- runs_folder()
  run <- quiet_run(dir, id = "g")
  rj_log(run, loss = 1, step = 1)
  expect_equal(rj_upload(run, to = store, project = "mine")$project, "mine")
  rj_log(run, loss = 2, step = 2)
  rj_finish(run)
  expect_equal(rj_upload(run, to = store, project = "mine")[c("answer", "points")],
    data.frame(answer = "grown", points = 1))
  lines <- readLines(run$path)
  writeLines(sub("\"loss\":1", "\"loss\":7", lines), run$path)
  expect_warning(rj_upload(run, to = store, project = "mine"), "refused")
  expect_equal(rj_upload(run, to = store, project = "mine", replace = TRUE)$answer, "replaced")
})

test_that("tracked runs are filtered, sorted and cut, with the columns that are asked for", {
  skip_without_tracker()
  store <- tracker_of_three()
  expect_equal(rj_runs(where = "parameters.lr < 0.05", tracker = store)$id, "c1")
  found <- rj_runs(sort = c("parameters.lr", "-id"), columns = "parameters.*", tracker = store)
  expect_equal(found$id, c("c1", "b1", "a1"))
  expect_equal(found$parameters.lr, c(0.01, 0.1, 0.1))
  expect_equal(found$parameters.seed, c(1L, 2L, 1L))
  expect_equal(rj_runs(sort = "-id", limit = 1, tracker = store)$id, "c1")
  expect_equal(nrow(rj_runs(project = "p", tracker = store)), 3L)
  none <- rj_runs(where = "id == \"nobody\"", tracker = store)
  expect_equal(nrow(none), 0L)
  expect_type(none$status, "character")
})

test_that("columns have the types of R", {
  skip_without_tracker()
  found <- rj_runs(sort = "id", columns = "properties.*", tracker = tracker_of_three())
  expect_type(found$name, "character")
  expect_equal(found$status, c("succeeded", "succeeded", "failed"))
  expect_s3_class(found$started, "POSIXct")
  expect_equal(attr(found$started, "tzone"), "UTC")
  expect_type(found$duration, "double")
  expect_equal(found$tags, list(c("a1", "all"), c("all", "b1"), c("all", "c1")), ignore_attr = TRUE)
  expect_equal(found$properties.infinite, c(Inf, NA, NA))
  expect_equal(found$properties.flag, c(TRUE, NA, NA))
  expect_equal(found$properties.mixed, list("x", 3L, NULL))
  expect_equal(found$properties.numbers, list(1:2, NULL, NULL))
  expect_equal(as.numeric(found$properties.moment),
    c(as.numeric(as.POSIXct("2026-11-21 02:13:41", tz = "UTC")) + 0.25, NA, NA))
  expect_equal(found$properties.nested.deep, c(1L, NA, NA))
})

test_that("equal runs are grouped", {
  skip_without_tracker()
  store <- tracker_of_three()
  found <- rj_runs(group_by = "parameters.lr", columns = "series.loss.max", tracker = store)
  expect_equal(found$parameters.lr, c(0.01, 0.1))
  expect_equal(found$runs, 1:2)
  expect_equal(found[["mean(series.loss.max)"]], c(0.8, 0.8))
  found <- rj_series(names = "loss", group_by = "parameters.lr", tracker = store)
  expect_equal(names(found),
    c("parameters.lr", "series", "step", "mean", "std", "min", "max", "count"))
  expect_equal(found$count, rep(1:2, each = 8))
  expect_equal(found$mean, rep(1:8 / 10, 2))
})

test_that("series are had by ids, by a data frame, by a run, and by a filter", {
  skip_without_tracker()
  store <- tracker_of_three()
  found <- rj_series(c("a1", "p/b1"), "loss", tracker = store)
  expect_equal(found$run, rep(c("a1", "b1"), each = 8))
  expect_equal(found$value, rep(1:8 / 10, 2))
  expect_equal(found$time, rep(1795230821 + 1:8, 2))
  expect_identical(rj_series(rj_runs(where = "\"a1\" in tags or \"b1\" in tags", sort = "id",
    tracker = store), "loss", tracker = store), found)
  failed <- rj_series(names = "loss", where = "status == \"failed\"", tracker = store)
  expect_equal(unique(failed$run), "c1")
  few <- rj_series("a1", "loss", points = 5, tracker = store)
  expect_lte(nrow(few), 5L)
  expect_equal(range(few$value), c(0.1, 0.8))
  odd <- rj_series("a1", c("odd", "loss"), tracker = store)
  expect_equal(odd$value[odd$series == "odd"], c(NaN, 1))
  expect_identical(odd$step[odd$series == "odd"], c(1, NA))
  none <- rj_series("b1", "odd", tracker = store)
  expect_equal(nrow(none), 0L)
  expect_equal(vapply(none, typeof, ""), vapply(found, typeof, ""))
})

test_that("artifacts, images and whole runs are downloaded", {
  skip_without_tracker()
  store <- tracker_of_three()
  to <- file.path(runs_folder(), "made/for/it")
  expect_equal(read.csv(rj_download("a1", "table", to = to, tracker = store)), data.frame(x = 1:2))
  there <- file.path(to, list.files(to))
  expect_length(there, 1L)
  expect_identical(rj_download("a1", "table", to = to, tracker = store), there)
  writeLines("mine", there)
  expect_error(rj_download("a1", "table", to = to, tracker = store), "there already, with other",
    class = "rj_tracker_error")
  expect_identical(readLines(there), "mine")
  rj_download("a1", "table", to = to, tracker = store, replace = TRUE)
  expect_equal(read.csv(there), data.frame(x = 1:2))
  images <- rj_download("p/a1", "image", to = to, tracker = store)
  expect_length(images, 2L)
  expect_true(all(file.exists(images)))
  whole <- rj_download("a1", to = file.path(to, "whole"), tracker = store)
  path <- grep("run.jsonl$", whole, value = TRUE)
  # What was said more than once is said once, and what it says stays.
  expect_equal(rj_read(path)$series$loss, rj_read(file.path(tracked$dir, "a1"))$series$loss,
    ignore_attr = TRUE)
  properties <- rj_read(file.path(tracked$dir, "a1"))$properties
  expect_equal(rj_read(path)$properties[names(properties)], properties)
  expect_valid(path)
})

test_that("what is wrong in a question is said in plain words", {
  skip_without_tracker()
  store <- tracker_of_three()
  expect_error(rj_runs(where = "parameters.lr <", tracker = store), "^A value is expected here",
    class = "rj_tracker_error")
  expect_error(rj_runs(where = "nope.x == 1", tracker = store), "no field nope.x",
    class = "rj_tracker_error")
  expect_error(rj_runs(tracker = tempfile("gone")), "^There is no tracker at ",
    class = "rj_tracker_error")
  expect_error(rj_series("zz", "loss", tracker = store), "no run \"zz\"",
    class = "rj_tracker_error")
  expect_error(rj_series("a1", "loss", where = "x", tracker = store), "runs, or a filter")
  expect_error(rj_series(data.frame(x = 1), "loss", tracker = store), "columns project and id")
  expect_error(rj_download("a1", "nope", to = tempfile(), tracker = store), "it has table, image")
  expect_error(rj_download("zz", to = tempfile(), tracker = store), "no run \"zz\"",
    class = "rj_command_failed")
  expect_error(rj_download(c("a1", "b1"), tracker = store), "one run, and not 2")
})

test_that("a command that is not there, or fails, is named", {
  with_command <- function(command, code) {
    before <- options(runjson.command = command)
    on.exit(options(before))
    code
  }
  expect_error(with_command(file.path(tempdir(), "none"), rj_validate("x")), "rj_validate",
    class = "rj_command_failed")
  failing <- with_command(c("sh", "-c", "echo wrong >&2; exit 3"), tryCatch(rj_validate("x"),
    rj_command_failed = conditionMessage))
  expect_match(failing, "rj_validate: wrong")
  expect_true(with_command("anything", rj_has_command()))
})

test_that("values of the tracker become values of R", {
  expect_equal(as_cell(list("$float" = "-Infinity")), -Inf)
  expect_equal(as_cell(list("$float" = "NaN")), NaN)
  expect_equal(as_cell(list(1, 2)), c(1, 2))
  expect_equal(as_cell(list("a", 1)), list("a", 1))
  expect_equal(as_cell(list(a = 1, b = list(2, 3))), list(a = 1, b = c(2, 3)))
  expect_equal(as_cell(list()), list())
  expect_equal(as_cell(list("$int" = "12345678901234567890123")), "12345678901234567890123")
  expect_equal(as_cell(list("$datetime" = "1970-01-01T00:00:01Z")), .POSIXct(1, "UTC"))
  skip_if_not_installed("bit64")
  expect_equal(as_cell(list("$int" = "9007199254740993")),
    bit64::as.integer64("9007199254740993"))
})

test_that("columns are vectors where their values are of one type", {
  expect_identical(as_column(list(1L, NULL, 2.5)), c(1, NA, 2.5))
  expect_identical(as_column(list("a", NULL)), c("a", NA))
  expect_identical(as_column(list(NULL, NULL)), c(NA, NA))
  expect_identical(as_column(list(1, "a", NULL)), list(1, "a", NULL))
  expect_identical(as_column(list(list("a"), NULL)), list("a", NULL))
  expect_identical(as_column(list(list("$float" = "NaN"), 1)), c(NaN, 1))
  moments <- as_column(list(list("$datetime" = "1970-01-01T00:00:01Z"), NULL))
  expect_identical(moments, .POSIXct(c(1, NA), "UTC"))
})

test_that("times are read in every zone, with what they have of fractions", {
  expect_equal(as.numeric(parse_moment("1970-01-02T00:00:00Z")), 86400)
  expect_equal(as.numeric(parse_moment("1970-01-01T01:30:00+01:30")), 0)
  expect_equal(as.numeric(parse_moment("1969-12-31T19:00:00-05:00")), 0)
  expect_equal(as.numeric(parse_moment("1970-01-01T00:00:00.123456Z")), 0.123456)
})

test_that("a child gets the libraries that were named before R began, and not those that R puts before them", {
  skip_on_os(c("windows", "mac"))
  before <- Sys.getenv("LD_LIBRARY_PATH")
  on.exit(Sys.setenv(LD_LIBRARY_PATH = before))
  Sys.setenv(LD_LIBRARY_PATH = paste(before, "/opt/of the user", sep = ":"))
  told <- own_libraries()
  expect_match(told, "/opt/of the user", fixed = TRUE)
  expect_no_match(told, file.path(R.home(), "lib:"), fixed = TRUE)
})
