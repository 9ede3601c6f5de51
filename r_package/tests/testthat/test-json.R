test_that("texts keep their characters and are escaped as shortly as JSON allows", {
  expect_identical(js_text(c("a", "\u00e9\U1F680", "")), c("\"a\"", "\"\u00e9\U1F680\"", "\"\""))
  expect_identical(js_text("\"\\/\b\f\n\r\t\001\x1f\x7f"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"")
  expect_identical(js_text(NA_character_), "null")
  expect_identical(js_text(character()), character())
})

test_that("Latin-1 texts are written in UTF-8", {
  text <- "caf\xe9"
  Encoding(text) <- "latin1"
  expect_identical(charToRaw(js_text(text)), charToRaw("\"caf\u00e9\""))
  expect_identical(Encoding(js_text(text)), "UTF-8")
})

test_that("bytes that are no UTF-8 become U+FFFD", {
  text <- "a\xffb\xc3"
  expect_identical(js_text(text), "\"a\ufffdb\ufffd\"")
  Encoding(text) <- "bytes"
  expect_identical(js_text(text), "\"a\ufffdb\ufffd\"")
})

test_that("numbers have the shortest digits that give the same double", {
  expect_identical(
    js_number(c(0.1, 1 / 3, 0.1 + 0.2, 7, -0, 1e20, 1e21, 1e-6, 1.5e-7, 5e-324, 1.7976931348623157e308)),
    c(
      "0.1", "0.3333333333333333", "0.30000000000000004", "7", "0", "100000000000000000000", "1e+21", "0.000001",
      "1.5e-7", "5e-324", "1.7976931348623157e+308"
    )
  )
  # Around powers of two the shortest digits are not the nearest of sixteen.
  expect_identical(js_number(2^-44), "5.684341886080802e-14")
})

test_that("numbers round-trip, of any size", {
  set.seed(1)
  x <- c(runif(5000) * 10^runif(5000, -320, 308), 2^(-1074:1023), 5e-324 * 1:50)
  x <- c(x, -x)
  texts <- js_number(x)
  expect_identical(as_doubles(texts), x)
  digits <- sub("0+$", "", sub("^0+", "", gsub("e.*|[-.]", "", texts)))
  expect_lte(max(nchar(digits)), 17)
})

test_that("points that are no numbers have their texts, and steps none", {
  x <- c(NaN, NA, Inf, -Inf, 1)
  expect_identical(js_number(x), c("\"NaN\"", "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "1"))
  expect_identical(js_step(c(NA, 2.5)), c("null", "2.5"))
  expect_identical(js_number(c(TRUE, NA)), c("1", "\"NaN\""))
  expect_identical(js_number(c(3L, NA)), c("3", "\"NaN\""))
  expect_identical(js_number(numeric()), character())
})

test_that("numbers are written alike whatever the session's options are", {
  old <- options(OutDec = ",", scipen = 999, digits = 3)
  on.exit(options(old))
  expect_identical(js_number(c(0.123456789, 1e-10, 1e300, 123456)), c("0.123456789", "1e-10", "1e+300", "123456"))
})

test_that("integers of 64 bits keep all their digits", {
  skip_if_not_installed("bit64")
  x <- bit64::as.integer64(c("9223372036854775807", "-5", NA))
  expect_identical(js_number(x), c("9223372036854775807", "-5", "\"NaN\""))
  expect_identical(js_step(x), c("9223372036854775807", "-5", "null"))
})

test_that("arrays and objects are put together from texts", {
  expect_identical(js_array(c("1", "null")), "[1,null]")
  expect_identical(js_array(character()), "[]")
  expect_identical(js_object(c(a = "1", "b\"" = "{}")), "{\"a\":1,\"b\\\"\":{}}")
  expect_identical(js_object(character()), "{}")
})

test_that("parsing tells objects from arrays", {
  expect_identical(js_parse("{}"), stats::setNames(list(), character()))
  expect_identical(js_parse("[]"), list())
  expect_identical(js_parse("{\"a\":[1,null]}"), list(a = list(1L, NULL)))
})

test_that("a million numbers take seconds", {
  skip_on_cran()
  expect_lt(system.time(js_number(runif(1e6)))[["user.self"]], 30)
})
