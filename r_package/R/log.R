# Points: numbers on the shortest way, everything else told apart by what it is.

#' Add points to series of a run
#'
#' @param run A run of [rj_init()]; the innermost one that goes by default.
#' @param ... Values by name, such as `"train/loss" = 0.3`, or lists of them. Numbers and logical
#'   values are points of series, several at once where a vector has several; texts are points of
#'   texts; a list under a name is a namespace: `train = list(loss = 1)` is `train/loss`; plots,
#'   matrices and arrays are images, as in [rj_log_image()].
#' @param step Of the points: any finite number.
#' @param time Of the points: in seconds since 1970, or a date-time; now by default.
#' @return The run, invisibly.
#'
#' A mistake in a call is one warning, and the program goes on.
#' @seealso [rj_log_text()], [rj_log_histogram()], [rj_extend()], [rj_define_series()],
#'   [rj_log_image()]
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' for (step in 1:3) {
#'   rj_log(run, "train/loss" = 1 / step, "train/accuracy" = 1 - 1 / step, step = step)
#' }
#' rj_log(run, list(epoch = 1, log = "a line"))
#' rj_finish(run)
#' @export
rj_log <- function(run = rj_current(), ..., step = NULL, time = NULL) {
  values <- list(...)
  if (!inherits(run, "rj_run")) {
    found <- untangled(run, values, names(sys.call()))
    run <- found$run
    values <- found$values
  }
  state <- state_of(run)
  tryCatch(log_values(state, values, step, time), error = function(fault) {
    guarded(state, "log", stop(fault))
  })
  invisible(run)
}

#' The run and the values of a call in which R took a value for the run
#'
#' `rj_log(run, r = 0.9)` does that, since R takes the beginning of an argument's name for it; so
#' does `rj_log(list(loss = 1))`.
#' @noRd
untangled <- function(run, values, names) {
  isrun <- vapply(values, inherits, NA, "rj_run")
  if (!any(isrun)) return(list(run = rj_current(), values = c(list(run), values)))
  label <- intersect(names, c("r", "ru", "run"))
  label <- if (length(label)) label[1] else "r"
  at <- which(isrun)[1]
  list(run = values[[at]], values = c(stats::setNames(list(run), label), values[-at]))
}

log_values <- function(state, values, step, time) {
  now <- as.numeric(Sys.time())
  given <- names(values)
  if (is.null(time) && !is.null(given) && is_plain_step(step) && all_plain(values)) {
    keys <- if (identical(given, state$last_names)) state$last_keys else known_keys(state, given)
    if (!is.null(keys)) {
      points <- paste0(keys, quick_numbers(unlist(values, use.names = FALSE)), collapse = ",")
      line <- paste0(
        "{", if (!is.null(step)) paste0("\"step\":", quick_numbers(step), ","),
        "\"time\":", pointed(sprintf("%.6f", now)), ",\"series\":{", points, "}}"
      )
      write_line(state, line)
      if (now >= state$next_look) look(state, now)
      return(invisible())
    }
  }
  log_any(state, values, step, time)
  if (now >= state$next_look) look(state, now)
}

#' Numbers as JSON texts, in a tenth of the time that the shortest digits take
#'
#' A quotient of two whole numbers below 2^53 and 10^22 is rounded once, as a reader rounds the
#' decimal: where it is the number, fifteen digits do. Seventeen always do.
#' @noRd
quick_numbers <- function(x) {
  if (is.integer(x) && !anyNA(x)) return(as.character(x))
  if (!all(is.finite(x))) return(js_number(x))
  whole <- round(x * 1e9)
  short <- whole / 1e9 == x & abs(whole) < 1e15
  if (all(short)) return(pointed(sprintf("%.15g", x + 0)))
  texts <- sprintf("%.17g", x)
  texts[short] <- sprintf("%.15g", x[short] + 0)
  pointed(texts)
}

# A loop: for some values it takes half the time of vapply.
all_plain <- function(values) {
  for (value in values) if (is.object(value) || !is.numeric(value) ||
    length(value) != 1L) return(FALSE)
  TRUE
}

is_plain_step <- function(step) {
  is.null(step) || ((is.double(step) || is.integer(step)) && length(step) == 1L &&
    !is.object(step) && is.finite(step))
}

#' Names as the members of an object, where all of them are fine; NULL if they are not
#' @noRd
known_keys <- function(state, names) {
  if (anyNA(names) || anyDuplicated(names) || any(names == "") ||
      any(clean_names(names) != utf8(names))) {
    return(NULL)
  }
  state$last_names <- names
  state$last_keys <- paste0(js_text(names), ":")
  state$last_keys
}

#' The long way
#' @noRd
log_any <- function(state, values, step, time) {
  found <- new.env(parent = emptyenv())
  found$series <- found$text <- found$others <- list()
  sort_out(state, found, values, "")
  if (length(found$series) || length(found$text)) {
    write_points(state, list(series = found$series, text = found$text), step, time)
  }
  for (index in seq_along(found$others)) {
    name <- names(found$others)[index]
    guarded(state, paste("image", name),
      if (!state$disabled) log_image(state, name, found$others[[index]], step, time))
  }
}

sort_out <- function(state, found, values, prefix) {
  given <- names(values)
  for (index in seq_along(values)) {
    name <- if (is.null(given) || is.na(given[index])) "" else given[index]
    here <- if (prefix == "") name else paste(c(prefix, name), collapse = "/")
    value <- values[[index]]
    if (name == "" && is_namespace(value)) {
      sort_out(state, found, as.list(value), prefix)
    } else if (name == "") {
      tell(state, "unnamed",
        paste0("what is logged has a name, such as \"train/loss\" = 0.3; a value without one was ",
        "left out."))
    } else {
      sort_out_one(state, found, here, value)
    }
  }
}

# Without a name, a named vector and a data frame are as good as a list.
is_namespace <- function(value) {
  (is.list(value) && (!is.object(value) || is.data.frame(value))) ||
    (is.atomic(value) && !is.null(names(value)) && is.null(dim(value)))
}

sort_out_one <- function(state, found, name, value) {
  if (is.null(value)) {
    tell(state, paste("none", name),
      paste0("\"", name, "\" is NULL, which is no point: it was left out."))
  } else if (is.list(value) && !is.object(value)) {
    sort_out(state, found, value, name)
  } else if (is.data.frame(value)) {
    tell(state, paste("frame", name),
      paste0("\"", name, "\" is a data frame: rj_log_table takes it; it was left out."))
  } else if ((is.character(value) && !inherits(value, "raster")) || is.factor(value)) {
    name <- name_of(state, name)
    found$text[[name]] <- c(found$text[[name]], texts_of(state, name, value))
  } else if (inherits(value, c("Date", "POSIXt"))) {
    tell(state, paste("moment", name),
      paste0("\"", name, "\" is a date or time, which is no point: it was left out."))
  } else if (is_numbers(value)) {
    name <- name_of(state, name)
    found$series[[name]] <- c(found$series[[name]], numbers_of(value))
  } else {
    found$others <- c(found$others, stats::setNames(list(value), name))
  }
}

texts_of <- function(state, name, value) {
  texts <- as.character(value)
  if (anyNA(texts)) {
    tell(state, paste("none", name),
      paste0("\"", name, "\" has a text that is NA, which is no point: it was left out."))
  }
  js_text(texts[!is.na(texts)])
}

is_numbers <- function(value) {
  (is.numeric(value) || is.logical(value) || inherits(value, "difftime")) &&
    !inherits(value, "nativeRaster") &&
    (length(dim(value)) < 2L || all(dim(value) == 1L))
}

numbers_of <- function(value) {
  if (inherits(value, "difftime")) value <- as.double(value, units = "secs")
  if (is.object(value) && !inherits(value, "integer64")) value <- unclass(value)
  js_number(as.vector(value))
}

#' Write a record with points
#' @param kinds by kind (`series`, `text`, `images`, `histograms`), JSON texts of points by name.
#' @noRd
write_points <- function(state, kinds, step, time) {
  step <- step_text(state, step)
  members <- vapply(Filter(length, kinds), function(points) {
    points <- points[lengths(points) > 0L]
    if (!length(points)) return("")
    js_object(vapply(points, function(texts) {
      if (length(texts) == 1L && !startsWith(texts, "{")) texts else js_array(texts)
    }, ""))
  }, "")
  members <- members[nzchar(members)]
  if (!length(members)) return(invisible())
  write_line(state, js_object(c(step = step, time = moment_text(state, time), members)))
}

step_text <- function(state, step) {
  if (is.null(step)) return(NULL)
  if (inherits(step, "difftime")) step <- as.double(step, units = "secs")
  if ((is.numeric(step) || is.logical(step)) && length(step) == 1L && !is.na(step) &&
      all(is.finite(as.double(step)))) {
    return(js_step(step))
  }
  tell(state, "step", "a step is one finite number: it was left out.")
  NULL
}

moment_text <- function(state, time) {
  if (is.null(time)) return(pointed(sprintf("%.6f", as.numeric(Sys.time()))))
  if (inherits(time, "POSIXt")) time <- as.numeric(as.POSIXct(time))
  if (is.numeric(time) && length(time) == 1L && !is.object(time) && is.finite(time) &&
      abs(time) <= 1e11) {
    return(js_number(time))
  }
  tell(state, "time", "a time is in seconds since 1970, or a date-time: the present one is used.")
  moment_text(state, NULL)
}

#' Add texts to a run
#'
#' @inheritParams rj_log
#' @param name Of the series of texts.
#' @param text A text, or several: each is a point.
#' @return The run, invisibly.
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' rj_log_text(run, "log", c("a line", "another"))
#' rj_finish(run)
#' @export
rj_log_text <- function(run = rj_current(), name, text, step = NULL, time = NULL) {
  state <- state_of(run)
  force(text)
  guarded(state, "text", {
    name <- name_of(state, name)
    if (is.list(text)) {
      rj_abort("the texts of \"", name, "\" are a character vector, and not a list.")
    }
    write_points(state, list(text = stats::setNames(list(texts_of(state, name, text)), name)), step,
      time)
  })
  invisible(run)
}

#' Add many points to a series of numbers
#'
#' @inheritParams rj_log
#' @param name Of the series.
#' @param values n numbers.
#' @param steps n steps; NA for none.
#' @param times n times, in seconds since 1970 or as date-times; NA for none.
#' @return The run, invisibly.
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' rj_extend(run, "loss", c(0.9, 0.5, 0.4), steps = c(10, 20, 30))
#' rj_finish(run)
#' @export
rj_extend <- function(run = rj_current(), name, values, steps = NULL, times = NULL) {
  state <- state_of(run)
  force(values)
  guarded(state, "extend", {
    if (!is_numbers(values)) rj_abort("the values of \"", name, "\" are not all numbers.")
    columns <- c(values = js_array(numbers_of(values)))
    if (inherits(times, "POSIXt")) times <- as.numeric(as.POSIXct(times))
    given <- list(steps = steps, times = times)
    for (member in c("steps", "times")) {
      column <- given[[member]]
      if (is.null(column)) next
      if (!is.numeric(column) && !is.logical(column)) {
        rj_abort("the ", member, " of \"", name, "\" are not all numbers.")
      }
      if (length(column) != length(values)) {
        rj_abort("\"", name, "\" has ", length(values), " values and ", length(column), " ", member,
          ".")
      }
      if (is.double(column) && !is.object(column)) column[!is.finite(column)] <- NA
      columns[[member]] <- js_array(js_step(column))
    }
    if (length(values)) {
      say(state, c(series = js_object(stats::setNames(js_object(columns), name_of(state, name)))))
    }
  })
  invisible(run)
}

#' Say what a series is, before or after its points
#'
#' @inheritParams rj_log
#' @param name Of the series.
#' @param unit As in UCUM or SI, such as `"s"`, `"MiB"`, `"%"`.
#' @param goal Which end is the best: `"minimize"` or `"maximize"`.
#' @param description A text.
#' @param x The series that it is drawn over, paired with it by step.
#' @return The run, invisibly.
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' rj_define_series(run, "train/loss", unit = "nat", goal = "minimize", x = "epoch")
#' rj_finish(run)
#' @export
rj_define_series <- function(run = rj_current(), name, unit = NULL, goal = NULL, description = NULL,
    x = NULL) {
  state <- state_of(run)
  guarded(state, "define", {
    if (!is.null(goal) && !goal %in% c("minimize", "maximize")) {
      tell(state, "goal", paste0("the goal of \"", name,
        "\" is \"minimize\" or \"maximize\", and not \"", goal,
        "\": it was left out."))
      goal <- NULL
    }
    x <- if (!is.null(x)) name_of(state, x)
    members <- unlist(list(unit = unit, goal = goal, description = description, x = x))
    if (length(members)) {
      columns <- js_object(c(values = "[]", stats::setNames(js_text(members), names(members))))
      say(state, c(series = js_object(stats::setNames(columns, name_of(state, name)))))
    }
  })
  invisible(run)
}
