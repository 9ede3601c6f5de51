# What packages for models found, as runs have it.

#' Log what glmnet found
#'
#' The path of a fit by glmnet becomes series over its points, the first with the largest lambda:
#' `lambda`, `log_lambda` (over which the others are drawn), `nonzero` (how many coefficients are
#' not zero), `deviance_explained`; of a fit by `cv.glmnet()` also the cross-validated `error` with
#' its `standard_error`. Coefficients become the table `coefficients`; the chosen lambdas and the
#' measure become properties.
#'
#' @inheritParams rj_log
#' @param fit What `glmnet::glmnet()` or `glmnet::cv.glmnet()` returned.
#' @param name In front of the names of all of these.
#' @param s Lambda, for which the coefficients are logged: a number, `"lambda.min"` or
#'   `"lambda.1se"`. By default `"lambda.min"` of a cross-validated fit, else the smallest lambda.
#' @return The run, invisibly. What goes wrong is one warning, and the program goes on.
#' @examplesIf requireNamespace("glmnet", quietly = TRUE)
#' fit <- glmnet::cv.glmnet(as.matrix(mtcars[-1]), mtcars$mpg, nfolds = 5)
#' run <- rj_init(dir = tempfile("runs"), capture = FALSE)
#' rj_log_glmnet(run, fit)
#' rj_finish(run)
#' run[["glmnet/lambda_min"]]
#' @export
rj_log_glmnet <- function(run = rj_current(), fit, name = "glmnet", s = NULL) {
  state <- state_of(run)
  guarded(state, "glmnet", if (!state$disabled) log_glmnet(run, fit, name, s))
  invisible(run)
}

log_glmnet <- function(run, fit, name, s) {
  crossed <- inherits(fit, "cv.glmnet")
  if (!crossed && !inherits(fit, "glmnet")) {
    rj_abort("rj_log_glmnet takes what glmnet() or cv.glmnet() returned, and not ", class(fit)[1],
      ".")
  }
  # Where a fold stops before the last lambda, cv.glmnet cuts the path there.
  path <- if (crossed) fit$glmnet.fit else fit
  at <- match(fit$lambda, path$lambda)
  series <- list(
    lambda = fit$lambda, log_lambda = log(fit$lambda),
    nonzero = if (crossed) fit$nzero else nonzero_of(path),
    deviance_explained = path$dev.ratio[at], error = fit$cvm, standard_error = fit$cvsd
  )
  log_columns(run, name, series[lengths(series) > 0L])
  over <- paste0(name, "/log_lambda")
  rj_define_series(run, paste0(name, "/nonzero"), x = over)
  rj_define_series(run, paste0(name, "/deviance_explained"), x = over)
  if (crossed) {
    goal <- if (names(fit$name)[1] %in% c("auc", "C")) "maximize" else "minimize"
    rj_define_series(run, paste0(name, "/error"), x = over, goal = goal,
      description = unname(fit$name))
    set_below(run, name, list(
      lambda_min = fit$lambda.min, lambda_1se = fit$lambda.1se, measure = unname(fit$name)
    ))
  }
  if (is.null(s)) s <- if (crossed) "lambda.min" else min(fit$lambda)
  rj_log_table(run, paste0(name, "/coefficients"), glmnet_coefficients(fit, s))
}

nonzero_of <- function(path) {
  if (is.matrix(path$df)) colSums(path$df) else path$df
}

#' Coefficients as a data frame; of several responses one below the other
#' @noRd
glmnet_coefficients <- function(fit, s) {
  needs("glmnet", "to take the coefficients of a fit")
  found <- stats::coef(fit, s = s)
  if (!is.list(found)) found <- list(found)
  rows <- lapply(seq_along(found), function(index) {
    values <- as.matrix(found[[index]])
    frame <- data.frame(term = rownames(values), estimate = as.vector(values[, 1]))
    if (is.null(names(found))) frame else data.frame(response = names(found)[index], frame)
  })
  do.call(rbind, rows)
}

#' Log what caret found
#'
#' The results of resampling become series over the tuning points, one of each measure
#' (`caret/RMSE`), of its standard deviation, and of each tuning parameter that is a number; tables
#' of the tuning points (`caret/results`) and of the resamples (`caret/resamples`); and the
#' properties `caret/method`, `caret/best` (the chosen tuning), `caret/metric` and `caret/score`.
#'
#' @inheritParams rj_log_glmnet
#' @param fit What `caret::train()` returned.
#' @return The run, invisibly. What goes wrong is one warning, and the program goes on.
#' @examplesIf requireNamespace("caret", quietly = TRUE)
#' control <- caret::trainControl("cv", number = 3)
#' fit <- caret::train(mpg ~ wt + hp, mtcars, method = "knn", trControl = control, tuneLength = 3)
#' run <- rj_init(dir = tempfile("runs"), capture = FALSE)
#' rj_log_caret(run, fit)
#' rj_finish(run)
#' run[["caret/RMSE"]]
#' @export
rj_log_caret <- function(run = rj_current(), fit, name = "caret") {
  state <- state_of(run)
  guarded(state, "caret", if (!state$disabled) log_caret(run, fit, name))
  invisible(run)
}

log_caret <- function(run, fit, name) {
  if (!inherits(fit, "train")) {
    rj_abort("rj_log_caret takes what caret::train() returned, and not ", class(fit)[1], ".")
  }
  results <- fit$results
  log_columns(run, name, results[vapply(results, is.numeric, NA)])
  tuning <- names(Filter(is.numeric, fit$bestTune))
  # One parameter that is a number is what the measure is drawn over.
  over <- if (length(fit$bestTune) == 1L && length(tuning) == 1L) paste0(name, "/", tuning)
  rj_define_series(run, paste0(name, "/", fit$metric), x = over,
    goal = if (isTRUE(fit$maximize)) "maximize" else "minimize")
  rj_log_table(run, paste0(name, "/results"), results)
  if (is.data.frame(fit$resample)) rj_log_table(run, paste0(name, "/resamples"), fit$resample)
  best <- merge(fit$bestTune, results)
  set_below(run, name, list(
    method = fit$method, best = as.list(fit$bestTune), metric = fit$metric,
    score = best[[fit$metric]][1]
  ))
}

#' Each column as a series, its rows as steps
#' @noRd
log_columns <- function(run, name, columns) {
  for (column in names(columns)) {
    values <- as.vector(columns[[column]])
    rj_extend(run, paste0(name, "/", column), values, steps = seq_along(values))
  }
}

set_below <- function(run, name, values) {
  rj_set_properties(run, stats::setNames(values, paste0(name, "/", names(values))))
}

#' Callbacks that log while a model is trained
#'
#' Give one to the training, and what it is evaluated by is logged after each iteration or epoch.
#' They follow the interfaces that these packages document. Not one of them was run with the
#' package it is for: please look at the first run that you log with one.
#'
#' * `rj_xgboost_callback()`: for `xgb.train(callbacks = list(...))`, of xgboost 3 and of older
#'   ones; `train-rmse` is logged as `train/rmse`.
#' * `rj_lightgbm_callback()`: for `lgb.train(callbacks = list(...))`; `valid/l2` and so on.
#' * `rj_keras_callback()`: for `fit(callbacks = list(...))` of keras3 or keras; what keras calls
#'   `val_loss` is logged as `val_loss`. Its first epoch is 0.
#' * `rj_torch_callback()`: for `fit(callbacks = list(...))` of luz, which trains for torch;
#'   `train/loss`, `valid/loss` and so on.
#'
#' @param run A run of [rj_init()]; the innermost one that goes by default.
#' @param prefix In front of all names, such as `"fold-1"`.
#' @return What the training takes as a callback.
#' @examples
#' \dontrun{
#' run <- rj_init("boosting")
#' xgboost::xgb.train(
#'   params, data, nrounds = 100, evals = list(train = data),
#'   callbacks = list(rj_xgboost_callback(run))
#' )
#' rj_finish(run)
#' }
#' @name rj_callbacks
NULL

#' @rdname rj_callbacks
#' @export
rj_xgboost_callback <- function(run = rj_current(), prefix = NULL) {
  force(run)
  needs("xgboost", "to log its training")
  if ("xgb.Callback" %in% getNamespaceExports("xgboost")) {
    return(xgboost::xgb.Callback(
      cb_name = "runjson",
      f_after_iter = function(env, model, data, evals, iteration, iter_feval) {
        log_evaluation(run, unlist(iter_feval), iteration, prefix)
        FALSE
      }
    ))
  }
  # Before version 3 the training sees to it that its own frame is where this is called from.
  callback <- function(env = parent.frame()) {
    log_evaluation(run, env$bst_evaluation, env$iteration, prefix)
  }
  attr(callback, "call") <- match.call()
  attr(callback, "name") <- "runjson"
  callback
}

#' @rdname rj_callbacks
#' @export
rj_lightgbm_callback <- function(run = rj_current(), prefix = NULL) {
  force(run)
  callback <- function(env) {
    values <- vapply(env$eval_list, function(one) as.numeric(one$value), 0)
    names(values) <- vapply(env$eval_list, function(one) paste0(one$data_name, "/", one$name), "")
    log_evaluation(run, values, env$iteration, prefix)
  }
  attr(callback, "call") <- match.call()
  attr(callback, "name") <- "runjson"
  callback
}

#' @rdname rj_callbacks
#' @export
rj_keras_callback <- function(run = rj_current(), prefix = NULL) {
  force(run)
  package <- if (requireNamespace("keras3", quietly = TRUE)) "keras3" else "keras"
  needs(package, "to log its training")
  lambda <- getExportedValue(package, "callback_lambda")
  lambda(on_epoch_end = function(epoch, logs = NULL) {
    log_evaluation(run, unlist(logs), epoch, prefix)
  })
}

#' @rdname rj_callbacks
#' @export
rj_torch_callback <- function(run = rj_current(), prefix = NULL) {
  force(run)
  needs("luz", "to log its training")
  made <- luz::luz_callback("runjson", on_epoch_end = function() {
    found <- ctx$get_metrics_df()
    found <- found[found$epoch == ctx$epoch, ]
    values <- stats::setNames(as.numeric(found$value), paste0(found$set, "/", found$metric))
    log_evaluation(run, values, ctx$epoch, prefix)
  })
  made()
}

# Where luz has the state of the training.
utils::globalVariables("ctx")

#' Log measures by name; `train-rmse` is `train/rmse`
#' @noRd
log_evaluation <- function(run, values, step, prefix) {
  if (!length(values)) return(invisible())
  names <- sub("-", "/", names(values), fixed = TRUE)
  if (!is.null(prefix)) names <- paste0(prefix, "/", names)
  rj_log(run, stats::setNames(as.list(as.numeric(values)), names), step = as.numeric(step))
  invisible()
}
