# How curved is the way from temperature to ozone? Polynomials of three degrees, compared by
# cross-validation; each is a run.
#
# Rscript analysis.R writes ./runs, and tracks the runs where the command runjson is installed.
library(runjson)

air <- na.omit(airquality[c("Ozone", "Temp")])
set.seed(1)
fold_of <- sample(rep(1:10, length.out = nrow(air)))

rmse <- function(fit, data) sqrt(mean((data$Ozone - predict(fit, data))^2))

fitted_to <- function(degree, data) {
  formula <- substitute(Ozone ~ poly(Temp, n, raw = TRUE), list(n = degree))
  lm(as.formula(formula), data)
}

# One run: errors by fold as series, coefficients as a table, plots, and the model itself.
analyse <- function(degree) {
  run <- rj_init(
    "examples/air", name = paste("ozone, degree", degree), tags = "cross-validation",
    parameters = list(degree = degree, folds = 10, seed = 1, rows = nrow(air))
  )
  rj_define_series(run, "validation/rmse", unit = "[ppb]", goal = "minimize")
  errors <- numeric(10)
  for (fold in 1:10) {
    fit <- fitted_to(degree, air[fold_of != fold, ])
    errors[fold] <- rmse(fit, air[fold_of == fold, ])
    rj_log(run, "training/rmse" = rmse(fit, air[fold_of != fold, ]),
      "validation/rmse" = errors[fold], step = fold)
  }
  fit <- fitted_to(degree, air)
  rj_set_properties(run, "rmse/mean" = mean(errors), "rmse/standard_error" = sd(errors) / sqrt(10),
    "r_squared" = summary(fit)$r.squared)
  coefficients <- data.frame(c("1", paste0("Temp^", seq_len(degree))), coef(summary(fit)))
  names(coefficients) <- c("term", "estimate", "standard_error", "t", "p")
  rownames(coefficients) <- NULL
  rj_log_table(run, "coefficients", coefficients)
  rj_log_histogram(run, "residuals", resid(fit), bins = 20)
  rj_log_image(run, "fit", function() {
    plot(Ozone ~ Temp, air, main = paste("degree", degree), xlab = "Temperature in degrees F",
      ylab = "Ozone in ppb")
    curve(predict(fit, data.frame(Temp = x)), add = TRUE, col = "red")
  })
  if (requireNamespace("ggplot2", quietly = TRUE)) {
    drawn <- data.frame(fitted = fitted(fit), residual = resid(fit))
    rj_log_image(run, "residuals", ggplot2::ggplot(drawn, ggplot2::aes(fitted, residual)) +
      ggplot2::geom_point() + ggplot2::geom_hline(yintercept = 0))
  }
  rj_log_model(run, "model", fit)
  rj_finish(run)
}

runs <- lapply(1:3, analyse)

# Read again, without Python.
for (run in runs) {
  record <- rj_read(run$path)
  cat("degree", record$parameters$degree, "error", record$properties[["rmse/mean"]], "\n")
}

if (rj_has_command()) {
  uploaded <- rj_upload(vapply(runs, function(run) run$folder, ""))
  print(uploaded[c("answer", "run", "points", "files")])
}
if (rj_has_command() && rj_has_python()) {
  found <- rj_runs(
    project = "examples/air", sort = "properties.rmse/mean",
    columns = c("parameters.degree", "properties.rmse/mean")
  )
  print(found[c("id", "status", "parameters.degree", "properties.rmse/mean")])
  points <- rj_series(found[1, ], "validation/rmse")
  print(points[c("run", "step", "value")])
}
