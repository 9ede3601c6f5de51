#' Stop with a condition of classes, without a call in front of the message
#' @noRd
rj_abort <- function(..., class = character()) {
  stop(structure(
    class = c(class, "rj_error", "error", "condition"),
    list(message = paste0(...), call = NULL)
  ))
}
