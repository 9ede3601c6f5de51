# What is said of a run while it goes, how it is shown, and how it ends.

# -- parameters ------------------------------------------------------------------------------------

#' Set parameters of a run
#'
#' A parameter is written once: another value is an error of class `rj_parameter_changed`. What
#' changes while a run goes is a series, or a property.
#'
#' @inheritParams rj_log
#' @param ... Parameters by name, or lists of them, nested at will. Values are those of JSON:
#'   numbers, texts, logical values, NULL, vectors, lists, data frames, dates and times. Vectors of
#'   length one are single values; `I(x)` stays an array.
#' @return The run, invisibly. Errors: `rj_parameter_changed`; `rj_not_json`, which names the value.
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' rj_set_parameters(run, lr = 0.1, model = list(layers = c(64, 10), dropout = NULL))
#' str(run$parameters)
#' rj_finish(run)
#' @export
rj_set_parameters <- function(run = rj_current(), ...) {
  values <- list(...)
  if (!inherits(run, "rj_run")) {
    found <- untangled(run, values, names(sys.call()))
    run <- found$run
    values <- found$values
  }
  set_parameters(state_of(run), named_values(values, "parameters"))
  invisible(run)
}

set_parameters <- function(state, values) {
  if (length(values)) say(state, c(parameters = add_parameters(state, values)))
}

#' Values of a call as one named list
#' @noRd
named_values <- function(values, what) {
  given <- names(values)
  if (is.null(given)) given <- rep("", length(values))
  found <- list()
  for (index in seq_along(values)) {
    value <- values[[index]]
    if (nzchar(given[index])) {
      found <- c(found, stats::setNames(list(value), given[index]))
    } else if (is.null(value)) {
      next
    } else if (is.vector(value) && !is.null(names(value)) || is.data.frame(value) ||
        identical(value, list())) {
      found <- c(found, as.list(value))
    } else {
      rj_abort(what, " have names, such as lr = 0.1; this is ", class(value)[1], " without one.",
        class = "rj_not_json")
    }
  }
  found
}

#' Take parameters, all of them or none
#' @return Their JSON.
#' @noRd
add_parameters <- function(state, values) {
  text <- js_value(values, "parameters", state$default)
  tree <- js_parse(text)
  if (!is_tree(tree) || startsWith(text, "[")) {
    rj_abort("parameters are a named list, and not ", class(values)[1], ".", class = "rj_not_json")
  }
  check_tree(state$parameters, tree, "parameters")
  state$parameters <- merged_tree(state$parameters, tree)
  text
}

empty_object <- function() stats::setNames(list(), character())

tagged_names <- c("$float", "$int", "$datetime")

#' Whether a tree of JSON has names below it, and is no tagged value
#' @noRd
is_tree <- function(value) {
  is.list(value) && !is.null(names(value)) &&
    !(length(value) == 1L && names(value) %in% tagged_names)
}

check_tree <- function(known, tree, path) {
  for (index in seq_along(tree)) {
    name <- names(tree)[index]
    at <- match(name, names(known))
    if (is.na(at)) next
    here <- paste0(path, "$", name)
    if (is_tree(known[[at]]) && is_tree(tree[[index]])) {
      check_tree(known[[at]], tree[[index]], here)
    } else if (!same_value(known[[at]], tree[[index]])) {
      rj_abort(
        here, " was ", shown_value(known[[at]]), " and is ", shown_value(tree[[index]]),
        " now: a parameter is written once. What changes while a run goes is a series, ",
        "rj_log(run, \"", name,
        "\" = ...), or a property.",
        class = "rj_parameter_changed"
      )
    }
  }
}

shown_value <- function(value) {
  text <- as.character(jsonlite::toJSON(value, auto_unbox = TRUE, digits = NA, null = "null"))
  if (nchar(text) > 80L) paste0(substring(text, 1L, 77L), "...") else text
}

merged_tree <- function(known, tree) {
  for (index in seq_along(tree)) {
    name <- names(tree)[index]
    at <- match(name, names(known))
    if (is.na(at)) {
      known <- c(known, stats::setNames(list(tree[[index]]), name))
    } else if (is_tree(known[[at]]) && is_tree(tree[[index]])) {
      known[[at]] <- merged_tree(known[[at]], tree[[index]])
    }
  }
  known
}

#' Whether two values of JSON are equal (SPEC 5.2)
#' @noRd
same_value <- function(one, other) {
  if (is.list(one) && is.list(other)) {
    one <- plain_integer(one)
    other <- plain_integer(other)
  }
  if (is.list(one) != is.list(other)) {
    return(is.list(one) &&
      identical(unlist(one[["$int"]]), format(other, scientific = FALSE, digits = 17)))
  }
  if (!is.list(one)) {
    return(if (is.numeric(one) && is.numeric(other)) one == other else identical(one, other))
  }
  if (length(one) != length(other) || is.null(names(one)) != is.null(names(other))) return(FALSE)
  if (!is.null(names(one))) {
    if (!setequal(names(one), names(other))) return(FALSE)
    other <- other[match(names(one), names(other))]
  }
  all(vapply(seq_along(one), function(index) same_value(one[[index]], other[[index]]), NA))
}

# A small integer may stand bare, or tagged.
plain_integer <- function(value) {
  small <- length(value) == 1L && identical(names(value), "$int") && nchar(value[[1]]) < 16L
  if (small) as.numeric(value[[1]]) else value
}

#' What the run file says of parameters, of a run that is gone on with; lines that are none are
#' passed over
#' @noRd
parameters_of_file <- function(path) {
  found <- empty_object()
  connection <- file(path, "rb")
  on.exit(close(connection))
  while (length(lines <- readLines(connection, 10000L, warn = FALSE, skipNul = TRUE))) {
    for (line in lines[grepl("\"parameters\"", lines, fixed = TRUE, useBytes = TRUE)]) {
      record <- tryCatch(js_parse(line), error = function(fault) NULL)
      if (is.list(record) && is_tree(record[["parameters"]])) {
        found <- merged_tree(found, record[["parameters"]])
      }
    }
  }
  found
}

# -- properties, tags, description -----------------------------------------------------------------

#' Say more of a run: properties, tags, a description
#'
#' Properties may change, NULL takes one back. Tags are short words to find a run by.
#'
#' @inheritParams rj_log
#' @param ... Properties by name, or lists of them; tags.
#' @param description Markdown.
#' @return The run, invisibly. A value that JSON does not have is an error of class `rj_not_json`.
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' rj_set_properties(run, data_version = "v3", "test/accuracy" = 0.95)
#' rj_add_tags(run, "best", "paper")
#' rj_remove_tags(run, "paper")
#' rj_describe(run, "A *first* try.")
#' rj_finish(run)
#' @export
rj_set_properties <- function(run = rj_current(), ...) {
  values <- list(...)
  if (!inherits(run, "rj_run")) {
    found <- untangled(run, values, names(sys.call()))
    run <- found$run
    values <- found$values
  }
  state <- state_of(run)
  values <- named_values(values, "properties")
  if (length(values)) say(state, c(properties = properties_text(state, values)))
  invisible(run)
}

properties_text <- function(state, values) {
  if (is.null(names(values)) || any(names(values) == "")) {
    rj_abort("properties have names, such as notes = \"idea worked\".", class = "rj_not_json")
  }
  texts <- vapply(seq_along(values), function(index) {
    js_value(values[[index]], names(values)[index], state$default)
  }, "")
  names(texts) <- vapply(names(values), function(name) name_of(state, name), "")
  js_object(texts[!duplicated(names(texts), fromLast = TRUE)])
}

#' @rdname rj_set_properties
#' @export
rj_add_tags <- function(run = rj_current(), ...) {
  state <- state_of(run)
  tags <- tags_of(...)
  if (length(tags)) say(state, c(tags = js_array(js_text(tags))))
  invisible(run)
}

#' @rdname rj_set_properties
#' @export
rj_remove_tags <- function(run = rj_current(), ...) {
  state <- state_of(run)
  tags <- tags_of(...)
  if (length(tags)) say(state, c(untags = js_array(js_text(tags))))
  invisible(run)
}

#' @rdname rj_set_properties
#' @export
rj_describe <- function(run = rj_current(), description) {
  state <- state_of(run)
  say(state, c(description = js_text(paste(as.character(description), collapse = "\n"))))
  invisible(run)
}

# -- the end ---------------------------------------------------------------------------------------

#' End a run
#'
#' What is logged afterwards is left out, with one warning.
#'
#' @inheritParams rj_log
#' @param status `"succeeded"`, `"failed"` or `"aborted"`.
#' @param error What ended it: a condition, a text, or a list of `type`, `message` and `traceback`.
#' @return The run, invisibly.
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' result <- tryCatch(stop("no such data"), error = function(e) rj_fail(run, e))
#' print(run)
#' @export
rj_finish <- function(run = rj_current(), status = c("succeeded", "failed", "aborted")) {
  if (missing(status)) status <- "succeeded"
  if (!is_text(status) || !status %in% c("succeeded", "failed", "aborted")) {
    bad_argument("status", status, "it is \"succeeded\", \"failed\" or \"aborted\"")
  }
  state <- state_of(run)
  finish(state, status)
  invisible(run)
}

finish <- function(state, status) {
  live$runs <- Filter(function(run) !identical(.subset2(run, "state"), state), live$runs)
  if (!length(live$runs)) take_back_option()
  if (state$finished) return(invisible())
  guarded(state, "end", end_capture(state))
  state$finished <- TRUE
  if (!is.null(state$sink)) {
    guarded(state, "end", if (is.null(state$of_parent)) state$sink$close(status) else {
      state$sink$write(js_object(c(status = js_text(status), ended_at = js_text(now_text()))))
      state$sink$close()
    })
  }
  invisible()
}

#' @rdname rj_finish
#' @export
rj_fail <- function(run = rj_current(), error) {
  state <- state_of(run)
  members <- if (inherits(error, "condition")) {
    error_members(error)
  } else if (is.list(error)) {
    error[intersect(c("type", "message", "traceback"), names(error))]
  } else {
    list(message = paste(error, collapse = "\n"))
  }
  fail(state, members)
  invisible(run)
}

fail <- function(state, error) {
  if (!state$finished) {
    texts <- vapply(Filter(Negate(is.null), error), js_text, "")
    guarded(state, "end", say(state, c(error = js_object(texts))))
  }
  finish(state, "failed")
}

#' What is said of an error
#' @param calls the calls in which it was raised, the outermost first.
#' @noRd
error_members <- function(error, calls = NULL) {
  if (is.null(calls) && is.call(conditionCall(error))) calls <- list(conditionCall(error))
  list(
    type = class(error)[1],
    message = tryCatch(conditionMessage(error), error = function(fault) "without a message"),
    traceback = if (length(calls)) paste(shown_calls(calls), collapse = "\n")
  )
}

#' Calls as texts, each with its place in its file where that is known
#' @noRd
shown_calls <- function(calls) {
  vapply(seq_along(calls), function(index) {
    call <- calls[[index]]
    text <- paste(utils::head(deparse(call, width.cutoff = 100L, nlines = 4L), 3L),
      collapse = "\n    ")
    place <- attr(call, "srcref")
    if (!is.null(place)) {
      file <- attr(place, "srcfile")
      name <- if (is.environment(file)) basename(get0("filename", file, ifnotfound = "")) else ""
      if (nzchar(name)) text <- paste0(text, " at ", name, "#", place[1])
    }
    paste0(index, ": ", text)
  }, "")
}

#' Run code as a run
#'
#' Begins a run with [rj_init()], evaluates the code, and ends the run with it: `succeeded`,
#' `failed` with the error and its traceback if one left the code, `aborted` after an interrupt. The
#' error goes on to whoever handles it.
#'
#' While the code goes, the run is the variable `run` in the calling frame, and [rj_current()].
#' Messages and warnings are recorded as the text `console/stderr`, what is printed as
#' `console/stdout`; all of it is shown as before.
#'
#' @param code What is evaluated, where it stands: what it assigns stays.
#' @param ... Arguments of [rj_init()].
#' @return The value of the code, invisible if that is.
#' @examples
#' slope <- with_run({
#'   fit <- lm(dist ~ speed, cars)
#'   rj_log(run, rss = sum(resid(fit)^2))
#'   coef(fit)[["speed"]]
#' }, project = "cars", dir = tempfile(), capture = c("console", "ending"))
#' @export
with_run <- function(code, ...) {
  frame <- parent.frame()
  live$within <- TRUE
  run <- tryCatch(rj_init(...), finally = live$within <- FALSE)
  state <- .subset2(run, "state")
  state$within <- TRUE
  before <- get0("run", frame, inherits = FALSE)
  had <- exists("run", frame, inherits = FALSE)
  assign("run", run, envir = frame)
  depth <- sys.nframe()
  done <- FALSE
  ended_by <- NULL
  sink_began <- "console" %in% state$wanted && begin_printing(state)
  on.exit({
    if (identical(get0("run", frame, inherits = FALSE), run)) {
      if (had) assign("run", before, envir = frame) else rm("run", envir = frame)
    }
    if (sink_began) end_printing(state)
    if (done || is.null(ended_by)) {
      finish(state, "succeeded")
    } else if (inherits(ended_by$error, "interrupt")) {
      finish(state, "aborted")
    } else {
      fail(state, ended_by$members)
    }
  })
  found <- withCallingHandlers(
    withVisible(code),
    error = function(error) {
      calls <- utils::head(sys.calls(), sys.nframe() - 1L)
      ended_by <<- list(error = error, members = error_members(error, own_calls(calls, depth)))
    },
    interrupt = function(error) ended_by <<- list(error = error),
    message = function(message) console_said(state, conditionMessage(message)),
    warning = function(warning) console_said(state, shown_warning(warning))
  )
  done <- TRUE
  if (found$visible) found$value else invisible(found$value)
}

#' The calls that led to an error, without those of this package and of the handling
#' @param calls those above the handler.
#' @param depth so many of the outermost are not the code's.
#' @noRd
own_calls <- function(calls, depth) {
  calls <- utils::tail(calls, length(calls) - depth)
  names <- vapply(calls, function(call) if (is.name(call[[1]])) as.character(call[[1]]) else "", "")
  handling <- c("stop", ".handleSimpleError", "signalCondition", "rj_abort", "fault", "abort",
    "signal_abort")
  first <- match(FALSE, names %in% c("withCallingHandlers", "withVisible"))
  last <- length(calls)
  while (last > 0L && names[last] %in% handling) last <- last - 1L
  if (is.na(first) || last < first) list() else calls[first:last]
}

# -- how a run is read and shown -------------------------------------------------------------------

run_fields <- c("id", "project", "writer", "folder", "path", "finished")
record_members <- c(
  "name", "description", "group", "status", "started_at", "ended_at", "error", "parent", "tags",
  "untags", "parameters",
  "properties", "source", "environment", "artifacts", "series", "text", "images", "histograms"
)

#' What a run holds, by name or path
#'
#' `run[["train/loss"]]` and `run$parameters` read what was logged, from the run file of this
#' process; `run$id`, `run$folder` and so on say what the run is. `run[["notes"]] <- x` sets a
#' property, `run[["parameters/lr"]] <- x` and `run$parameters <- list(...)` set parameters.
#'
#' @param x A run.
#' @param i,name `"id"`, `"project"`, `"writer"`, `"folder"`, `"path"`, `"finished"`; a member of
#'   the record, such as `"parameters"` or `"tags"`; a path below it, `"parameters/model/layers"`;
#'   the name of a series, text, image, histogram or property.
#' @param value A value that JSON has.
#' @return Of a series or text a data frame of `step`, `time` (in seconds since 1970) and `value`;
#'   NULL if there is nothing of that name.
#' @examples
#' run <- rj_init(parameters = list(lr = 0.1), dir = tempfile(), capture = FALSE)
#' rj_log(run, loss = 0.5, step = 1)
#' run[["loss"]]
#' run$parameters$lr
#' run[["notes"]] <- "idea worked"
#' run[["parameters/seed"]] <- 7
#' rj_finish(run)
#' @name run-members
NULL

#' @rdname run-members
#' @export
`[[.rj_run` <- function(x, i) run_member(x, i)

#' @rdname run-members
#' @export
`$.rj_run` <- function(x, name) run_member(x, name)

#' @export
names.rj_run <- function(x) c(run_fields, record_members)

#' @importFrom utils .DollarNames
#' @export
.DollarNames.rj_run <- function(x, pattern = "") grep(pattern, names(x), value = TRUE)

run_member <- function(run, name) {
  state <- .subset2(run, "state")
  if (!is_text(name)) rj_abort("a run has its members by name, such as run[[\"train/loss\"]].")
  if (name %in% run_fields) return(get(name, envir = state))
  record <- record_of(state)
  if (is.null(record)) return(NULL)
  if (name %in% record_members) return(record[[name, exact = TRUE]])
  for (kind in c("series", "text", "images", "histograms", "properties", "artifacts")) {
    if (name %in% names(record[[kind]])) return(record[[kind]][[name, exact = TRUE]])
  }
  parts <- strsplit(name, "/", fixed = TRUE)[[1]]
  if (parts[1] %in% c("properties", "source", "environment", "series", "text", "images",
      "histograms", "artifacts")) {
    return(record[[parts[1]]][[paste(parts[-1], collapse = "/"), exact = TRUE]])
  }
  found <- if (parts[1] == "parameters") record$parameters else NULL
  for (part in parts[-1]) found <- if (is.list(found)) found[[part, exact = TRUE]] else NULL
  found
}

#' What the run file says by now; NULL if there is none
#' @noRd
record_of <- function(state) {
  if (state$disabled || !file.exists(state$path)) return(NULL)
  rj_read(state$path)
}

#' @rdname run-members
#' @export
`[[<-.rj_run` <- function(x, i, value) set_member(x, i, value)

#' @rdname run-members
#' @export
`$<-.rj_run` <- function(x, name, value) set_member(x, name, value)

set_member <- function(run, name, value) {
  state <- state_of(run)
  if (!is_text(name)) rj_abort("a run has its members by name, such as run[[\"notes\"]].")
  if (name %in% c(run_fields, setdiff(record_members, c("parameters", "description")))) {
    hint <- if (name == "tags") " rj_add_tags(run, ...) adds tags." else ""
    rj_abort("\"", name, "\" of a run is not set in this way.", hint, class = "rj_bad_argument")
  }
  if (name == "description") {
    rj_describe(run, value)
  } else if (name == "parameters") {
    set_parameters(state, named_values(list(value), "parameters"))
  } else if (startsWith(name, "parameters/")) {
    for (part in rev(strsplit(substring(name, 12L), "/", fixed = TRUE)[[1]])) {
      value <- stats::setNames(list(value), part)
    }
    set_parameters(state, value)
  } else {
    say(state, c(properties = properties_text(state, stats::setNames(list(value), name))))
  }
  invisible(run)
}

#' Show a run
#'
#' @param x,object A run.
#' @param name Of the series that are drawn; the first one by default. Points without a step are
#'   drawn at their index.
#' @param ... Of `plot`: further arguments of [graphics::plot()], such as `log = "y"`.
#' @return `format` a text; `summary` a data frame of the series, with `points`, `first`, `last`,
#'   `min`, `max` and the `step` of the last point; `plot` and `print` the run, invisibly.
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' for (step in 1:20) rj_log(run, loss = 1 / step, step = step)
#' print(run)
#' summary(run)
#' plot(run, "loss")
#' rj_finish(run)
#' @name show-run
NULL

#' @rdname show-run
#' @export
format.rj_run <- function(x, ...) {
  state <- .subset2(x, "state")
  title <- paste(c(state$project, state$id), collapse = "/")
  how <- if (state$disabled) "disabled" else if (state$finished) "finished" else "running"
  paste0("<run ", title, ": ", how, ", ", state$path, ">")
}

#' @rdname show-run
#' @export
print.rj_run <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}

#' @rdname show-run
#' @export
summary.rj_run <- function(object, ...) {
  series <- record_of(.subset2(object, "state"))$series
  rows <- lapply(names(series), function(name) {
    values <- series[[name]]$value
    finite <- values[is.finite(values)]
    steps <- series[[name]]$step
    data.frame(
      series = name, points = length(values), first = c(values, NA)[1],
      last = utils::tail(c(NA, values), 1L),
      min = if (length(finite)) min(finite) else NA_real_,
      max = if (length(finite)) max(finite) else NA_real_,
      step = utils::tail(c(NA_real_, as.numeric(steps)), 1L), stringsAsFactors = FALSE
    )
  })
  table <- if (length(rows)) do.call(rbind, rows) else data.frame(series = character(),
    points = integer())
  structure(table, title = format(object), class = c("summary.rj_run", "data.frame"))
}

#' @export
print.summary.rj_run <- function(x, ...) {
  cat(attr(x, "title"), "\n", sep = "")
  if (nrow(x)) print(data.frame(x), row.names = FALSE, ...) else cat("no series yet\n")
  invisible(x)
}

#' @rdname show-run
#' @export
plot.rj_run <- function(x, name = NULL, ...) {
  series <- record_of(.subset2(x, "state"))$series
  if (is.null(name)) name <- utils::head(names(series), 1L)
  missing <- setdiff(name, names(series))
  if (!length(name) || length(missing)) {
    rj_abort("the run has no series ", if (length(missing)) paste0("\"", missing[1], "\""),
      "; it has ",
      if (length(series)) paste(names(series), collapse = ", ") else "none", ".",
        class = "rj_bad_argument")
  }
  curves <- lapply(series[name], function(curve) {
    at <- ifelse(is.na(curve$step), seq_along(curve$value) - 1, as.numeric(curve$step))
    list(x = at, y = ifelse(is.finite(curve$value), curve$value, NA_real_))
  })
  given <- list(...)
  all_of <- function(axis) unlist(lapply(curves, `[[`, axis), use.names = FALSE)
  shown <- list(xlab = "step", ylab = if (length(name) == 1L) name else "", type = "n")
  do.call(graphics::plot,
    c(list(x = all_of("x"), y = all_of("y")), utils::modifyList(shown, given)))
  for (index in seq_along(curves)) {
    alone <- length(curves[[index]]$x) == 1L
    graphics::lines(curves[[index]]$x, curves[[index]]$y, type = if (alone) "p" else "l",
      col = index)
  }
  if (length(name) > 1L) {
    graphics::legend("topright", name, col = seq_along(name), lty = 1, bty = "n")
  }
  invisible(x)
}
