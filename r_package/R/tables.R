# Tables as CSV (RFC 4180, UTF-8, lines that end with LF), with what CONVENTIONS says about a table.

portion <- 10000L

#' Keep a table with a run, as CSV
#'
#' The table becomes an artifact. What is missing is an empty cell; NaN is `NaN`, infinities are
#' `Infinity` and `-Infinity`, logical values `true` and `false`, dates and times as in ISO 8601
#' with the offset of their zone, factors their labels, durations seconds. Row names that are no
#' numbers become the first column, `rowname`.
#'
#' What goes wrong is one warning, and the program goes on.
#'
#' @inheritParams rj_log_artifact
#' @param name Of the artifact.
#' @param table A data frame, matrix, table, or a list of columns of one length.
#' @param columns Which columns are kept, in this order; all by default.
#' @return The run, invisibly.
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' rj_log_table(run, "cars", head(mtcars))
#' rj_finish(run)
#' @export
rj_log_table <- function(run = rj_current(), name, table, columns = NULL) {
  state <- state_of(run)
  guarded(state, "table", {
    if (!state$disabled) log_table(state, name, table, columns)
  })
  invisible(run)
}

log_table <- function(state, name, table, columns) {
  name <- name_of(state, name)
  columns <- table_columns(table, columns)
  kept <- place_new(files_of(state)$artifacts, name, function(place) write_table(place, columns),
    ".csv")
  file <- file_text(
    path = js_text(relative_path(state, kept)), media_type = js_text("text/csv"),
    bytes = js_number(file.size(kept)), sha256 = quoted_or_null(sha256_of(kept))
  )
  described <- vapply(seq_along(columns), function(index) {
    js_object(c(
      name = js_text(names(columns)[index]), type = js_text(column_type(columns[[index]])),
      unit = if (inherits(columns[[index]], "difftime")) js_text("s")
    ))
  }, "")
  metadata <- js_object(c(
    kind = js_text("table"), rows = js_number(NROW(columns[[1]])), columns = js_array(described)
  ))
  file <- paste0(substring(file, 1L, nchar(file) - 1L), ",\"metadata\":", metadata, "}")
  say(state, c(artifacts = js_object(stats::setNames(file, name))))
}

#' The columns of a table, by name
#' @noRd
table_columns <- function(table, columns) {
  if (is.matrix(table)) {
    labels <- if (is.null(colnames(table))) paste0("V", seq_len(ncol(table))) else colnames(table)
    found <- stats::setNames(lapply(seq_len(ncol(table)), function(at) as.vector(table[, at])),
      labels)
    rows <- rownames(table)
  } else if (inherits(table, "table")) {
    return(table_columns(as.data.frame(table, stringsAsFactors = FALSE), columns))
  } else if (is.list(table) && (is.data.frame(table) || !is.object(table))) {
    found <- flat_columns(table)
    rows <- if (is.data.frame(table)) attr(table, "row.names")
  } else {
    rj_abort(class(table)[1],
      " is no table: a table is a data frame, a matrix, or a list of columns.")
  }
  if (is.character(rows) && !"rowname" %in% names(found)) found <- c(list(rowname = rows), found)
  if (!is.null(columns)) {
    missing <- setdiff(columns, names(found))
    if (length(missing)) {
      rj_abort("the table has no column \"", missing[1], "\"; it has ",
        paste(names(found), collapse = ", "), ".")
    }
    found <- found[columns]
  }
  if (!length(found)) rj_abort("the table has no columns.")
  if (is.null(names(found)) || anyNA(names(found))) {
    rj_abort("the columns of the table have no names.")
  }
  lengths <- vapply(found, NROW, 0L)
  if (length(unique(lengths)) > 1L) rj_abort("the columns of the table are of unequal length.")
  found
}

# A column of a data frame may be a matrix or a data frame itself.
flat_columns <- function(table) {
  found <- lapply(seq_along(table), function(at) {
    column <- table[[at]]
    label <- names(table)[at]
    if (is.data.frame(column) || is.matrix(column)) {
      inner <- if (is.data.frame(column)) flat_columns(column) else {
        labels <- if (is.null(colnames(column))) seq_len(ncol(column)) else colnames(column)
        stats::setNames(lapply(seq_len(ncol(column)), function(at) as.vector(column[, at])), labels)
      }
      return(stats::setNames(inner, paste0(label, ".", names(inner))))
    }
    stats::setNames(list(column), label)
  })
  do.call(c, c(found, list(NULL)))
}

column_type <- function(column) {
  if (is.factor(column) || is.character(column) || is.list(column) &&
      !inherits(column, "POSIXlt")) {
    return("string")
  }
  if (inherits(column, c("Date", "POSIXt"))) return("datetime")
  if (is.logical(column)) return("boolean")
  if (inherits(column, "difftime")) return("number")
  if (is.integer(column) || inherits(column, "integer64")) return("integer")
  if (is.numeric(column)) "number" else "string"
}

#' Write a table to a new CSV file, some rows at a time
#' @noRd
write_table <- function(path, columns) {
  connection <- file(path, "wb")
  written <- 0
  tryCatch({
    write_lines <- function(cells) {
      # One empty cell alone would be an empty line, which readers pass over.
      if (length(cells) == 1L) cells[[1]][cells[[1]] == ""] <- "\"\""
      lines <- do.call(paste, c(unname(cells), sep = ","))
      bytes <- charToRaw(paste0(paste(lines, collapse = "\n"), "\n"))
      written <<- written + length(bytes)
      writeBin(bytes, connection)
    }
    write_lines(as.list(csv_quoted(names(columns))))
    rows <- NROW(columns[[1]])
    for (start in seq_len(ceiling(rows / portion)) * portion - portion) {
      here <- seq.int(start + 1, min(rows, start + portion))
      write_lines(lapply(columns, function(column) csv_cells(column[here])))
    }
  }, finally = close(connection))
  if (!identical(file.size(path), as.numeric(written))) {
    rj_abort("the table could not be written whole: the disk may be full.")
  }
}

#' Cells as CSV has them
#' @noRd
csv_cells <- function(column) {
  missing <- if (is.list(column) && !inherits(column, "POSIXlt")) {
    vapply(column, is.null, NA)
  } else {
    is.na(column) & !(is.double(column) & !is.object(column) & is.nan(unclass(column)))
  }
  texts <- cell_texts(column)
  texts[missing] <- ""
  texts
}

cell_texts <- function(column) {
  if (is.factor(column)) return(csv_quoted(as.character(column)))
  if (is.list(column) && !inherits(column, "POSIXlt")) {
    return(csv_quoted(vapply(column, cell_of_list, "")))
  }
  if (inherits(column, "POSIXt")) {
    return(sub("^\\{\"\\$datetime\":\"(.*)\"\\}$", "\\1", moment_texts(as.POSIXct(column))))
  }
  if (inherits(column, "Date")) return(date_texts(column))
  if (inherits(column, "difftime")) column <- as.double(column, units = "secs")
  if (is.logical(column)) return(ifelse(column, "true", "false"))
  if (is.numeric(column)) return(gsub("\"", "", js_number(column), fixed = TRUE))
  csv_quoted(as.character(column))
}

cell_of_list <- function(cell) {
  if (is.character(cell) && length(cell) == 1L) return(cell)
  js_value(cell, "a cell", default = deparsed)
}

csv_quoted <- function(texts) {
  texts <- utf8(texts)
  odd <- grepl("[,\"\r\n]", texts, useBytes = TRUE)
  texts[odd] <- paste0("\"", gsub("\"", "\"\"", texts[odd], fixed = TRUE), "\"")
  texts
}
