# Judges the model by the rows that it has not seen. R alone, without a package.
given <- commandArgs(trailingOnly = TRUE)
id <- given[1]
folder <- given[2]

# A number of a series; JSON has no NaN and no infinities.
number <- function(x) {
  text <- formatC(x, digits = 17, format = "g", width = 1)
  ifelse(is.finite(x), text, ifelse(is.nan(x), "\"NaN\"", ifelse(x > 0, "\"Infinity\"", "\"-Infinity\"")))
}
moment <- function() format(Sys.time(), "%Y-%m-%dT%H:%M:%OS3Z", tz = "UTC")
stream <- file(file.path(folder, "evaluate.run.jsonl"), "wb")
line <- function(...) {
  writeBin(charToRaw(paste0(..., "\n")), stream)
  flush(stream)
}

line(
  '{"runjson":"1.0","project":"languages","id":"', id, '","writer":"evaluate","status":"running","started_at":"',
  moment(), '"}'
)
model <- scan(file.path(folder, "model.txt"), quiet = TRUE)
test <- read.csv(file.path(folder, "data/test.csv"), header = FALSE, col.names = c("length", "width"))
error <- model[1] * test$length + model[2] - test$width
line('{"time":', number(as.numeric(Sys.time())), ',"series":{"test/error":[', paste(number(error), collapse = ","), "]}}")

counted <- hist(error, breaks = 8, plot = FALSE)
line(
  '{"histograms":{"test/errors":{"edges":[', paste(number(counted$breaks), collapse = ","), '],"counts":[',
  paste(counted$counts, collapse = ","), "]}}}"
)
line(
  '{"properties":{"test/rmse":', number(sqrt(mean(error^2))), '},"environment":{"r":"', as.character(getRversion()),
  '"},"status":"succeeded","ended_at":"', moment(), '"}'
)
close(stream)
