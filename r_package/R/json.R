# R values as JSON texts, and back. Every text is UTF-8 and marked as such, whatever the session's locale.

# Objects and arrays may be nested 64 deep (SPEC 3.1), less the levels of the record around a value.
deepest <- 60L
# The largest integer up to which every integer is a double.
exact <- 2^53 - 1

#' Numbers as texts with a decimal point, whatever LC_NUMERIC is set to.
#' @noRd
pointed <- function(texts) chartr(",", ".", texts)

#' Character vectors as JSON strings.
#' @param x character; NA becomes null. Bytes that are not UTF-8 become U+FFFD.
#' @noRd
js_text <- function(x) {
  if (!length(x)) return(character())
  texts <- utf8(as.character(x))
  missing <- is.na(texts)
  odd <- grepl("[\\x01-\\x1f\"\\\\]", texts, perl = TRUE, useBytes = TRUE)
  if (any(odd)) texts[odd] <- escaped(texts[odd])
  texts <- marked(paste0("\"", texts, "\""))
  if (any(missing)) texts[missing] <- "null"
  texts
}

# The characters that JSON does not have bare.
control <- c(
  "\b" = "\\b", "\t" = "\\t", "\n" = "\\n", "\f" = "\\f", "\r" = "\\r",
  stats::setNames(sprintf("\\u%04x", c(1:7, 11L, 14:31)), vapply(c(1:7, 11L, 14:31), function(code) rawToChar(as.raw(code)), ""))
)

escaped <- function(texts) {
  texts <- gsub("\\", "\\\\", texts, fixed = TRUE, useBytes = TRUE)
  texts <- gsub("\"", "\\\"", texts, fixed = TRUE, useBytes = TRUE)
  for (character in names(control)) {
    if (any(grepl(character, texts, fixed = TRUE, useBytes = TRUE))) {
      texts <- gsub(character, control[[character]], texts, fixed = TRUE, useBytes = TRUE)
    }
  }
  texts
}

#' Texts in UTF-8, marked as such.
#' @noRd
utf8 <- function(texts) {
  # In the C locale, enc2utf8 would turn what it does not know into "<e9>": bytes are taken as they are there.
  known <- Encoding(texts)
  native <- known == "unknown" & !is.na(texts)
  if (any(known == "latin1")) texts[known == "latin1"] <- enc2utf8(texts[known == "latin1"])
  if (any(native) && isTRUE(l10n_info()[["Latin-1"]])) texts[native] <- enc2utf8(texts[native])
  texts <- marked(texts)
  broken <- !validUTF8(texts) & !is.na(texts)
  if (any(broken)) {
    # Without a mark, the three bytes of U+FFFD pass through iconv in every locale.
    unknown <- rawToChar(as.raw(c(0xef, 0xbf, 0xbd)))
    bytes <- texts[broken]
    Encoding(bytes) <- "bytes"
    texts[broken] <- marked(vapply(bytes, function(text) {
      iconv(list(charToRaw(text)), "UTF-8", "UTF-8", sub = unknown)
    }, "", USE.NAMES = FALSE))
  }
  texts
}

marked <- function(texts) {
  Encoding(texts) <- "UTF-8"
  texts
}

#' Numbers as JSON texts of points: the shortest digits that give the same double.
#' @param x numeric, integer, integer64 or logical; NaN and NA become `"NaN"`.
#' @noRd
js_number <- function(x) {
  if (inherits(x, "integer64")) return(integer64_texts(x, "\"NaN\""))
  x <- as.double(x)
  texts <- character(length(x))
  finite <- is.finite(x)
  if (all(finite)) return(digits_of(x))
  texts[finite] <- digits_of(x[finite])
  texts[is.na(x)] <- "\"NaN\""
  texts[!is.na(x) & x == Inf] <- "\"Infinity\""
  texts[!is.na(x) & x == -Inf] <- "\"-Infinity\""
  texts
}

#' Steps and times as JSON texts; NA becomes null.
#' @noRd
js_step <- function(x) {
  if (inherits(x, "integer64")) return(integer64_texts(x, "null"))
  texts <- js_number(x)
  texts[is.na(as.double(x))] <- "null"
  texts
}

integer64_texts <- function(x, missing) {
  needs("bit64", "to write integer64 numbers")
  texts <- bit64::as.character.integer64(x)
  texts[is.na(texts)] <- missing
  texts
}

#' Finite doubles as ECMAScript prints them (RFC 8785).
#' @noRd
digits_of <- function(x) with_decimal_point(digits_with_point(x))

digits_with_point <- function(x) {
  whole <- x == trunc(x) & abs(x) < 1e15
  if (all(whole)) return(sprintf("%.0f", x + 0))
  texts <- character(length(x))
  texts[whole] <- sprintf("%.0f", x[whole] + 0)
  texts[!whole] <- shortest(x[!whole])
  texts
}

shortest <- function(x) {
  texts <- sprintf("%.15g", x)
  left <- which(as_doubles(texts) != x)
  if (length(left)) {
    texts[left] <- sprintf("%.16g", x[left])
    left <- left[as_doubles(texts[left]) != x[left]]
  }
  if (length(left)) texts[left] <- longest(x[left])
  tiny <- abs(x) < 2.3e-308
  if (any(tiny)) texts[tiny] <- vapply(x[tiny], shortest_subnormal, "")
  # Between 1e-4 and 1e15, C prints as ECMAScript does.
  size <- abs(x)
  odd <- size < 1e-4 | size >= 1e15
  if (any(odd)) texts[odd] <- respelled(texts[odd])
  texts
}

# Around a power of two the doubles below lie closer than those above: of sixteen digits the nearest may not do
# where the next one up does.
longest <- function(x) {
  texts <- sprintf("%.17g", x)
  power <- which(log2(abs(x)) == trunc(log2(abs(x))))
  for (one in power) {
    rounded <- sprintf("%.15e", x[one])
    parts <- regmatches(rounded, regexec("^(-?)([0-9.]+)(e.*)$", rounded))[[1L]]
    digits <- sub(".", "", parts[3L], fixed = TRUE)
    # Sixteen digits may be no exact double: the last eight are counted alone.
    tail <- sprintf("%08.0f", as.double(substring(digits, 9L)) + 1)
    if (nchar(tail) == 8L) {
      up <- paste0(parts[2L], substring(digits, 1L, 1L), ".", substring(digits, 2L, 8L), tail, parts[4L])
      if (as_doubles(up) == x[one]) texts[one] <- up
    }
  }
  texts
}

shortest_subnormal <- function(x) {
  for (digits in 1:17) {
    text <- sprintf("%.*g", digits, x)
    if (as_doubles(text) == x) return(text)
  }
  text
}

# What C's %g prints, with the exponents of ECMAScript: positional from 1e-6 up to 1e21.
respelled <- function(texts) {
  left <- grep("e", texts, fixed = TRUE)
  mantissa <- sub("e.*$", "", texts[left])
  exponent <- as.integer(sub("^.*e", "", texts[left]))
  sign <- ifelse(startsWith(mantissa, "-"), "-", "")
  digits <- gsub("[-.]", "", mantissa)
  small <- exponent < 0L & exponent >= -6L
  large <- exponent >= 0L & exponent < 21L
  found <- sprintf("%se%+d", mantissa, exponent)
  found[small] <- paste0(sign, "0.", strrep("0", pmax(-exponent - 1L, 0L)), digits)[small]
  found[large] <- paste0(sign, digits, strrep("0", pmax(exponent + 1L - nchar(digits), 0L)))[large]
  texts[left] <- found
  texts
}

#' JSON numbers as the nearest doubles. R's own as.numeric misses some by one unit in the last place.
#' @noRd
as_doubles <- function(texts) {
  if (!length(texts)) return(numeric())
  with_decimal_point(
    as.double(unlist(jsonlite::parse_json(paste0("[", paste0(texts, collapse = ","), "]")), use.names = FALSE))
  )
}

# Where a user chose a locale for numbers, C prints and reads them with its decimal comma.
with_decimal_point <- function(code) {
  chosen <- Sys.getlocale("LC_NUMERIC")
  if (chosen == "C" || chosen == "POSIX") return(code)
  Sys.setlocale("LC_NUMERIC", "C")
  on.exit(suppressWarnings(Sys.setlocale("LC_NUMERIC", chosen)))
  code
}

#' JSON texts as one array.
#' @noRd
js_array <- function(texts) marked(paste0("[", paste0(texts, collapse = ","), "]"))

#' JSON texts, named, as one object.
#' @noRd
js_object <- function(texts) {
  if (!length(texts)) return("{}")
  marked(paste0("{", paste0(js_text(names(texts)), ":", texts, collapse = ","), "}"))
}

#' JSON as a tree: objects are named lists, arrays unnamed ones.
#' @noRd
js_parse <- function(text) with_decimal_point(jsonlite::parse_json(utf8(text)))

#' Any R value of parameters, properties or metadata as JSON.
#' @param path what the value is called in an error.
#' @param default a function that makes something else of what JSON does not have.
#' @noRd
js_value <- function(x, path, default = NULL) value_text(x, path, default, 0L)

value_text <- function(x, path, default, depth) {
  if (depth > deepest) not_json(path, sprintf("is nested more than %d deep", deepest))
  if (is.null(x)) return("null")
  if (inherits(x, "AsIs")) return(as_is(x, path, default, depth))
  if (is.data.frame(x)) return(frame_text(x, path, default, depth))
  if (inherits(x, "POSIXlt")) x <- as.POSIXct(x)
  if (inherits(x, "numeric_version")) x <- stats::setNames(as.character(x), names(x))
  if (isS4(x) || !is_plain(x)) return(foreign(x, path, default, depth))
  if (is.pairlist(x)) x <- as.list(x)
  if (length(dim(x)) > 1L) return(rows_text(x, path, default, depth))
  given <- names(x)
  texts <- if (is.list(x)) list_texts(x, path, default, depth) else vector_texts(x)
  if (!is.null(given)) return(named_text(texts, given, path))
  if (length(texts) == 1L && !is.list(x)) return(texts)
  js_array(texts)
}

is_plain <- function(x) is.list(x) || is.pairlist(x) || is.logical(x) || is.numeric(x) || is.character(x) ||
  is.factor(x) || inherits(x, c("Date", "POSIXct", "difftime", "integer64"))

#' The elements of a vector, each as JSON.
#' @noRd
vector_texts <- function(x) {
  if (is.factor(x)) return(js_text(as.character(x)))
  if (inherits(x, "integer64")) return(tagged_integers(x))
  if (inherits(x, "Date")) return(js_text(date_texts(x)))
  if (inherits(x, "POSIXct")) return(moment_texts(x))
  if (inherits(x, "difftime")) x <- as.double(x, units = "secs")
  if (is.character(x)) return(js_text(x))
  if (is.logical(x)) {
    texts <- ifelse(x, "true", "false")
    texts[is.na(x)] <- "null"
    return(as.character(texts))
  }
  if (is.integer(x)) return(js_step(x))
  texts <- js_number(x)
  odd <- !is.finite(x)
  texts[odd] <- paste0("{\"$float\":", texts[odd], "}")
  texts[is.na(x) & !is.nan(x)] <- "null"
  texts
}

tagged_integers <- function(x) {
  texts <- integer64_texts(x, "null")
  long <- nchar(sub("-", "", texts, fixed = TRUE)) > 15L
  if (any(long)) {
    # As texts: 2^53 - 1 is the last that stands bare.
    size <- sub("-", "", texts[long], fixed = TRUE)
    beyond <- nchar(size) > 16L | (nchar(size) == 16L & larger(size, "9007199254740991"))
    texts[long][beyond] <- paste0("{\"$int\":\"", texts[long][beyond], "\"}")
  }
  texts
}

# Digits of the same length, compared as numbers, in two halves that doubles hold.
larger <- function(digits, limit) {
  head <- as.double(substring(digits, 1L, 8L)) - as.double(substring(limit, 1L, 8L))
  tail <- as.double(substring(digits, 9L)) - as.double(substring(limit, 9L))
  head > 0 | (head == 0 & tail > 0)
}

date_texts <- function(x) {
  at <- as.POSIXlt(x, tz = "UTC")
  texts <- sprintf("%04d-%02d-%02d", as.integer(at$year + 1900L), as.integer(at$mon + 1L), as.integer(at$mday))
  texts[is.na(x)] <- NA
  texts
}

#' Moments as tagged values: RFC 3339, with the offset of their zone.
#' @noRd
moment_texts <- function(x) {
  micro <- round(as.double(x) * 1e6)
  seconds <- floor(micro / 1e6)
  fraction <- sub("\\.?0+$", "", sprintf(".%06.0f", micro - seconds * 1e6))
  zone <- attr(x, "tzone")
  at <- as.POSIXlt(.POSIXct(seconds), tz = if (is.null(zone)) "" else zone[1L])
  offset <- as.double(.POSIXct(seconds_of(at), "UTC")) - seconds
  # Offsets of local mean time have seconds, which RFC 3339 lacks: such moments are said in UTC.
  utc <- !is.na(offset) & (offset %% 60 != 0)
  if (any(utc)) {
    at <- as.POSIXlt(.POSIXct(seconds), tz = "UTC")
    offset[] <- 0
  }
  minutes <- abs(offset) / 60
  shift <- sprintf("%s%02d:%02d", ifelse(offset < 0, "-", "+"), as.integer(minutes %/% 60), as.integer(minutes %% 60))
  shift[!is.na(offset) & offset == 0] <- "Z"
  texts <- sprintf(
    "%04d-%02d-%02dT%02d:%02d:%02d", as.integer(at$year + 1900L), as.integer(at$mon + 1L), as.integer(at$mday),
    as.integer(at$hour), as.integer(at$min), as.integer(floor(at$sec))
  )
  texts <- paste0("{\"$datetime\":\"", texts, fraction, shift, "\"}")
  texts[is.na(micro) | !is.finite(micro)] <- "null"
  texts
}

# What the clock shows, as seconds, as if it were UTC.
seconds_of <- function(at) {
  days <- as.double(as.Date(sprintf("%04d-%02d-%02d", as.integer(at$year + 1900L), as.integer(at$mon + 1L),
    as.integer(at$mday)), format = "%Y-%m-%d"))
  days * 86400 + at$hour * 3600 + at$min * 60 + floor(at$sec)
}

list_texts <- function(x, path, default, depth) {
  given <- names(x)
  x <- unclass(x)
  texts <- character(length(x))
  for (index in seq_along(x)) {
    here <- if (is.null(given)) sprintf("%s[[%d]]", path, index) else paste0(path, "$", given[index])
    texts[index] <- value_text(x[[index]], here, default, depth + 1L)
  }
  texts
}

named_text <- function(texts, given, path) {
  if (!length(texts)) return("{}")
  if (anyNA(given) || (any(given == "") && !all(given == "") )) {
    not_json(path, "has names for some of its elements only", "name all of them, or none")
  }
  if (all(given == "")) return(js_array(texts))
  if (anyDuplicated(given)) {
    not_json(path, sprintf("has the name \"%s\" twice", given[anyDuplicated(given)]), "give each name once")
  }
  if (length(given) == 1L && given %in% c("$float", "$int", "$datetime")) {
    not_json(path, sprintf("has \"%s\" alone, which the format keeps for itself", given), "name it otherwise")
  }
  js_object(stats::setNames(texts, given))
}

frame_text <- function(x, path, default, depth) {
  columns <- vapply(seq_along(x), function(index) {
    as_is(x[[index]], paste0(path, "$", names(x)[index]), default, depth + 1L)
  }, "")
  named_text(columns, names(x), path)
}

#' A value that stays an array even if it has one element.
#' @noRd
as_is <- function(x, path, default, depth) {
  class(x) <- setdiff(class(x), "AsIs")
  if (is.null(x)) return("[]")
  if (is.data.frame(x) || length(dim(x)) > 1L || !is_plain(x)) return(value_text(x, path, default, depth))
  if (inherits(x, "POSIXlt")) x <- as.POSIXct(x)
  names(x) <- NULL
  js_array(if (is.list(x)) list_texts(x, path, default, depth) else vector_texts(x))
}

#' A matrix as the array of its rows, of more dimensions in the same way.
#' @noRd
rows_text <- function(x, path, default, depth) {
  texts <- if (is.list(x)) {
    list_texts(as.vector(x), path, default, depth)
  } else {
    shape <- dim(x)
    dim(x) <- NULL
    texts <- vector_texts(x)
    dim(texts) <- shape
    texts
  }
  if (is.null(dim(texts))) dim(texts) <- dim(x)
  nested_arrays(texts)
}

nested_arrays <- function(texts) {
  if (length(dim(texts)) < 2L) return(js_array(texts))
  rows <- dim(texts)[1L]
  rest <- dim(texts)[-1L]
  flat <- matrix(texts, nrow = rows)
  js_array(vapply(seq_len(rows), function(row) nested_arrays(array(flat[row, ], rest)), ""))
}

foreign <- function(x, path, default, depth) {
  if (is.null(default)) {
    not_json(path, sprintf("is %s, which JSON does not have", kind_of(x)),
      "give its numbers or text, or say default = a function that does")
  }
  value_text(default(x), path, NULL, depth + 1L)
}

kind_of <- function(x) {
  if (isS4(x)) return(sprintf("an S4 object of class %s", class(x)[1L]))
  if (is.function(x)) return("a function")
  if (is.environment(x)) return("an environment")
  if (inherits(x, "formula")) return("a formula")
  sprintf("of type %s", typeof(x))
}

not_json <- function(path, what, instead = NULL) {
  rj_abort(path, " ", what, if (!is.null(instead)) paste0(": ", instead), ".", class = "rj_not_json")
}

needs <- function(package, why) {
  if (!requireNamespace(package, quietly = TRUE)) {
    rj_abort(
      "The package ", package, " is needed ", why, ": install.packages(\"", package, "\").",
      class = "rj_missing_package"
    )
  }
}
