# The code that the README shows is run as it stands there.
test_that("what the README shows runs, and writes a valid run", {
  lines <- readLines(checkout("r_package", "README.md"), encoding = "UTF-8")
  begin <- match("```r", lines)
  end <- which(lines == "```")
  code <- lines[seq.int(begin + 1L, min(end[end > begin]) - 1L)]
  # The package under test is loaded already, perhaps without being installed.
  code <- setdiff(code, "library(runjson)")
  folder <- runs_folder()
  begins <- c(sprintf("setwd(\"%s\")", folder), "Sys.unsetenv(\"RUNJSON_DIR\")")
  done <- run_script(c(begins, code), folder)
  expect_equal(done$status, 0, info = paste(done$printed, collapse = "\n"))
  expect_match(done$printed, "value", all = FALSE)
  run <- rj_read(file.path(folder, "runs/degrees"))
  expect_equal(run$status, "succeeded")
  expect_equal(nrow(run$series$rmse), 3L)
  expect_setequal(setdiff(names(run$artifacts), "source/train.R"), c("coefficients", "model"))
  expect_valid(file.path(folder, "runs/degrees"))
})
