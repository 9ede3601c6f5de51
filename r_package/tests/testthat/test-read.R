example <- c(
  "{\"runjson\":\"1.0\",\"project\":\"p\",\"id\":\"a\",\"tags\":[\"x\"],\"parameters\":{\"lr\":0.1,\"layers\":[64,10],\"one\":[1],\"none\":null,\"big\":{\"$int\":\"9007199254740993\"},\"at\":{\"$datetime\":\"2026-11-21T03:13:41+01:00\"},\"clip\":{\"$float\":\"Infinity\"},\"\":{}}}",
  "{\"step\":1,\"time\":1795230821.5,\"series\":{\"loss\":0.9},\"text\":{\"log\":\"caf\u00e9\"}}",
  "{\"series\":{\"loss\":{\"values\":[\"NaN\",0.3],\"steps\":[2,null],\"unit\":\"nat\"}},\"images\":{\"i\":\"i.png\"},\"histograms\":{\"h\":{\"edges\":[0,1],\"counts\":[2]}}}",
  "{\"status\":\"succeeded\",\"properties\":{\"f1\":0.5,\"note\":null},\"artifacts\":{\"m\":\"m.bin\"},\"acme:x\":[1,\"a\"]}"
)

test_that("a run is read as R data", {
  run <- rj_read(run_file_of(example))
  expect_s3_class(run, "rj_record")
  expect_identical(run$id, "a")
  expect_identical(run$tags, "x")
  expect_identical(run$parameters$lr, 0.1)
  expect_identical(run$parameters$layers, c(64, 10))
  expect_identical(run$parameters$one, list(1))
  expect_true("none" %in% names(run$parameters))
  expect_identical(run$parameters$clip, Inf)
  expect_identical(format(run$parameters$big), "9007199254740993")
  expect_identical(as.double(as.POSIXct(run$parameters$at)), 1795227221)
  loss <- run$series$loss
  expect_identical(loss$value, c(0.9, NaN, 0.3))
  expect_identical(loss$step, c(1, 2, NA))
  expect_identical(loss$time, c(1795230821.5, NA, NA))
  expect_identical(attr(loss, "unit"), "nat")
  expect_identical(run$text$log$value, "caf\u00e9")
  expect_identical(run$histograms$h$value[[1]]$edges, c(0, 1))
  expect_identical(run$images$i$value[[1]]$path, "i.png")
  expect_identical(run$properties["note"], list(note = NULL))
})

test_that("what was read can be written, as a document and as a stream, and says the same", {
  path <- run_file_of(example)
  expected <- rj_canonical(path)
  for (extension in c(".json", ".jsonl")) {
    copy <- tempfile(fileext = extension)
    expect_identical(rj_write(rj_read(path), copy), copy)
    expect_identical(rj_canonical(copy), expected)
  }
  expect_gt(length(readLines(copy)), 3)
})

test_that("every valid case of the corpus is written back as it was read", {
  folder <- checkout("schema", "conformance")
  for (path in list.files(file.path(folder, c("valid", "fold", "canonical", "stream")), "\\.jsonl?$", full.names = TRUE)) {
    if (grepl("expected", path) || grepl("link|metadata|greater-minor", path)) next
    run <- suppressWarnings(rj_read(path))
    copy <- tempfile(fileext = ".json")
    rj_write(run, copy)
    expect_identical(suppressWarnings(rj_canonical(copy)), suppressWarnings(rj_canonical(path)), info = path)
  }
})

test_that("a record may be written from plain R data", {
  path <- tempfile(fileext = ".json")
  rj_write(list(id = "lm-1", tags = "best", parameters = list(lr = 0.1), series = list(loss = c(0.9, NaN))), path)
  expect_identical(
    rj_canonical(path),
    "{\"id\":\"lm-1\",\"parameters\":{\"lr\":0.1},\"runjson\":\"1.0\",\"series\":{\"loss\":{\"values\":[0.9,\"NaN\"]}},\"tags\":[\"best\"]}"
  )
})

test_that("a record that breaks a rule is not written", {
  path <- tempfile(fileext = ".json")
  writeLines("old", path)
  expect_error(rj_write(list(id = "not an id"), path), class = "rj_invalid")
  expect_error(rj_write(list(parameters = list(f = sum)), path), "parameters\\$f", class = "rj_not_json")
  expect_error(rj_write(1, path), class = "rj_not_json")
  expect_identical(readLines(path), "old")
  expect_error(rj_write(list(name = "x"), tempfile(fileext = ".jsonl")), "RJ110", class = "rj_invalid")
})

test_that("torn lines are skipped with a warning that names them", {
  path <- run_file_of(example[1:2], "{\"step\":2,\"series\":{\"loss\":0.", example[4])
  expect_warning(run <- rj_read(path), "1 torn line was skipped \\(line 3\\)")
  expect_identical(run$status, "succeeded")
  expect_identical(nrow(run$series$loss), 1L)
  path <- run_file_of(example)
  bytes <- readBin(path, "raw", file.size(path))
  for (size in seq(file.size(run_file_of(example[1])) + 2, length(bytes), by = 7)) {
    torn <- tempfile(fileext = ".jsonl")
    writeBin(bytes[seq_len(size)], torn)
    expect_identical(suppressWarnings(rj_read(torn))$id, "a")
  }
})

test_that("a file is refused with the code and the place of its fault", {
  code <- function(...) tryCatch(rj_read(run_file_of(...)), rj_invalid = function(fault) fault$code)
  expect_identical(code("{\"runjson\":\"1.0\",\"id\":\"a\",\"id\":\"b\"}"), "RJ007")
  expect_identical(code("{\"runjson\":\"1.0\",\"id\":\"a\",\"properties\":{\"a\":{\"b\":1,\"b\":2}}}"), "RJ007")
  expect_identical(code(example[1], "{\"series\":{\"a\":1,\"a\":2}}"), "RJ007")
  expect_identical(code("{\"runjson\":\"1.0\",\"id\":\"a\",\"name\":NaN}"), "RJ005")
  expect_identical(code("{\"runjson\":\"1.0\",\"id\":\"a\"} // comment"), "RJ011")
  expect_identical(code("{\"runjson\":\"1.0\"}"), "RJ110")
  expect_identical(code("{\"runjson\":\"1.0\",\"id\":\"a\",\"series\":{\"a\":1e999}}"), "RJ006")
  expect_identical(code(example[1], "{\"loss\":1}"), "RJ105")
  expect_identical(code(""), "RJ014")
})

test_that("a file nested without end is refused at once", {
  deep <- paste0("{\"runjson\":\"1.0\",\"id\":\"a\",\"properties\":{\"a\":", strrep("[", 1e5), strrep("]", 1e5), "}}")
  expect_error(rj_read(run_file_of(deep)), "RJ009", class = "rj_invalid")
})

test_that("unknown members are taken in lenient mode, with a warning", {
  path <- run_file_of("{\"runjson\":\"1.0\",\"id\":\"a\",\"colour\":\"red\"}")
  expect_error(rj_read(path), "RJ105", class = "rj_invalid")
  expect_warning(run <- rj_read(path, lenient = TRUE), "RJ105")
  expect_identical(run$colour, "red")
})

test_that("a folder is read by the run file in it", {
  folder <- tempfile()
  dir.create(folder)
  expect_error(rj_read(folder), "neither", class = "rj_file")
  file.copy(run_file_of(example), file.path(folder, "run.jsonl"))
  expect_identical(rj_read(folder)$id, "a")
  expect_error(rj_read(file.path(folder, "none.json")), "is not there", class = "rj_file")
})

test_that("a run becomes a data frame, a summary and a print", {
  run <- rj_read(run_file_of(example))
  frame <- as.data.frame(run)
  expect_identical(names(frame), c("name", "step", "time", "value"))
  expect_identical(frame$value, c(0.9, NaN, 0.3))
  expect_identical(as.data.frame(run, kind = "text")$value, "caf\u00e9")
  expect_identical(nrow(as.data.frame(rj_read(run_file_of("{\"runjson\":\"1.0\",\"id\":\"a\"}")))), 0L)
  summed <- summary(run)
  expect_identical(summed$points, 3L)
  expect_identical(c(summed$first, summed$last, summed$min, summed$max), c(0.9, 0.3, 0.3, 0.9))
  expect_identical(summed$unit, "nat")
  expect_output(print(run), "A run: p/a.*status: succeeded.*loss  3 points, last 0.3")
})

test_that("names that would steer a terminal are printed without that", {
  run <- rj_read(run_file_of("{\"runjson\":\"1.0\",\"id\":\"a\",\"name\":\"\\u001b[2J\\u202e\"}"))
  expect_output(print(run), "name: ?[2J?", fixed = TRUE)
})

test_that("the digest is that of the canonical bytes", {
  skip_if_not_installed("digest")
  path <- run_file_of(example)
  expect_identical(rj_canonical(path, digest = TRUE), digest::digest(rj_canonical(path), "sha256", serialize = FALSE))
})

test_that("a run is read in the C locale as elsewhere", {
  skip_on_os("windows")
  path <- run_file_of(example)
  code <- sprintf("out <- file('/dev/stdout', 'wb', raw = TRUE); writeBin(charToRaw(rj_canonical(%s)), out)", deparse(path))
  expect_identical(in_session(code, "LC_ALL=C"), rj_canonical(path))
})
