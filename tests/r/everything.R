# All that a run can say, with times that are given: both engines are to write the same.
library(runjson)
when <- 1795230821.5

run <- rj_init(
  project = "r/everything", id = "everything", name = "all of it", dir = "runs", capture = FALSE,
  parameters = list(
    lr = 0.1, seed = 7L, big = bit64::as.integer64("9007199254740993"),
    texts = list(latin = iconv("h\u00e9", "UTF-8", "latin1"), quoted = "a \"b\" \\ \n\t\u0001", bird = "\U0001f989"),
    layers = c(64L, 10L), one = I("only"), none = numeric(0), missing = NA_real_, clip = Inf,
    kind = factor("b", levels = c("a", "b")), day = as.Date("2026-11-21"),
    moment = as.POSIXct("2026-11-21 03:13:41.25", tz = "Europe/Berlin")
  ),
  tags = c("baseline", "r\u00e9sum\u00e9"), properties = list(note = "first"), group = "seeds",
  description = "*All* of it"
)
for (step in 1:20) {
  loss <- if (step %% 7 == 0) NaN else exp(-step)
  rj_log(run, "train/loss" = loss, accuracy = step / 20, step = step, time = when + step)
}
rj_log(run, list(infinite = -Inf, whole = 3L, missing = NA_real_, flag = TRUE), step = 0.5, time = when)
rj_log(run, message = "a text by rj_log", time = when)
rj_extend(run, "many", values = c(1.5, NaN, 3), steps = c(1, NA, 2.5), times = c(when, NA, when + 1))
rj_log_text(run, "log", c("one line\n", "\U0001f989"), step = 3, time = when)
rj_log_histogram(run, "weights", c(-1, -0.5, 0, 0.25, 1), bins = 4, step = 1, time = when)
rj_log_histogram(run, "counted", counts = c(1, 2), edges = c(-Inf, 0, Inf), step = 1, time = when)
rj_define_series(run, "train/loss", unit = "nat", goal = "minimize", x = "accuracy")
for (step in 1:2) {
  rj_log_image(run, "square", matrix(c(0, 0.5, 1, step / 2), 2), step = step, time = when, description = "four")
}
rj_log_image(run, "colours", array(seq(0, 1, length.out = 12), c(2, 2, 3)), time = when)
writeLines("weights", "model.bin")
rj_log_artifact(run, "model.bin", "model", kind = "model")
rj_log_artifact(run, "model.bin", "model", kind = "model")
dir.create("folder/below", recursive = TRUE)
writeLines("a", "folder/a.txt")
writeLines("b", "folder/below/b.txt")
rj_log_artifact(run, "folder")
rj_log_table(run, "errors", data.frame(digit = c(8L, NA), read = c("o\u00e9", "q,\"x\""), part = c(0.1, NaN)))
rj_set_properties(run, note = "second", f1 = 0.95)
rj_set_properties(run, note = NULL)
run[["by/path"]] <- list(a = 1, b = "two")
run$parameters <- list(later = TRUE)
rj_add_tags(run, "best")
rj_remove_tags(run, "baseline")
rj_describe(run, "another *description*")
rj_finish(run)
