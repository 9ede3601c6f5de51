# Errors, parents, files and histograms in their settled spelling (SPEC sections 4, 6.1, 7 and 8).

settled_error <- function(state, error) {
  if (is_string(error)) return(list(message = error))
  if (!is_object(error)) wrong_type("error", "a text or an object")
  lines <- member(error, "traceback")
  if (is_array(lines) && length(lines) && all(vapply(lines, is_string, NA))) {
    lines <- vapply(lines, identity, "")
    last <- length(lines)
    open <- !endsWith(lines, "\n")
    open[last] <- FALSE
    lines[open] <- paste0(lines[open], "\n")
    error <- put_member(error, "traceback", paste(lines, collapse = ""))
  }
  found <- list()
  for (name in c("type", "message", "traceback")) {
    found[[name]] <- said_text(error, name, c("error", name))
  }
  c(found, others(state, error, c("type", "message", "traceback"), "error", 3L))
}

settled_parent <- function(state, parent) {
  if (!is_object(parent)) wrong_type("parent", "an object")
  if (is_nothing(member(parent, "id"))) refuse("RJ110", "parent", "an id is missing, that of the run which this one goes on from")
  id <- member(parent, "id")
  if (!is_string(id) || !grepl(id_pattern, id, perl = TRUE, useBytes = TRUE)) {
    refuse("RJ109", c("parent", "id"), "1 to 128 letters A to Z, digits, . _ and -, a letter or digit first")
  }
  found <- list(id = id)
  step <- member(parent, "step")
  if (!is_nothing(step)) found$step <- finite_number(step, c("parent", "step"))
  c(found, others(state, parent, c("id", "step"), "parent", 3L))
}

settled_file <- function(state, value, at) {
  if (is.null(value)) refuse("RJ112", at, "null is no file; leave the point out")
  if (is_string(value)) value <- list(path = value)
  if (!is_object(value)) refuse("RJ113", at, "a path or an object with path, data or uri was expected")
  given <- Filter(function(name) !is_nothing(member(value, name)), c("path", "data", "uri"))
  if (length(given) != 1L) refuse("RJ118", at, "exactly one of path, data and uri was expected")
  found <- list()
  for (name in c("path", "data", "uri", "media_type", "description")) {
    found[[name]] <- said_text(value, name, c(at, name))
  }
  if (!is.null(found$path)) found$path <- settled_path(found$path, c(at, "path"))
  if (!is.null(found$data)) found$data <- settled_data(found, at)
  digest <- member(value, "sha256")
  if (!is_nothing(digest)) {
    if (!is_string(digest) || !grepl("^[0-9A-Fa-f]{64}\\z", digest, perl = TRUE)) {
      refuse("RJ120", c(at, "sha256"), "64 hexadecimal digits were expected")
    }
    found$sha256 <- tolower(digest)
  }
  for (name in c("bytes", "width", "height")) {
    number <- member(value, name)
    if (is_nothing(number)) next
    if (inherits(number, "rj_int")) number <- as_number(number)
    if (!is.numeric(number) || number != trunc(number) || number < 0 || number > exact) {
      refuse(if (name == "bytes") "RJ120" else "RJ106", c(at, name), "a whole number of 0 to 2^53 - 1 was expected")
    }
    found[[name]] <- as.double(number) + 0
  }
  metadata <- member(value, "metadata")
  if (!is_nothing(metadata)) {
    if (!is_object(metadata)) wrong_type(c(at, "metadata"), "an object")
    found$metadata <- normal_entries(state, metadata, c(at, "metadata"), length(at) + 3L)
  }
  c(found, others(state, value, file_members, at, length(at) + 2L))
}

settled_path <- function(path, at) {
  wrong <- function(fact) refuse("RJ119", at, fact)
  if (startsWith(path, "data:")) wrong("a data: URL belongs in data")
  if (startsWith(path, "/")) wrong("the path is absolute")
  if (grepl("\\", path, fixed = TRUE)) wrong("the path holds a backslash")
  if (grepl("^[A-Za-z]:", path)) wrong("the path begins with a drive")
  if (grepl("[\\x00-\\x1f\\x7f]|\\xc2[\\x80-\\x9f]|\\xef\\xb7\\x90", path, perl = TRUE, useBytes = TRUE)) {
    wrong("the path holds a control character")
  }
  segments <- strsplit(paste0(sub("/$", "", path), "/."), "/", fixed = TRUE)[[1L]]
  segments <- segments[-length(segments)]
  if (!nzchar(path) || any(segments == "")) wrong("the path has an empty segment")
  if (any(segments == "..")) wrong("the path has the segment ..")
  segments <- segments[segments != "."]
  if (!length(segments)) wrong("the path names the folder itself")
  path <- paste(segments, collapse = "/")
  if (grepl("^(data|[A-Za-z]):", path)) wrong("the path begins with a drive or data: once its segments . are dropped")
  path
}

settled_data <- function(file, at) {
  if (is.null(file$media_type)) refuse("RJ118", at, "data needs a media_type, such as \"image/png\"")
  data <- gsub("[ \t\r\n]", "", file$data)
  if (nchar(data) %% 4L || !grepl("^[A-Za-z0-9+/]*={0,2}\\z", data, perl = TRUE)) {
    refuse("RJ121", c(at, "data"), "not base64")
  }
  data
}

settled_histogram <- function(state, value, at) {
  if (is.null(value)) refuse("RJ112", at, "null is no histogram; leave the point out")
  if (!is_object(value)) refuse("RJ113", at, "an object of edges and counts was expected")
  edges <- histogram_numbers(state, member(value, "edges"), at, "edges")
  counts <- histogram_numbers(state, member(value, "counts"), at, "counts")
  size <- length(edges)
  fault <- if (!length(counts) || size != length(counts) + 1L) {
    sprintf("%d edges and %d counts; n counts need n + 1 edges", size, length(counts))
  } else if (anyNA(edges) || any(edges[-1L] < edges[-size])) {
    "edges that fall or are NaN"
  } else if (any(is.infinite(edges[-c(1L, size)]))) {
    "an infinite edge that is neither the first nor the last"
  } else if (any(is.infinite(counts))) {
    "an infinite count"
  }
  if (!is.null(fault)) refuse("RJ122", at, fault)
  c(list(edges = edges, counts = counts), others(state, value, c("edges", "counts"), at, length(at) + 2L))
}

histogram_numbers <- function(state, given, at, name) {
  entries <- if (is_array(given)) given else list(given)
  numbers <- vapply(entries, function(entry) {
    if (is_string(entry)) entry <- spelled(state, entry, c(at, name))
    if (!is_number(entry)) refuse("RJ122", at, paste(name, "are not numbers"))
    as_number(entry) + 0
  }, 0)
  if (is.null(given)) refuse("RJ122", at, paste("the", name, "are missing"))
  numbers
}

#' The double that a text stands for among points (SPEC 5.2); NULL if it is another text.
#' @noRd
spelled <- function(state, text, at) {
  if (text %in% names(special_numbers)) return(special_numbers[[text]])
  if (!grepl("^[-+]?(nan|inf|infinity)\\z", text, ignore.case = TRUE, perl = TRUE)) return(NULL)
  value <- if (grepl("nan", text, ignore.case = TRUE)) NaN else if (startsWith(text, "-")) -Inf else Inf
  advise(state, "RJ206", at, sprintf("\"%s\" is read as %s", text, format(value)))
  value
}
