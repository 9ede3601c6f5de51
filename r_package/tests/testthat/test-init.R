test_that("a run begins with its first record, as the Python client writes it", {
  folder <- runs_folder()
  run <- quiet_run(folder, project = "vision/digits", name = "mlp", id = "mlp-1", parameters = list(lr = 0.1),
    tags = c("a", ""), properties = list(note = "x"), description = "d", group = "g", parent = "p-1")
  rj_finish(run)
  first <- records(run)[[1]]
  expect_equal(names(first), c("runjson", "project", "id", "name", "description", "group", "status", "started_at",
    "parent", "tags", "parameters", "properties"))
  expect_equal(first$status, "running")
  expect_equal(first$parent, list(id = "p-1"))
  expect_equal(first$tags, list("a"))
  expect_match(first$started_at, "^[0-9-]{10}T[0-9:]{8}[.][0-9]{6}Z$")
  expect_equal(run$path, file.path(folder, "mlp-1", "run.jsonl"))
  expect_equal(utils::tail(records(run), 1)[[1]]$status, "succeeded")
  expect_valid(run$folder)
})

test_that("an id is new each time, and leaves the random numbers of the program alone", {
  set.seed(1)
  before <- .Random.seed
  first <- new_id()
  set.seed(1)
  expect_false(new_id() == first)
  expect_identical(.Random.seed, before)
  expect_match(first, "^[0-9]{8}-[0-9]{6}-[abcdefghjkmnpqrstuvwxyz2-9]{5}$")
})

test_that("environment variables say where and what a run is", {
  folder <- runs_folder()
  old <- Sys.getenv(c("RUNJSON_DIR", "RUNJSON_PROJECT", "RUNJSON_ID"), NA, names = TRUE)
  on.exit(for (name in names(old)) if (is.na(old[[name]])) Sys.unsetenv(name) else do.call(Sys.setenv, as.list(old[name])))
  Sys.setenv(RUNJSON_DIR = folder, RUNJSON_PROJECT = "from/environment", RUNJSON_ID = "e-1")
  run <- rj_init(capture = FALSE, upload = FALSE)
  rj_finish(run)
  expect_equal(run$project, "from/environment")
  expect_equal(run$folder, file.path(folder, "e-1"))
})

test_that("mistakes in rj_init are errors that say what is allowed", {
  folder <- runs_folder()
  expect_error(quiet_run(folder, id = "a/b"), "letters A to Z", class = "rj_bad_argument")
  expect_error(quiet_run(folder, id = "a\n"), class = "rj_bad_argument")
  expect_error(quiet_run(folder, project = "a//b"), class = "rj_bad_argument")
  expect_error(quiet_run(folder, writer = "~"), class = "rj_bad_argument")
  expect_error(quiet_run(folder, resume = "perhaps"), class = "rj_bad_argument")
  expect_error(quiet_run(folder, mode = "online"), class = "rj_bad_argument")
  expect_error(quiet_run(folder, capture = "moon"), "git, program", class = "rj_bad_argument")
  expect_error(quiet_run(folder, parameters = list(f = mean)), "f", class = "rj_not_json")
  expect_error(quiet_run(folder, parameters = list(1, 2)), class = "rj_not_json")
  expect_length(list.files(folder), 0)
})

test_that("a run that is there is refused, or gone on with, with the parameters it has", {
  folder <- runs_folder()
  expect_error(quiet_run(folder, id = "r", resume = "must"), class = "rj_run_missing")
  run <- quiet_run(folder, id = "r", parameters = list(lr = 0.1, m = list(a = 1, inf = Inf)))
  rj_log(run, loss = 1)
  rj_finish(run)
  expect_error(quiet_run(folder, id = "r"), "resume", class = "rj_run_exists")
  expect_error(quiet_run(folder, id = "r", resume = "allow", parameters = list(lr = 0.2)), "was 0.1 and is 0.2",
    class = "rj_parameter_changed")
  run <- quiet_run(folder, id = "r", resume = "must", parameters = list(lr = 0.1, m = list(b = 2L, inf = Inf)))
  expect_error(rj_set_parameters(run, m = list(a = 3)), "parameters$m$a", fixed = TRUE, class = "rj_parameter_changed")
  expect_error(rj_set_parameters(run, m = 3), class = "rj_parameter_changed")
  rj_set_parameters(run, m = list(a = 1L))
  rj_log(run, loss = 0.5)
  rj_finish(run)
  expect_equal(run[["loss"]]$value, c(1, 0.5))
  expect_valid(run$folder)
})

test_that("a disabled run writes nothing, and everything else works", {
  folder <- runs_folder()
  run <- rj_init(dir = folder, mode = "disabled")
  rj_log(run, loss = 1, x = matrix(0.5, 2, 2))
  rj_log_table(run, "t", cars)
  rj_log_artifact(run, "nowhere")
  expect_null(run[["loss"]])
  expect_error(rj_set_parameters(rj_set_parameters(run, a = 1), a = 2), class = "rj_parameter_changed")
  rj_finish(run)
  expect_length(list.files(folder), 0)
})

test_that("processes of one start share an id, and have a writer each", {
  folder <- runs_folder()
  Sys.setenv(RANK = "1", WORLD_SIZE = "2", MASTER_ADDR = "node-1", MASTER_PORT = "29500")
  on.exit(Sys.unsetenv(c("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")))
  run <- quiet_run(folder)
  rj_finish(run)
  expect_match(run$id, "^job-[0-9a-f]{16}$")
  expect_equal(basename(run$path), "rank-1.run.jsonl")
  expect_equal(records(run)[[1]]$writer, "rank-1")
})

test_that("the current run is the innermost that goes", {
  folder <- runs_folder()
  before <- rj_current()
  one <- quiet_run(folder)
  two <- quiet_run(folder)
  expect_identical(rj_current(), two)
  rj_finish(two)
  expect_identical(rj_current(), one)
  rj_log(loss = 0.5)
  rj_finish(one)
  expect_identical(rj_current(), before)
  expect_equal(one[["loss"]]$value, 0.5)
})

test_that("a forked process writes a part of its own, and its end does not end the run", {
  skip_on_os("windows")
  folder <- runs_folder()
  run <- quiet_run(folder, id = "forks", project = "p")
  rj_log(run, loss = 1)
  pids <- parallel::mclapply(1:2, function(worker) {
    rj_log(run, "worker/loss" = worker, step = worker)
    rj_log_image(run, "noise", matrix(worker / 4, 2, 2))
    Sys.getpid()
  }, mc.cores = 2)
  rj_log(run, loss = 0.5)
  rj_finish(run)
  expect_equal(run[["loss"]]$value, c(1, 0.5))
  expect_equal(length(records(run)), 4)
  for (worker in 1:2) {
    part <- records(file.path(folder, "forks", sprintf("process-%d.run.jsonl", pids[[worker]])))
    expect_equal(part[[1]], list(runjson = "1.0", project = "p", id = "forks", writer = sprintf("process-%d", pids[[worker]])))
    expect_equal(part[[2]]$series[["worker/loss"]], worker)
    expect_match(part[[3]]$images$noise[[1]]$path, sprintf("^images/process-%d/noise-0.png$", pids[[worker]]))
  }
  expect_valid(folder)
})

test_that("names that are none are made into some", {
  expect_equal(clean_names(c("a/b", "", "/a", "a//b", "a/../b", "a\nb", "\u00fc/x", "a/")),
    c("a/b", "_", "_/a", "a/_/b", "a/_/b", "a_b", "\u00fc/x", "a/_"))
  expect_lte(nchar(clean_names(strrep("\u00fc", 2000)), "bytes"), 1024)
})

test_that("a run is uploaded while it goes, where the command is there", {
  skip_if(is.null(validator()))
  folder <- runs_folder()
  old <- options(runjson.command = validator())
  on.exit(options(old))
  run <- rj_init("p", id = "up", dir = folder, capture = FALSE, upload = file.path(folder, "store"), engine = "native")
  rj_log(run, loss = 1)
  rj_finish(run)
  log <- file.path(run$folder, "upload.log")
  uploaded <- function() file.exists(log) && any(grepl("tracked", readLines(log, warn = FALSE)))
  expect_true(wait_for(uploaded, 60))
})
