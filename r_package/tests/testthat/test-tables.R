# What Python's csv module reads of a file: a list of rows.
read_by_python <- function(path) {
  python <- Sys.which(c("python3", "python"))
  python <- python[nzchar(python)]
  skip_if(!length(python), "there is no Python")
  code <- tempfile(fileext = ".py")
  writeLines(c("import csv, json, sys", "rows = list(csv.reader(open(sys.argv[1], encoding='utf-8', newline='')))",
    "sys.stdout.reconfigure(encoding='utf-8')", "json.dump(rows, sys.stdout)"), code)
  said <- system2(python[1], c(shQuote(code), shQuote(path)), stdout = TRUE)
  jsonlite::parse_json(paste(said, collapse = "\n"))
}

table_of <- function(run) records(run)[[2]]$artifacts[[1]]

test_that("every cell is read back, whatever stands in it", {
  run <- quiet_run(runs_folder())
  table <- data.frame(
    text = c("a,b", "c \"d\"", "e\nf", NA, "", "\u00fc \r g"), whole = c(1:5, NA), number = c(0.1, 1 / 3, NaN, Inf, -Inf, NA),
    truth = c(TRUE, FALSE, NA, TRUE, TRUE, TRUE), day = as.Date("2026-11-21") + c(0:4, NA),
    moment = as.POSIXct(c(0, 0.5, 1:3, NA), origin = "1970-01-01", tz = "UTC"),
    took = as.difftime(c(1:5, NA), units = "mins"), stringsAsFactors = FALSE
  )
  table$label <- factor(c("x", "y", "x", "x", "x", NA))
  table$list <- list(1:2, "b", NULL, list(a = 1), 5, 6)
  rj_log_table(run, "all", table)
  rj_finish(run)
  found <- read_by_python(file.path(run$folder, table_of(run)$path))
  column <- function(at) vapply(found[-1], `[[`, "", at)
  expect_equal(unlist(found[[1]]), names(table))
  expect_equal(column(1), c("a,b", "c \"d\"", "e\nf", "", "", "\u00fc \r g"))
  expect_equal(column(2), c(1:5, ""))
  expect_equal(column(3), c("0.1", "0.3333333333333333", "NaN", "Infinity", "-Infinity", ""))
  expect_equal(column(4), c("true", "false", "", "true", "true", "true"))
  expect_equal(column(5)[c(1, 6)], c("2026-11-21", ""))
  expect_equal(column(6)[c(1, 2, 6)], c("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.5Z", ""))
  expect_equal(column(7), c("60", "120", "180", "240", "300", ""))
  expect_equal(column(8), c("x", "y", "x", "x", "x", ""))
  expect_equal(column(9), c("[1,2]", "b", "", "{\"a\":1}", "5", "6"))
  metadata <- table_of(run)$metadata
  expect_equal(metadata$rows, 6L)
  expect_equal(vapply(metadata$columns, `[[`, "", "type"),
    c("string", "integer", "number", "boolean", "datetime", "datetime", "number", "string", "string"))
  expect_equal(metadata$columns[[7]]$unit, "s")
  expect_equal(table_of(run)$bytes, as.integer(file.size(file.path(run$folder, table_of(run)$path))))
  expect_valid(run$folder)
})

test_that("tables have the metadata of CONVENTIONS, and the lines of the Python client", {
  run <- quiet_run(runs_folder())
  rj_log_table(run, "t/u", data.frame(a = 1:2, b = c("x", "y")))
  rj_finish(run)
  found <- table_of(run)
  expect_equal(found$path, "artifacts/t/u.csv")
  expect_equal(found$metadata, list(kind = "table", rows = 2L, columns = list(list(name = "a", type = "integer"),
    list(name = "b", type = "string"))))
  path <- file.path(run$folder, found$path)
  expect_identical(readBin(path, "raw", 100), charToRaw("a,b\n1,x\n2,y\n"))
})

test_that("row names, matrices, many rows and long integers are kept", {
  run <- quiet_run(runs_folder())
  rj_log_table(run, "cars", utils::head(mtcars, 2), columns = c("rowname", "mpg"))
  rj_log_table(run, "m", matrix(1:6, 2))
  rj_log_table(run, "one", data.frame(x = c("", NA, "a")))
  rj_log_table(run, "many", data.frame(x = 1:25000))
  rj_log_table(run, "none", cars[0, ])
  if (requireNamespace("bit64", quietly = TRUE)) {
    rj_log_table(run, "long", data.frame(x = bit64::as.integer64(c("9007199254740993", NA))))
    expect_equal(readLines(file.path(run$folder, "artifacts/long.csv")), c("x", "9007199254740993", "\"\""))
  }
  expect_warning(rj_log_table(run, "bad", 1:3), "no table")
  expect_warning(rj_log_table(run, "bad", cars, columns = "nope"), "no column")
  rj_finish(run)
  lines <- function(name) readLines(file.path(run$folder, "artifacts", paste0(name, ".csv")))
  expect_equal(lines("cars"), c("rowname,mpg", "Mazda RX4,21", "Mazda RX4 Wag,21"))
  expect_equal(lines("m"), c("V1,V2,V3", "1,3,5", "2,4,6"))
  expect_equal(lines("one"), c("x", "\"\"", "\"\"", "a"))
  expect_equal(lines("many"), c("x", 1:25000))
  expect_equal(lines("none"), "speed,dist")
  expect_false("bad" %in% names(rj_read(run$path)$artifacts))
  expect_valid(run$folder)
})
