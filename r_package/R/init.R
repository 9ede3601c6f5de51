# Beginning a run, and what this process writes of it.

# The runs that go in this process, the innermost last.
live <- new.env(parent = emptyenv())
live$runs <- list()
# Of with_run, under sinks of the user's.
live$sinks <- list()

captured_parts <- c("git", "program", "environment", "hardware", "console", "ending")

#' Begin a run
#'
#' A run is a folder with its run file, `run.jsonl`, to which all that is logged is written at once:
#' what a call returned from is kept even if R is killed.
#'
#' @section How runs end:
#' [rj_finish()] ends a run. A script that just ends has `succeeded`; an error that nothing catches
#' makes the run `failed`, an interrupt `aborted`. R tells nobody of `quit(status = 3)`, which looks
#' like success: call [rj_fail()] before. After SIGTERM, SIGKILL and a crash the run stays
#' `running`, and trackers call it crashed after some minutes.
#'
#' @section Several processes:
#' Forked processes ([parallel::mclapply()]) and workers of a cluster on the same disk that log
#' write files of their own beside the first, `process-1234.run.jsonl`: parts of the same run. Ranks
#' that torchrun, mpirun or srun started get one id in common and are the writers `rank-0`,
#' `rank-1`, ...
#'
#' @param project That the run belongs to; the environment variable `RUNJSON_PROJECT` by default.
#' @param name Its title.
#' @param id Its id: 1 to 128 letters, digits, `.`, `_` and `-`; `RUNJSON_ID`, or else a new one, by
#'   default.
#' @param parameters A named list of what the run is given, nested at will.
#' @param tags Short words to find it by.
#' @param properties A named list of what may change later.
#' @param description Markdown.
#' @param group Of runs that differ in the seed alone.
#' @param parent The run that it goes on from: its id, or `list(id = , step = )`.
#' @param writer Which part of a run of several processes or stages this is.
#' @param resume Whether a run of this id that is there is gone on with: `"never"`, `"allow"`, or
#'   `"must"`.
#' @param dir Where the folder of the run is made; `RUNJSON_DIR`, or else `runs`, by default.
#' @param mode `"file"`, or `"disabled"`, which writes nothing while everything else works;
#'   `RUNJSON_MODE`, or else `"file"`, by default.
#' @param capture Whether to capture what a run captures by itself, or which parts: `"git"`,
#'   `"program"` (script and arguments), `"environment"` (machine, R, packages), `"hardware"` (when
#'   something is logged, at most every ten seconds), `"console"` (messages and warnings; in
#'   [with_run()] also what is printed), `"ending"`.
#' @param upload A tracker that the run is uploaded to while it goes; TRUE for the default one;
#'   `RUNJSON_TRACKER`, if it is set, by default; FALSE for none.
#' @param engine Who writes the file: `"native"`, `"python"` or `"auto"`; see the options of the
#'   package.
#' @param default A function that makes something else of values that JSON does not have, such as
#'   [format()].
#'
#' @return A run, of class `rj_run`. `run$id`, `run$project`, `run$writer`, `run$folder` and
#'   `run$path` say where and what it is; `run[["train/loss"]]` reads a series, `run$parameters` the
#'   parameters.
#'
#' Errors have a class: `rj_run_exists`, `rj_run_missing`, `rj_parameter_changed`, `rj_not_json`,
#' `rj_bad_argument`.
#' @seealso [rj_log()], [with_run()], [rj_finish()], [rj_read()]
#' @examples
#' given <- list(lr = 0.1, model = list(layers = c(64, 10)))
#' run <- rj_init("digits", parameters = given, dir = tempfile())
#' for (step in 1:10) rj_log(run, "train/loss" = 1 / step, step = step)
#' run[["notes"]] <- "idea worked"
#' print(run[["train/loss"]])
#' rj_finish(run)
#' @export
rj_init <- function(project = NULL, name = NULL, id = NULL, parameters = NULL, tags = NULL,
                    properties = NULL,
                    description = NULL, group = NULL, parent = NULL, writer = NULL,
                    resume = c("never", "allow", "must"), dir = NULL, mode = NULL, capture = TRUE,
                    upload = NULL,
                    engine = NULL, default = NULL) {
  disabled <- chosen_mode(mode) == "disabled"
  project <- chosen_project(project)
  ranked <- rank_of_process()
  id <- chosen_id(id, ranked)
  if (missing(resume)) resume <- "never"
  if (!is_text(resume) || !resume %in% c("never", "allow", "must")) {
    bad_argument("resume", resume, "it is \"never\", \"allow\" or \"must\"")
  }
  if (!is.null(writer) && !is_id(writer)) {
    bad_argument("writer", writer, "letters A to Z, digits, . _ and -, a letter or digit first")
  }
  wanted <- wanted_parts(capture)
  state <- new_state(
    project = project, id = id,
    writer = if (is.null(writer) && !is.null(ranked)) paste0("rank-", ranked[1]) else writer,
    folder = absolute_path(file.path(first_of(dir, Sys.getenv("RUNJSON_DIR"), "runs"), id)),
    disabled = disabled, default = default
  )
  there <- !disabled && isTRUE(file.size(state$path) > 0)
  if (there && resume == "never") {
    rj_abort(state$path, " is there already: give another id, or say resume = \"allow\".",
      class = "rj_run_exists")
  }
  if (!there && resume == "must" && !disabled) {
    rj_abort(state$path, " is not there, and resume is \"must\".", class = "rj_run_missing")
  }
  if (there) state$parameters <- parameters_of_file(state$path)
  members <- first_members(state, name, parameters, tags, properties, description, group, parent,
    resumed = there)
  upload <- wanted_upload(upload)
  if (!disabled) {
    ensure_folder(state$folder)
    engine <- rj_engine(engine)
    state$sink <- engine_named(engine)$begin(
      head = c(head_of(state), members), folder = state$folder, writer = state$writer,
      resume = resume,
      upload = upload
    )
  }
  run <- structure(new.env(parent = emptyenv()), class = "rj_run")
  assign("state", state, envir = run)
  lockEnvironment(run)
  live$runs <- c(live$runs, list(run))
  at_exit()
  if (!disabled) {
    # Outside of whatever handles conditions.
    install_handlers(wanted)
    begin_capture(state, wanted)
    if (engine == "native") follow(state, upload)
  }
  run
}

#' The run that goes, the innermost of several; NULL if there is none
#' @return A run, or NULL.
#' @examples
#' rj_current()
#' @export
rj_current <- function() {
  for (run in rev(live$runs)) if (!.subset2(run, "state")$finished) return(run)
  NULL
}

# -- what is asked for -----------------------------------------------------------------------------

is_text <- function(x) is.character(x) && length(x) == 1L && !is.na(x)

bad_argument <- function(name, value, allowed) {
  said <- if (is_text(value)) {
    paste0("\"", value, "\"")
  } else {
    paste(utils::capture.output(utils::str(value)), collapse = " ")
  }
  rj_abort(name, " ", trimws(said), ": ", allowed, ".", class = "rj_bad_argument")
}

#' The first that is given: not NULL, and not empty
#' @noRd
first_of <- function(...) {
  for (one in list(...)) if (!is.null(one) && !identical(one, "")) return(one)
  NULL
}

chosen_mode <- function(mode) {
  mode <- first_of(mode, Sys.getenv("RUNJSON_MODE"), "file")
  if (!is_text(mode) || !mode %in% c("file", "disabled")) {
    bad_argument("mode", mode, "it is \"file\" or \"disabled\"")
  }
  mode
}

chosen_project <- function(project) {
  project <- first_of(if (is.null(project)) Sys.getenv("RUNJSON_PROJECT") else project)
  if (is.null(project)) return(NULL)
  if (!is_text(project) || clean_names(project) != project) {
    bad_argument("project", project,
      "a text whose parts between / are not empty, . or .., without control characters")
  }
  project
}

chosen_id <- function(id, ranked) {
  id <- first_of(id, Sys.getenv("RUNJSON_ID"), if (!is.null(ranked)) shared_id(), new_id())
  if (is.numeric(id) && length(id) == 1L) id <- js_number(id)
  if (!is_id(id)) {
    bad_argument("id", id, "1 to 128 letters A to Z, digits, . _ and -, a letter or digit first")
  }
  id
}

is_id <- function(x) is_text(x) &&
  grepl("^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\\z", x, perl = TRUE, useBytes = TRUE)

wanted_parts <- function(capture) {
  if (identical(capture, TRUE)) return(captured_parts)
  if (identical(capture, FALSE) || is.null(capture)) return(character())
  if (!is.character(capture) || length(setdiff(capture, captured_parts))) {
    bad_argument("capture",
      if (is.character(capture)) setdiff(capture, captured_parts)[1] else capture,
      paste("there are", paste(captured_parts, collapse = ", ")))
  }
  capture
}

wanted_upload <- function(upload) {
  if (identical(upload, FALSE)) return(NULL)
  first_of(upload, Sys.getenv("RUNJSON_TRACKER"))
}

#' Start a process that uploads the run while it goes, and that the program never waits for
#' @noRd
follow <- function(state, upload) {
  if (is.null(upload)) return(invisible())
  guarded(state, "upload", {
    command <- command_words()
    if (!length(command)) {
      rj_abort("uploading while the run goes needs the command runjson: ",
        "pip install \"runjson[all]\". Upload the folder later.")
    }
    words <- c(command[-1], "upload", "--follow", state$path, "--while", Sys.getpid(),
      if (!isTRUE(upload)) c("--to", path.expand(as.character(upload))))
    log <- file.path(state$folder, "upload.log")
    # A session of its own: Ctrl-C is for the program.
    session <- Sys.which("setsid")
    words <- if (nzchar(session)) c(session, command[1], words) else c(command[1], words)
    system2(words[1], shQuote(words[-1]), stdout = log, stderr = log, wait = FALSE)
  })
}

# Letters that are hard to take for each other.
id_letters <- strsplit("abcdefghjkmnpqrstuvwxyz23456789", "")[[1]]

#' An id that sorts by time and that nobody else makes: the moment in UTC and five random letters
#'
#' R's own random numbers are left alone: programs set their seed, and would all make the same id.
#' @noRd
new_id <- function() {
  bytes <- random_bytes(5L)
  letters <- paste(id_letters[as.integer(bytes) %% length(id_letters) + 1L], collapse = "")
  paste0(format(Sys.time(), "%Y%m%d-%H%M%S", tz = "UTC"), "-", letters)
}

random_bytes <- function(count) {
  found <- tryCatch({
    source <- file("/dev/urandom", "rb", raw = TRUE)
    on.exit(close(source))
    readBin(source, "raw", count)
  }, error = function(fault) raw(), warning = function(warning) raw())
  if (length(found) == count) return(found)
  # Names of temporary files come from a generator of their own.
  text <- paste0(basename(tempfile("")), basename(tempfile("")), as.hexmode(Sys.getpid()))
  as.raw(utils::tail(cumsum(utf8ToInt(text) * seq_len(nchar(text))), count) %% 256)
}

#' The rank of this process among those that were started together, and how many these are; NULL for
#' one alone
#' @noRd
rank_of_process <- function() {
  pairs <- list(
    c("RANK", "WORLD_SIZE"), c("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    c("PMI_RANK", "PMI_SIZE"),
    c("SLURM_PROCID", "SLURM_STEP_NUM_TASKS")
  )
  for (pair in pairs) {
    texts <- Sys.getenv(pair)
    if (all(grepl("^[0-9]+$", texts)) && as.numeric(texts[2]) > 1) return(as.integer(unname(texts)))
  }
  NULL
}

#' An id for the processes of one start, made of what their launcher told them; NULL if it told
#' nothing
#' @noRd
shared_id <- function() {
  told <- Sys.getenv(c(
    "SLURM_JOB_ID", "SLURM_STEP_ID", "TORCHELASTIC_RUN_ID", "MASTER_ADDR", "MASTER_PORT",
      "PMIX_NAMESPACE"
  ), NA)
  told <- unname(told[!is.na(told) & told != "none"])
  # The parent process, which Python adds where there is no scheduler, is not known to R.
  if (!length(told)) return(NULL)
  path <- tempfile("rj-id-")
  on.exit(unlink(path))
  writeBin(charToRaw(paste(told, collapse = "\n")), path)
  digest <- sha256_of(path)
  if (is.null(digest)) NULL else paste0("job-", substring(digest, 1L, 16L))
}

# -- names -----------------------------------------------------------------------------------------

#' The names themselves where they are names (SPEC 5.4); else some like them, with _ for what is not
#' allowed
#' @noRd
clean_names <- function(names) {
  names <- utf8(names)
  odd <- grepl("[\\x01-\\x1f\\x7f]|\\xc2[\\x80-\\x9f]|^$|^/|/$|//|(^|/)\\.\\.?(/|$)", names,
    perl = TRUE, useBytes = TRUE) |
    nchar(names, "bytes") > 1024L
  if (any(odd)) names[odd] <- vapply(names[odd], clean_name, "")
  names
}

clean_name <- function(name) {
  codes <- utf8ToInt(name)
  codes[codes < 32L | (codes > 126L & codes < 160L)] <- 95L
  sizes <- cumsum(ifelse(codes < 128L, 1L,
    ifelse(codes < 2048L, 2L, ifelse(codes < 65536L, 3L, 4L))))
  text <- intToUtf8(codes[sizes <= 1024L])
  parts <- strsplit(text, "/", fixed = TRUE)[[1]]
  if (!length(parts) || endsWith(text, "/")) parts <- c(parts, "")
  parts[parts %in% c("", ".", "..")] <- "_"
  substring(paste(parts, collapse = "/"), 1L, 1024L)
}

#' A name, with a warning where it had to be changed
#' @noRd
name_of <- function(state, name) {
  if (!is.character(name)) name <- as.character(name)
  if (!is_text(name)) rj_abort("the name of what is logged is one text.")
  found <- clean_names(name)
  if (found != utf8(name)) {
    tell(state, paste("name", name),
      paste0("\"", name, "\" is no name: \"", found, "\" is used instead."))
  }
  found
}

# -- the state of a run ----------------------------------------------------------------------------

new_state <- function(project, id, writer, folder, disabled, default) {
  state <- new.env(parent = emptyenv())
  state$project <- project
  state$id <- id
  state$writer <- writer
  state$folder <- folder
  state$path <- run_path(folder, writer)
  state$disabled <- disabled
  state$default <- default
  state$finished <- FALSE
  state$process <- Sys.getpid()
  state$host <- Sys.info()[["nodename"]]
  state$parameters <- empty_object()
  state$told <- character()
  state$sink <- NULL
  state$images <- NULL
  state$artifacts <- NULL
  state$last_names <- NULL
  state$last_keys <- NULL
  state$next_look <- Inf
  state$captures <- list()
  state$error <- NULL
  state
}

run_path <- function(folder, writer) {
  file.path(folder, if (is.null(writer)) "run.jsonl" else paste0(writer, ".run.jsonl"))
}

#' What stands behind a run, in the process that uses it
#' @noRd
state_of <- function(run) {
  if (!inherits(run, "rj_run")) {
    if (is.null(run)) rj_abort("no run goes: rj_init() begins one.", class = "rj_no_run")
    rj_abort("the first argument is a run, as rj_init() returns it, and not ", class(run)[1], ".",
      class = "rj_no_run")
  }
  state <- .subset2(run, "state")
  if (state$process != Sys.getpid()) adopt(state)
  state
}

#' Become a part of the run of its own, in a process that is not the one that began it
#' @noRd
adopt <- function(state) {
  state$process <- Sys.getpid()
  host <- Sys.info()[["nodename"]]
  there <- if (identical(host, state$host)) NULL else substring(gsub("[^A-Za-z0-9.-]", "-", host),
    1L, 60L)
  state$writer <- paste(c(state$writer, "process", there, state$process), collapse = "-")
  state$path <- run_path(state$folder, state$writer)
  state$finished <- FALSE
  state$captures <- list()
  state$next_look <- Inf
  state$images <- NULL
  # The connection is the parent's, too: it is kept, so that nothing closes it here.
  state$of_parent <- state$sink
  if (!state$disabled) {
    state$sink <- native_sink(state$path, function(kind, text) tell(state, kind, text))
    state$sink$write(js_object(head_of(state)))
  }
}

head_of <- function(state) {
  c(
    runjson = "\"1.0\"", project = quoted_or_null(state$project), id = js_text(state$id),
    writer = quoted_or_null(state$writer)
  )
}

first_members <- function(state, name, parameters, tags, properties, description, group, parent,
    resumed) {
  found <- c(
    name = text_member("name", name), description = text_member("description", description),
    group = text_member("group", group), status = "\"running\"",
      started_at = if (!resumed) js_text(now_text())
  )
  if (!is.null(parent)) {
    parent <- if (is_text(parent)) list(id = parent) else parent
    found[["parent"]] <- js_value(parent, "parent")
  }
  tags <- tags_of(tags)
  if (length(tags)) found[["tags"]] <- js_array(js_text(tags))
  if (length(parameters)) found[["parameters"]] <- add_parameters(state, parameters)
  if (length(properties)) found[["properties"]] <- properties_text(state, properties)
  found
}

text_member <- function(member, text) {
  if (is.null(text)) return(NULL)
  if (!is_text(text)) bad_argument(member, text, "it is one text")
  js_text(text)
}

tags_of <- function(...) {
  tags <- as.character(unlist(list(...)))
  tags[!is.na(tags) & nzchar(tags)]
}

now_text <- function() pointed(format(Sys.time(), "%Y-%m-%dT%H:%M:%OS6Z", tz = "UTC"))

# -- writing ---------------------------------------------------------------------------------------

#' Append a record; nothing that goes wrong reaches the caller
#' @noRd
write_line <- function(state, line) {
  if (is.null(state$sink)) return(invisible())
  if (state$finished) {
    tell(state, "finished", "something was logged after the run had ended: it was left out.")
    return(invisible())
  }
  state$sink$write(line)
  invisible()
}

say <- function(state, members) {
  # What is wrong with them is an error of a disabled run, too.
  force(members)
  write_line(state, js_object(members))
}

#' Do something; an error in it is told
#' @noRd
guarded <- function(state, what, code) {
  tryCatch(code, error = function(fault) {
    text <- sub("[.]?\\s*$", ".", conditionMessage(fault))
    tell(state, substring(paste(what, text), 1L, 200L),
      paste0(text, " Nothing of it was logged; the program goes on."))
  })
}

#' Tell something once
#' @noRd
tell <- function(state, kind, text) {
  if (kind %in% state$told || length(state$told) > 1000L) return(invisible())
  state$told <- c(state$told, kind)
  text <- paste0("runjson: ", text)
  # Where warnings are errors, one of ours is not to end the program.
  if (isTRUE(getOption("warn") >= 2)) message(text) else warning(text, call. = FALSE)
  invisible()
}
