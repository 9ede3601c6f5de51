# Images: what is one, and how it becomes the bytes of a file.

# Values from 0 to 1 may be beyond by this much, which is rounding.
rounding <- 0.008
image_taken <- paste(
  "an image is a plot of ggplot2, lattice or grid, a recordedplot, a function, an expression or a",
  "block { } that draws, an array of (height, width) or (height, width, 1, 3 or 4), a raster, or",
  "the path of an image file"
)

#' Add an image to a run
#'
#' Plots are drawn as PNG; no screen is needed. Arrays are kept exactly: of logical values as black
#' and white, of whole numbers (of type integer, or raw) from 0 to 255, of other numbers from 0 to
#' 1. Each image gets a file of its own, `images/NAME-0.png` and so on.
#'
#' What goes wrong is one warning, and the program goes on.
#'
#' @inheritParams rj_log_artifact
#' @param name Of the series of images.
#' @param image A plot of ggplot2 or lattice, a grob of grid, what [grDevices::recordPlot()]
#'   returned; a function without arguments, an [expression()] or a block `{ ... }` that draws; a
#'   matrix (height, width) or an array (height, width, 1, 3 or 4), or with the channels first; a
#'   raster; or the path of an image file: PNG, JPEG, GIF, WebP, BMP, TIFF or SVG. What is drawn on
#'   several pages is several images.
#' @param step Of the image: any finite number.
#' @param time In seconds since 1970, or a date-time; now by default.
#' @param description A text.
#' @param width,height Of a plot, in pixels.
#' @param res Of a plot, in pixels per inch: more makes letters larger.
#' @return The run, invisibly.
#' @examples
#' run <- rj_init(dir = tempfile(), capture = FALSE)
#' rj_log_image(run, "noise", matrix(runif(64), 8))
#' if (capabilities("cairo")) {
#'   rj_log_image(run, "cars", { plot(cars); abline(lm(dist ~ speed, cars)) }, step = 1)
#' }
#' rj_finish(run)
#' @export
rj_log_image <- function(run = rj_current(), name, image, step = NULL, time = NULL,
                         description = NULL, width = 800, height = 600, res = 96) {
  state <- state_of(run)
  # A block is run where its plots are to go, which is why it is not touched here.
  given <- substitute(image)
  block <- is.call(given) && identical(given[[1L]], as.name("{"))
  frame <- parent.frame()
  size <- list(width = width, height = height, res = res)
  guarded(state, paste("image", name), {
    if (!state$disabled) {
      pictures <- if (block) pictures_of_block(image, size) else pictures_of(image, size, frame)
      log_pictures(state, name, pictures, step, time, description)
    }
  })
  invisible(run)
}

log_image <- function(state, name, image, step, time) {
  size <- list(width = 800, height = 600, res = 96)
  log_pictures(state, name, pictures_of(image, size, globalenv()), step, time, NULL)
}

log_pictures <- function(state, name, pictures, step, time, description) {
  name <- name_of(state, name)
  texts <- vapply(pictures, function(picture) {
    path <- place_numbered(files_of(state)$images, name, picture$extension, picture$bytes)
    file_text(
      path = js_text(relative_path(state, path)), media_type = js_text(picture$media_type),
      width = number_or_null(picture$size[1]), height = number_or_null(picture$size[2]),
      description = if (is.null(description)) NULL else js_text(description)
    )
  }, "")
  write_points(state, list(images = stats::setNames(list(texts), name)), step, time)
}

number_or_null <- function(x) if (length(x) && !is.na(x)) js_number(x) else NULL

# -- from whatever it is ---------------------------------------------------------------------------

#' The files of an image: each a list of `bytes`, `media_type`, `extension` and `size` in pixels
#' @noRd
pictures_of <- function(image, size, frame) {
  draw <- drawing_of(image, frame)
  if (!is.null(draw)) return(drawn(draw, size))
  if (is.data.frame(image)) rj_abort("a data frame is no image: rj_log_table takes it.")
  if (inherits(image, "htmlwidget")) {
    rj_abort("a widget is a page and no image: htmlwidgets::saveWidget(widget, ",
      "\"plot.html\"), then ",
      "rj_log_artifact(run, \"plot.html\").")
  }
  if (inherits(image, "magick-image")) return(of_magick(image))
  if (inherits(image, "nativeRaster")) return(list(of_pixels(native_pixels(image))))
  if (inherits(image, "raster")) return(list(of_pixels(raster_pixels(image))))
  if (is.character(image) && length(image) == 1L && is.null(dim(image))) {
    return(list(of_file(image)))
  }
  if (is.null(dim(image)) || !(is.numeric(image) || is.logical(image) || is.raw(image))) {
    rj_abort(class(image)[1], " is no image: ", image_taken, ".")
  }
  list(of_pixels(as_pixels(channels_last(image))))
}

#' How something is drawn, as a function; NULL if it is not drawn
#' @noRd
drawing_of <- function(image, frame) {
  if (inherits(image, c("ggplot", "trellis", "recordedplot", "gg"))) return(function() print(image))
  if (inherits(image, c("grob", "gTree", "gtable"))) {
    return(function() {
      grid::grid.newpage()
      grid::grid.draw(image)
    })
  }
  if (is.function(image)) return(function() print_plot(image()))
  if (is.expression(image)) {
    return(function() for (one in as.list(image)) print_plot(eval(one, frame)))
  }
  if (is.call(image) && !inherits(image, "formula")) {
    return(function() print_plot(eval(image, frame)))
  }
  NULL
}

# What a function that draws returns is a plot yet to be drawn, or does not matter.
print_plot <- function(value) {
  draw <- if (is.function(value) || is.language(value)) NULL else drawing_of(value, NULL)
  if (!is.null(draw)) draw()
}

pictures_of_block <- function(image, size) {
  value <- NULL
  pages <- drawn(function() value <<- image, size, needed = FALSE)
  if (length(pages)) pages else pictures_of(value, size, globalenv())
}

#' Draw on a device of its own; the one that was open stays so
#' @return A picture for each page.
#' @noRd
drawn <- function(draw, size, needed = TRUE) {
  check_size(size)
  folder <- tempfile("rj-plot-")
  dir.create(folder)
  before <- grDevices::dev.cur()
  own <- open_device(folder, size)
  on.exit({
    close_device(own, before)
    unlink(folder, recursive = TRUE)
  })
  draw()
  close_device(own, before)
  pages <- list.files(folder, "[.]png$", full.names = TRUE)
  if (!length(pages) && needed) rj_abort("nothing was drawn.")
  lapply(pages, of_file)
}

check_size <- function(size) {
  for (name in names(size)) {
    value <- size[[name]]
    if (!is.numeric(value) || length(value) != 1L || !is.finite(value) || value < 1 ||
        value > 50000) {
      rj_abort(name, " is a number of pixels from 1 to 50000.")
    }
  }
}

open_device <- function(folder, size) {
  file <- file.path(gsub("%", "%%", folder, fixed = TRUE), "page-%05d.png")
  if (capabilities("cairo") || .Platform$OS.type == "windows") {
    type <- if (capabilities("cairo")) "cairo" else "windows"
    grDevices::png(file, size$width, size$height, units = "px", res = size$res, type = type)
  } else if (requireNamespace("ragg", quietly = TRUE)) {
    ragg::agg_png(file, size$width, size$height, units = "px", res = size$res)
  } else if (capabilities("aqua") || capabilities("X11")) {
    grDevices::png(file, size$width, size$height, units = "px", res = size$res)
  } else {
    rj_abort("this R draws no PNG without a screen: install.packages(\"ragg\"), ",
      "or an R with cairo.")
  }
  grDevices::dev.cur()
}

close_device <- function(own, before) {
  if (own %in% grDevices::dev.list()) grDevices::dev.off(own)
  if (before > 1L && before %in% grDevices::dev.list()) grDevices::dev.set(before)
}

of_magick <- function(image) {
  lapply(seq_along(image), function(index) {
    of_bytes(magick::image_write(image[index], format = "png"), "the image of magick")
  })
}

of_file <- function(path) {
  if (dir.exists(path)) rj_abort("\"", path, "\" is no regular file, and so no image.")
  if (!file.exists(path)) {
    rj_abort("there is no image file \"", substring(path, 1L, 200L), "\"; rj_log_text takes texts.")
  }
  of_bytes(readBin(path, "raw", file.size(path)), paste0("\"", path, "\""))
}

# -- image files -----------------------------------------------------------------------------------

#' An image by its own bytes
#' @noRd
of_bytes <- function(bytes, what) {
  found <- image_format(bytes)
  if (is.null(found)) {
    rj_abort(what, " begins like no PNG, JPEG, GIF, WebP, BMP, TIFF or SVG; ",
      "rj_log_artifact takes any other file.")
  }
  list(bytes = bytes, media_type = paste0("image/", found[1]), extension = found[2],
    size = image_size(bytes, found[1]))
}

image_format <- function(bytes) {
  begins <- function(..., at = 0L) {
    wanted <- as.raw(c(...))
    identical(bytes[at + seq_along(wanted)], wanted)
  }
  if (begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return(c("png", ".png"))
  if (begins(0xff, 0xd8, 0xff)) return(c("jpeg", ".jpg"))
  if (begins(0x47, 0x49, 0x46, 0x38, 0x37, 0x61) || begins(0x47, 0x49, 0x46, 0x38, 0x39, 0x61)) {
    return(c("gif", ".gif"))
  }
  if (begins(0x52, 0x49, 0x46, 0x46) && begins(0x57, 0x45, 0x42, 0x50, at = 8L)) {
    return(c("webp", ".webp"))
  }
  if (begins(0x42, 0x4d) && begins(0, 0, 0, 0, at = 6L)) return(c("bmp", ".bmp"))
  tiff <- bytes[4:1]
  if ((begins(0x49, 0x49) && bytes[3] %in% as.raw(42:43) && begins(0, at = 3L)) ||
    (begins(0x4d, 0x4d, 0) && tiff[1] %in% as.raw(42:43))) return(c("tiff", ".tiff"))
  head <- utils::head(bytes, 4096L)
  text <- rawToChar(head[head != 0])
  svg <- paste0(
    "^(\xef\xbb\xbf)?\\s*(<\\?xml[^>]*>\\s*)?((?s:<!--.*?-->)\\s*)*",
    "(<!DOCTYPE svg[^>]*>\\s*)?<svg[\\s>]"
  )
  if (grepl(svg, text, perl = TRUE, useBytes = TRUE)) return(c("svg+xml", ".svg"))
  NULL
}

#' Width and height as the head of a file says them; NULL if it does not
#' @noRd
image_size <- function(bytes, format) {
  whole <- function(at, endian, size = 4L) {
    readBin(bytes[at + seq_len(size)], "integer", size = size, endian = endian, signed = size == 4L)
  }
  if (format == "png" && length(bytes) >= 24L) return(c(whole(16L, "big"), whole(20L, "big")))
  if (format == "gif" && length(bytes) >= 10L) {
    return(c(whole(6L, "little", 2L), whole(8L, "little", 2L)))
  }
  if (format == "bmp" && length(bytes) >= 26L && as.integer(bytes[15]) >= 40L) {
    return(c(whole(18L, "little"), abs(whole(22L, "little"))))
  }
  if (format == "jpeg") return(jpeg_size(bytes, whole))
  NULL
}

jpeg_size <- function(bytes, whole) {
  # Of the first frame's head, behind segments that say their length.
  at <- 2L
  while (at + 9L <= length(bytes) && bytes[at + 1L] == as.raw(0xff)) {
    marker <- as.integer(bytes[at + 2L])
    if (marker == 0xff) {
      at <- at + 1L
    } else if (marker >= 0xc0 && marker <= 0xcf && !marker %in% c(0xc4, 0xc8, 0xcc)) {
      return(c(whole(at + 7L, "big", 2L), whole(at + 5L, "big", 2L)))
    } else {
      at <- at + 2L + whole(at + 2L, "big", 2L)
    }
  }
  NULL
}

# -- arrays ----------------------------------------------------------------------------------------

channels_last <- function(image) {
  shape <- dim(image)
  said <- paste0("an array of (", paste(shape, collapse = ", "), ") is no image")
  if (length(shape) == 4L) rj_abort(said, ", but several: log each of them.")
  if (!length(shape) %in% 2:3) rj_abort(said, ": ", image_taken, ".")
  if (length(shape) == 2L) {
    dim(image) <- c(shape, 1L)
  } else if (!shape[3] %in% c(1L, 3L, 4L)) {
    if (!shape[1] %in% c(1L, 3L, 4L)) {
      rj_abort(said, ": it has no 1, 3 or 4 channels, behind or in front.")
    }
    image <- aperm(image, c(2L, 3L, 1L))
  }
  if (any(dim(image) == 0L)) rj_abort(said, ": it has no pixels.")
  image
}

#' An array of bytes as raw values, of the same shape
#' @noRd
as_pixels <- function(image) {
  shape <- dim(image)
  if (is.raw(image)) return(image)
  if (is.logical(image)) {
    if (anyNA(image)) rj_abort("the image has missing values (NA).")
    return(array(as.raw(255L * as.integer(image)), shape))
  }
  if (inherits(image, "integer64")) image <- array(as.integer(image), shape)
  if (anyNA(image)) rj_abort("the image has missing values (NA or NaN).")
  range <- range(image)
  said <- sprintf("the values of the image go from %.6g to %.6g", range[1], range[2])
  if (is.integer(image)) {
    if (range[1] < 0L || range[2] > 255L) rj_abort(said, ": whole numbers are taken from 0 to 255.")
    return(array(as.raw(image), shape))
  }
  if (range[1] < -rounding || range[2] > 1 + rounding) {
    hint <- if (range[1] >= 0 && range[2] <= 255) " Divide them by 255." else ""
    rj_abort(said, ": fractions are taken from 0 to 1.", hint)
  }
  array(as.raw(round(pmin(pmax(as.vector(image), 0), 1) * 255)), shape)
}

# Both kinds of raster have their pixels row by row, whatever their dimensions say.
native_pixels <- function(image) {
  codes <- as.vector(unclass(image))
  bytes <- vapply(c(0L, 8L, 16L, 24L), function(shift) bitwAnd(bitwShiftR(codes, shift), 255L),
    numeric(length(codes)))
  array_of_rows(bytes, dim(image))
}

raster_pixels <- function(image) {
  colours <- grDevices::col2rgb(as.vector(t(as.matrix(image))), alpha = TRUE)
  array_of_rows(t(colours), dim(image))
}

array_of_rows <- function(bytes, shape) {
  if (all(bytes[, 4] == 255)) bytes <- bytes[, 1:3, drop = FALSE]
  aperm(array(as.raw(bytes), c(shape[2], shape[1], ncol(bytes))), c(2L, 1L, 3L))
}

of_pixels <- function(pixels) {
  shape <- dim(pixels)
  list(bytes = png_of(pixels), media_type = "image/png", extension = ".png", size = shape[2:1])
}

#' A PNG of raw values of shape (height, width, 1, 3 or 4)
#' @noRd
png_of <- function(pixels) {
  shape <- dim(pixels)
  rows <- matrix(aperm(pixels, c(3L, 2L, 1L)), ncol = shape[1])
  kind <- c(0L, NA, 2L, 6L)[shape[3]]
  head <- c(big_endian(shape[2:1]), as.raw(c(8L, kind, 0L, 0L, 0L)))
  c(
    as.raw(c(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)),
    png_chunk("IHDR", head),
    png_chunk("IDAT", memCompress(as.vector(rbind(as.raw(0L), rows)), "gzip")),
    png_chunk("IEND", raw())
  )
}

big_endian <- function(x) writeBin(as.integer(x), raw(), size = 4L, endian = "big")

png_chunk <- function(kind, data) {
  body <- c(charToRaw(kind), data)
  c(big_endian(length(data)), body, crc32_of(body))
}

# The end of a gzip file is the CRC of what it holds, which plain R computes nowhere else.
crc32_of <- function(bytes) {
  path <- tempfile("rj-crc-")
  on.exit(unlink(path))
  file <- gzfile(path, "wb", compression = 1L)
  writeBin(bytes, file)
  close(file)
  size <- file.size(path)
  rev(readBin(path, "raw", size)[size - 7:4])
}
