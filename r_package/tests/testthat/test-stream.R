lines_of <- function(path) readLines(path, warn = FALSE)

test_that("each line is in the file when write returns", {
  path <- file.path(tempfile(), "a", "run.jsonl")
  sink <- native_sink(path)
  sink$write("{\"a\":1}")
  expect_identical(lines_of(path), "{\"a\":1}")
  sink$write("{\"b\":\"\u00e9\"}")
  expect_identical(readBin(path, "raw", 99), charToRaw("{\"a\":1}\n{\"b\":\"\u00e9\"}\n"))
  sink$close()
})

test_that("a line of megabytes is written whole", {
  path <- tempfile()
  sink <- native_sink(path)
  sink$write(strrep("x", 3e6))
  sink$close()
  expect_identical(file.size(path), 3e6 + 1)
})

test_that("what a killed writer left is ended by a line break, and nothing else is changed", {
  path <- tempfile()
  cat("{\"a\":1}\n{\"b\":", file = path)
  sink <- native_sink(path)
  sink$write("{\"c\":1}")
  sink$close()
  expect_identical(lines_of(path), c("{\"a\":1}", "{\"b\":", "{\"c\":1}"))
  sink <- native_sink(path)
  sink$close()
  expect_length(lines_of(path), 3)
})

test_that("a file that was removed is written anew, with what it held", {
  skip_on_os("windows")
  path <- file.path(tempfile(), "run.jsonl")
  told <- character()
  sink <- native_sink(path, function(kind, sentence) told <<- c(told, kind))
  sink$write("1")
  unlink(dirname(path), recursive = TRUE)
  sink$write("2")
  sink$write("3")
  unlink(dirname(path), recursive = TRUE)
  sink$write("4")
  sink$close()
  expect_identical(lines_of(path), c("1", "2", "3", "4"))
  expect_identical(told, "gone")
})

test_that("a file that was removed, and can not be made again yet, waits in the handle", {
  skip_on_os("windows")
  folder <- tempfile()
  path <- file.path(folder, "run.jsonl")
  sink <- native_sink(path, function(kind, sentence) NULL)
  sink$write("1")
  unlink(folder, recursive = TRUE)
  # A file stands where the folder was.
  cat("x", file = folder)
  sink$write("2")
  sink$write("3")
  expect_identical(sink$waiting(), 2L)
  unlink(folder)
  sink$close()
  expect_identical(lines_of(path), c("1", "2", "3"))
})

test_that("writing to a sink that was closed is told once and raises nothing", {
  told <- character()
  sink <- native_sink(tempfile(), function(kind, sentence) told <<- c(told, kind))
  sink$close()
  sink$close()
  sink$write("1")
  sink$write("2")
  expect_identical(told, "closed")
})

test_that("a warning that the user made an error does not stop the caller", {
  sink <- native_sink(tempfile())
  sink$close()
  old <- options(warn = 2)
  on.exit(options(old))
  expect_message(sink$write("1"), "is closed")
})

test_that("a file that can not be opened is an error with its path", {
  folder <- tempfile()
  dir.create(folder)
  expect_error(native_sink(folder), folder, fixed = TRUE, class = "rj_file")
})

test_that("of a full disk nothing is lost and no line is torn", {
  skip_on_os(c("windows", "mac"))
  place <- tempfile()
  dir.create(place)
  mounted <- suppressWarnings(system2("mount", c("-t", "tmpfs", "-o", "size=64k", "tmpfs", place), stdout = FALSE, stderr = FALSE))
  skip_if(mounted != 0, "mounting a small file system needs root")
  on.exit(system2("umount", place))
  path <- file.path(place, "run.jsonl")
  told <- character()
  sink <- native_sink(path, function(kind, sentence) told <<- c(told, kind))
  lines <- sprintf("{\"n\":%d,\"x\":\"%s\"}", 1:100, strrep("y", 1400))
  for (line in lines) sink$write(line)
  expect_gt(sink$waiting(), 20)
  expect_identical(told, "write")
  # What is there are whole lines, and nothing of the one that did not fit.
  there <- lines_of(path)
  expect_identical(there, lines[seq_along(there)])
  expect_identical(file.size(path), sum(nchar(there) + 1))
  system2("mount", c("-o", "remount,size=1m", place))
  sink$close()
  expect_identical(lines_of(path), lines)
  expect_identical(sink$lost(), 0L)
  expect_identical(told, "write")
})

test_that("lines that waited are written by a later write, in their order", {
  skip_on_os(c("windows", "mac"))
  place <- tempfile()
  dir.create(place)
  mounted <- suppressWarnings(system2("mount", c("-t", "tmpfs", "-o", "size=8k", "tmpfs", place), stdout = FALSE, stderr = FALSE))
  skip_if(mounted != 0, "mounting a small file system needs root")
  on.exit(system2("umount", place))
  path <- file.path(place, "run.jsonl")
  sink <- native_sink(path, function(kind, sentence) NULL)
  sink$write(strrep("a", 20000))
  sink$write("b")
  expect_identical(file.size(path), 0)
  system2("mount", c("-o", "remount,size=1m", place))
  environment(sink$write)$again <- 0
  sink$write("c")
  expect_identical(lines_of(path), c(strrep("a", 20000), "b", "c"))
  sink$close()
})

test_that("the oldest lines are lost when too many wait, and that is told", {
  skip_on_os(c("windows", "mac"))
  place <- tempfile()
  dir.create(place)
  mounted <- suppressWarnings(system2("mount", c("-t", "tmpfs", "-o", "size=4k", "tmpfs", place), stdout = FALSE, stderr = FALSE))
  skip_if(mounted != 0, "mounting a small file system needs root")
  on.exit(system2("umount", place))
  told <- character()
  sink <- native_sink(file.path(place, "run.jsonl"), function(kind, sentence) told <<- c(told, kind))
  for (n in 1:10) sink$write(strrep("x", 8 * 2^20))
  expect_identical(sink$lost(), 3L)
  expect_setequal(told, c("write", "lost"))
})

test_that("what write returned from is kept when the process is killed, at any moment", {
  skip_on_os("windows")
  skip_on_cran()
  set.seed(7)
  path <- tempfile(fileext = ".jsonl")
  acknowledged <- 0L
  for (kill in 1:20) {
    ack <- tempfile()
    out <- in_session(wait = FALSE, sprintf(
      paste(
        "sink <- native_sink(%s); ack <- file(%s, 'ab', raw = TRUE); n <- 0L",
        "cat(Sys.getpid(), '\\n'); flush(stdout())",
        "repeat { n <- n + 1L; sink$write(sprintf('{\"session\":%d,\"n\":%%d,\"pad\":\"%%s\"}', n, strrep('p', sample(3000, 1))));",
        "writeBin(as.raw(1), ack); flush(ack) }",
        sep = "\n"
      ), deparse(path), deparse(ack), kill
    ))
    enough <- sample(300L, 1L)
    started <- Sys.time()
    while (!isTRUE(file.size(ack) >= enough) && Sys.time() - started < 60) Sys.sleep(runif(1, 0, 0.01))
    pid <- as.integer(readLines(out, warn = FALSE)[1])
    tools::pskill(pid, tools::SIGKILL)
    while (tools::pskill(pid, 0L)) Sys.sleep(0.005)
    known <- file.size(ack)
    expect_gte(known, enough)
    mine <- grep(sprintf("^\\{\"session\":%d,.*\\}$", kill), lines_of(path), value = TRUE)
    numbers <- as.integer(sub("^.*\"n\":([0-9]+),.*$", "\\1", mine))
    expect_identical(numbers, seq_along(numbers))
    expect_gte(length(numbers), known)
    acknowledged <- acknowledged + known
  }
  expect_gt(acknowledged, 200)
})

test_that("two processes that append to one file tear no line", {
  skip_on_os("windows")
  path <- tempfile()
  code <- "sink <- native_sink(%s); for (n in 1:300) sink$write(strrep('%s', 500)); sink$close()"
  first <- in_session(sprintf(code, deparse(path), "a"), wait = FALSE)
  in_session(sprintf(code, deparse(path), "b"))
  started <- Sys.time()
  while (length(lines_of(path)) < 600 && Sys.time() - started < 30) Sys.sleep(0.05)
  expect_setequal(lines_of(path), c(strrep("a", 500), strrep("b", 500)))
  expect_length(lines_of(path), 600)
})
