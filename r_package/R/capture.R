# What a run captures by itself. What fails here is told once; neither the rest nor the program
# stops.

#' Begin to capture
#' @param wanted names of parts.
#' @noRd
begin_capture <- function(state, wanted) {
  state$wanted <- wanted
  ranked <- rank_of_process()
  first <- is.null(ranked) || ranked[1] == 0L
  if (first && "program" %in% wanted) guarded(state, "program", say_program(state))
  if (first && "environment" %in% wanted) guarded(state, "environment", say_environment(state))
  if (first && "git" %in% wanted) guarded(state, "git", say_git(state))
  if ("hardware" %in% wanted && samples_here()) guarded(state, "hardware", begin_sampling(state))
}

#' Say what is left to be said
#' @noRd
end_capture <- function(state) {
  if (!is.null(state$printing)) guarded(state, "console", drain_printing(state, last = TRUE))
  if (!is.null(state$sampling)) guarded(state, "hardware", sample_hardware(state))
  if (!is.null(state$packages)) guarded(state, "environment", say_packages(state))
}

#' Capture what is due by now, in seconds since 1970
#' @noRd
look <- function(state, now) {
  if (!is.null(state$sampling) && now >= state$sampling$due) {
    state$sampling$due <- now + 10
    guarded(state, "hardware", sample_hardware(state))
  }
  if (!is.null(state$printing)) guarded(state, "console", drain_printing(state))
  state$next_look <- min(state$sampling$due, if (!is.null(state$printing)) now + 0.5, Inf)
}

# -- how the program ends --------------------------------------------------------------------------

#' End the runs that go when R ends
#' @noRd
at_exit <- function() {
  if (isTRUE(live$at_exit)) return(invisible())
  live$at_exit <- TRUE
  reg.finalizer(live, function(live) end_all(), onexit = TRUE)
}

# A forked process ends without ending the runs of its parent.
end_all <- function() {
  for (run in rev(live$runs)) {
    state <- .subset2(run, "state")
    if (state$finished || state$process != Sys.getpid()) next
    error <- state$error
    if (is.null(error)) {
      finish(state, "succeeded")
    } else if (identical(error, "interrupt")) {
      finish(state, "aborted")
    } else {
      fail(state, error)
    }
  }
}

#' Be told of errors that nothing handles, of interrupts, messages and warnings
#'
#' R takes global handlers only while no others are established; else the option `error` is used, if
#' it is unset.
#' @noRd
install_handlers <- function(wanted) {
  if (!any(c("console", "ending") %in% wanted) || isTRUE(live$handlers) || isTRUE(live$within)) {
    return(invisible())
  }
  establish <- get0("globalCallingHandlers", baseenv(), mode = "function")
  functions <- lapply(seq_len(sys.nframe()), sys.function)
  handled <- any(vapply(functions,
    function(one) identical(one, tryCatch) || identical(one, withCallingHandlers), NA))
  if (!is.null(establish) && !handled) {
    live$handlers <- TRUE
    establish(error = on_error, interrupt = on_interrupt, message = on_message,
      warning = on_warning)
  } else if (!interactive() && is.null(getOption("error")) && "ending" %in% wanted) {
    options(error = on_last_error)
    # R makes a call of the function.
    live$error_option <- getOption("error")
  }
}

#' Take the option `error` back, where it is still ours
#' @noRd
take_back_option <- function() {
  if (!is.null(live$error_option) && identical(getOption("error"), live$error_option)) {
    options(error = NULL)
  }
  live$error_option <- NULL
}

#' Do something for each run of this process that goes, and that handles nothing by itself
#' @noRd
for_live_runs <- function(part, work) {
  for (run in live$runs) {
    state <- .subset2(run, "state")
    if (part %in% state$wanted && !isTRUE(state$within) && !state$finished &&
        state$process == Sys.getpid()) {
      work(state)
    }
  }
}

on_error <- function(error) {
  # At a prompt an error ends nothing.
  if (interactive()) return(invisible())
  calls <- utils::head(sys.calls(), sys.nframe() - 1L)
  members <- error_members(error, own_calls(calls, 0L))
  for_live_runs("ending", function(state) state$error <- members)
}

on_interrupt <- function(interrupt) {
  if (!interactive()) for_live_runs("ending", function(state) state$error <- "interrupt")
}

on_message <- function(message) innermost_said(conditionMessage(message))

on_warning <- function(warning) innermost_said(shown_warning(warning))

innermost_said <- function(text) {
  innermost <- NULL
  for_live_runs("console", function(state) innermost <<- state)
  if (!is.null(innermost)) console_said(innermost, text)
}

# R goes on after the option `error`, hence the end here.
on_last_error <- function() {
  text <- trimws(sub("^Error[^:]*: *", "", geterrmessage()))
  calls <- shown_calls(own_calls(utils::head(sys.calls(), -1L), 0L))
  for_live_runs("ending", function(state) {
    state$error <- list(type = "error", message = text,
      traceback = if (length(calls)) paste(calls, collapse = "\n"))
  })
  cat("Execution halted\n", file = stderr())
  quit(save = "no", status = 1L, runLast = FALSE)
}

# -- what is said and printed ----------------------------------------------------------------------

#' A text of standard error, as points, a line each
#' @noRd
console_said <- function(state, text) {
  if (state$finished || state$process != Sys.getpid() || !"console" %in% state$wanted ||
      is.null(text)) {
    return(invisible())
  }
  if (!is.null(state$printing)) guarded(state, "console", drain_printing(state))
  guarded(state, "console",
    console_lines(state, "stderr", strsplit(sub("\n$", "", text), "\n", fixed = TRUE)[[1]]))
}

console_lines <- function(state, stream, lines) {
  if (!length(lines)) return(invisible())
  # Where a terminal would overwrite a line, its last state alone is written.
  lines <- sub("^.*\r", "", sub("\r+$", "", lines, useBytes = TRUE), useBytes = TRUE)
  ranked <- rank_of_process()
  name <- paste0(if (!is.null(ranked)) paste0("rank/", ranked[1], "/"), "console/", stream)
  time <- pointed(sprintf("%.3f", as.numeric(Sys.time())))
  columns <- js_object(c(values = js_array(js_text(lines)),
    times = js_array(rep(time, length(lines)))))
  say(state, c(text = js_object(stats::setNames(columns, name))))
}

#' A warning as R prints it; NULL where warnings are switched off
#' @noRd
shown_warning <- function(warning) {
  if (isTRUE(getOption("warn") < 0)) return(NULL)
  call <- conditionCall(warning)
  where <- if (!is.null(call)) paste0(" in ", paste(deparse(call, nlines = 1L), collapse = " "))
  paste0("Warning", where, ": ", conditionMessage(warning))
}

#' Take a copy of what is printed, which is shown as before
#' @return TRUE.
#' @noRd
begin_printing <- function(state) {
  if (is.null(state$sink)) return(FALSE)
  close_sinks()
  path <- tempfile("rj-console-")
  connection <- file(path, "w")
  sink(connection, split = TRUE)
  state$printing <- list(path = path, connection = connection, level = sink.number(), offset = 0,
    rest = raw())
  state$next_look <- 0
  TRUE
}

#' Take the sink away, if nobody put another one above it that is still there
#' @noRd
end_printing <- function(state) {
  printing <- state$printing
  if (is.null(printing)) return(invisible())
  level <- sink.number()
  ours <- level == printing$level
  if (ours) sink()
  guarded(state, "console", drain_printing(state, last = TRUE))
  state$printing <- NULL
  # Below a sink of the user's it has to stay open.
  live$sinks <- c(live$sinks, list(printing))
  close_sinks()
}

#' Close the files of sinks that were taken away meanwhile
#' @noRd
close_sinks <- function() {
  gone <- vapply(live$sinks, function(printing) sink.number() < printing$level, NA)
  for (printing in live$sinks[gone]) {
    close(printing$connection)
    unlink(printing$path)
  }
  live$sinks <- live$sinks[!gone]
}

#' Write the lines that were printed since
#' @noRd
drain_printing <- function(state, last = FALSE) {
  printing <- state$printing
  if (state$process != Sys.getpid()) return(invisible())
  flush(printing$connection)
  size <- file.size(printing$path)
  bytes <- printing$rest
  if (isTRUE(size > printing$offset)) {
    reader <- file(printing$path, "rb")
    on.exit(close(reader))
    seek(reader, printing$offset)
    found <- readBin(reader, "raw", size - printing$offset)
    state$printing$offset <- printing$offset + length(found)
    bytes <- c(bytes, found[found != 0])
  }
  ends <- which(bytes == 0x0a)
  whole <- if (last) length(bytes) else if (length(ends)) max(ends) else 0L
  state$printing$rest <- utils::tail(bytes, length(bytes) - whole)
  if (whole > 0L) {
    text <- sub("\n$", "", rawToChar(bytes[seq_len(whole)]), useBytes = TRUE)
    lines <- strsplit(text, "\n", fixed = TRUE, useBytes = TRUE)[[1]]
    console_lines(state, "stdout", if (length(lines)) lines else "")
  }
}

# -- program ---------------------------------------------------------------------------------------

say_program <- function(state) {
  script <- script_path()
  arguments <- masked_arguments(commandArgs(trailingOnly = TRUE))
  say(state, c(source = js_object(c(
    script = quoted_or_null(script),
      arguments = if (length(arguments)) js_array(js_text(arguments)) else "[]"
  ))))
  if (!is.null(script) && isTRUE(file.size(script) <= 1e6)) {
    log_artifact(state, script, paste0("source/", basename(script)), list())
  }
}

#' The script or document that runs, as it was called; NULL if there is none
#' @noRd
script_path <- function() {
  if (isTRUE(getOption("knitr.in.progress")) && requireNamespace("knitr", quietly = TRUE)) {
    found <- tryCatch(knitr::current_input(dir = TRUE), error = function(fault) NULL)
    if (!is.null(found)) return(found)
  }
  # Blanks in the name are "~+~" there.
  given <- grep("^--file=", commandArgs(), value = TRUE)
  if (length(given)) {
    found <- gsub("~+~", " ", sub("^--file=", "", given[1]), fixed = TRUE)
    return(if (found %in% c("-", "")) NULL else found)
  }
  for (frame in rev(sys.frames())) {
    found <- get0("ofile", frame, inherits = FALSE)
    if (is_text(found)) return(found)
  }
  NULL
}

#' Secrets are not written: what looks like one becomes ***
#' @noRd
masked <- function(texts) {
  known <- paste0(
    "\\b(?:A[KS]IA[0-9A-Z]{12,}|gh[pousr]_\\w{16,}|github_pat_\\w{16,}|glpat-[\\w-]{16,}",
    "|sk-[\\w-]{12,}|hf_\\w{12,}",
    "|xox[a-z]-[\\w-]{8,}|AIza[\\w-]{30,}|eyJ[\\w-]{8,}\\.[\\w-]{4,}\\.[\\w-]*)"
  )
  texts <- gsub(known, "***", texts, perl = TRUE)
  texts <- gsub("(?i)\\b(bearer|basic)\\s+\\S+", "\\1 ***", texts, perl = TRUE)
  texts <- gsub("(?<=://)[^/@\\s]+@", "***@", texts, perl = TRUE)
  pair <- "([A-Za-z][\\w.-]*)([\"']?\\s*[=:]\\s*[\"']?)([^\\s\"',&}]+)"
  found <- gregexpr(pair, texts, perl = TRUE)
  regmatches(texts, found) <- lapply(regmatches(texts, found), function(pairs) {
    ifelse(is_secret(sub(pair, "\\1", pairs, perl = TRUE)),
      sub(pair, "\\1\\2***", pairs, perl = TRUE), pairs)
  })
  texts
}

secret_words <- c("pwd", "pass", "auth", "authorization", "token", "secret", "secrets",
  "credential")
secret_parts <- paste(c(
  "password", "passwd", "passphrase", "apikey", "accesskey", "secretkey", "privatekey", "authtoken",
  "accesstoken",
  "credentials", "authkey", "signingkey", "encryptionkey"
), collapse = "|")

#' Whether what has these names is secret: `--api-key`, `dbPassword`, `HF_TOKEN`; and not
#' `max_tokens`
#' @noRd
is_secret <- function(names) {
  words <- regmatches(names, gregexpr("[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\\d+", names, perl = TRUE))
  vapply(words, function(found) {
    found <- tolower(found)
    any(found %in% secret_words) || grepl(secret_parts, paste(found, collapse = ""))
  }, NA)
}

#' Arguments of a command without secrets: `--token=X`, `--password X`, `key=X` and what `masked`
#' knows
#' @noRd
masked_arguments <- function(arguments) {
  found <- character()
  expected <- FALSE
  for (argument in arguments) {
    if (expected && !startsWith(argument, "--")) {
      found <- c(found, "***")
      expected <- FALSE
      next
    }
    equals <- grepl("=", argument, fixed = TRUE)
    name <- sub("=.*$", "", argument)
    expected <- startsWith(argument, "-") && !equals && is_secret(argument)
    named <- grepl("^[-+~\\w.@/]+$", name, perl = TRUE)
    secret <- equals && named && is_secret(name)
    found <- c(found, if (secret) paste0(name, "=***") else masked(argument))
  }
  found
}

# -- environment -----------------------------------------------------------------------------------

say_environment <- function(state) {
  info <- Sys.info()
  group <- Sys.getenv(c(
    "slurm/job" = "SLURM_JOB_ID", "slurm/array" = "SLURM_ARRAY_TASK_ID",
    "slurm/name" = "SLURM_JOB_NAME",
    "slurm/partition" = "SLURM_JOB_PARTITION", "slurm/nodes" = "SLURM_JOB_NODELIST",
    "slurm/account" = "SLURM_JOB_ACCOUNT"
  ), names = TRUE)
  names(group) <- c("slurm/job", "slurm/array", "slurm/name", "slurm/partition", "slurm/nodes",
    "slurm/account")
  found <- list(
    host = info[["nodename"]], user = info[["user"]], os = system_name(info),
    r = paste(R.version$major, R.version$minor, sep = "."), "r/platform" = R.version$platform,
    "r/blas" = blas_name(), "cpu/count" = length(own_cores()),
    "cpu/model" = first_match("/proc/cpuinfo", "model name"),
    "memory/total" = memory_total()
  )
  found <- c(found, as.list(group[nzchar(group)]))
  variables <- Sys.getenv()
  variables <- variables[names(variables) %in% c("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MC_CORES") | startsWith(names(variables), "SLURM_")]
  if (length(variables)) {
    variables <- stats::setNames(as.character(variables), names(variables))
    found$variables <- as.list(ifelse(is_secret(names(variables)), "***",
      stats::setNames(masked(variables), names(variables))))
    names(found$variables) <- names(variables)
  }
  found <- found[lengths(found) > 0L]
  texts <- vapply(names(found), function(name) js_value(found[[name]], name, deparsed), "")
  say(state, c(environment = js_object(texts[texts != "0"])))
  state$packages <- ""
  say_packages(state)
}

#' Say which packages are loaded, once more at the end if there are others
#' @noRd
say_packages <- function(state) {
  names <- sort(loadedNamespaces(), method = "radix")
  if (identical(paste(names, collapse = " "), state$packages)) return(invisible())
  state$packages <- paste(names, collapse = " ")
  versions <- vapply(names, function(name) {
    tryCatch(as.character(getNamespaceVersion(name)), error = function(fault) "")
  }, "")
  say(state, c(environment = js_object(c(packages = js_object(js_named(versions))))))
}

js_named <- function(texts) stats::setNames(js_text(texts), names(texts))

system_name <- function(info) {
  kernel <- paste(info[["sysname"]], info[["release"]], info[["machine"]])
  pretty <- gsub("\"", "",
    sub("^PRETTY_NAME=", "", grep("^PRETTY_NAME=", lines_of("/etc/os-release"), value = TRUE)))
  if (length(pretty)) paste0(pretty[1], " (", kernel, ")") else kernel
}

blas_name <- function() {
  found <- extSoftVersion()["BLAS"]
  if (is.na(found) || !nzchar(found)) NULL else unname(found)
}

#' The numbers of the cores that this process may use
#' @noRd
own_cores <- function() {
  allowed <- first_match("/proc/self/status", "Cpus_allowed_list")
  if (is.null(allowed)) {
    count <- suppressWarnings(as.integer(first_of(Sys.getenv("NUMBER_OF_PROCESSORS"),
      output_of("getconf", "_NPROCESSORS_ONLN")[1])))
    return(if (length(count) && !is.na(count)) seq_len(count) - 1L else integer())
  }
  unlist(lapply(strsplit(strsplit(allowed, ",", fixed = TRUE)[[1]], "-", fixed = TRUE),
      function(ends) {
    seq.int(as.integer(ends[1]), as.integer(ends[length(ends)]))
  }))
}

#' MiB of memory of the machine, or as much as the control group allows
#' @noRd
memory_total <- function() {
  kib <- first_match("/proc/meminfo", "MemTotal")
  if (is.null(kib)) return(NULL)
  machine <- as.numeric(sub(" .*$", "", kib)) / 1024
  floor(min(machine, memory_limit() / 2^20))
}

#' Bytes that the control group allows, Inf if there is no limit
#' @noRd
memory_limit <- function() {
  for (path in c("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")) {
    limit <- suppressWarnings(as.numeric(c(lines_of(path), "none")[1]))
    if (!is.na(limit) && limit < 2^60) return(limit)
  }
  Inf
}

lines_of <- function(path) {
  if (!file.exists(path)) return(character())
  tryCatch(readLines(path, warn = FALSE), error = function(fault) character(),
    warning = function(warning) character())
}

#' What stands behind a name and a colon in a file; NULL if it is not there
#' @noRd
first_match <- function(path, name) {
  lines <- lines_of(path)
  found <- lines[startsWith(lines, name)]
  if (length(found)) trimws(sub("^[^:]*:", "", found[1])) else NULL
}

# -- git -------------------------------------------------------------------------------------------

largest_diff <- 1e7

say_git <- function(state) {
  if (!nzchar(Sys.which("git"))) return(invisible())
  script <- script_path()
  said <- NULL
  for (folder in c(if (!is.null(script)) dirname(absolute_path(script)), getwd())) {
    said <- git_said(folder, "log", "-1", "--format=%H%n%an%n%cI%n%s")
    if (length(said) == 4L) break
  }
  if (length(said) != 4L) return(invisible())
  found <- stats::setNames(said, c("git/commit", "git/author", "git/date", "git/message"))
  found <- c(found, "git/branch" = git_said(folder, "symbolic-ref", "--short", "-q", "HEAD")[1])
  remote <- git_said(folder, "config", "--get", "remote.origin.url")[1]
  if (length(remote)) {
    found <- c(found, "git/remote" = masked(gsub("(?<=://)[^/@\\s]+@", "", remote, perl = TRUE)))
  }
  texts <- js_named(found[!is.na(found)])
  diff <- tempfile("rj-diff-")
  on.exit(unlink(diff))
  words <- c("diff", "HEAD", "--binary", "--no-color", "--no-ext-diff", "--no-textconv",
    "--submodule=short")
  status <- suppressWarnings(system2("git", git_words(folder, words), stdout = diff, stderr = FALSE,
    timeout = 5,
    env = git_environment))
  if (identical(as.integer(status), 0L)) {
    texts[["git/dirty"]] <- if (file.size(diff) > 0) "true" else "false"
  }
  say(state, c(source = js_object(texts)))
  if (identical(as.integer(status), 0L) && file.size(diff) > 0 && file.size(diff) <= largest_diff) {
    keep_diff(state, diff)
  }
}

git_environment <- c("GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")

git_words <- function(folder, words) {
  c("-c", "core.fsmonitor=false", "-C", shQuote(folder),
    vapply(words, shQuote, "", USE.NAMES = FALSE))
}

git_said <- function(folder, ...) {
  said <- tryCatch(
    suppressWarnings(system2("git", git_words(folder, c(...)), stdout = TRUE, stderr = FALSE,
      timeout = 5,
      env = git_environment)),
    error = function(fault) NULL
  )
  if (is.null(attr(said, "status"))) marked(said) else NULL
}

keep_diff <- function(state, diff) {
  place <- paste(c("source", state$writer, "diff"), collapse = "/")
  path <- file.path(state$folder, place)
  ensure_folder(dirname(path))
  partial <- paste0(path, ".", Sys.getpid())
  copy_one(diff, partial)
  file.rename(partial, path)
  say_artifact(state, "source/diff", file_text(
    path = js_text(place), media_type = js_text("text/x-diff"), bytes = js_number(file.size(path)),
    sha256 = quoted_or_null(sha256_of(path))
  ))
}

# -- hardware --------------------------------------------------------------------------------------

#' Whether this process samples: the first on its machine, of those that were started together
#' @noRd
samples_here <- function() {
  if (!file.exists("/proc/stat")) return(FALSE)
  if (is.null(rank_of_process())) return(TRUE)
  local <- Sys.getenv(c("LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID",
    "SLURM_LOCALID"))
  local <- local[grepl("^[0-9]+$", local)]
  !length(local) || local[1] == "0"
}

begin_sampling <- function(state) {
  now <- as.numeric(Sys.time())
  state$sampling <- list(
    due = now + 1, cores = own_cores(), looked = now, spent = NULL, begun = flows(),
      said = character()
  )
  state$sampling$spent <- processor_time(state$sampling$cores)
  state$next_look <- now + 1
}

hardware_units <- c(
  "cpu/utilization" = "%", "memory/used" = "MiB", "memory/process" = "MiB", "disk/read" = "MiB",
  "disk/written" = "MiB", "network/received" = "MiB", "network/sent" = "MiB"
)

sample_hardware <- function(state) {
  sampling <- state$sampling
  now <- as.numeric(Sys.time())
  found <- numeric()
  spent <- processor_time(sampling$cores)
  if (now - sampling$looked >= 0.05 && isTRUE(spent[2] > sampling$spent[2])) {
    share <- 100 * (spent[1] - sampling$spent[1]) / (spent[2] - sampling$spent[2])
    found[["cpu/utilization"]] <- min(100, max(0, share))
    state$sampling$looked <- now
    state$sampling$spent <- spent
  }
  used <- memory_used()
  if (!is.null(used)) found[["memory/used"]] <- used
  found[["memory/process"]] <- memory_resident(Sys.getpid())
  flown <- flows()
  begun <- sampling$begun[names(flown)]
  found <- c(found, pmax(flown - ifelse(is.na(begun), 0, begun), 0))
  time <- pointed(sprintf("%.3f", now))
  texts <- vapply(names(found), function(name) {
    value <- js_number(round(found[[name]], 2))
    if (name %in% sampling$said) return(value)
    # The unit is said once.
    js_object(c(values = js_array(value), times = js_array(time),
      unit = js_text(hardware_units[[name]])))
  }, "")
  state$sampling$said <- union(sampling$said, names(found))
  write_line(state, js_object(c(
    time = time, series = js_object(stats::setNames(texts, paste0("system/", names(found))))
  )))
}

#' Time that cores were busy, and time that they had, in clock ticks
#' @noRd
processor_time <- function(cores) {
  lines <- lines_of("/proc/stat")
  cells <- strsplit(lines[grepl("^cpu[0-9]", lines)], " +")
  cells <- Filter(function(cell) as.integer(substring(cell[1], 4L)) %in% cores, cells)
  ticks <- vapply(cells, function(cell) as.numeric(cell[2:9]), numeric(8))
  # Idle, and waiting for a disk; guest time is in user time already.
  c(sum(ticks) - sum(ticks[4:5, ]), sum(ticks))
}

#' MiB in use: of the control group where it has a limit, else of the machine
#' @noRd
memory_used <- function() {
  if (is.finite(memory_limit())) {
    for (path in c("/sys/fs/cgroup/memory.current",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes")) {
      used <- suppressWarnings(as.numeric(c(lines_of(path), "none")[1]))
      if (!is.na(used)) {
        kept <- lines_of(file.path(dirname(path), "memory.stat"))
        kept <- as.numeric(sub("^\\S+ ", "", grep("^(total_)?inactive_file ", kept, value = TRUE)))
        return(max(0, used - max(0, kept)) / 2^20)
      }
    }
  }
  total <- first_match("/proc/meminfo", "MemTotal")
  free <- first_match("/proc/meminfo", "MemAvailable")
  if (is.null(total) || is.null(free)) return(NULL)
  (as.numeric(sub(" .*$", "", total)) - as.numeric(sub(" .*$", "", free))) / 1024
}

#' MiB of a process and those it started; pages that they share count for each
#' @noRd
memory_resident <- function(process) {
  folder <- paste0("/proc/", process)
  own <- first_match(file.path(folder, "status"), "VmRSS")
  children <- unlist(lapply(Sys.glob(file.path(folder, "task", "*", "children")), function(path) {
    strsplit(paste(lines_of(path), collapse = " "), " +")[[1]]
  }))
  children <- children[nzchar(children)]
  kib <- if (is.null(own)) 0 else as.numeric(sub(" .*$", "", own))
  kib / 1024 + sum(vapply(children, memory_resident, 0))
}

#' MiB that went through disks and networks since the machine started
#' @noRd
flows <- function() {
  found <- numeric()
  disks <- strsplit(trimws(lines_of("/proc/diskstats")), " +")
  # Whole disks, and not parts of one, or what is made of others.
  disks <- Filter(function(cell) {
    !grepl("^(loop|ram|zram|dm-|md|sr|fd)", cell[3]) && file.exists(paste0("/sys/block/", cell[3]))
  }, disks)
  if (length(disks)) {
    found[["disk/read"]] <- sum(vapply(disks, function(cell) as.numeric(cell[6]), 0)) * 512 / 2^20
    found[["disk/written"]] <- sum(vapply(disks, function(cell) as.numeric(cell[10]),
      0)) * 512 / 2^20
  }
  lines <- utils::tail(lines_of("/proc/net/dev"), -2L)
  names <- trimws(sub(":.*$", "", lines))
  virtual <- grepl("^(lo|docker|br-|veth|virbr|cni|flannel|cali|dummy)", names)
  bundled <- file.exists(paste0("/sys/class/net/", names, "/master"))
  cells <- strsplit(trimws(sub("^[^:]*:", "", lines[!virtual & !bundled])), " +")
  if (length(cells)) {
    found[["network/received"]] <- sum(vapply(cells, function(cell) as.numeric(cell[1]), 0)) / 2^20
    found[["network/sent"]] <- sum(vapply(cells, function(cell) as.numeric(cell[9]), 0)) / 2^20
  }
  found
}
