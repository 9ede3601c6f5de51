picture <- function(run, index = 2) file.path(run$folder, records(run)[[index]]$images[[1]][[1]]$path)

test_that("every pixel of an array is kept", {
  skip_if_not_installed("png")
  run <- quiet_run(runs_folder())
  set.seed(5)
  bytes <- array(sample(0:255, 7 * 5 * 4, replace = TRUE), c(7, 5, 4))
  given <- list(
    grey = bytes[, , 1], rgb = bytes[, , 1:3], rgba = bytes, one = bytes[, , 1, drop = FALSE],
    fractions = bytes[, , 1:3] / 255, raws = array(as.raw(bytes), dim(bytes)), truth = bytes[, , 1] > 100,
    front = aperm(bytes[, , 1:3], c(3, 1, 2))
  )
  for (name in names(given)) rj_log_image(run, name, given[[name]], step = 1)
  rj_finish(run)
  for (index in seq_along(given)) {
    file <- records(run)[[index + 1]]$images[[1]][[1]]
    found <- round(png::readPNG(file.path(run$folder, file$path)) * 255)
    expected <- switch(names(given)[index], truth = 255 * given$truth, front = bytes[, , 1:3], raws = bytes,
      fractions = bytes[, , 1:3], one = bytes[, , 1], given[[index]])
    expect_equal(as.vector(found), as.vector(expected), info = names(given)[index])
    expect_equal(dim(found)[1:2], c(7, 5))
    expect_equal(file[c("width", "height")], list(width = 5L, height = 7L))
  }
  expect_valid(run$folder)
})

test_that("rasters are kept, row by row", {
  skip_if_not_installed("png")
  run <- quiet_run(runs_folder())
  colours <- matrix(c("#FF0000", "#00FF00", "#0000FF", "#112233", "#445566", "#778899"), 2)
  rj_log_image(run, "raster", grDevices::as.raster(colours))
  path <- tempfile(fileext = ".png")
  png::writePNG(array(0:23 / 255, c(2, 3, 4)), path)
  rj_log_image(run, "native", png::readPNG(path, native = TRUE))
  rj_finish(run)
  expect_equal(round(255 * png::readPNG(picture(run))), aperm(array(grDevices::col2rgb(colours), c(3, 2, 3)), c(2, 3, 1)))
  expect_equal(png::readPNG(picture(run, 3)), png::readPNG(path))
})

test_that("plots of every kind are drawn without a screen, in the size that is said", {
  skip_if_not(capabilities("cairo"))
  old <- Sys.getenv("DISPLAY", NA)
  Sys.unsetenv("DISPLAY")
  on.exit(if (!is.na(old)) Sys.setenv(DISPLAY = old))
  before <- grDevices::dev.list()
  run <- quiet_run(runs_folder())
  drawings <- list(f = function() plot(cars), e = expression(plot(cars), abline(1, 2)), q = quote(hist(cars$speed)))
  grDevices::pdf(NULL)
  grDevices::dev.control("enable")
  plot(cars)
  drawings$recorded <- grDevices::recordPlot()
  mine <- grDevices::dev.cur()
  drawings$grid <- grid::circleGrob()
  if (requireNamespace("ggplot2", quietly = TRUE)) {
    drawings$ggplot <- ggplot2::ggplot(cars, ggplot2::aes(speed, dist)) + ggplot2::geom_point()
  }
  if (requireNamespace("lattice", quietly = TRUE)) drawings$lattice <- lattice::xyplot(dist ~ speed, cars)
  for (name in names(drawings)) rj_log_image(run, name, drawings[[name]], width = 320, height = 240, step = 1)
  rj_log_image(run, "block", {
    plot(cars)
    lines(1:10, 1:10)
  }, width = 320, height = 240)
  expect_equal(grDevices::dev.cur(), mine)
  grDevices::dev.off(mine)
  expect_equal(grDevices::dev.list(), before)
  rj_finish(run)
  images <- rj_read(run$path)$images
  expect_setequal(names(images), c(names(drawings), "block"))
  for (index in seq_along(images) + 1) {
    file <- records(run)[[index]]$images[[1]][[1]]
    expect_equal(file[c("media_type", "width", "height")], list(media_type = "image/png", width = 320L, height = 240L))
    pixels <- png::readPNG(file.path(run$folder, file$path))
    expect_equal(dim(pixels)[2:1], c(320, 240))
    expect_gt(length(unique(as.vector(pixels))), 1)
  }
  expect_valid(run$folder)
})

test_that("the device that was current is so again", {
  skip_if_not(capabilities("cairo"))
  run <- quiet_run(runs_folder())
  mine <- vapply(1:3, function(index) {
    grDevices::pdf(NULL)
    grDevices::dev.cur()
  }, 1L)
  grDevices::dev.set(mine[2])
  rj_log_image(run, "p", function() plot(1))
  expect_equal(unname(grDevices::dev.cur()), mine[2])
  for (device in mine) grDevices::dev.off(device)
  rj_finish(run)
})

test_that("pages are images each, and a plot by rj_log is one", {
  skip_if_not(capabilities("cairo"))
  run <- quiet_run(runs_folder())
  rj_log_image(run, "pages", function() for (page in 1:3) plot(page))
  if (requireNamespace("ggplot2", quietly = TRUE)) {
    rj_log(run, fit = ggplot2::ggplot(cars, ggplot2::aes(speed, dist)) + ggplot2::geom_line(), step = 4)
    expect_equal(records(run)[[3]]$images$fit[[1]]$path, "images/fit-0.png")
  }
  rj_finish(run)
  expect_equal(list.files(file.path(run$folder, "images"), "pages"), sprintf("pages-%d.png", 0:2))
  expect_valid(run$folder)
})

test_that("image files are taken by their bytes", {
  run <- quiet_run(runs_folder())
  path <- tempfile()
  writeBin(png_of(array(as.raw(1:12), c(2, 6, 1))), path)
  rj_log_image(run, "file", path, description = "twelve")
  svg <- tempfile()
  writeLines("<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>", svg)
  rj_log_image(run, "svg", svg)
  if (requireNamespace("jpeg", quietly = TRUE)) {
    jpeg::writeJPEG(matrix(0.5, 11, 13), path)
    rj_log_image(run, "jpeg", path)
    expect_equal(records(run)[[4]]$images$jpeg[[1]][2:4], list(media_type = "image/jpeg", width = 13L, height = 11L))
  }
  rj_finish(run)
  expect_equal(records(run)[[2]]$images$file[[1]], list(path = "images/file-0.png", media_type = "image/png",
    width = 6L, height = 2L, description = "twelve"))
  expect_equal(records(run)[[3]]$images$svg[[1]]$path, "images/svg-0.svg")
  expect_valid(run$folder)
})

test_that("what is no image is told, and leaves no file and no device", {
  run <- quiet_run(runs_folder())
  before <- grDevices::dev.list()
  expect_warning(rj_log_image(run, "a", "nowhere.png"), "no image file")
  expect_warning(rj_log_image(run, "b", matrix(c(0, 300), 1)), "0 to 300")
  expect_warning(rj_log_image(run, "c", matrix(c(0, 200), 1)), "Divide them by 255")
  expect_warning(rj_log_image(run, "d", matrix(c(0, NA), 1)), "missing")
  expect_warning(rj_log_image(run, "e", array(0, c(2, 2, 2, 2))), "several")
  expect_warning(rj_log_image(run, "f", function() stop("no pen")), "no pen")
  expect_warning(rj_log_image(run, "g", function() NULL), "nothing was drawn")
  expect_warning(rj_log_image(run, "h", cars), "rj_log_table")
  expect_warning(rj_log_image(run, "i", array(0, c(5, 5, 2))), "channels")
  rj_finish(run)
  expect_equal(grDevices::dev.list(), before)
  expect_length(list.files(file.path(run$folder, "images")), 0)
  expect_null(rj_read(run$path)$images)
})

test_that("a run that goes on uses no path twice", {
  folder <- runs_folder()
  for (time in 1:3) {
    run <- quiet_run(folder, id = "r", resume = "allow")
    rj_log_image(run, "a/b", matrix(time / 4, 2, 2))
    rj_finish(run)
  }
  expect_equal(list.files(file.path(run$folder, "images", "a")), sprintf("b-%d.png", 0:2))
  expect_valid(run$folder)
})
