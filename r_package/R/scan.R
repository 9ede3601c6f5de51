# JSON text, read strictly (SPEC 3.1). Most lines pass a pattern and go to jsonlite in blocks; what jsonlite would
# not read exactly, or what is no JSON, is read here token by token.

# One JSON object and nothing else, in bytes.
whole_object <- paste0(
  "(?(DEFINE)",
  "(?<s>\"(?:[^\"\\\\\\x00-\\x1f]++|\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*+\")",
  "(?<n>-?+(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?+(?:[eE][-+]?+[0-9]++)?+)",
  "(?<w>[ \\t\\r\\n]*+)",
  "(?<v>(?&s)|(?&n)|(?&o)|(?&a)|true|false|null)",
  "(?<o>\\{(?&w)(?:(?&s)(?&w):(?&w)(?&v)(?&w)(?:,(?&w)(?&s)(?&w):(?&w)(?&v)(?&w))*+)?+\\})",
  "(?<a>\\[(?&w)(?:(?&v)(?&w)(?:,(?&w)(?&v)(?&w))*+)?+\\])",
  ")\\A(?&w)(?&o)(?&w)\\z"
)
# What jsonlite does not keep: digits of long integers, U+0000, halves of surrogate pairs, overflow.
inexact <- "(?<![.0-9])[0-9]{16}|\\\\u(?:0000|[dD][89a-fA-F])|[0-9][eE][-+]?[0-9]{3}"
blank <- "^[ \t\r\n]*$"
# Stands for U+0000, which R's texts can not hold; a character that Unicode keeps free of meaning.
nul_mark <- "\ufdd0"

#' Whether texts are JSON objects that jsonlite reads exactly.
#' @noRd
is_plain_json <- function(texts) {
  # A text too deep for the pattern's stack is taken as not plain, with a warning of R's that says nothing to users.
  fits <- !is_deep(texts)
  fits[fits] <- suppressWarnings(grepl(whole_object, texts[fits], perl = TRUE, useBytes = TRUE))
  fits & !grepl(inexact, texts, perl = TRUE, useBytes = TRUE) & validUTF8(texts)
}

# Whether brackets are nested deeper than the format allows: the pattern would take a time that grows with the cube.
is_deep <- function(texts) {
  many <- nchar(texts, "bytes") - nchar(gsub("[[{]", "", texts, useBytes = TRUE), "bytes") > 64L
  many[many] <- vapply(texts[many], function(text) max(cumsum(bracket_steps(text))) > 64L, NA, USE.NAMES = FALSE)
  many
}

# 1 for each bracket that opens and -1 for each that closes, texts left out.
bracket_steps <- function(text) {
  bare <- gsub("\"(?:[^\"\\\\]++|\\\\.)*+\"", "", text, perl = TRUE, useBytes = TRUE)
  marks <- strsplit(gsub("[^][{}]", "", bare, useBytes = TRUE), "", useBytes = TRUE)[[1L]]
  c(0L, ifelse(marks == "{" | marks == "[", 1L, -1L))
}

token_pattern <- paste0(
  "[{}\\[\\]:,]",
  "|\"(?:[^\"\\\\\\x00-\\x1f]++|\\\\[^\\x00-\\x1f])*+\"",
  "|\"(?:[^\"\\\\\\x00-\\x1f]++|\\\\[^\\x00-\\x1f])*+\\\\?",
  "|[^ \\t\\r\\n,\\]}:\"\\[{]++"
)
number_pattern <- "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?$"
number_begins <- "^(-|-?(0|[1-9][0-9]*)(\\.[0-9]*)?((?<=[0-9])[eE][-+]?[0-9]*)?|t|tr|tru|f|fa|fal|fals|n|nu|nul)$"
escapes_pattern <- "^\"(?:[^\"\\\\]++|\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*+\"$"

#' Read one JSON value token by token.
#'
#' @return A list: `tree`; `whole`, whether the value ended; `torn`, whether the text ended inside it and is the
#'   beginning of JSON; `rest`, whether something stands behind it; `code` and `fact` of the first fault, or NULL.
#'   Integers of sixteen digits and more are texts of class `rj_int`.
#' @noRd
scan_json <- function(text) {
  tokens <- tokens_of(text)
  open_end <- !grepl("[ \t\r\n]$", text, useBytes = TRUE)
  count <- length(tokens)
  head <- substr_bytes(tokens, 1L)
  texts <- head == "\""
  closed <- texts & nchar(tokens, "bytes") > 1L & grepl("^\"(?:[^\"\\\\]++|\\\\.)*+\"$", tokens, perl = TRUE, useBytes = TRUE)
  decoded <- rep(NA_character_, count)
  state <- new.env(parent = emptyenv())
  state$fault <- NULL
  index <- 1L

  note <- function(code, fact) if (is.null(state$fault)) state$fault <- list(code = code, fact = fact)
  halt <- function(code, fact) {
    note(code, fact)
    stop(structure(class = c("rj_scan_stop", "condition"), list(message = fact, call = NULL, torn = FALSE)))
  }
  torn <- function() stop(structure(class = c("rj_scan_stop", "condition"), list(message = "", call = NULL, torn = TRUE)))

  string <- function() {
    token <- tokens[index]
    if (!closed[index]) {
      if (index == count && open_end) torn()
      halt("RJ003", "a control character stands inside a text")
    }
    index <<- index + 1L
    text_of(token, note, halt)
  }

  value <- function(depth) {
    if (index > count) torn()
    kind <- head[index]
    if (kind == "\"") return(string())
    if (kind == "{" || kind == "[") {
      if (depth > 64L) halt("RJ009", "nested more than 64 deep")
      return(if (kind == "{") object(depth) else items(depth))
    }
    scalar()
  }

  object <- function(depth) {
    index <<- index + 1L
    found <- list()
    given <- character()
    if (index <= count && head[index] == "}") {
      index <<- index + 1L
      return(stats::setNames(list(), character()))
    }
    repeat {
      if (index > count) torn()
      if (head[index] != "\"") halt("RJ003", sprintf("a name in quotes was expected, before `%s`", tokens[index]))
      name <- string()
      if (index > count) torn()
      if (head[index] != ":") halt("RJ003", sprintf("a colon was expected, before `%s`", tokens[index]))
      index <<- index + 1L
      found[length(found) + 1L] <- list(value(depth + 1L))
      given[length(given) + 1L] <- name
      if (!more("}")) break
    }
    if (anyDuplicated(given)) note("RJ007", sprintf("\"%s\" stands twice in one object", given[anyDuplicated(given)]))
    stats::setNames(found, given)
  }

  items <- function(depth) {
    index <<- index + 1L
    found <- list()
    if (index <= count && head[index] == "]") {
      index <<- index + 1L
      return(found)
    }
    repeat {
      found[length(found) + 1L] <- list(value(depth + 1L))
      if (!more("]")) return(found)
    }
  }

  more <- function(closing) {
    if (index > count) torn()
    kind <- head[index]
    if (kind != closing && kind != ",") halt("RJ003", sprintf("a comma was expected, before `%s`", tokens[index]))
    index <<- index + 1L
    if (kind == closing) return(FALSE)
    if (index <= count && head[index] == closing) halt("RJ003", sprintf("a comma stands before the closing %s", closing))
    TRUE
  }

  scalar <- function() {
    token <- tokens[index]
    ends <- index == count && open_end
    index <<- index + 1L
    if (token == "true") return(TRUE)
    if (token == "false") return(FALSE)
    if (token == "null") return(NULL)
    if (grepl(number_pattern, token, perl = TRUE, useBytes = TRUE)) {
      # At the end of a torn line, more digits may have been meant; the line is torn either way.
      return(number_of(token, note))
    }
    if (ends && grepl(number_begins, token, perl = TRUE, useBytes = TRUE)) torn()
    halt(spelling_code(token), sprintf("`%s` is not JSON", utf8(substr_bytes(token, 40L))))
  }

  result <- list(tree = NULL, whole = FALSE, torn = FALSE, rest = FALSE, deep = FALSE, other = FALSE)
  ended <- tryCatch({
    result["tree"] <- list(value(1L))
    NULL
  }, rj_scan_stop = function(stopped) stopped)
  if (is.null(ended)) {
    result$whole <- TRUE
    result$rest <- index <= count
  } else {
    result$deep <- identical(state$fault$code, "RJ009")
    shape <- shape_of(tokens, head, closed, open_end)
    result$torn <- shape == "torn"
    result$other <- shape == "other"
  }
  result$code <- state$fault$code
  result$fact <- state$fault$fact
  result
}

# Whether tokens are an object ("whole"), the beginning of one ("torn") or neither ("other") by the grammar alone,
# whatever else is wrong with them. In one loop: a line may nest deeper than the stack of calls.
shape_of <- function(tokens, head, closed, open_end) {
  count <- length(tokens)
  if (!count || head[1L] != "{") return("other")
  kinds <- rep("scalar", count)
  marks <- head %in% c("{", "}", "[", "]", ":", ",")
  kinds[marks] <- head[marks]
  texts <- head == "\""
  kinds[texts] <- "text"
  good <- marks
  good[texts] <- closed[texts] & grepl(escapes_pattern, tokens[texts], perl = TRUE, useBytes = TRUE)
  scalars <- !marks & !texts
  good[scalars] <- tokens[scalars] %in% c("true", "false", "null") |
    grepl(number_pattern, tokens[scalars], perl = TRUE, useBytes = TRUE)
  open <- character(count)
  depth <- 0L
  expected <- "value"
  for (index in seq_len(count)) {
    kind <- kinds[index]
    if (!good[index]) {
      begins <- if (kind == "text") open_text_pattern else number_begins
      allowed <- expected %in% c("value", "first") || (kind == "text" && expected %in% c("name", "first name"))
      torn <- allowed && index == count && open_end && grepl(begins, tokens[index], perl = TRUE, useBytes = TRUE)
      return(if (torn) "torn" else "other")
    }
    closes <- depth > 0L && kind == open[depth] && expected %in% c("first", "first name", "more")
    if (closes) {
      depth <- depth - 1L
      if (!depth) return(if (index == count) "whole" else "other")
      expected <- "more"
    } else if (expected %in% c("value", "first") && kind %in% c("{", "[")) {
      depth <- depth + 1L
      open[depth] <- if (kind == "{") "}" else "]"
      expected <- if (kind == "{") "first name" else "first"
    } else if (expected %in% c("value", "first") && kind %in% c("text", "scalar")) {
      expected <- "more"
    } else if (expected %in% c("name", "first name") && kind == "text") {
      expected <- "colon"
    } else if (expected == "colon" && kind == ":") {
      expected <- "value"
    } else if (expected == "more" && kind == ",") {
      expected <- if (open[depth] == "}") "name" else "value"
    } else {
      return("other")
    }
  }
  "torn"
}
# A text that breaks off; bytes that are not UTF-8 may stand in it.
open_text_pattern <- "^\"(?:[^\"\\\\\\x00-\\x1f]++|\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*+(?:\\\\(?:u[0-9a-fA-F]{0,3})?)?$"

# No token holds a line break, so that one can stand between them: cutting a text by offsets takes quadratic time.
tokens_of <- function(text) {
  pattern <- paste0("[ \t\r\n]*+(", token_pattern, ")[ \t\r\n]*+")
  parted <- gsub(pattern, "\\1\n", text, perl = TRUE, useBytes = TRUE)
  marked(strsplit(parted, "\n", fixed = TRUE, useBytes = TRUE)[[1L]])
}

substr_bytes <- function(texts, size) {
  Encoding(texts) <- "bytes"
  found <- substr(texts, 1L, size)
  Encoding(found) <- "UTF-8"
  found
}

text_of <- function(token, note, halt) {
  if (!validUTF8(token)) halt("RJ001", "bytes inside a text are not UTF-8")
  if (!grepl("\\", token, fixed = TRUE, useBytes = TRUE)) {
    return(marked(substr_bytes(substring_bytes(token, 2L), nchar(token, "bytes") - 2L)))
  }
  if (!grepl(escapes_pattern, token, perl = TRUE, useBytes = TRUE)) halt("RJ003", "a text holds an escape that JSON does not have")
  bare <- gsub("\\\\[^u]", "", token, perl = TRUE, useBytes = TRUE)
  paired <- gsub("\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}", "", bare, perl = TRUE, useBytes = TRUE)
  if (grepl("\\\\u[dD][89a-fA-F]", paired, perl = TRUE, useBytes = TRUE)) {
    note("RJ008", "half a surrogate pair")
    return(token)
  }
  token <- gsub("(?<!\\\\)((?:\\\\\\\\)*)\\\\u0000", paste0("\\1", "\\\\ufdd0"), token, perl = TRUE, useBytes = TRUE)
  jsonlite::parse_json(marked(paste0("[", token, "]")))[[1L]]
}

substring_bytes <- function(text, from) {
  Encoding(text) <- "bytes"
  substring(text, from)
}

number_of <- function(token, note) {
  if (!grepl("[.eE]", token)) {
    digits <- nchar(sub("-", "", token, fixed = TRUE))
    if (digits > 1000L) note("RJ006", "an integer of more than 1000 digits")
    return(if (digits < 16L) as.double(token) else structure(token, class = "rj_int"))
  }
  found <- as_doubles(token)
  if (is.infinite(found)) note("RJ006", sprintf("%s does not fit a double (largest 1.8e308)", token))
  found
}

spelling_code <- function(token) {
  if (grepl("^[-+]?(nan(\\(.*\\)?)?|inf(inity)?|1\\.#(qnan|ind|snan|inf)[0-9]*)$", token, ignore.case = TRUE, useBytes = TRUE)) {
    return("RJ005")
  }
  "RJ003"
}

#' An integer of any length: a double where that holds it, else its digits, as a text of class `rj_int`.
#' @noRd
whole_number <- function(digits) {
  digits <- sub("^-0$", "0", digits)
  size <- sub("-", "", digits, fixed = TRUE)
  if (nchar(size) < 16L || (nchar(size) == 16L && !larger(size, "9007199254740991"))) return(as_doubles(digits))
  structure(digits, class = "rj_int")
}

#' Whether an object begins on a line and ends on it, whatever stands inside or behind it (SPEC 3.2).
#' @noRd
is_whole <- function(line) {
  if (!grepl("^[ \t\r]*\\{", line, useBytes = TRUE)) return(FALSE)
  steps <- bracket_steps(line)
  any(cumsum(steps) <= 0L & steps < 0L)
}
