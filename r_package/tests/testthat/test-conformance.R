cases_of <- function(level) {
  manifest <- jsonlite::parse_json(file(checkout("schema", "conformance", "manifest.json")))
  Filter(function(case) case$level == level && case$required && !startsWith(case$path, "source/"), manifest$cases)
}

# What is wrong with the reading of a case; nothing if all is right.
judged <- function(case) {
  path <- checkout("schema", "conformance", case$path)
  expected <- vapply(case$findings, function(one) one$code, "")
  valid <- !startsWith(case$path, "invalid/")
  reading <- tryCatch({
    state <- read_fold(path)
    list(valid = TRUE, codes = vapply(state$warnings, function(one) one$code, ""), canonical = canonical_text(state))
  }, rj_invalid = function(fault) list(valid = FALSE, codes = fault$code))
  if (reading$valid != valid) return(sprintf("%s: valid is %s (%s)", case$path, reading$valid, paste(reading$codes, collapse = " ")))
  # RJ004 is finer than RJ003, and RJ015 is another program's file, which this reader does not know (SPEC appendix B).
  missed <- setdiff(expected, c(reading$codes, "RJ015", if ("RJ003" %in% reading$codes) "RJ004"))
  if (length(missed)) return(sprintf("%s: says %s, and not %s", case$path, paste(reading$codes, collapse = " "), missed))
  answer <- sub("\\.[^./]*$", ".expected.json", path)
  if (!valid || !file.exists(answer)) return(character())
  if (identical(charToRaw(reading$canonical), readBin(answer, "raw", file.size(answer)))) return(character())
  paste0(case$path, ": canonical form ", reading$canonical)
}

for (level in c("core", "text")) {
  test_that(paste("every case of the level is read rightly:", level), {
    cases <- cases_of(level)
    expect_gt(length(cases), 50)
    expect_identical(unlist(lapply(cases, judged)), character())
  })
}

test_that("the reader under test answers the corpus's runner", {
  runner <- checkout(".venv", "bin", "runjson")
  reader <- system.file("conformance", "reader.R", package = "runjson")
  if (!nzchar(reader)) reader <- checkout("r_package", "inst", "conformance", "reader.R")
  command <- c("conformance", "--required", "--only", "spec-8-1", "--", file.path(R.home("bin"), "Rscript"), shQuote(reader))
  output <- system2(runner, command, stdout = TRUE)
  expect_null(attr(output, "status"))
  expect_match(output[length(output)], "^all +3 +3$")
})
