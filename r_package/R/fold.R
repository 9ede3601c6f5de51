# The fold: what a sequence of records says together (SPEC section 8).
#
# A record comes as a tree: objects are named lists, arrays unnamed ones, integers that no double holds are texts
# of class `rj_int`. The state is an environment; points are kept in parts and joined when somebody asks.

kinds <- c("series", "text", "images", "histograms")
maps <- c("properties", "source", "environment")
identity_members <- c("project", "id", "writer")
text_members <- c("name", "description", "group")
column_notes <- c("unit", "goal", "description", "media_type", "x")
known_members <- c(
  "runjson", identity_members, text_members, "status", "started_at", "ended_at", "error", "parent", "tags", "untags",
  "parameters", maps, "artifacts", kinds, "step", "time", "$schema"
)
file_members <- c("path", "data", "uri", "media_type", "sha256", "bytes", "description", "width", "height", "metadata")
goals <- c("minimize", "maximize")
statuses <- c("running", "succeeded", "failed", "aborted")
id_pattern <- "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\\z"
# The writer of what people changed in a tracker (SPEC 9.3).
edits <- "~"

#' An empty fold.
#' @param lenient whether an unknown member that is no extension is a warning (SPEC 11).
#' @param part whether the records are a later part of a stream, of whose first nothing is asked.
#' @noRd
new_fold <- function(lenient = FALSE, part = FALSE) {
  state <- new.env(parent = emptyenv())
  state$records <- 0L
  state$minor <- NULL
  state$members <- list()
  state$parameters <- list()
  state$maps <- stats::setNames(rep(list(list()), 4L), c(maps, "artifacts"))
  state$tags <- list()
  state$columns <- stats::setNames(lapply(kinds, function(kind) new.env(parent = emptyenv())), kinds)
  state$order <- stats::setNames(rep(list(character()), 4L), kinds)
  state$names <- new.env(parent = emptyenv())
  state$lenient <- lenient
  state$part <- part
  state$warnings <- list()
  state$line <- NA_integer_
  state
}

refuse <- function(code, at, fact) {
  stop(structure(
    class = c("rj_invalid", "rj_error", "error", "condition"),
    list(message = paste0(code, if (length(at)) paste0(" at ", paste(at, collapse = "/")), ": ", fact), call = NULL,
      code = code, at = at)
  ))
}

advise <- function(state, code, at, fact) {
  state$warnings[[length(state$warnings) + 1L]] <- list(
    code = code, line = state$line, message = paste0(paste(at, collapse = "/"), if (length(at)) ": ", fact)
  )
}

is_object <- function(value) is.list(value) && !is.null(names(value))
is_array <- function(value) is.list(value) && is.null(names(value))
is_nothing <- function(value) is.null(value) || (is.list(value) && !length(value))
is_string <- function(value) is.character(value) && !inherits(value, "rj_int")
is_number <- function(value) is.numeric(value) || inherits(value, "rj_int")

#' A member of an object; NULL if it is not there. Names may be empty, which `[[` does not find.
#' @noRd
member <- function(object, name) {
  at <- match(name, names(object))
  if (is.na(at)) NULL else .subset2(object, at)
}

put_member <- function(object, name, value) {
  at <- match(name, names(object))
  if (is.na(at)) {
    at <- length(object) + 1L
    given <- c(names(object), name)
    object[at] <- list(value)
    names(object) <- given
  } else {
    object[at] <- list(value)
  }
  object
}

#' Add a record behind those added.
#' @noRd
fold_add <- function(state, record) {
  if (!is_object(record)) refuse("RJ013", character(), "a record is an object")
  given <- names(record)
  check_twice(record)
  first <- state$records == 0L
  if (first || any(c("runjson", identity_members) %in% given)) fold_identity(state, record, first)
  state$records <- state$records + 1L
  for (name in text_members) {
    value <- said_text(record, name, name)
    if (!is.null(value)) state$members[[name]] <- value
  }
  said_text(record, "$schema", "$schema")
  fold_status(state, record)
  fold_tags(state, record)
  fold_maps(state, record)
  step <- record_number(record, "step")
  time <- record_number(record, "time")
  if (!is.null(time)) check_times(state, time, "time")
  fold_unknown(state, record, !is.null(step) || !is.null(time))
  for (kind in kinds) {
    entries <- member(record, kind)
    if (is_nothing(entries)) next
    if (!is_object(entries)) refuse("RJ106", kind, "an object was expected")
    for (at in seq_along(entries)) {
      fold_points(state, kind, names(entries)[at], entries[[at]], step, time)
    }
  }
  invisible(state)
}

# jsonlite keeps both members of one name.
check_twice <- function(tree) {
  given <- names(tree)
  if (anyDuplicated(given)) {
    refuse("RJ007", character(), sprintf("\"%s\" stands twice in one object", given[anyDuplicated(given)]))
  }
  for (entry in tree[vapply(tree, is.list, NA)]) check_twice(entry)
}

wrong_type <- function(at, expected) refuse("RJ106", at, paste(expected, "was expected"))

said_text <- function(object, name, at) {
  value <- member(object, name)
  if (is_nothing(value)) return(NULL)
  if (!is_string(value)) wrong_type(at, "a text")
  value
}

record_number <- function(record, name) {
  value <- member(record, name)
  if (is_nothing(value)) return(NULL)
  finite_number(value, name)
}

finite_number <- function(value, at) {
  if (is_number(value)) {
    value <- as_number(value)
    if (is.finite(value)) return(value + 0)
    refuse("RJ006", at, "a number does not fit a double (largest 1.8e308)")
  }
  refuse("RJ114", at, "a finite number was expected")
}

as_number <- function(value) if (inherits(value, "rj_int")) as_doubles(unclass(value)) else as.double(value)

# -- members ------------------------------------------------------------------------------------------------

fold_identity <- function(state, record, first) {
  version <- member(record, "runjson")
  if (is_nothing(version)) version <- NULL else if (!is_string(version)) refuse("RJ102", "runjson", "a text was expected")
  if (!is.null(version)) {
    fold_version(state, version)
  } else if (first && !state$part) {
    refuse("RJ101", character(), "the first record lacks runjson; begin with {\"runjson\": \"1.0\", ...}")
  }
  for (name in identity_members) {
    value <- said_text(record, name, name)
    if (is.null(value)) next
    if (name == "project") {
      check_name(state, value, name)
    } else if (!grepl(id_pattern, value, perl = TRUE, useBytes = TRUE) && !(name == "writer" && value == edits)) {
      refuse("RJ109", name, "1 to 128 letters A to Z, digits, . _ and -, a letter or digit first")
    }
    if (first) {
      state$members[[name]] <- value
    } else if (!identical(state$members[[name]], value)) {
      refuse("RJ111", name, "was not said so in the first record")
    }
  }
  if (first && !state$part && "writer" %in% names(state$members) && !"id" %in% names(state$members)) {
    refuse("RJ110", character(), "a record that gives a writer needs an id")
  }
}

fold_version <- function(state, version) {
  if (!grepl("^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\z", version, perl = TRUE)) {
    refuse("RJ102", "runjson", "a version such as \"1.0\" was expected")
  }
  numbers <- strsplit(version, ".", fixed = TRUE)[[1L]]
  if (numbers[1L] != "1") refuse("RJ103", "runjson", sprintf("%s is another major version than 1", version))
  if (is.null(state$minor) || later_minor(numbers[2L], state$minor)) {
    state$minor <- numbers[2L]
    if (numbers[2L] != "0") advise(state, "RJ104", "runjson", sprintf("%s is newer than 1.0", version))
  }
}

# Whether a number without leading zeros is greater than another; both are texts of any length.
later_minor <- function(one, other) nchar(one) > nchar(other) || (nchar(one) == nchar(other) && one > other)

fold_status <- function(state, record) {
  status <- said_text(record, "status", "status")
  if (!is.null(status)) {
    if (!status %in% statuses) refuse("RJ107", "status", paste("one of", paste(statuses, collapse = ", ")))
    state$members$status <- status
  }
  for (name in c("started_at", "ended_at")) {
    value <- said_text(record, name, name)
    if (!is.null(value)) state$members[[name]] <- time_text(value, name)
  }
  error <- member(record, "error")
  if (!is_nothing(error)) {
    settled <- settled_error(state, error)
    if (length(settled)) state$members$error <- settled
  }
  parent <- member(record, "parent")
  if (!is_nothing(parent)) state$members$parent <- settled_parent(state, parent)
}

fold_tags <- function(state, record) {
  for (name in c("untags", "tags")) {
    given <- member(record, name)
    if (is_nothing(given)) next
    if (is_object(given)) wrong_type(name, "an array of texts")
    for (tag in if (is.list(given)) given else list(given)) {
      if (!is_string(tag) || !nzchar(tag)) wrong_type(name, "a text that is not empty")
      state$tags[[tag]] <- name == "tags"
    }
  }
}

fold_maps <- function(state, record) {
  parameters <- member(record, "parameters")
  if (!is_nothing(parameters)) {
    if (!is_object(parameters)) wrong_type("parameters", "an object")
    state$parameters <- write_once(state$parameters, normal_entries(state, parameters, "parameters", 3L), "parameters")
  }
  for (name in c(maps, "artifacts")) {
    entries <- member(record, name)
    if (is_nothing(entries)) next
    if (!is_object(entries)) wrong_type(name, "an object")
    for (index in seq_along(entries)) {
      given <- names(entries)[index]
      at <- c(name, given)
      check_name(state, given, at)
      value <- entries[[index]]
      if (is.null(value)) {
        state$maps[[name]] <- put_member(state$maps[[name]], given, NULL)
      } else if (name != "artifacts") {
        state$maps[[name]] <- put_member(state$maps[[name]], given, normal_value(state, value, at, 3L))
      } else if (!is_nothing(value)) {
        state$maps[[name]] <- put_member(state$maps[[name]], given, settled_file(state, value, at))
      }
    }
  }
}

fold_unknown <- function(state, record, stepped) {
  for (index in which(!names(record) %in% known_members)) {
    name <- names(record)[index]
    value <- record[[index]]
    if (is.null(value)) next
    keep_unknown(state, name, value, heavy = holds_much(value))
    state$members <- put_member(state$members, name, normal_value(state, value, name, 2L))
  }
}

# Whether an unknown member of a record holds a number or an object, which even lenient readers refuse.
holds_much <- function(value) {
  if (is_number(value) || is_object(value)) return(TRUE)
  is.list(value) && any(vapply(value, holds_much, NA))
}

keep_unknown <- function(state, at, value, heavy = FALSE) {
  name <- at[length(at)]
  if (grepl(":", name, fixed = TRUE)) return(invisible())
  newer <- !is.null(state$minor) && state$minor != "0"
  fact <- "is no member that the format knows"
  if (!newer && (!state$lenient || heavy)) refuse("RJ105", at, fact)
  advise(state, "RJ105", at, fact)
}

#' The members of an object that its section does not name, as values.
#' @noRd
others <- function(state, object, known, at, depth) {
  kept <- list()
  for (index in which(!names(object) %in% known)) {
    name <- names(object)[index]
    value <- object[[index]]
    if (is.null(value)) next
    keep_unknown(state, c(at, name), value)
    kept <- put_member(kept, name, normal_value(state, value, c(at, name), depth))
  }
  kept
}

check_name <- function(state, name, at) {
  if (nzchar(name) && !is.null(state$names[[name]])) return(invisible())
  if (!nzchar(name)) refuse("RJ108", at, "the name is empty")
  if (nchar(name, "bytes") > 1024L) refuse("RJ108", at, "the name is longer than 1024 bytes")
  if (grepl("[\\x00-\\x1f\\x7f]|\\xc2[\\x80-\\x9f]|\\xef\\xb7\\x90", name, perl = TRUE, useBytes = TRUE)) {
    refuse("RJ108", at, "the name holds a control character")
  }
  if (grepl("^/|/$|//|(^|/)\\.\\.?(/|$)", name, useBytes = TRUE)) {
    refuse("RJ108", at, "the name has an empty part, or one that is . or ..")
  }
  state$names[[name]] <- TRUE
}

write_once <- function(namespace, new, at) {
  for (index in seq_along(new)) {
    name <- names(new)[index]
    value <- new[[index]]
    here <- c(at, name)
    place <- match(name, names(namespace))
    if (is.na(place)) {
      namespace <- put_member(namespace, name, value)
      next
    }
    old <- namespace[[place]]
    if (is_object(old) && is_object(value)) {
      merged <- write_once(old, value, here)
      namespace[place] <- list(if (length(merged)) merged else old)
    } else if (is_object(old) || is_object(value)) {
      refuse("RJ203", here, "a parameter is a value or a namespace, not both")
    } else if (!equal_values(old, value)) {
      refuse("RJ202", here, "a parameter was given another value; a number that changes is a series")
    }
  }
  namespace
}

# -- values -------------------------------------------------------------------------------------------------

normal_entries <- function(state, object, at, depth) {
  for (index in seq_along(object)) {
    object[index] <- list(normal_value(state, object[[index]], c(at, names(object)[index]), depth))
  }
  object
}

#' A value with its tags resolved (SPEC 5.2): NULL, logical, text, double, `rj_int` beyond 2^53 - 1, `rj_moment`, list.
#' @noRd
normal_value <- function(state, value, at, depth) {
  if (is.numeric(value)) return(normal_number(state, as.double(value), at))
  if (inherits(value, "rj_int")) return(whole_number(unclass(value)))
  if (!is.list(value)) return(value)
  if (depth > 64L) refuse("RJ009", at, "nested more than 64 deep")
  if (length(value) == 1L && is_object(value) && names(value) %in% c("$float", "$int", "$datetime")) {
    return(untagged(names(value), value[[1L]], at))
  }
  if (is_array(value)) {
    for (index in seq_along(value)) value[index] <- list(normal_value(state, value[[index]], at, depth + 1L))
    return(value)
  }
  normal_entries(state, value, at, depth + 1L)
}

normal_number <- function(state, value, at) {
  size <- abs(value)
  # Integers of sixteen digits come as texts: this one was printed as a double.
  if (size > 9e15 && size < 1e21 && size == trunc(size) && nchar(sub("0+$", "", sub("e.*$", "", sprintf("%.16e", size)))) > 6L) {
    advise(state, "RJ207", at, "has lost digits if it was an integer; write {\"$int\": \"...\"}")
  }
  if (size <= exact || size >= 1e21) return(value + 0)
  structure(sprintf("%.0f", value), class = "rj_int")
}

untagged <- function(tag, text, at) {
  wrong <- function(expected) refuse("RJ116", at, paste(tag, "holds", expected))
  if (!is_string(text)) wrong("a text")
  if (tag == "$float") {
    if (!text %in% names(special_numbers)) wrong("one of the texts \"NaN\", \"Infinity\" and \"-Infinity\"")
    return(special_numbers[[text]])
  }
  if (tag == "$int") {
    if (!grepl("^-?(0|[1-9][0-9]{0,999})\\z", text, perl = TRUE)) wrong("a text of digits, at most 1000")
    return(whole_number(text))
  }
  moment <- normal_time(text)
  if (is.null(moment)) wrong("a time text such as \"2026-11-21T03:13:41Z\"")
  structure(moment, class = "rj_moment")
}

special_numbers <- list(`NaN` = NaN, Infinity = Inf, `-Infinity` = -Inf)

#' Whether two normal values are equal (SPEC 5.2).
#' @noRd
equal_values <- function(one, other) {
  if (is_number(one) && is_number(other)) return(same_number(one, other))
  if (is.list(one) && is.list(other)) {
    if (length(one) != length(other) || is_object(one) != is_object(other)) return(FALSE)
    if (is_object(one)) {
      place <- match(names(one), names(other))
      if (anyNA(place)) return(FALSE)
      other <- other[place]
    }
    return(all(vapply(seq_along(one), function(index) equal_values(one[[index]], other[[index]]), NA)))
  }
  identical(one, other)
}

same_number <- function(one, other) {
  if (is.numeric(one) && is.numeric(other)) return((is.nan(one) && is.nan(other)) || isTRUE(one == other))
  digits <- function(value) {
    if (inherits(value, "rj_int")) return(unclass(value))
    if (is.finite(value) && value == trunc(value)) sprintf("%.0f", value) else "none"
  }
  digits(one) == digits(other)
}

time_pattern <- "^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(\\.[0-9]+)?(?:([Zz])|([+-])([0-9]{2}):?([0-9]{2}))\\z"

#' A time text in its normal spelling (SPEC 5.5); NULL if it is no moment.
#' @noRd
normal_time <- function(text) {
  parts <- regmatches(text, regexec(time_pattern, text, perl = TRUE))[[1L]]
  if (!length(parts)) return(NULL)
  clock <- as.integer(strsplit(parts[3L], ":", fixed = TRUE)[[1L]])
  shift <- as.integer(c(parts[7L], parts[8L]))
  shift[is.na(shift)] <- 0L
  if (clock[1L] > 23L || clock[2L] > 59L || clock[3L] > 60L || any(shift > c(23L, 59L))) return(NULL)
  date <- as.integer(strsplit(parts[2L], "-", fixed = TRUE)[[1L]])
  if (date[1L] < 1L || date[2L] < 1L || date[2L] > 12L || date[3L] < 1L || date[3L] > days_in(date[1L], date[2L])) return(NULL)
  zone <- if (nzchar(parts[5L])) "Z" else paste0(parts[6L], parts[7L], ":", parts[8L])
  paste0(parts[2L], "T", parts[3L], parts[4L], zone)
}

days_in <- function(year, month) {
  leap <- (year %% 4L == 0L && year %% 100L != 0L) || year %% 400L == 0L
  c(31L, if (leap) 29L else 28L, 31L, 30L, 31L, 30L, 31L, 31L, 30L, 31L, 30L, 31L)[month]
}

time_text <- function(text, at) {
  moment <- normal_time(text)
  if (is.null(moment)) refuse("RJ117", at, "a time text such as \"2026-11-21T03:13:41Z\" was expected")
  moment
}
