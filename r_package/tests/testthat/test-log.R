test_that("numbers are series, texts are texts, lists are namespaces", {
  run <- quiet_run(runs_folder())
  rj_log(run, "train/loss" = 0.5, n = 3L, ok = TRUE, note = "a \"line\"", step = 2)
  rj_log(run, list(train = list(loss = 0.25, accuracy = 0.75)), step = 3)
  rj_log(run, c(a = 1, b = 2))
  rj_finish(run)
  found <- records(run)[2:4]
  expect_equal(found[[1]]$series, list("train/loss" = 0.5, n = 3L, ok = 1L))
  expect_equal(found[[1]]$text, list(note = "a \"line\""))
  expect_equal(found[[1]]$step, 2L)
  expect_lt(abs(found[[1]]$time - as.numeric(Sys.time())), 600)
  expect_equal(found[[2]]$series, list("train/loss" = 0.25, "train/accuracy" = 0.75))
  expect_equal(found[[3]]$series, list(a = 1L, b = 2L))
  expect_valid(run$folder)
})

test_that("vectors are that many points, and what has one name twice is two points", {
  run <- quiet_run(runs_folder())
  rj_log(run, x = c(1, NaN, Inf), y = 1, y = 2, z = quantile(1:9, 0.5), empty = numeric())
  rj_log(run, x = -Inf, y = NaN, y = 3)
  rj_finish(run)
  expect_equal(records(run)[[2]]$series, list(x = list(1L, "NaN", "Infinity"), y = list(1L, 2L), z = 5L))
  expect_equal(run[["x"]]$value, c(1, NaN, Inf, -Inf))
  expect_equal(run[["y"]]$value, c(1, 2, NaN, 3))
  expect_valid(run$folder)
})

test_that("numbers keep all their digits on the shortest way, too", {
  run <- quiet_run(runs_folder())
  set.seed(3)
  numbers <- c(1 / 3, 0.1, 5e-324, .Machine$double.xmax, 2^53, -1e-9, 123456.789, 10^runif(200, -300, 300), runif(200))
  for (number in numbers) rj_log(run, x = number)
  for (number in c(NaN, Inf)) rj_log(run, odd = number)
  rj_finish(run)
  expect_identical(run[["x"]]$value, numbers)
  expect_identical(run[["odd"]]$value, c(NaN, Inf))
})

test_that("a value whose name begins like an argument is a value", {
  run <- quiet_run(runs_folder())
  rj_log(run, r = 0.9)
  rj_log(run, ru = 1, s = 2, t = 3, st = 4, ti = 5, step = 7)
  rj_set_parameters(run, r = 1)
  rj_set_properties(run, r = 2)
  rj_finish(run)
  expect_equal(run[["r"]]$value, 0.9)
  expect_equal(records(run)[[3]]$series, list(ru = 1L, s = 2L, t = 3L, st = 4L, ti = 5L))
  expect_equal(records(run)[[3]]$step, 7L)
  expect_equal(run$parameters$r, 1)
  expect_equal(run$properties$r, 2)
})

test_that("steps are any finite numbers, times seconds or date-times", {
  run <- quiet_run(runs_folder())
  moment <- as.POSIXct("2026-11-21 03:13:41", tz = "UTC")
  rj_log(run, x = 1, step = -2.5, time = moment)
  expect_warning(rj_log(run, x = 2, step = NaN), "finite")
  expect_silent(rj_log(run, x = 2, step = "a"))
  expect_warning(rj_log(run, x = 3, time = 1795230821000), "seconds")
  rj_finish(run)
  found <- run[["x"]]
  expect_equal(found$step, c(-2.5, NA, NA, NA))
  expect_equal(found$time[1], as.numeric(moment))
  expect_valid(run$folder)
})

test_that("a mistake is one warning of its kind, and the program goes on", {
  run <- quiet_run(runs_folder())
  expect_warning(rj_log(run, x = NULL), "NULL")
  expect_silent(rj_log(run, x = NULL))
  expect_warning(rj_log(run, 0.5), "name")
  expect_warning(rj_log(run, frame = cars), "rj_log_table")
  expect_warning(rj_log(run, day = Sys.Date()), "date")
  expect_warning(rj_log(run, f = stats::lm(dist ~ speed, cars)), "no image")
  expect_warning(rj_log(run, "a//b" = 1), "a/_/b")
  expect_warning(rj_log_text(run, "t", NA), "NA")
  expect_warning(rj_extend(run, "e", 1:3, steps = 1:2), "3 values and 2 steps")
  expect_warning(rj_define_series(run, "e", goal = "up"), "minimize")
  rj_log(run, good = 1)
  rj_finish(run)
  expect_warning(rj_log(run, late = 1), "ended")
  expect_equal(names(rj_read(run$path)$series), c("a/_/b", "good"))
  expect_valid(run$folder)
})

test_that("where warnings are errors, ours are messages", {
  run <- quiet_run(runs_folder())
  old <- options(warn = 2)
  on.exit(options(old))
  expect_message(rj_log(run, x = NULL), "NULL")
  rj_finish(run)
})

test_that("an error in what is to be logged is the caller's", {
  run <- quiet_run(runs_folder())
  expect_error(rj_log(run, x = stop("mine")), "mine")
  rj_finish(run)
})

test_that("without a run there is an error that says so", {
  if (is.null(rj_current())) expect_error(rj_log(x = 1), class = "rj_no_run")
  expect_error(rj_log_text("a", "b", "c"), "rj_init", class = "rj_no_run")
})

test_that("texts of any kind are kept", {
  run <- quiet_run(runs_folder())
  latin <- "caf\xe9"
  Encoding(latin) <- "latin1"
  texts <- c("a\nb\t\"c\" \\", latin, "\U0001F680", "")
  rj_log_text(run, "log", texts, step = 1)
  rj_log(run, label = factor("yes"))
  rj_finish(run)
  expect_equal(run[["log"]]$value, enc2utf8(texts))
  expect_equal(run[["label"]]$value, "yes")
  expect_valid(run$folder)
})

test_that("many points are one record", {
  run <- quiet_run(runs_folder())
  rj_extend(run, "loss", c(0.9, NA, 0.4), steps = c(10, NA, 30), times = c(1795230821, 1795230822, NA))
  rj_define_series(run, "loss", unit = "nat", goal = "minimize", description = "d", x = "epoch")
  rj_finish(run)
  expect_equal(records(run)[[2]]$series$loss, list(values = list(0.9, "NaN", 0.4), steps = list(10L, NULL, 30L),
    times = list(1795230821, 1795230822, NULL)))
  found <- run[["loss"]]
  expect_equal(attr(found, "unit"), "nat")
  expect_equal(attr(found, "x"), "epoch")
  expect_valid(run$folder)
})

test_that("histograms are counted as numpy counts them", {
  run <- quiet_run(runs_folder())
  expect_warning(rj_log_histogram(run, "h", c(0, 1, 2, 3, 4, NA, Inf), bins = 4, step = 1), "2 values")
  rj_log_histogram(run, "one", rep(7, 5), bins = 2)
  rj_log_histogram(run, "given", counts = c(3, 5), edges = c(-Inf, 40, Inf))
  rj_log_histogram(run, "r", graphics::hist(cars$speed, plot = FALSE))
  expect_warning(rj_log_histogram(run, "bad", counts = 1:2, edges = 1:2), "3 edges")
  rj_log_histogram(run, "close", c(1, 1 + 2^-52))
  rj_log_histogram(run, "wide", c(-1.7e308, 1.7e308))
  rj_finish(run)
  found <- lapply(records(run)[2:4], function(record) lapply(record$histograms[[1]][[1]], unlist))
  expect_equal(found[[1]], list(edges = 0:4, counts = c(1L, 1L, 1L, 2L)))
  expect_equal(found[[2]], list(edges = c(6.5, 7, 7.5), counts = c(0L, 5L)))
  expect_equal(found[[3]]$counts, c(3L, 5L))
  expect_valid(run$folder)
})

test_that("a decimal comma of the session is in no number", {
  skip_on_os("windows")
  code <- c(
    "invisible(suppressWarnings(Sys.setlocale('LC_NUMERIC', 'de_DE.ISO-8859-1')))",
    "stopifnot(sprintf('%.1f', 0.5) == '0,5')",
    "place <- tempfile()",
    "run <- rj_init(id = 'r', dir = place, parameters = list(rate = 0.5), engine = 'native')",
    "rj_log(run, loss = 0.5, third = 1 / 3, step = 0.5)",
    "rj_log(run, list(a = list(b = 0.25)))",
    "rj_log_text(run, 'log', 'a, b')",
    "rj_log_histogram(run, 'h', c(0.5, 1.5), bins = 2)",
    "rj_log_table(run, 'table', data.frame(x = c(0.5, 1 / 3)))",
    "with_run(cat('printed\\n'), id = 's', dir = tempfile())",
    "rj_finish(run)",
    "cat(readLines(file.path(place, 'r/run.jsonl')), sep = '\\n')",
    "cat(readLines(file.path(place, 'r/artifacts/table.csv')), sep = '\\n')"
  )
  lines <- in_session(code, c(latin_1_session(), "LC_ALL=de_DE.ISO-8859-1"))
  records <- Filter(function(line) startsWith(line, "{"), lines)
  expect_gt(length(records), 6)
  for (record in records) expect_no_error(jsonlite::parse_json(record))
  expect_match(records, "\"loss\":0.5,\"third\":0.3333333333333333", all = FALSE)
  expect_match(records[1], "\"started_at\":\"[-0-9T:]+[.][0-9]+Z\"")
  expect_identical(tail(lines, 2), c("0.5", "0.3333333333333333"))
})
