# A reader under test (schema/conformance/README.md):
#   runjson conformance --level core -- Rscript .../conformance/reader.R
# It takes the installed package, or else the sources beside it.

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L])
sources <- file.path(dirname(dirname(dirname(normalizePath(script)))), "R")
beside <- file.path(sources, "decode.R")
package <- if (file.exists(beside)) {
  found <- new.env()
  for (file in list.files(sources, "\\.R$", full.names = TRUE)) sys.source(file, found)
  found
} else {
  asNamespace("runjson")
}

name <- commandArgs(TRUE)[1L]
if (identical(name, "--sources")) quit(status = 2L)

all_of <- function(connection) {
  parts <- list()
  repeat {
    part <- readBin(connection, "raw", 2^20)
    if (!length(part)) return(unlist(parts))
    parts[[length(parts) + 1L]] <- part
  }
}
input <- file("stdin", "rb")
bytes <- all_of(input)
close(input)

finding <- function(code, severity, line) {
  texts <- c(code = package$js_text(code), severity = package$js_text(severity))
  if (length(line) && !is.na(line)) texts[["line"]] <- package$js_number(line)
  package$js_object(texts)
}

answer <- tryCatch({
  state <- package$decode_bytes(if (is.null(bytes)) raw() else bytes, name)
  # Of a document, the line of a warning is not known.
  lines <- if (grepl("jsonl$|ndjson$", name)) function(one) one$line else function(one) NA
  warnings <- vapply(state$warnings, function(one) finding(one$code, "warning", lines(one)), "")
  c(valid = "true", findings = package$js_array(warnings), canonical = package$js_text(package$canonical_text(state)))
}, rj_invalid = function(fault) {
  c(valid = "false", findings = package$js_array(finding(fault$code, "error", fault$line)))
})

output <- file("/dev/stdout", "wb", raw = TRUE)
writeBin(charToRaw(package$js_object(answer)), output)
close(output)
quit(status = if (answer[["valid"]] == "true") 0L else 1L)
