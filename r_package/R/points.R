# Points of a name (SPEC section 6): read into columns, and kept in parts until they are asked for.

fold_points <- function(state, kind, name, entry, step, time) {
  at <- c(kind, name)
  check_name(state, name, at)
  notes <- list()
  own <- list()
  if (is_object(entry) && "values" %in% names(entry)) {
    notes <- column_notes_of(state, entry, at)
    own <- entry
    values <- member(entry, "values")
    if (is.null(values)) refuse("RJ112", c(at, "values"), "null is no point; leave it out")
    place <- c(at, "values")
  } else {
    if (is_object(entry) && length(entry) && kind %in% c("series", "text")) {
      refuse("RJ115", at, "columns need values")
    }
    values <- entry
    place <- at
  }
  if (is_object(values) && !length(values)) values <- list()
  values <- point_values(state, kind, values, place)
  size <- length(values)
  steps <- point_column(own, "steps", size, at)
  times <- point_column(own, "times", size, at)
  if (!is.null(times)) check_times(state, times, c(at, "times"))
  if (!size && !length(notes)) return(invisible())
  column <- column_of(state, kind, name)
  if (size) {
    if (is.null(steps)) steps <- rep(if (is.null(step)) NA_real_ else step, size)
    if (is.null(times)) times <- rep(if (is.null(time)) NA_real_ else time, size)
    add_part(column, values, steps, times)
  }
  for (index in seq_along(notes)) column$notes <- put_member(column$notes, names(notes)[index], notes[[index]])
}

column_of <- function(state, kind, name) {
  column <- state$columns[[kind]][[name]]
  if (is.null(column)) {
    column <- new.env(parent = emptyenv())
    column$values <- column$steps <- column$times <- list()
    column$notes <- list()
    state$columns[[kind]][[name]] <- column
    state$order[[kind]] <- c(state$order[[kind]], name)
  }
  column
}

add_part <- function(column, values, steps, times) {
  at <- length(column$values) + 1L
  column$values[[at]] <- values
  column$steps[[at]] <- steps
  column$times[[at]] <- times
}

#' The points of a column: `values`, `steps` and `times`, NA where a point has none.
#' @noRd
joined <- function(column) {
  list(
    values = unlist(column$values, recursive = FALSE),
    steps = unlist(column$steps), times = unlist(column$times)
  )
}

column_notes_of <- function(state, columns, at) {
  notes <- list()
  for (name in column_notes) {
    value <- said_text(columns, name, c(at, name))
    if (is.null(value)) next
    if (name == "goal" && !value %in% goals) refuse("RJ107", c(at, "goal"), "\"minimize\" or \"maximize\" was expected")
    if (name == "x") check_name(state, value, c(at, "x"))
    notes[[name]] <- value
  }
  c(notes, others(state, columns, c("values", "steps", "times", column_notes), at, 4L))
}

point_values <- function(state, kind, values, at) {
  entries <- if (is_array(values)) values else list(values)
  if (kind == "series") return(point_numbers(state, entries, at))
  if (kind == "text") {
    wrong <- !vapply(entries, is_string, NA)
    if (any(wrong)) no_point(entries[[which(wrong)[1L]]], at, "a text")
    return(as.character(unlist(entries)))
  }
  settle <- if (kind == "images") settled_file else settled_histogram
  lapply(entries, function(entry) settle(state, entry, at))
}

point_numbers <- function(state, entries, at) {
  if (!length(entries)) return(numeric())
  plain <- vapply(entries, is.numeric, NA)
  if (all(plain)) return(as.double(unlist(entries, use.names = FALSE)) + 0)
  vapply(entries, function(entry) {
    number <- if (is_string(entry)) spelled(state, entry, at) else entry
    if (!is_number(number)) no_point(entry, at, "a number")
    double <- as_number(number)
    if (is.infinite(double) && inherits(number, "rj_int")) {
      refuse("RJ006", at, "a number does not fit a double (largest 1.8e308)")
    }
    double + 0
  }, 0)
}

no_point <- function(entry, at, expected) {
  if (is.null(entry)) refuse("RJ112", at, "null is no point; leave it out")
  refuse("RJ113", at, paste(expected, "was expected"))
}

point_column <- function(columns, name, size, at) {
  given <- member(columns, name)
  if (is.null(given) || (is_object(given) && !length(given))) return(NULL)
  entries <- if (is_array(given)) given else list(given)
  here <- c(at, name)
  if (length(entries) != size) {
    refuse("RJ201", here, sprintf("%d values but %d %s; columns are equally long", size, length(entries), name))
  }
  missing <- vapply(entries, is.null, NA)
  numbers <- rep(NA_real_, size)
  rest <- entries[!missing]
  numbers[!missing] <- if (all(vapply(rest, is.numeric, NA))) {
    as.double(unlist(rest, use.names = FALSE)) + 0
  } else {
    vapply(rest, finite_number, 0, at = here)
  }
  if (any(is.infinite(numbers))) refuse("RJ114", here, "finite numbers were expected")
  numbers
}

check_times <- function(state, times, at) {
  if (any(abs(times) > 1e11, na.rm = TRUE)) refuse("RJ204", at, "times are seconds since 1970; these are milliseconds")
  if (any(abs(times) < 1e8, na.rm = TRUE)) advise(state, "RJ205", at, "a time lies near 1970: seconds since the start?")
}

#' Add records that hold nothing but a step, a time and single numbers of series, all at once.
#'
#' @param records trees, any.
#' @return How many records from the first on were added; the next one needs `fold_add`.
#' @noRd
fold_points_at_once <- function(state, records) {
  if (!state$records) return(0L)
  simple <- vapply(records, function(record) {
    given <- names(record)
    length(given) == sum(c("step", "time", "series") %in% given)
  }, NA)
  series <- lapply(records, function(record) .subset2(record, "series"))
  simple <- simple & vapply(series, is_object, NA)
  count <- if (all(simple)) length(records) else which(!simple)[1L] - 1L
  if (!count) return(0L)
  series <- series[seq_len(count)]
  sizes <- lengths(series)
  entries <- unlist(series, recursive = FALSE, use.names = FALSE)
  given <- unlist(lapply(series, names), use.names = FALSE)
  record <- rep(seq_len(count), sizes)
  steps <- plain_numbers(records[seq_len(count)], "step")
  times <- plain_numbers(records[seq_len(count)], "time")
  known <- unique(given)
  group <- match(given, known)
  odd <- !vapply(entries, is.numeric, NA)
  odd <- odd | duplicated(record * (length(known) + 1) + group)
  late <- record[odd]
  late <- c(late, which(is_odd(steps) | is_odd(times) | (!is.na(times) & (times < 1e8 | times > 1e11))))
  if (length(late)) count <- min(late) - 1L
  kept <- record <= count
  if (count < 1L) return(0L)
  values <- as.double(unlist(entries[kept], use.names = FALSE)) + 0
  rows <- split(seq_along(values), factor(group[kept], levels = seq_along(known)))
  for (index in seq_along(known)) {
    at <- rows[[index]]
    if (!length(at)) next
    check_name(state, known[index], c("series", known[index]))
    add_part(column_of(state, "series", known[index]), values[at], steps[record[at]], times[record[at]])
  }
  state$records <- state$records + count
  count
}

# NA where the member is absent or nothing, NaN where it is something odd.
plain_numbers <- function(records, name) {
  vapply(records, function(record) {
    value <- .subset2(record, name)
    if (is.null(value)) NA_real_ else if (is.numeric(value)) as.double(value) + 0 else NaN
  }, 0)
}

is_odd <- function(numbers) is.nan(numbers) | is.infinite(numbers)
