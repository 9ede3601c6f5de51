test_that("a script that just ends has succeeded, and says what it is", {
  folder <- runs_folder()
  done <- run_script(c("run <- rj_init('p', id = 'r')", "message('hello'); f <- function() warning('careful'); f()",
    "try(stop('caught'), silent = TRUE)", "rj_log(run, loss = 0.5)"), folder, c("--lr", "0.1", "--api-token", "abc123"))
  expect_equal(done$status, 0)
  expect_true("hello" %in% done$printed)
  found <- rj_read(file.path(folder, "r"))
  expect_equal(found$status, "succeeded")
  expect_equal(found$source$arguments, c("--lr", "0.1", "--api-token", "***"))
  expect_equal(found$source$script, file.path(folder, "train.R"))
  expect_equal(readLines(file.path(folder, "r", found$artifacts[["source/train.R"]]$path)),
    readLines(file.path(folder, "train.R")))
  expect_equal(found$text[["console/stderr"]]$value, c("hello", "Warning in f(): careful"))
  expect_equal(found$environment$r, as.character(getRversion()))
  expect_equal(found$environment$packages$jsonlite, as.character(utils::packageVersion("jsonlite")))
  expect_valid(folder)
})

test_that("a script that an error ends has failed, with the error and its calls", {
  folder <- runs_folder()
  done <- run_script(c("run <- rj_init(id = 'r')", "inner <- function(x) stop('no data: ', x)",
    "outer <- function() inner('x.csv')", "outer()"), folder)
  expect_equal(done$status, 1)
  expect_true(any(grepl("no data: x.csv", done$printed)))
  found <- rj_read(file.path(folder, "r"))
  expect_equal(found$status, "failed")
  expect_equal(found$error$message, "no data: x.csv")
  expect_match(found$error$traceback, "outer\\(\\).*\n2: inner\\(\"x.csv\"\\)")
  expect_valid(folder)
})

test_that("an error is told where rj_init was called within handlers, too", {
  folder <- runs_folder()
  done <- run_script(c("rj_finish(suppressMessages(rj_init()))", "stopifnot(is.null(getOption('error')))",
    "run <- suppressMessages(rj_init(id = 'r'))", "log('a')"), folder)
  expect_equal(done$status, 1)
  expect_true(any(grepl("Execution halted", done$printed)))
  found <- rj_read(file.path(folder, "r"))
  expect_equal(found$status, "failed")
  expect_match(found$error$message, "non-numeric argument")
})

test_that("Ctrl-C makes a run aborted", {
  skip_on_os("windows")
  # R passes over a Ctrl-C while it runs a command of the system, as rj_init does: so it says when there is none any more.
  ready <- "ready <- function() cat(Sys.getpid(), file = file.path(Sys.getenv('RUNJSON_DIR'), 'pid'))"
  for (code in c("ready(); Sys.sleep(60)", "ready(); repeat 1", "with_run({ ready(); Sys.sleep(60) }, id = 'inner')")) {
    folder <- runs_folder()
    started <- run_script(c(ready, "run <- rj_init(id = 'r')", code), folder, wait = FALSE)
    pid <- file.path(folder, "pid")
    expect_true(wait_for(function() isTRUE(file.size(pid) > 0)))
    Sys.sleep(0.3)
    tools::pskill(as.integer(readLines(pid, warn = FALSE)), tools::SIGINT)
    for (id in c("r", if (grepl("inner", code)) "inner")) {
      path <- file.path(folder, id, "run.jsonl")
      expect_true(wait_for(function() any(grepl("\"ended_at\"", readLines(path)))), info = code)
      expect_equal(rj_read(path)$status, "aborted", info = code)
    }
  }
})

test_that("a forked process that ends does not end the run of its parent", {
  skip_on_os("windows")
  folder <- runs_folder()
  done <- run_script(c("run <- rj_init(id = 'r')", "for (logs in c(TRUE, FALSE)) parallel::mcparallel({ if (logs) rj_log(run, a = 1); quit(save = 'no') })",
    "Sys.sleep(1); rj_log(run, b = 2)"), folder)
  expect_equal(done$status, 0)
  found <- records(file.path(folder, "r", "run.jsonl"))
  expect_equal(sum(vapply(found, function(one) !is.null(one$ended_at), NA)), 1)
  expect_equal(utils::tail(found, 1)[[1]]$status, "succeeded")
  expect_equal(rj_read(file.path(folder, "r", "run.jsonl"))$series$b$value, 2)
})

test_that("git is said, without credentials, with the changes of tracked files", {
  skip_if(Sys.which("git") == "")
  folder <- runs_folder()
  here <- file.path(folder, "code")
  dir.create(here)
  git <- function(...) system2("git", c("-C", shQuote(here), "-c", "user.name=Ada", "-c", "user.email=a@b.c", ...),
    stdout = FALSE, stderr = FALSE)
  git("init", "-q", "-b", "trunk")
  writeLines("one", file.path(here, "file.txt"))
  git("add", ".")
  git("commit", "-q", "-m", shQuote("first try"))
  git("remote", "add", "origin", "https://ada:secret@example.org/x.git")
  writeLines("two", file.path(here, "file.txt"))
  old <- setwd(here)
  on.exit(setwd(old))
  run <- rj_init(dir = file.path(folder, "runs"), capture = "git", upload = FALSE)
  rj_finish(run)
  found <- rj_read(run$path)
  expect_match(found$source[["git/commit"]], "^[0-9a-f]{40}$")
  expect_equal(found$source[c("git/author", "git/message", "git/branch", "git/remote", "git/dirty")],
    list("git/author" = "Ada", "git/message" = "first try", "git/branch" = "trunk",
      "git/remote" = "https://example.org/x.git", "git/dirty" = TRUE))
  diff <- readLines(file.path(run$folder, found$artifacts[["source/diff"]]$path))
  expect_true(all(c("-one", "+two") %in% diff))
  expect_valid(run$folder)
})

test_that("hardware is sampled when something is logged, and at the end", {
  skip_if_not(file.exists("/proc/stat"))
  run <- rj_init(dir = runs_folder(), capture = "hardware", upload = FALSE)
  rj_log(run, a = 1)
  state <- .subset2(run, "state")
  state$sampling$due <- state$next_look <- 0
  rj_log(run, a = 2)
  rj_log(run, a = 3)
  rj_finish(run)
  found <- rj_read(run$path)$series
  expect_equal(nrow(found[["system/memory/process"]]), 2)
  expect_gt(found[["system/memory/process"]]$value[1], 10)
  expect_equal(attr(found[["system/memory/process"]], "unit"), "MiB")
  expect_true(all(found[["system/cpu/utilization"]]$value <= 100))
  expect_true(all(is.na(found[["system/memory/used"]]$step)))
  expect_valid(run$folder)
})

test_that("secrets are masked as in the Python client", {
  expect_equal(masked_arguments(c("--token=X", "--password", "Y", "--lr", "1", "hf_abcdefghijklmnop", "db=https://u:p@h/x")),
    c("--token=***", "--password", "***", "--lr", "1", "***", "db=https://***@h/x"))
  expect_equal(masked("Authorization: Bearer abc api_key=xyz max_tokens=5"),
    "Authorization: *** *** api_key=*** max_tokens=5")
  expect_equal(is_secret(c("--api-key", "dbPassword", "HF_TOKEN", "max_tokens", "author")), c(TRUE, TRUE, TRUE, FALSE, FALSE))
})

test_that("what fails while capturing is told, and the run goes on", {
  run <- rj_init(dir = runs_folder(), capture = "hardware", upload = FALSE)
  skip_if(is.null(.subset2(run, "state")$sampling))
  state <- .subset2(run, "state")
  state$sampling$looked <- "never"
  state$sampling$due <- state$next_look <- 0
  expect_warning(rj_log(run, a = 1), "non-numeric")
  rj_log(run, a = 2)
  rj_finish(run)
  expect_equal(run[["a"]]$value, 1:2)
  expect_equal(run$status, "succeeded")
})
