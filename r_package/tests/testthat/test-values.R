value <- function(x, ...) js_value(x, "parameters", ...)

test_that("logicals, and what is missing", {
  expect_identical(value(TRUE), "true")
  expect_identical(value(c(FALSE, NA)), "[false,null]")
  for (missing in list(NULL, NA, NA_integer_, NA_real_, NA_character_, as.Date(NA), .POSIXct(NA_real_, "UTC"))) {
    expect_identical(value(missing), "null")
  }
})

test_that("numbers", {
  expect_identical(value(7L), "7")
  expect_identical(value(0.1), "0.1")
  expect_identical(value(c(1.5, NA)), "[1.5,null]")
  expect_identical(value(NaN), "{\"$float\":\"NaN\"}")
  expect_identical(value(c(Inf, -Inf)), "[{\"$float\":\"Infinity\"},{\"$float\":\"-Infinity\"}]")
})

test_that("integer64 keeps its digits, tagged where a double would not", {
  skip_if_not_installed("bit64")
  x <- bit64::as.integer64(c("9007199254740991", "9007199254740992", "-9007199254740993", "5", NA))
  expect_identical(
    value(x), "[9007199254740991,{\"$int\":\"9007199254740992\"},{\"$int\":\"-9007199254740993\"},5,null]"
  )
})

test_that("factors are their labels", {
  expect_identical(value(factor(c("lo", "hi", NA))), "[\"lo\",\"hi\",null]")
})

test_that("dates are texts, moments are tagged with the offset of their zone", {
  expect_identical(value(as.Date("2026-11-21")), "\"2026-11-21\"")
  expect_identical(value(.POSIXct(1795230821.25, "Europe/Berlin")), "{\"$datetime\":\"2026-11-21T04:13:41.25+01:00\"}")
  expect_identical(value(.POSIXct(1795230821, "UTC")), "{\"$datetime\":\"2026-11-21T03:13:41Z\"}")
  expect_identical(value(as.POSIXlt(.POSIXct(1795230821, "America/New_York"))), "{\"$datetime\":\"2026-11-20T22:13:41-05:00\"}")
  expect_identical(value(.POSIXct(1795230821.9999999, "UTC")), "{\"$datetime\":\"2026-11-21T03:13:42Z\"}")
  expect_identical(value(.POSIXct(-0.5, "UTC")), "{\"$datetime\":\"1969-12-31T23:59:59.5Z\"}")
  # Local mean time had seconds in its offset, which RFC 3339 has not.
  expect_identical(value(as.POSIXct("1850-01-01", tz = "Europe/Berlin")), "{\"$datetime\":\"1849-12-31T23:06:32Z\"}")
})

test_that("a span of time is its seconds", {
  expect_identical(value(as.difftime(1.5, units = "mins")), "90")
})

test_that("vectors of one are scalars, others arrays", {
  expect_identical(value(1:3), "[1,2,3]")
  expect_identical(value(numeric()), "[]")
  expect_identical(value(character()), "[]")
  expect_identical(value(I(1)), "[1]")
  expect_identical(value(I("a")), "[\"a\"]")
  expect_identical(value(I(list(1, "a"))), "[1,\"a\"]")
})

test_that("what has names is an object", {
  expect_identical(value(c(a = 1, b = 2)), "{\"a\":1,\"b\":2}")
  expect_identical(value(c(a = 1)), "{\"a\":1}")
  expect_identical(value(list(lr = 0.1, net = list(layers = c(64, 10)))), "{\"lr\":0.1,\"net\":{\"layers\":[64,10]}}")
  expect_identical(value(list()), "[]")
  expect_identical(value(list(1)), "[1]")
  expect_identical(value(list(a = NULL)), "{\"a\":null}")
  expect_identical(value(stats::setNames(list(), character())), "{}")
})

test_that("names for some elements only, and names given twice, are errors", {
  expect_error(value(list(1, a = 2)), "names for some", class = "rj_not_json")
  expect_error(value(c(a = 1, 2)), class = "rj_not_json")
  expect_error(value(list(b = list(a = 1, a = 2))), "parameters\\$b has the name \"a\" twice", class = "rj_not_json")
  expect_error(value(list(`$int` = "5")), "keeps for itself", class = "rj_not_json")
})

test_that("data frames are objects of arrays, matrices arrays of rows", {
  expect_identical(value(data.frame(a = 1:2, b = c("x", NA))), "{\"a\":[1,2],\"b\":[\"x\",null]}")
  expect_identical(value(data.frame(a = 1)), "{\"a\":[1]}")
  expect_identical(value(matrix(1:6, 2)), "[[1,3,5],[2,4,6]]")
  expect_identical(value(matrix(1:2, 1, dimnames = list("r", c("a", "b")))), "[[1,2]]")
  expect_identical(value(array(1:8, c(2, 2, 2))), "[[[1,5],[3,7]],[[2,6],[4,8]]]")
  expect_identical(value(matrix(list(1, "a"), 1)), "[[1,\"a\"]]")
})

test_that("what JSON does not have is an error that names its path, or what default makes of it", {
  for (odd in list(raw(1), 1i, sum, globalenv(), y ~ x, quote(f(x)), quote(x), expression(a))) {
    expect_error(value(list(net = list(odd = odd))), "^parameters\\$net\\$odd is ", class = "rj_not_json")
  }
  setClass("OddForTests", representation(x = "numeric"), where = globalenv())
  on.exit(removeClass("OddForTests", where = globalenv()))
  expect_error(value(new("OddForTests", x = 1)), "S4 object of class OddForTests", class = "rj_not_json")
  expect_identical(value(y ~ x, default = deparse), "\"y ~ x\"")
  expect_identical(value(quote(f(x)), default = deparse), "\"f(x)\"")
  expect_error(value(sum, default = identity), class = "rj_not_json")
  expect_error(value(list(1, list(2, sum))), "parameters\\[\\[2\\]\\]\\[\\[2\\]\\]", class = "rj_not_json")
})

test_that("values nested deeper than the format allows are errors", {
  deep <- 1
  for (level in 1:61) deep <- list(deep)
  expect_error(value(deep), "nested more than 60 deep", class = "rj_not_json")
})

test_that("values are written alike in the C locale, in UTF-8 and in Latin-1", {
  code <- c(
    "latin <- 'caf\\xe9'; Encoding(latin) <- 'latin1'",
    "x <- list(a = '\\u00e9', b = latin, c = 'caf\\u00e9', n = 0.1 + 0.2, t = .POSIXct(0.5, 'UTC'))",
    "names(x)[3] <- 'na\\u00efve'",
    "out <- file('/dev/stdout', 'wb', raw = TRUE); writeBin(charToRaw(js_value(x, 'p')), out)"
  )
  skip_on_os("windows")
  expected <- "{\"a\":\"\u00e9\",\"b\":\"caf\u00e9\",\"na\u00efve\":\"caf\u00e9\",\"n\":0.30000000000000004,\"t\":{\"$datetime\":\"1970-01-01T00:00:00.5Z\"}}"
  expect_identical(in_session(code, "LC_ALL=C"), expected)
  expect_identical(in_session(code, c(latin_1_session(), "LC_ALL=de_DE.ISO-8859-1")), expected)
  expect_identical(in_session(code), expected)
})

test_that("native texts of a session in Latin-1 are written in UTF-8, and its decimal comma is not", {
  skip_on_os("windows")
  code <- c(
    "stopifnot(l10n_info()[['Latin-1']])",
    "invisible(suppressWarnings(Sys.setlocale('LC_NUMERIC', 'de_DE.ISO-8859-1')))",
    "stopifnot(sprintf('%.1f', 0.5) == '0,5')",
    "out <- file('/dev/stdout', 'wb', raw = TRUE)",
    "stopifnot(decode_bytes(charToRaw('{\"runjson\":\"1.0\",\"series\":{\"a\":0.5}}'), 'a')$columns$series$a$values[[1]] == 0.5)",
    "writeBin(charToRaw(js_value(list(rawToChar(as.raw(c(0x63, 0xe9))), 0.1 + 0.2, 0.25, 1e300), 'p')), out)"
  )
  lines <- in_session(code, c(latin_1_session(), "LC_ALL=de_DE.ISO-8859-1"))
  expect_identical(lines, "[\"c\u00e9\",0.30000000000000004,0.25,1e+300]")
})
