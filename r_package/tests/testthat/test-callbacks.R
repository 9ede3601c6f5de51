test_fits <- function() {
  skip_if_not_installed("glmnet")
  set.seed(1)
  x <- as.matrix(mtcars[2:4])
  list(
    crossed = glmnet::cv.glmnet(x, mtcars$mpg, nfolds = 5, nlambda = 20),
    path = glmnet::glmnet(x, mtcars$mpg, nlambda = 10),
    several = glmnet::glmnet(as.matrix(iris[1:4]), iris$Species, family = "multinomial", nlambda = 5),
    auc = suppressWarnings(glmnet::cv.glmnet(
      x, mtcars$am, type.measure = "auc", nfolds = 3, family = "binomial", nlambda = 10
    ))
  )
}

test_that("a path of glmnet and its cross-validation are series over lambda", {
  fit <- test_fits()$crossed
  run <- quiet_run(runs_folder())
  expect_silent(rj_log_glmnet(run, fit))
  rj_finish(run)
  found <- rj_read(run$path)
  expect_equal(found$series[["glmnet/lambda"]]$value, fit$lambda)
  expect_equal(found$series[["glmnet/error"]]$value, fit$cvm)
  expect_equal(found$series[["glmnet/error"]]$step, seq_along(fit$lambda))
  expect_equal(attr(found$series[["glmnet/error"]], "x"), "glmnet/log_lambda")
  expect_equal(attr(found$series[["glmnet/error"]], "goal"), "minimize")
  expect_equal(found$series[["glmnet/standard_error"]]$value, fit$cvsd)
  expect_equal(found$series[["glmnet/nonzero"]]$value, unname(fit$nzero))
  expect_equal(found$properties[["glmnet/lambda_min"]], fit$lambda.min)
  table <- read.csv(file.path(run$folder, found$artifacts[["glmnet/coefficients"]]$path))
  expect_equal(table$estimate, as.vector(as.matrix(coef(fit, s = "lambda.min"))))
  expect_equal(table$term[1:2], c("(Intercept)", "cyl"))
  expect_valid(run$folder)
})

test_that("a fit without cross-validation, one of several responses, and one by AUC are logged", {
  fits <- test_fits()
  run <- quiet_run(runs_folder())
  expect_silent({
    rj_log_glmnet(run, fits$path)
    rj_log_glmnet(run, fits$several, name = "several", s = 0.1)
    rj_log_glmnet(run, fits$auc, name = "auc")
  })
  expect_warning(rj_log_glmnet(run, lm(mpg ~ wt, mtcars)), "and not lm")
  rj_finish(run)
  found <- rj_read(run$path)
  expect_equal(found$series[["glmnet/nonzero"]]$value, fits$path$df)
  expect_null(found$series[["glmnet/error"]])
  expect_equal(attr(found$series[["auc/error"]], "goal"), "maximize")
  expect_equal(nrow(found$series[["several/nonzero"]]), length(fits$several$lambda))
  table <- read.csv(file.path(run$folder, found$artifacts[["several/coefficients"]]$path))
  expect_equal(dim(table), c(15L, 3L))
  expect_setequal(table$response, levels(iris$Species))
  expect_valid(run$folder)
})

test_that("what caret resampled is logged by tuning point", {
  skip_if_not_installed("caret")
  # Its packages ask for the clock of the system, which may be out of reach.
  suppressWarnings(loadNamespace("caret"))
  set.seed(1)
  control <- caret::trainControl("cv", number = 3)
  fit <- caret::train(mpg ~ wt + hp, mtcars, method = "knn", trControl = control, tuneLength = 3)
  run <- quiet_run(runs_folder())
  expect_silent(rj_log_caret(run, fit))
  expect_warning(rj_log_caret(run, 1), "caret::train\\(\\) returned, and not numeric")
  rj_finish(run)
  found <- rj_read(run$path)
  expect_equal(found$series[["caret/RMSE"]]$value, fit$results$RMSE)
  expect_equal(found$series[["caret/k"]]$value, fit$results$k)
  expect_equal(attr(found$series[["caret/RMSE"]], "x"), "caret/k")
  expect_equal(attr(found$series[["caret/RMSE"]], "goal"), "minimize")
  expect_equal(found$properties[["caret/best"]], list(k = fit$bestTune$k))
  expect_equal(found$properties[["caret/score"]], min(fit$results$RMSE))
  table <- read.csv(file.path(run$folder, found$artifacts[["caret/resamples"]]$path))
  expect_equal(table$RMSE, fit$resample$RMSE)
  expect_valid(run$folder)
})

test_that("measures are logged under names with a slash", {
  run <- quiet_run(runs_folder())
  log_evaluation(run, c("train-rmse" = 0.5, "test-rmse-total" = 0.7), 3, NULL)
  log_evaluation(run, c("train-rmse" = 0.5), 1L, "fold-1")
  log_evaluation(run, NULL, 4, NULL)
  rj_finish(run)
  found <- rj_read(run$path)$series
  expect_setequal(names(found), c("train/rmse", "test/rmse-total", "fold-1/train/rmse"))
  expect_equal(found[["train/rmse"]][c("step", "value")], data.frame(step = 3, value = 0.5))
})

test_that("the callback of lightgbm reads the list of evaluations", {
  run <- quiet_run(runs_folder())
  callback <- rj_lightgbm_callback(run)
  evaluations <- list(
    list(data_name = "valid", name = "l2", value = 0.25),
    list(data_name = "valid", name = "l1", value = 0.5)
  )
  callback(list2env(list(iteration = 7L, eval_list = evaluations)))
  callback(list2env(list(iteration = 8L, eval_list = list())))
  rj_finish(run)
  expect_equal(run[["valid/l2"]]$value, 0.25)
  expect_equal(run[["valid/l1"]]$step, 7)
  expect_equal(attr(callback, "name"), "runjson")
})

test_that("a package that is not there is named", {
  skip_if(requireNamespace("luz", quietly = TRUE))
  run <- quiet_run(runs_folder())
  expect_error(rj_torch_callback(run), "luz")
  rj_finish(run)
})
