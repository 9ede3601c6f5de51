sha_of <- function(path) if (requireNamespace("digest", quietly = TRUE)) digest::digest(path, "sha256", file = TRUE)

test_that("names become paths as in the Python client", {
  expect_equal(path_segments("a/b c/\u00fc\u00fc.png"), c("a", "b_c", "__.png"))
  expect_equal(path_segments(".hidden"), "_hidden")
  expect_equal(path_segments(strrep("x", 200)), strrep("x", 100))
  expect_equal(path_segments(paste0(strrep("x", 200), ".csv")), paste0(strrep("x", 96), ".csv"))
  expect_equal(version_of("a.csv", 2), "a-2.csv")
  expect_equal(version_of("a.csv", 3, folder = TRUE), "a.csv-3")
  expect_equal(file_uri("/a b/\u00fc"), "file:///a%20b/%C3%BC")
})

test_that("copies of files are kept, each version of a name", {
  folder <- runs_folder()
  run <- quiet_run(folder)
  file <- file.path(folder, "data.bin")
  for (version in 1:3) {
    writeBin(as.raw(version:200), file)
    rj_log_artifact(run, file, "sets/data.bin", kind = "dataset", version = version)
  }
  rj_log_artifact(run, file)
  rj_finish(run)
  found <- lapply(records(run)[2:5], function(record) record$artifacts[[1]])
  expect_equal(vapply(found, `[[`, "", "path"), c("artifacts/sets/data.bin", "artifacts/sets/data-2.bin",
    "artifacts/sets/data-3.bin", "artifacts/data.bin"))
  expect_equal(vapply(found, `[[`, 1L, "bytes"), c(200L, 199L, 198L, 198L))
  expect_equal(found[[2]]$metadata, list(kind = "dataset", version = 2L))
  if (requireNamespace("digest", quietly = TRUE)) expect_equal(found[[4]]$sha256, sha_of(file))
  expect_equal(list.files(file.path(run$folder, "artifacts"), all.files = TRUE, no.. = TRUE), c("data.bin", "sets"))
  expect_valid(run$folder)
})

test_that("folders and patterns are kept, without the folder of the run", {
  folder <- runs_folder()
  run <- rj_init(id = "r", dir = folder, capture = FALSE, upload = FALSE)
  source <- file.path(folder, "source")
  dir.create(file.path(source, "deep"), recursive = TRUE)
  for (name in c("a.csv", "b.txt", "deep/c.csv", ".hidden.csv")) writeLines(name, file.path(source, name))
  rj_log_artifact(run, source, "tree")
  rj_log_artifact(run, file.path(source, "*.csv"), "flat")
  rj_log_artifact(run, file.path(folder, "**", "*.csv"))
  expect_warning(rj_log_artifact(run, file.path(source, "*.parquet")), "no file matches")
  expect_warning(rj_log_artifact(run, file.path(source, "nowhere")), "no file or folder")
  rj_finish(run)
  found <- rj_read(run$path)$artifacts
  expect_setequal(names(found), c("tree", "flat/a.csv", "source/a.csv", "source/deep/c.csv"))
  expect_setequal(list.files(file.path(run$folder, found$tree$path), recursive = TRUE, all.files = TRUE),
    c("a.csv", "b.txt", "deep/c.csv", ".hidden.csv"))
  expect_valid(run$folder)
})

test_that("what is no regular file is refused", {
  skip_on_os("windows")
  skip_if(Sys.which("mkfifo") == "")
  folder <- runs_folder()
  run <- quiet_run(folder)
  dir.create(file.path(folder, "odd"))
  system2("mkfifo", shQuote(file.path(folder, "odd", "pipe")))
  expect_warning(rj_log_artifact(run, file.path(folder, "odd")), "no regular file")
  unlink(file.path(folder, "odd", "pipe"))
  file.symlink("nowhere", file.path(folder, "odd", "link"))
  expect_warning(rj_log_artifact(run, file.path(folder, "odd", "link")), "leads nowhere")
  unlink(file.path(folder, "odd", "link"))
  writeLines("x", file.path(folder, "odd", "x"))
  file.symlink(file.path(folder, "odd"), file.path(folder, "odd", "circle"))
  rj_log_artifact(run, file.path(folder, "odd"))
  rj_finish(run)
  expect_equal(list.files(file.path(run$folder, "artifacts", "odd")), "x")
  expect_valid(run$folder)
})

test_that("files that are tracked are said, not copied", {
  folder <- runs_folder()
  run <- quiet_run(folder)
  dir.create(file.path(folder, "in put"))
  writeBin(as.raw(1:10), file.path(folder, "in put", "x.bin"))
  rj_track_files(run, file.path(folder, "in put"), "data", role = "train")
  rj_finish(run)
  found <- records(run)[[2]]$artifacts
  expect_equal(names(found), "data/x.bin")
  expect_equal(found[[1]]$uri, paste0("file://", gsub(" ", "%20", file.path(folder, "in put", "x.bin"))))
  expect_equal(found[[1]]$bytes, 10L)
  expect_false(dir.exists(file.path(run$folder, "artifacts")))
  expect_valid(run$folder)
})

test_that("a model is kept as R reads it", {
  run <- quiet_run(runs_folder())
  fit <- stats::lm(dist ~ speed, cars)
  rj_log_model(run, "fit", fit, formula = dist ~ speed)
  rj_finish(run)
  found <- records(run)[[2]]$artifacts$fit
  expect_equal(stats::coef(readRDS(file.path(run$folder, found$path))), stats::coef(fit))
  expect_equal(found$metadata, list(kind = "model", framework = "r", format = "rds", class = list("lm"),
    formula = "dist ~ speed"))
  expect_valid(run$folder)
})

test_that("who makes a file first has it", {
  root <- file.path(runs_folder(), "images")
  one <- new_places(root, shared = TRUE)
  other <- new_places(root, shared = TRUE)
  paths <- vapply(1:6, function(turn) {
    place_numbered(if (turn %% 2) one else other, "a", ".png", as.raw(turn))
  }, "")
  expect_equal(basename(paths), sprintf("a-%d.png", 0:5))
  expect_equal(vapply(paths, readBin, raw(1), "raw", 1, USE.NAMES = FALSE), as.raw(1:6))
  file <- function(place) writeBin(as.raw(1), place)
  paths <- c(place_new(one, "b", file), place_new(other, "b", file), place_new(one, "b/c", file))
  expect_equal(substring(paths, nchar(root) + 2), c("b", "b-2", "b-3/c"))
})
