# Histograms, of data or of counts and edges (SPEC 6.1).

#' Add a histogram to a run
#'
#' @inheritParams rj_log
#' @param name Of the series of histograms.
#' @param data Numbers in any shape; those that are not finite are left out, with a warning. Or what
#'   [hist()] returned.
#' @param counts n counts.
#' @param edges Their n + 1 edges, which never fall.
#' @param bins How many there are to be, of data: bins of one width, each with its lower edge.
#' @return The run, invisibly.
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' rj_log_histogram(run, "weights", rnorm(100), step = 1)
#' rj_log_histogram(run, "ages", counts = c(3, 5), edges = c(0, 40, 80))
#' rj_finish(run)
#' @export
rj_log_histogram <- function(run = rj_current(), name, data = NULL, counts = NULL, edges = NULL,
                             bins = 64, step = NULL, time = NULL) {
  state <- state_of(run)
  force(data)
  guarded(state, "histogram", {
    name <- name_of(state, name)
    if (inherits(data, "histogram")) {
      counts <- data$counts
      edges <- data$breaks
      data <- NULL
    }
    found <- histogram_of(data, counts, edges, bins)
    if (found$left_out) {
      tell(state, paste("histogram", name), sprintf(
        "%.0f values of the histogram \"%s\" are not finite: left out.", found$left_out, name
      ))
    }
    text <- js_object(c(edges = js_array(js_number(found$edges)),
      counts = js_array(js_number(found$counts))))
    write_points(state, list(histograms = stats::setNames(list(text), name)), step, time)
  })
  invisible(run)
}

histogram_of <- function(data, counts, edges, bins) {
  if (!is.null(data) && is.null(counts) && is.null(edges)) return(histogram_of_data(data, bins))
  if (is.null(data) && !is.null(counts) && !is.null(edges)) {
    return(histogram_of_counts(counts, edges))
  }
  rj_abort("a histogram is made of data, or else of counts and edges: give one of both, ",
    "and all of it.")
}

histogram_of_counts <- function(counts, edges) {
  if (!is.numeric(counts) || !is.numeric(edges)) {
    rj_abort("counts and edges of a histogram are numbers.")
  }
  counts <- as.double(counts)
  edges <- as.double(edges)
  if (!length(counts)) rj_abort("a histogram has at least one count.")
  if (length(edges) != length(counts) + 1L) {
    rj_abort(length(counts), " counts have ", length(counts) + 1L,
      " edges, one more than there are bins; ",
      length(edges), " are given.")
  }
  if (anyNA(edges) || is.unsorted(edges)) {
    rj_abort("the edges of a histogram are numbers that never fall.")
  }
  if (!all(is.finite(edges[-c(1L, length(edges))]))) {
    rj_abort("only the first and the last edge may be infinite.")
  }
  if (any(counts < 0 | is.infinite(counts), na.rm = TRUE)) {
    rj_abort("counts are 0 or more, and finite.")
  }
  list(edges = edges, counts = counts, left_out = 0)
}

histogram_of_data <- function(data, bins) {
  if (!is.numeric(bins) || length(bins) != 1L || !is.finite(bins) || bins < 1 || bins > 1e5 ||
      bins != trunc(bins)) {
    rj_abort("bins is a whole number from 1 to 100000.")
  }
  if (is.list(data)) data <- unlist(data, use.names = FALSE)
  if (!is.numeric(data) && !is.logical(data)) {
    rj_abort("a histogram is made of numbers, and not of ", class(data)[1], ".")
  }
  values <- as.double(data)
  finite <- values[is.finite(values)]
  if (!length(finite)) rj_abort("no number of the data is finite, so that there is no histogram.")
  range <- histogram_range(min(finite), max(finite), bins)
  width <- (range[2] - range[1]) / bins
  edges <- c(seq.int(0, bins - 1) * width + range[1], range[2])
  # The edge between two bins belongs to the upper one, the last edge to the last bin.
  at <- findInterval(finite / range[3], edges, rightmost.closed = TRUE, all.inside = TRUE)
  list(edges = edges * range[3], counts = tabulate(at, bins),
    left_out = length(values) - length(finite))
}

#' The first and last edge, and what they and the data are to be divided by before one counts
#' @noRd
histogram_range <- function(lowest, highest, bins) {
  largest <- .Machine$double.xmax
  # Products on the way would be infinite.
  if (highest / 8 - lowest / 8 > largest / 64) return(c(lowest / 4, highest / 4, 4))
  if (lowest == highest && (lowest + 0.5) - (lowest - 0.5) == 1 &&
      divides(lowest - 0.5, lowest + 0.5, bins)) {
    return(c(lowest - 0.5, lowest + 0.5, 1))
  }
  if (lowest < highest && divides(lowest, highest, bins)) return(c(lowest, highest, 1))
  # Doubles lie too far apart here for so many bins between these two.
  scale <- if (max(abs(lowest), abs(highest)) > largest / 8) 4 else 1
  middle <- (lowest / scale + highest / scale) / 2
  half <- max(ulp(middle) * bins * 2, (highest - lowest) / scale)
  end <- min(middle + half, largest / scale)
  c(max(end - 2 * half, -largest / scale), max(end, 2 * half - largest / scale), scale)
}

#' Whether each bin is at least as wide as the doubles at both ends lie apart, and no subnormal
#' number
#' @noRd
divides <- function(start, end, bins) {
  width <- (end - start) / bins
  width >= max(ulp(start), ulp(end)) && width >= .Machine$double.xmin
}

#' How far doubles lie apart at a number
#' @noRd
ulp <- function(x) {
  x <- abs(x)
  if (x < .Machine$double.xmin) return(2^-1074)
  exponent <- floor(log2(x))
  if (2^exponent > x) exponent <- exponent - 1
  if (exponent < 1023 && 2^(exponent + 1) <= x) exponent <- exponent + 1
  2^(exponent - 52)
}
