# Random streams, made as JSON texts so that every spelling of the format occurs.
pick <- function(...) sample(list(...), 1L)[[1L]]
some <- function(x, most) x[sort(sample(length(x), sample(0:min(most, length(x)), 1L)))]

random_number <- function() {
  pick(
    js_number(runif(1L)), js_number(rnorm(1L) * 10^sample(-30:30, 1L)), as.character(sample(-5:5, 1L)), "1e21", "7.0", "-0",
    "9007199254740993", "123456789012345678901", "0.30000000000000004"
  )
}

random_value <- function(depth = 0L) {
  if (depth < 3L && runif(1L) < 0.3) {
    size <- sample(0:3, 1L)
    entries <- vapply(seq_len(size), function(one) random_value(depth + 1L), "")
    if (runif(1L) < 0.5) return(js_array(entries))
    return(js_object(stats::setNames(entries, sample(c("a", "b", "\u00e9", "\U1F680", "\ufb01", "", "z\"\n"), size))))
  }
  pick(
    random_number(), "true", "null", "\"text \\u0041\\u00e9\\ud83d\\ude80\\u0000\"", "{\"$float\":\"NaN\"}", "{\"$int\":\"007\"}",
    "{\"$int\":\"90071992547409931\"}", "{\"$datetime\":\"2026-11-21 03:13:41.10z\"}", "[]", "{}"
  )
}

# What a tagged integer must not be spelled as is left out.
valid_value <- function() {
  repeat {
    text <- random_value()
    if (!grepl("007", text, fixed = TRUE)) return(text)
  }
}

random_columns <- function(point) {
  size <- sample(0:4, 1L)
  points <- vapply(seq_len(size), function(one) point(), "")
  if (runif(1L) < 0.3 && size) return(points[1L])
  if (runif(1L) < 0.3) return(js_array(points))
  texts <- c(values = js_array(points))
  column <- function() js_array(sample(c("null", random_number(), "3", "-2.5"), size, replace = TRUE))
  if (runif(1L) < 0.4) texts[["steps"]] <- column()
  if (runif(1L) < 0.3) texts[["times"]] <- js_array(rep(pick("null", "1795230821.25"), size))
  if (runif(1L) < 0.3) texts[["unit"]] <- pick("\"s\"", "\"%\"", "null", "[]")
  if (runif(1L) < 0.2) texts[["goal"]] <- pick("\"minimize\"", "\"maximize\"")
  if (runif(1L) < 0.2) texts[["x:y"]] <- valid_value()
  js_object(texts)
}

random_point <- function(kind) switch(kind,
  series = pick(random_number(), "\"NaN\"", "\"-Infinity\"", "\"inf\""),
  text = pick("\"line\"", "\"\"", "\"\\t\u00e9\""),
  images = pick("\"a/./b.png\"", "{\"path\":\"c.png\",\"width\":3,\"x:y\":[1]}", "{\"data\":\"aG k=\",\"media_type\":\"image/png\"}"),
  histograms = pick("{\"edges\":[0,1,2],\"counts\":[3,0.5]}", "{\"edges\":[\"-Infinity\",\"inf\"],\"counts\":\"NaN\"}")
)

random_record <- function(first) {
  texts <- if (first) c(runjson = "\"1.0\"", id = "\"r-1\"") else character()
  say <- function(name, chance, text) if (runif(1L) < chance) texts[[name]] <<- text
  say("name", 0.2, js_text(pick("one", "tw\u00f6")))
  say("status", 0.2, pick("\"running\"", "\"failed\""))
  say("started_at", 0.1, "\"2026-11-21t03:13:41+0100\"")
  say("error", 0.1, pick("\"boom\"", "{\"type\":\"E\",\"traceback\":[\"a\",\"b\\n\",\"c\"]}", "{}"))
  say("parent", 0.1, "{\"id\":\"p\",\"step\":3}")
  tags <- function() js_array(js_text(some(c("a", "b", "\u00e9", "\U1F680", "\ufb01"), 3L)))
  say("tags", 0.3, tags())
  say("untags", 0.3, tags())
  # Parameters are written once: a name's value follows from the name.
  say("parameters", 0.3, js_object(some(c(lr = "0.1", seed = "7", net = pick("{\"a\":1}", "{\"b\":[1,2]}", "{}"), none = "null"), 4L)))
  for (map in c("properties", "source", "environment")) {
    names <- some(c("f1", "a/b", "\U1F680", "\ufb01"), 3L)
    say(map, 0.2, js_object(stats::setNames(vapply(names, function(one) valid_value(), ""), names)))
  }
  say("artifacts", 0.2, js_object(some(c(m = pick("\"m.bin\"", "null", "{}"), "d/e" = "{\"uri\":\"s3://x\",\"metadata\":{\"k\":1e2}}"), 2L)))
  say("acme:x", 0.1, valid_value())
  say("step", 0.5, random_number())
  say("time", 0.3, "1795230822.5")
  for (kind in kinds) {
    names <- some(c("loss", "train/loss", "\u00e9", "\U1F680"), 3L)
    say(kind, if (kind == "series") 0.8 else 0.2, js_object(stats::setNames(
      vapply(names, function(one) random_columns(function() random_point(kind)), ""), names
    )))
  }
  js_object(texts)
}

random_stream <- function(most = 12L) {
  size <- sample(most, 1L)
  c(random_record(TRUE), vapply(seq_len(size), function(one) random_record(FALSE), ""))
}

folded <- function(lines, part = FALSE) {
  state <- new_fold(part = part)
  fold_lines(state, lines, seq_along(lines))
  state
}

test_that("a stream may be cut anywhere: the fold of all is the merge of the parts' folds", {
  set.seed(11)
  for (run in 1:150) {
    lines <- random_stream()
    cut <- sample(length(lines) - 1L, 1L)
    first <- canonical_text(folded(lines[seq_len(cut)]))
    second <- canonical_text(folded(lines[-seq_len(cut)], part = TRUE))
    expect_identical(canonical_text(folded(c(first, second))), canonical_text(folded(lines)))
  }
})

test_that("a canonical form reads back to itself", {
  set.seed(12)
  for (run in 1:50) {
    text <- canonical_text(folded(random_stream()))
    expect_identical(canonical_of(text, extension = ".json"), text)
  }
})

test_that("R and Python give the same canonical bytes for 200 random runs", {
  python <- checkout(".venv", "bin", "python")
  set.seed(13)
  folder <- tempfile()
  dir.create(folder)
  for (run in 1:200) {
    writeLines(random_stream(), file.path(folder, sprintf("%03d.jsonl", run)), useBytes = TRUE)
  }
  script <- tempfile(fileext = ".py")
  writeLines(c(
    "import sys, pathlib",
    "from runjson_schema.canonical import canonical",
    "from runjson_schema.decode import fold_file",
    "for path in sorted(pathlib.Path(sys.argv[1]).glob('*.jsonl')):",
    "    path.with_suffix('.canonical').write_bytes(canonical(fold_file(path).fold))"
  ), script)
  status <- system2(python, c(script, folder))
  expect_identical(status, 0L)
  for (path in list.files(folder, "jsonl$", full.names = TRUE)) {
    other <- sub("jsonl$", "canonical", path)
    expect_identical(charToRaw(canonical_text(read_fold(path))), readBin(other, "raw", file.size(other)))
  }
})

test_that("points that come line by line fold as those that come at once", {
  set.seed(14)
  lines <- sprintf("{\"step\":%d,\"series\":{\"a\":%s,\"b\":%s}}", 1:500, js_number(runif(500)), js_number(runif(500)))
  lines[c(100, 101, 300)] <- "{\"series\":{\"a\":\"NaN\",\"c\":[1,2]}}"
  head <- "{\"runjson\":\"1.0\",\"id\":\"a\"}"
  slow <- new_fold()
  for (line in c(head, lines)) fold_add(slow, jsonlite::parse_json(line))
  expect_identical(canonical_text(folded(c(head, lines))), canonical_text(slow))
})

test_that("names are sorted by UTF-16, where an emoji stands before a ligature", {
  text <- canonical_of("{\"runjson\":\"1.0\",\"parameters\":{\"\ufb01\":1,\"\U1F680\":2,\"b\":3,\"\":4}}", extension = ".json")
  expect_identical(text, "{\"parameters\":{\"\":4,\"b\":3,\"\U1F680\":2,\"\ufb01\":1},\"runjson\":\"1.0\"}")
})

test_that("a parameter that changes is refused with its code and its line", {
  fault <- expect_error(
    canonical_of("{\"runjson\":\"1.0\",\"id\":\"a\",\"parameters\":{\"lr\":0.1}}", "", "{\"parameters\":{\"lr\":0.2}}"),
    class = "rj_invalid"
  )
  expect_identical(fault$code, "RJ202")
  expect_identical(fault$line, 3L)
  expect_match(conditionMessage(fault), "^line 3: RJ202 at parameters/lr: ")
})
