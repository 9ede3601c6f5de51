# A run file that lines are appended to. What a write returned from is kept when the process is killed; a line
# that does not fit on the disk waits in memory until there is room; a file that was removed is written anew.

# So many bytes of lines wait while they can not be written; then the oldest are lost, and that is told.
most_waiting <- 64 * 2^20
# While lines wait, writing is tried again after so many seconds.
pause <- 1

#' A sink that appends lines to a run file itself.
#'
#' @param path of the file; it is made, with its folder, if it is not there.
#' @param warn called with the kind of a trouble and a sentence, once for each kind.
#' @return A list: `write(line)` appends a line, given without its line break; `close()` writes what waits and
#'   lets go of the file; `waiting()` and `lost()` count lines; `path`. None of these raises an error.
#' @noRd
native_sink <- function(path, warn = function(kind, sentence) warning(sentence, call. = FALSE)) {
  handle <- NULL
  size <- 0
  waiting <- list()
  waiting_bytes <- 0
  again <- 0
  lost <- 0L
  told <- character()

  tell <- function(kind, sentence) {
    if (kind %in% told) return(invisible())
    told <<- c(told, kind)
    # Where the user made warnings errors, the sentence still must not stop the training.
    tryCatch(warn(kind, sentence), error = function(error) message(sentence))
    invisible()
  }

  begin <- function() {
    dir.create(dirname(path), recursive = TRUE, showWarnings = FALSE)
    handle <<- opened(path)
    size <<- file.size(path)
    if (size > 0 && last_byte(path, size) != 0x0a) put(as.raw(0x0a))
  }

  # All bytes are in the file, or none of them are and FALSE is returned. The size of the file is what tells: R
  # neither raises an error nor warns when flush() meets a full disk.
  put <- function(bytes) {
    done <- tryCatch({
      writeBin(bytes, handle)
      flush(handle)
      TRUE
    }, error = function(error) FALSE, warning = function(warning) FALSE)
    now <- file.size(path)
    if (done && !is.na(now) && now >= size + length(bytes)) {
      size <<- now
      return(TRUE)
    }
    if (is.na(now)) return(restored() && put(bytes))
    take_back()
    FALSE
  }

  # A line that stays torn since it can not even be cut is ended by a line break later.
  take_back <- function() {
    quietly(close(handle))
    handle <<- NULL
    cut_at(path, size)
  }

  # The bytes that the handle still holds are written to a new file; where that can not be made, the handle is kept.
  restored <- function() {
    old <- handle
    known <- size
    there_again <- tryCatch({
      begin()
      TRUE
    }, error = function(error) FALSE)
    if (!there_again) {
      handle <<- old
      size <<- known
      return(FALSE)
    }
    kept <- everything(old, known)
    quietly(close(old))
    tell("gone", sprintf("%s was removed; it is there again.", path))
    if (size > 0 || !length(kept) || put(kept)) return(TRUE)
    waiting <<- c(list(kept), waiting)
    waiting_bytes <<- waiting_bytes + length(kept)
    FALSE
  }

  ready <- function() {
    if (!is.null(handle)) return(TRUE)
    tryCatch({
      begin()
      TRUE
    }, error = function(error) FALSE, warning = function(warning) FALSE)
  }

  keep <- function(bytes) {
    waiting[[length(waiting) + 1L]] <<- bytes
    waiting_bytes <<- waiting_bytes + length(bytes)
    while (waiting_bytes > most_waiting) {
      waiting_bytes <<- waiting_bytes - length(waiting[[1L]])
      waiting[[1L]] <<- NULL
      lost <<- lost + 1L
      tell("lost", sprintf(
        "More than %d MiB of lines wait for %s: the oldest are lost.", as.integer(most_waiting / 2^20), path
      ))
    }
  }

  drain <- function() {
    while (length(waiting)) {
      if (!ready() || !put(waiting[[1L]])) {
        again <<- seconds_now() + pause
        tell("write", sprintf(
          "%s can not be written (is the disk full?): lines wait in memory until there is room.", path
        ))
        return(invisible())
      }
      waiting_bytes <<- waiting_bytes - length(waiting[[1L]])
      waiting[[1L]] <<- NULL
    }
    invisible()
  }

  closed <- FALSE

  write <- function(line) {
    bytes <- charToRaw(paste0(line, "\n"))
    # An interrupt between the writing and the counting would write the line twice.
    suspendInterrupts({
      if (closed) {
        tell("closed", sprintf("%s is closed: a line was not written.", path))
      } else if (length(waiting) || is.null(handle)) {
        keep(bytes)
        if (seconds_now() >= again) drain()
      } else if (!put(bytes)) {
        keep(bytes)
        drain()
      }
    })
    invisible()
  }

  shut <- function() {
    if (closed) return(invisible())
    suspendInterrupts({
      drain()
      if (length(waiting)) {
        tell("closed", sprintf("%d lines could not be written to %s.", length(waiting), path))
      }
      if (!is.null(handle)) quietly(close(handle))
      handle <<- NULL
      closed <<- TRUE
    })
    invisible()
  }

  begin()
  list(
    write = write, close = shut, path = path,
    waiting = function() length(waiting), lost = function() lost
  )
}

# For reading too: what was written can be had back from the handle if the file is removed.
opened <- function(path) {
  tryCatch(file(path, "a+b"), warning = function(warning) {
    rj_abort(path, " can not be opened for writing (", sub("^.*: ", "", conditionMessage(warning)), ").",
      class = "rj_file")
  })
}

last_byte <- function(path, size) {
  source <- file(path, "rb")
  on.exit(close(source))
  seek(source, size - 1)
  as.integer(readBin(source, "raw", 1L))
}

cut_at <- function(path, size) {
  if (is.na(file.size(path)) || file.size(path) <= size) return(invisible())
  quietly({
    handle <- file(path, "r+b")
    on.exit(close(handle))
    seek(handle, size, rw = "write")
    truncate(handle)
  })
}

# The bytes of a file that may have been removed, by its handle.
everything <- function(handle, size) {
  tryCatch({
    seek(handle, 0, rw = "read")
    readBin(handle, "raw", size)
  }, error = function(error) raw(), warning = function(warning) raw())
}

quietly <- function(code) tryCatch(suppressWarnings(code), error = function(error) NULL)

seconds_now <- function() as.double(Sys.time())
