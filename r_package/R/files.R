# Files of a run: where they are put below its folder, and artifacts.

# -- places ----------------------------------------------------------------------------------------

longest_segment <- 100L
extension_at_end <- "(?<=.)\\.[A-Za-z][A-Za-z0-9]{0,9}$"

#' Paths below one folder, each given out once: whoever makes a file or folder first has it
#' @param root the folder; made when it is needed.
#' @param shared whether folders that are there already are used; a folder that is an artifact would
#'   get a file that was never in it.
#' @noRd
new_places <- function(root, shared) {
  places <- new.env(parent = emptyenv())
  places$root <- root
  places$shared <- shared
  places$made <- character()
  places$counters <- new.env(parent = emptyenv())
  places$versions <- new.env(parent = emptyenv())
  places
}

#' Write bytes to a new file `<name>-<n><extension>`
#' @return Its path.
#' @noRd
place_numbered <- function(places, name, extension, bytes) {
  parts <- path_segments(name)
  folder <- place_folder(places, parts[-length(parts)])
  last <- parts[length(parts)]
  repeat {
    number <- next_number(places, folder, last)
    path <- file.path(folder, sprintf("%s-%.0f%s", last, number, extension))
    if (made_first(path)) break
  }
  whole <- FALSE
  on.exit(if (!whole) unlink(path))
  write_bytes(path, bytes)
  whole <- TRUE
  path
}

#' A new file or folder `<name>`, or else `<name>-2`, `<name>-3` ...; it appears when it is whole
#' @param make a function that makes it at the path that it is given.
#' @param extension put behind a name that does not end with it.
#' @return Its path.
#' @noRd
place_new <- function(places, name, make, extension = "") {
  ensure_folder(places$root)
  partial <- tempfile(".partial-", places$root)
  on.exit(unlink(partial, recursive = TRUE))
  make(partial)
  parts <- path_segments(name)
  last <- parts[length(parts)]
  if (!endsWith(tolower(last), extension)) last <- paste0(last, extension)
  move_in(places, partial, place_folder(places, parts[-length(parts)]), last)
}

move_in <- function(places, partial, folder, last) {
  first <- file.path(folder, last)
  number <- get0(first, places$versions, inherits = FALSE, ifnotfound = 1)
  repeat {
    path <- file.path(folder, version_of(last, number))
    number <- number + 1
    if (if (dir.exists(partial)) folder_made_first(path) else made_first(path)) break
  }
  assign(first, number, envir = places$versions)
  # Windows has no renaming onto a folder.
  if (dir.exists(path) && .Platform$OS.type == "windows") unlink(path, recursive = TRUE)
  if (!file.rename(partial, path)) rj_abort("the file could not be moved to ", path, ".")
  path
}

#' The folder of these segments, made where it is not there; beside a file of that name, with a
#' number
#' @noRd
place_folder <- function(places, names) {
  ensure_folder(places$root)
  place <- places$root
  for (name in names) {
    number <- 1
    repeat {
      path <- file.path(place, version_of(name, number, folder = TRUE))
      if (usable_folder(places, path)) break
      number <- number + 1
    }
    place <- path
  }
  place
}

usable_folder <- function(places, path) {
  if (path %in% places$made) return(TRUE)
  if (!folder_made_first(path) && !(places$shared && dir.exists(path))) return(FALSE)
  places$made <- c(places$made, path)
  TRUE
}

#' The next number for a file of a series: above all that are there
#' @noRd
next_number <- function(places, folder, base) {
  key <- file.path(folder, base)
  last <- get0(key, places$counters, inherits = FALSE)
  if (is.null(last)) {
    there <- list.files(folder, all.files = TRUE)
    there <- there[startsWith(there, paste0(base, "-"))]
    rest <- substring(there, nchar(base) + 2L)
    rest <- rest[grepl("^[0-9]{1,15}\\.[a-z]+$", rest)]
    last <- max(-1, as.numeric(sub("\\..*$", "", rest)))
  }
  assign(key, last + 1, envir = places$counters)
  last + 1
}

#' Make a file that is not there yet; FALSE if it is
#' @noRd
made_first <- function(path) {
  made <- suppressWarnings(tryCatch(file(path, "wbx"),
    error = function(fault) conditionMessage(fault)))
  if (inherits(made, "connection")) {
    close(made)
    return(TRUE)
  }
  if ((!file.exists(path) && !is_link(path)) || !dir.exists(dirname(path))) {
    rj_abort("the file ", path, " can not be made (", made, ").")
  }
  FALSE
}

folder_made_first <- function(path) {
  if (dir.create(path, showWarnings = FALSE)) return(TRUE)
  if (!file.exists(path)) rj_abort("the folder ", path, " can not be made.")
  FALSE
}

ensure_folder <- function(path) {
  if (!dir.exists(path) && !dir.create(path, showWarnings = FALSE, recursive = TRUE) &&
      !dir.exists(path)) {
    rj_abort("the folder ", path,
      " can not be made: look at who may write there, and whether a file is in its way.")
  }
}

#' Write a file; a disk that is full is an error, which R's own functions do not always tell
#' @noRd
write_bytes <- function(path, bytes) {
  connection <- file(path, "wb")
  tryCatch(writeBin(bytes, connection), finally = close(connection))
  if (!identical(file.size(path), as.numeric(length(bytes)))) {
    rj_abort("the file ", path, " could not be written whole: the disk may be full.")
  }
}

#' The parts of a path for a name: letters A to Z, digits, `.`, `_` and `-`, 100 characters each at
#' most
#' @noRd
path_segments <- function(name) {
  parts <- strsplit(utf8(name), "/", fixed = TRUE)[[1]]
  if (!length(parts) || endsWith(name, "/")) parts <- c(parts, "")
  # By code points, since patterns see bytes in the C locale.
  allowed <- c(45L, 46L, 95L, 48:57, 65:90, 97:122)
  vapply(parts, function(part) {
    codes <- utf8ToInt(part)
    codes[!codes %in% allowed] <- 95L
    text <- intToUtf8(codes)
    if (nchar(text) > longest_segment) {
      tail <- regmatches(text, regexpr(extension_at_end, text, perl = TRUE))
      tail <- if (length(tail)) tail else ""
      text <- paste0(substring(text, 1L, longest_segment - nchar(tail)), tail)
    }
    # A dot in front hides a file, and two lead out of the folder.
    if (startsWith(text, ".")) text <- paste0("_", substring(text, 2L))
    if (nzchar(text)) text else "_"
  }, "", USE.NAMES = FALSE)
}

version_of <- function(name, number, folder = FALSE) {
  if (number == 1) return(name)
  end <- if (folder) -1L else regexpr(extension_at_end, name, perl = TRUE)
  cut <- if (end > 0L) end - 1L else nchar(name)
  sprintf("%s-%.0f%s", substring(name, 1L, cut), number, substring(name, cut + 1L))
}

# -- the files of a run ----------------------------------------------------------------------------

#' Where this process puts the files of a run
#' @noRd
files_of <- function(state) {
  if (is.null(state$images)) {
    own <- function(kind) paste(c(state$folder, kind, state$writer), collapse = "/")
    state$images <- new_places(own("images"), shared = TRUE)
    state$artifacts <- new_places(own("artifacts"), shared = FALSE)
  }
  state
}

#' A path below the folder of a run, as the run file says it
#' @noRd
relative_path <- function(state, path) substring(path, nchar(state$folder) + 2L)

#' The JSON of a file; members that are NULL are left out
#' @noRd
file_text <- function(...) js_object(unlist(Filter(Negate(is.null), list(...))))

say_artifact <- function(state, name, file, metadata = list()) {
  if (length(metadata)) {
    metadata <- js_value(metadata, paste0("metadata of ", name), default = deparsed)
    file <- paste0(substring(file, 1L, nchar(file) - 1L), ",\"metadata\":", metadata, "}")
  }
  say(state, c(artifacts = js_object(stats::setNames(file, name_of(state, name)))))
}

deparsed <- function(value) paste(deparse(value), collapse = "\n")

#' SHA-256 of a file in hexadecimal; NULL where nothing computes it
#' @noRd
sha256_of <- function(path) {
  if (exists("sha256sum", asNamespace("tools"), inherits = FALSE)) {
    return(unname(get("sha256sum", asNamespace("tools"))(path)))
  }
  if (requireNamespace("digest", quietly = TRUE)) {
    return(digest::digest(path, "sha256", file = TRUE))
  }
  if (requireNamespace("openssl", quietly = TRUE)) {
    connection <- file(path, "rb")
    on.exit(close(connection))
    return(paste(format(openssl::sha256(connection)), collapse = ""))
  }
  for (command in list("sha256sum", c("shasum", "-a", "256"))) {
    if (!nzchar(Sys.which(command[1]))) next
    said <- output_of(command[1], c(command[-1], shQuote(path)))
    # A backslash in front says that the name was escaped.
    digest <- sub("^\\\\?([0-9a-f]{64}).*$", "\\1", if (length(said)) said[1] else "")
    if (nchar(digest) == 64L) return(digest)
  }
  NULL
}

#' What a command prints, as lines; NULL if it fails
#' @noRd
output_of <- function(command, arguments, timeout = 10) {
  said <- tryCatch(
    suppressWarnings(system2(command, arguments, stdout = TRUE, stderr = FALSE, timeout = timeout)),
    error = function(fault) NULL
  )
  if (is.null(said) || !is.null(attr(said, "status"))) NULL else said
}

# -- what is meant by a path -----------------------------------------------------------------------

#' An absolute path; links are not followed
#' @noRd
absolute_path <- function(path) {
  path <- path.expand(enc2native(path))
  if (.Platform$OS.type == "windows") path <- gsub("\\", "/", path, fixed = TRUE)
  if (!grepl("^(/|[A-Za-z]:/)", path)) path <- paste0(getwd(), "/", path)
  kept <- character()
  for (part in strsplit(path, "/+")[[1]]) {
    if (part == "..") {
      if (length(kept) > 1L) kept <- kept[-length(kept)]
    } else if (part != ".") {
      kept <- c(kept, part)
    }
  }
  if (length(kept) == 1L) paste0(kept, "/") else paste(kept, collapse = "/")
}

#' The files or the folder that a path or a pattern stands for
#'
#' What is there under the very path is that; else it is a pattern, with `**` for any folders.
#' @param own the folder of the run, of which a pattern that begins outside takes nothing.
#' @return A list of `name` and `path`.
#' @noRd
artifact_sources <- function(path, name, own) {
  if (!is.character(path) || length(path) != 1L || is.na(path)) {
    rj_abort("an artifact is named by the path of a file or folder, one text; this is ",
      class(path)[1], ".")
  }
  full <- absolute_path(path)
  if (file.exists(full) || is_link(full)) {
    return(list(list(name = if (is.null(name)) basename(full) else name, path = full)))
  }
  if (!grepl("[*?[]", path)) {
    rj_abort("there is no file or folder \"", path, "\" (in ", getwd(), ").")
  }
  parts <- strsplit(full, "/", fixed = TRUE)[[1]]
  fixed <- seq_len(which(grepl("[*?[]", parts))[1] - 1L)
  base <- paste(parts[fixed], collapse = "/")
  found <- sort(as.character(glob_below(base, parts[-fixed])), method = "radix")
  if ("**" %in% parts) found <- found[!dir.exists(found)]
  inside <- is_below(real_path(base), real_path(own))
  if (!inside) {
    found <- found[!vapply(found, function(one) is_below(real_path(one), real_path(own)), NA)]
  }
  if (!length(found)) rj_abort("no file matches \"", path, "\" (in ", getwd(), ").")
  below <- substring(found, nchar(base) + 2L)
  Map(function(below, path) list(name = if (is.null(name)) below else paste0(name, "/", below),
    path = path),
    below, found, USE.NAMES = FALSE)
}

#' What matches the parts of a pattern below a folder; names that begin with a dot need one in the
#' pattern
#' @noRd
glob_below <- function(folder, parts) {
  if (!length(parts)) return(folder)
  first <- parts[1]
  if (first == "**") {
    found <- glob_below(folder, parts[-1])
    inner <- list.dirs(folder, recursive = FALSE)
    inner <- inner[!startsWith(basename(inner), ".") & !is_link(inner)]
    if (length(parts) == 1L) found <- list.files(folder, full.names = TRUE)
    return(unique(c(found, unlist(lapply(inner, glob_below, parts)))))
  }
  there <- list.files(if (nzchar(folder)) folder else "/", all.files = startsWith(first, "."),
    no.. = TRUE)
  matched <- file.path(folder, there[grepl(glob_pattern(first), there, perl = TRUE)])
  if (length(parts) > 1L) matched <- matched[dir.exists(matched)]
  unlist(lapply(matched, glob_below, parts[-1]))
}

glob_pattern <- function(glob) {
  text <- gsub("([.^$+(){}|\\\\])", "\\\\\\1", glob, perl = TRUE)
  text <- gsub("[!", "[^", text, fixed = TRUE)
  paste0("^", gsub("?", ".", gsub("*", ".*", text, fixed = TRUE), fixed = TRUE), "$")
}

is_link <- function(paths) {
  targets <- Sys.readlink(paths)
  !is.na(targets) & targets != ""
}

real_path <- function(path) normalizePath(path, winslash = "/", mustWork = FALSE)

is_below <- function(path, folder) path == folder || startsWith(path, paste0(folder, "/"))

#' The files below a folder, by their path below it, in order
#'
#' Links are followed; one that leads back to a folder above it is left out, and so is the folder of
#' the run.
#' @noRd
files_below <- function(folder, own, above = real_path(folder), prefix = "") {
  found <- character()
  there <- sort(list.files(folder, all.files = TRUE, no.. = TRUE), method = "radix")
  for (name in there) {
    path <- file.path(folder, name)
    if (dir.exists(path)) {
      real <- real_path(path)
      if (!real %in% c(above, real_path(own), file.path(real_path(own), "artifacts"))) {
        found <- c(found, files_below(path, own, c(above, real), paste0(prefix, name, "/")))
      }
    } else {
      if (!file.exists(path)) rj_abort("\"", path, "\" is a link that leads nowhere.")
      found <- c(found, stats::setNames(path, paste0(prefix, name)))
    }
  }
  found
}

#' Stop unless a path leads to regular files and folders alone: reading a pipe would wait for ever
#' @noRd
check_regular <- function(path) {
  if (!file.exists(path)) {
    rj_abort("\"", path, "\" is ", if (is_link(path)) "a link that leads nowhere." else "missing.")
  }
  if (.Platform$OS.type != "unix" || !nzchar(Sys.which("find"))) return(invisible())
  odd <- output_of("find",
    c("-L", shQuote(path), "!", "-type", "f", "!", "-type", "d", "!", "-type", "l"))
  if (length(odd)) {
    rj_abort("\"", odd[1], "\" is no regular file and no folder, which alone can be kept.")
  }
}

copy_one <- function(from, to) {
  if (!file.copy(from, to, overwrite = FALSE, copy.date = FALSE) ||
      !identical(file.size(from), file.size(to))) {
    rj_abort("\"", from, "\" could not be copied whole: look at who may read it, and whether the ",
      "disk is full.")
  }
}

copy_below <- function(from, to, own) {
  files <- files_below(from, own)
  dir.create(to)
  for (below in names(files)) {
    target <- file.path(to, below)
    dir.create(dirname(target), showWarnings = FALSE, recursive = TRUE)
    copy_one(files[[below]], target)
  }
}

#' A path as a URI
#' @noRd
file_uri <- function(path) {
  bytes <- charToRaw(enc2utf8(path))
  plain <- c(charToRaw("/_.-~:"), as.raw(c(48:57, 65:90, 97:122)))
  texts <- ifelse(bytes %in% plain, rawToChar(bytes, multiple = TRUE),
    sprintf("%%%02X", as.integer(bytes)))
  paste0(if (startsWith(path, "/")) "file://" else "file:///", paste(texts, collapse = ""))
}

# -- what users call -------------------------------------------------------------------------------

#' Keep files with a run, or say where they are
#'
#' `rj_log_artifact()` keeps a copy of a file, of a folder, or of the files that a pattern matches;
#' `rj_track_files()` says where files are, with size and digest, without a copy; `rj_log_model()`
#' keeps any object of R, written by [saveRDS()].
#'
#' A name that is used again makes a new version: both copies stay. Links are followed. What goes
#' wrong is one warning, and the program goes on.
#'
#' @param run A run of [rj_init()]; the innermost one that goes by default.
#' @param path Of a file or folder, or a pattern such as `"checkpoints/*.rds"`, where `**` stands
#'   for any folders.
#' @param name Of the artifact; by default that of the file or folder.
#' @param model Any object of R.
#' @param ... What is said beside it, by names: `kind = "dataset"`.
#' @return The run, invisibly.
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' file <- tempfile(fileext = ".csv")
#' write.csv(cars, file)
#' rj_log_artifact(run, file, "cars.csv", source = "datasets")
#' rj_track_files(run, file, "cars", kind = "dataset")
#' rj_log_model(run, "model", lm(dist ~ speed, cars))
#' rj_finish(run)
#' @export
rj_log_artifact <- function(run = rj_current(), path, name = NULL, ...) {
  state <- state_of(run)
  guarded(state, "artifact", {
    if (!state$disabled) log_artifact(state, path, name, named_metadata(...))
  })
  invisible(run)
}

log_artifact <- function(state, path, name, metadata) {
  files <- files_of(state)$artifacts
  for (source in artifact_sources(path, name, state$folder)) {
    check_regular(source$path)
    if (dir.exists(source$path)) {
      kept <- place_new(files, source$name,
        function(place) copy_below(source$path, place, state$folder))
      file <- file_text(path = js_text(relative_path(state, kept)))
    } else {
      kept <- place_new(files, source$name, function(place) copy_one(source$path, place))
      file <- file_text(path = js_text(relative_path(state, kept)),
        bytes = js_number(file.size(kept)),
        sha256 = quoted_or_null(sha256_of(kept)))
    }
    say_artifact(state, source$name, file, metadata)
  }
}

quoted_or_null <- function(text) if (is.null(text)) NULL else js_text(text)

named_metadata <- function(...) {
  metadata <- list(...)
  if (length(metadata) && (is.null(names(metadata)) || any(names(metadata) == ""))) {
    rj_abort("what is said beside an artifact has names, such as kind = \"dataset\".")
  }
  metadata
}

#' @rdname rj_log_artifact
#' @export
rj_track_files <- function(run = rj_current(), path, name = NULL, ...) {
  state <- state_of(run)
  guarded(state, "files", {
    if (!state$disabled) track_files(state, path, name, named_metadata(...))
  })
  invisible(run)
}

track_files <- function(state, path, name, metadata) {
  for (source in artifact_sources(path, name, state$folder)) {
    check_regular(source$path)
    found <- if (dir.exists(source$path)) {
      below <- files_below(source$path, state$folder)
      stats::setNames(below, paste0(source$name, "/", names(below), recycle0 = TRUE))
    } else {
      stats::setNames(source$path, source$name)
    }
    for (each in seq_along(found)) {
      file <- file_text(uri = js_text(file_uri(found[[each]])),
        bytes = js_number(file.size(found[[each]])),
        sha256 = quoted_or_null(sha256_of(found[[each]])))
      say_artifact(state, names(found)[each], file, metadata)
    }
  }
}

#' @rdname rj_log_artifact
#' @export
rj_log_model <- function(run = rj_current(), name, model, ...) {
  state <- state_of(run)
  guarded(state, "model", {
    if (!state$disabled) log_model(state, name, model, named_metadata(...))
  })
  invisible(run)
}

log_model <- function(state, name, model, metadata) {
  name <- name_of(state, name)
  kept <- place_new(files_of(state)$artifacts, name, function(place) saveRDS(model, place), ".rds")
  file <- file_text(path = js_text(relative_path(state, kept)),
    media_type = js_text("application/x-r-data"),
    bytes = js_number(file.size(kept)), sha256 = quoted_or_null(sha256_of(kept)))
  known <- list(kind = "model", framework = "r", format = "rds", class = I(class(model)))
  say_artifact(state, name, file, utils::modifyList(known, metadata))
}
