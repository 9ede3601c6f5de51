# The canonical form of a fold (SPEC section 10): equal folds have equal bytes.

#' The canonical form of a fold as JSON text.
#' @noRd
canonical_text <- function(state) {
  texts <- vapply(state$members, tree_text, "")
  if (!is.null(state$minor)) texts[["runjson"]] <- js_text(paste0("1.", state$minor))
  set <- vapply(state$tags, identity, NA)
  for (name in c("tags", "untags")) {
    tags <- sorted_names(names(state$tags)[set == (name == "tags")])
    if (length(tags)) texts[[name]] <- js_array(marked_text(tags))
  }
  if (length(state$parameters)) texts[["parameters"]] <- tree_text(state$parameters)
  for (name in names(state$maps)) {
    if (length(state$maps[[name]])) texts[[name]] <- object_text(state$maps[[name]])
  }
  for (kind in kinds) {
    entries <- vapply(state$order[[kind]], function(name) {
      columns_text(kind, state$columns[[kind]][[name]])
    }, "")
    if (length(entries)) texts[[kind]] <- members_text(stats::setNames(entries, state$order[[kind]]))
  }
  members_text(texts)
}

#' Columns of points with their notes.
#' @noRd
columns_text <- function(kind, column) {
  points <- joined(column)
  texts <- vapply(column$notes, tree_text, "")
  texts[["values"]] <- js_array(value_texts(kind, points$values))
  if (any(!is.na(points$steps))) texts[["steps"]] <- js_array(js_step(points$steps))
  if (any(!is.na(points$times))) texts[["times"]] <- js_array(js_step(points$times))
  members_text(texts)
}

value_texts <- function(kind, values) {
  switch(kind,
    series = js_number(values),
    text = marked_text(as.character(values)),
    images = vapply(values, object_text, ""),
    histograms = vapply(values, histogram_text, "")
  )
}

histogram_text <- function(histogram) {
  texts <- vapply(histogram[!names(histogram) %in% c("edges", "counts")], tree_text, "")
  texts[["edges"]] <- js_array(js_number(histogram$edges))
  texts[["counts"]] <- js_array(js_number(histogram$counts))
  members_text(texts)
}

#' A normal value as canonical JSON.
#' @noRd
tree_text <- function(value) {
  if (is.null(value)) return("null")
  if (inherits(value, "rj_int")) return(paste0("{\"$int\":\"", unclass(value), "\"}"))
  if (inherits(value, "rj_moment")) return(paste0("{\"$datetime\":", js_text(unclass(value)), "}"))
  if (is.list(value)) {
    # A loop, and nothing that is called with it: each call within a call takes some of R's stack, at each level.
    texts <- character(length(value))
    for (index in seq_along(value)) texts[index] <- tree_text(value[[index]])
    names(texts) <- names(value)
    return(if (is_object(value)) members_text(texts) else js_array(texts))
  }
  if (is.character(value)) return(marked_text(value))
  if (is.logical(value)) return(if (value) "true" else "false")
  text <- js_number(value)
  if (is.finite(value)) text else paste0("{\"$float\":", text, "}")
}

object_text <- function(object) members_text(vapply(object, tree_text, ""))

#' JSON texts by name as an object, sorted as RFC 8785 does.
#' @noRd
members_text <- function(texts) {
  if (!length(texts)) return("{}")
  texts <- texts[name_order(names(texts))]
  marked(paste0("{", paste0(marked_text(names(texts)), ":", texts, collapse = ","), "}"))
}

# Texts that were read, in which a mark stands for U+0000.
marked_text <- function(texts) {
  found <- js_text(texts)
  if (any(grepl(nul_mark, found, fixed = TRUE, useBytes = TRUE))) {
    found <- marked(gsub(nul_mark, "\\u0000", found, fixed = TRUE, useBytes = TRUE))
  }
  found
}

#' The order of names by their UTF-16 code units.
#' @noRd
name_order <- function(names) {
  if (!length(names)) return(integer())
  if (!any(grepl("[^\\x01-\\x7e]", names, perl = TRUE, useBytes = TRUE))) return(order(names, method = "radix"))
  units <- iconv(names, "UTF-8", "UTF-16BE", toRaw = TRUE)
  keys <- vapply(units, function(unit) {
    pairs <- matrix(as.character(unit), nrow = 2L)
    codes <- paste0(pairs[1L, ], pairs[2L, ])
    # The mark of U+0000 counts as what it stands for.
    paste(ifelse(codes == "fdd0", "0000", codes), collapse = "")
  }, "")
  order(keys, method = "radix")
}

sorted_names <- function(names) names[name_order(names)]

#' The canonical form of a run file
#'
#' Two run files that say the same have the same canonical form: members sorted, numbers in their shortest digits,
#' each series as columns (SPEC section 10). Its SHA-256 is the digest of the run.
#'
#' @param path Of a run file, or of a folder that holds a `run.json` or a `run.jsonl`.
#' @param digest Whether its SHA-256 is wanted instead, in hexadecimal; it needs the package digest or openssl.
#' @return A text.
#' @export
#' @examples
#' path <- tempfile(fileext = ".json")
#' writeLines('{"runjson": "1.0", "series": {"loss": [0.90, 0.5]}}', path)
#' rj_canonical(path)
rj_canonical <- function(path, digest = FALSE) {
  text <- canonical_text(read_fold(path))
  if (!digest) return(text)
  if (requireNamespace("digest", quietly = TRUE)) return(digest::digest(text, "sha256", serialize = FALSE))
  needs("openssl", "for digests, or the package digest")
  as.character(openssl::sha256(charToRaw(text)))
}
