# From the bytes of a run file to its fold (SPEC section 3).

# So many lines are parsed at a time.
block_lines <- 20000L

#' The fold of a run file, or of the one in a folder.
#' @noRd
read_fold <- function(path, lenient = FALSE) {
  file <- run_file(path)
  decode_bytes(readBin(file, "raw", file.size(file)), basename(file), lenient)
}

run_file <- function(path) {
  if (!is.character(path) || length(path) != 1L || is.na(path)) {
    rj_abort("A path is one text: that of a run file, or of its folder.", class = "rj_file")
  }
  path <- path.expand(path)
  if (!dir.exists(path)) {
    if (!file.exists(path)) rj_abort(path, " is not there.", class = "rj_file")
    return(path)
  }
  for (name in c("run.json", "run.jsonl")) {
    if (file.exists(file.path(path, name))) return(file.path(path, name))
  }
  rj_abort(path, " holds neither a run.json nor a run.jsonl.", class = "rj_file")
}

#' The fold of a run file's bytes.
#' @param name of the file, which may say that it is a stream.
#' @noRd
decode_bytes <- function(bytes, name, lenient = FALSE) with_decimal_point(decode(bytes, name, lenient))

decode <- function(bytes, name, lenient) {
  if (length(bytes) > 2L && all(bytes[1:3] == as.raw(c(0xef, 0xbb, 0xbf)))) bytes <- bytes[-(1:3)]
  if (length(bytes) > 1L && (all(bytes[1:2] == as.raw(c(0xff, 0xfe))) || all(bytes[1:2] == as.raw(c(0xfe, 0xff))) ||
    (bytes[2L] == 0 && bytes[1L] != 0))) {
    refuse("RJ001", character(), "the file is UTF-16, not UTF-8")
  }
  if (any(bytes == 0)) refuse("RJ003", character(), "the file holds bytes of zero")
  text <- rawToChar(bytes)
  lines <- strsplit(text, "\n", fixed = TRUE, useBytes = TRUE)[[1L]]
  # A carriage return before a line break belongs to the end of the line, behind a torn one too.
  ended <- seq_len(max(0L, length(lines) - !endsWith_bytes(bytes, 10L)))
  lines[ended] <- sub("\r$", "", lines[ended], useBytes = TRUE)
  said <- which(!grepl(blank, lines, useBytes = TRUE))
  state <- new_fold(lenient)
  if (!length(said)) refuse("RJ014", character(), "the file holds no record")
  if (is_stream(text, lines, said, name)) {
    fold_lines(state, marked(lines), said)
  } else {
    fold_document(state, text)
  }
  if (!state$records) refuse("RJ014", character(), "the file holds no record")
  state
}

endsWith_bytes <- function(bytes, last) length(bytes) > 0L && bytes[length(bytes)] == as.raw(last)

is_stream <- function(text, lines, said, name) {
  named <- grepl("\\.(jsonl|ndjson)$", name, ignore.case = TRUE)
  if (is_whole(lines[said[1L]])) return(named || length(said) > 1L)
  if (!named) return(FALSE)
  if (is_plain_json(text)) return(FALSE)
  # A torn first line of a long stream is told from a document that begins so without reading all of it.
  for (size in unique(c(2^(1:12), length(said)))) {
    part <- scan_json(paste(lines[said[seq_len(min(size, length(said)))]], collapse = "\n"))
    if (part$deep && !part$torn) return(part$other)
    if (!part$torn) return(!(part$whole && !part$rest && size >= length(said) && is_object(part$tree)))
    if (size >= length(said)) break
  }
  TRUE
}

fold_document <- function(state, text) {
  state$line <- 1L
  if (is_plain_json(text)) {
    fold_add(state, jsonlite::parse_json(marked(text)))
    return(invisible())
  }
  result <- scan_json(text)
  if (!is.null(result$code)) refuse(result$code, character(), result$fact)
  if (!result$whole) refuse("RJ003", character(), "the file ends inside its record")
  if (result$rest && !is_object(result$tree)) refuse("RJ003", character(), "something stands behind a value that is no record")
  if (result$rest) refuse("RJ011", character(), "something stands behind the record")
  if (!is_object(result$tree)) refuse("RJ013", character(), "a record is an object")
  fold_add(state, result$tree)
}

fold_lines <- function(state, lines, said) {
  index <- 1L
  while (index <= length(said)) {
    block <- said[index:min(index + block_lines - 1L, length(said))]
    plain <- is_plain_json(lines[block])
    odd <- which(!plain)
    from <- 1L
    for (stop in c(odd, length(block) + 1L)) {
      if (stop > from) fold_plain(state, lines, block[from:(stop - 1L)])
      from <- stop + 1L
      if (stop <= length(block)) on_line(state, block[stop], fold_odd(state, lines, block[stop]))
    }
    index <- index + length(block)
  }
}

fold_plain <- function(state, lines, at) {
  records <- jsonlite::parse_json(marked(paste0("[", paste0(lines[at], collapse = ","), "]")))
  index <- 1L
  while (index <= length(records)) {
    done <- if (index == 1L || length(records) - index > 16L) {
      fold_points_at_once(state, records[index:length(records)])
    } else {
      0L
    }
    index <- index + done
    # Of records that need a closer look there are often several; looking ahead costs more than they do.
    until <- min(length(records), index + if (done) 0L else 15L)
    while (index <= until) {
      on_line(state, at[index], fold_record(state, records[[index]]))
      index <- index + 1L
    }
  }
}

fold_record <- function(state, record) {
  if (!state$records && !state$part && is_nothing(member(record, "id"))) {
    refuse("RJ110", character(), "the first record of a stream needs an id")
  }
  fold_add(state, record)
}

# What is wrong is said with the line that it stands on.
on_line <- function(state, line, code) {
  state$line <- line
  tryCatch(code, rj_invalid = function(fault) {
    fault$line <- line
    fault$message <- paste0("line ", line, ": ", conditionMessage(fault))
    stop(fault)
  })
}

fold_odd <- function(state, lines, at) {
  result <- scan_json(lines[at])
  if (result$torn && is_whole_start(lines[at])) {
    if (goes_on(lines, at)) {
      refuse("RJ012", character(), "the record goes on over several lines; in a stream a record is one line")
    }
    advise(state, "RJ010", character(), "the line is torn and was skipped")
    return(invisible())
  }
  if (!is.null(result$code)) refuse(result$code, character(), result$fact)
  if (!result$whole || !is_object(result$tree)) {
    if (result$whole && !result$rest) refuse("RJ013", character(), "a record is an object")
    refuse("RJ003", character(), "the line is not JSON")
  }
  if (result$rest) refuse("RJ011", character(), "something stands behind the record on its line")
  fold_record(state, result$tree)
}

is_whole_start <- function(line) grepl("^[ \t\r]*\\{", line, useBytes = TRUE)

# Whether a torn line and lines behind it are one object.
goes_on <- function(lines, at) {
  size <- 1L
  while (at + size <= length(lines)) {
    result <- scan_json(paste(lines[at:(at + size)], collapse = "\n"))
    if (result$whole) return(TRUE)
    if (!result$torn) return(FALSE)
    size <- min(2L * size, max(length(lines) - at, size + 1L))
  }
  FALSE
}
