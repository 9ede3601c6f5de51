# Fit a line to the petals of irises, tracked by print statements: R without packages.
#
# Rscript iris.R fit|diverge|fail DATA FOLDER

# -- to copy: texts, numbers, and the time -----------------------------------------------------------------------------

# A text in quotes.
json_text <- function(x) {
  x <- gsub("\\", "\\\\", enc2utf8(x), fixed = TRUE)
  x <- gsub("\"", "\\\"", x, fixed = TRUE)
  for (code in 1:31) x <- gsub(intToUtf8(code), sprintf("\\u%04x", code), x, fixed = TRUE)
  paste0("\"", x, "\"")
}

# Numbers of a series; JSON has no NaN and no infinities.
json_point <- function(x) {
  out <- sprintf("%.17g", x)
  out[is.na(x)] <- "\"NaN\""
  out[x %in% Inf] <- "\"Infinity\""
  out[x %in% -Inf] <- "\"-Infinity\""
  out
}

# The same as a property or parameter.
json_tagged <- function(x) ifelse(is.finite(x), json_point(x), paste0("{\"$float\": ", json_point(x), "}"))

# The moment in UTC, and as seconds since 1970.
now <- function() format(Sys.time(), "%Y-%m-%dT%H:%M:%OS3Z", tz = "UTC")
seconds <- function() sprintf("%.3f", as.numeric(Sys.time()))

# -- the experiment ----------------------------------------------------------------------------------------------------

# The mean square of the errors, and its derivatives by slope and intercept. Not with sum(), which adds in long doubles.
fit <- function(data, slope, intercept) {
  loss <- by_slope <- by_intercept <- 0
  for (i in seq_len(nrow(data))) {
    error <- slope * data$length[i] + intercept - data$width[i]
    loss <- loss + error * error
    by_slope <- by_slope + 2 * error * data$length[i]
    by_intercept <- by_intercept + 2 * error
  }
  list(loss = loss / nrow(data), by_slope = by_slope / nrow(data), by_intercept = by_intercept / nrow(data))
}

# The curve of the finite losses as SVG, on a logarithmic axis.
drawn <- function(losses) {
  logs <- log10(losses[is.finite(losses)])
  x <- 300 * (seq_along(logs) - 1) / length(logs)
  y <- 10 + 180 * (max(logs) - logs) / (max(logs) - min(logs))
  paste0(
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\"><polyline points=\"",
    paste(sprintf("%.2f,%.2f", x, y), collapse = " "), "\" fill=\"none\" stroke=\"black\"/></svg>\n"
  )
}

# Bytes go out as they are: a text connection would turn letters into <U+00EF> where LC_ALL is C.
put <- function(con, text) {
  writeBin(charToRaw(enc2utf8(text)), con)
  flush(con)
}

save <- function(path, text) {
  con <- file(path, "wb")
  on.exit(close(con))
  put(con, text)
}

arguments <- commandArgs(trailingOnly = TRUE)
variant <- arguments[1]
folder <- arguments[3]
flowers <- read.csv(arguments[2])
flowers <- data.frame(length = flowers$petal_length, width = flowers$petal_width)
held_out <- seq_len(nrow(flowers)) %% 5 == 1
train <- flowers[!held_out, ]
validation <- flowers[held_out, ]
rate <- if (variant == "diverge") 10 else 0.02
epochs <- if (variant == "diverge") 150 else 100

id <- paste0("r-", variant)
begin <- paste0(
  "\"runjson\": \"1.0\", \"project\": \"languages\", \"id\": ", json_text(id),
  ", \"name\": ", json_text(paste("Petals of irises in R:", variant)), ", \"started_at\": ", json_text(now()),
  ", \"tags\": [\"languages\", ", json_text("say \"hi\" \\ \U1F989\n\a"),
  "], \"parameters\": {\"rate\": ", json_tagged(rate), ", \"epochs\": ", epochs,
  ", \"big\": {\"$int\": \"9007199254740993\"}, \"note\": ",
  json_text("He said: \"5 \\ 3\"\n\tna\u00EFve \U1F989 \u0001"),
  "}, \"source\": {\"language\": \"R\", \"script\": \"iris.R\"}",
  ", \"environment\": {\"version\": ", json_text(as.character(getRversion())), "}"
)

stream <- file(file.path(folder, paste0(id, ".run.jsonl")), "wb")
put(stream, paste0("{", begin, ", \"status\": \"running\"}\n"))

# Each series keeps its values, steps and times for the document, as they were printed.
kept <- list(series = list(), text = list())
log_point <- function(kind, series, value, step) {
  time <- seconds()
  put(stream, sprintf("{\"step\": %d, \"time\": %s, \"%s\": {\"%s\": %s}}\n", step, time, kind, series, value))
  kept[[kind]][[series]] <<- rbind(kept[[kind]][[series]], c(values = value, steps = step, times = time))
}

columns <- function(points) {
  lists <- sprintf("\"%s\": [%s]", colnames(points), apply(points, 2, paste, collapse = ", "))
  paste0("{", paste(lists, collapse = ", "), "}")
}

losses <- c()
slope <- intercept <- 0
options(warn = 2) # A warning of R tells more than the error behind it, so it becomes the error.
end <- tryCatch({
  for (epoch in seq_len(epochs)) {
    found <- fit(train, slope, intercept)
    log_point("series", "train/loss", json_point(found$loss), epoch)
    losses <- c(losses, found$loss)
    if (epoch %% 10 == 0) {
      log_point("series", "validation/loss", json_point(fit(validation, slope, intercept)$loss), epoch)
      log_point("text", "log", json_text(sprintf("epoch %d: loss %.6g", epoch, found$loss)), epoch)
    }
    if (variant == "fail" && epoch == 50) readLines(file.path(folder, "no-such-checkpoint"))
    slope <- slope - rate * found$by_slope
    intercept <- intercept - rate * found$by_intercept
  }
  save(file.path(folder, paste0(id, "-loss.svg")), drawn(losses))
  path <- file.path(folder, paste0(id, "-model.txt"))
  save(path, sprintf("%.17g %.17g\n", slope, intercept))
  digest <- substr(system2("sha256sum", stdin = path, stdout = TRUE), 1, 64)
  sprintf(
    paste0(
      "\"status\": \"succeeded\", \"properties\": {\"slope\": %s, \"intercept\": %s}, ",
      "\"images\": {\"loss\": {\"path\": \"%s-loss.svg\", \"media_type\": \"image/svg+xml\"}}, ",
      "\"artifacts\": {\"model\": {\"path\": \"%s-model.txt\", \"bytes\": %d, \"sha256\": \"%s\"}}"
    ), json_tagged(slope), json_tagged(intercept), id, id, file.size(path), digest
  )
}, error = function(e) {
  sprintf(
    "\"status\": \"failed\", \"error\": {\"type\": %s, \"message\": %s}",
    json_text(class(e)[1]), json_text(conditionMessage(e))
  )
})
end <- paste0(end, ", \"ended_at\": ", json_text(now()))
put(stream, paste0("{", end, "}\n"))
close(stream)

parts <- vapply(names(kept), function(kind) {
  lines <- sprintf("\"%s\": %s", names(kept[[kind]]), vapply(kept[[kind]], columns, ""))
  sprintf("\"%s\": {\n  %s}", kind, paste(lines, collapse = ",\n  "))
}, "")
save(file.path(folder, paste0(id, ".run.json")), paste0("{", paste(c(begin, parts, end), collapse = ",\n "), "}\n"))
quit(status = if (startsWith(end, "\"status\": \"failed\"")) 1 else 0)
