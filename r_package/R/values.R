#' What R's values become
#'
#' Parameters, properties and what is said beside artifacts hold values; series hold numbers; tables
#' hold cells. This page says what R's values become in each, in both engines and in every locale.
#'
#' @section Values of parameters and properties:
#'
#' | in R | in the run file |
#' |---|---|
#' | `TRUE`, `FALSE` | `true`, `false` |
#' | `NULL`, `NA` of any type | `null` |
#' | `7L`, `7` | `7` |
#' | `0.1 + 0.2` | `0.30000000000000004`: the shortest digits that give the same double |
#' | `NaN`, `Inf`, `-Inf` | `{"$float": "NaN"}`, `{"$float": "Infinity"}`, `{"$float": "-Infinity"}` |
#' | `2^53` and above, as doubles | their digits; in the canonical form `{"$int": "9007199254740992"}` |
#' | `bit64::as.integer64()` | all of its digits; beyond 2^53 - 1 as `{"$int": "..."}` |
#' | texts | texts in UTF-8, whatever their encoding was |
#' | factors | their labels |
#' | `Date` | a text, `"2026-11-21"` |
#' | `POSIXct`, `POSIXlt` | `{"$datetime": "2026-11-21T03:13:41+01:00"}`, with the offset of its zone |
#' | `difftime` | seconds |
#' | a vector of length one | that value |
#' | any other vector, a list without names | an array; `numeric(0)` and `list()` are `[]` |
#' | `I(x)` | an array, of one value too |
#' | a named vector, a named list | an object; `setNames(list(), character())` is `{}` |
#' | a data frame | an object of arrays, one a column |
#' | a matrix | an array of rows |
#' | functions, environments, calls, formulas, complex, raw, S4 | an error of class `rj_not_json` |
#' | a vector or list in which some have names | an error of class `rj_not_json` |
#'
#' The error names the path, `model$layers`. With the argument `default` of [rj_init()] there is
#' none: what that function makes of the value is written.
#'
#' @section Points of series:
#'
#' A point is a number. `NaN`, `Inf` and `-Inf` are points like others, and so is `NA`, which becomes
#' `NaN`: that a value was missing at a step is worth knowing. `TRUE` is 1, `FALSE` is 0, a `difftime`
#' is its seconds. A step or a time that is `NA` in [rj_extend()] is none. `NULL`, dates and times
#' are no points: they are left out, with a warning. Of texts, `NA` is left out with a warning; of
#' the data of a histogram, whatever is not finite.
#'
#' @section Cells of tables:
#'
#' In the CSV of [rj_log_table()] `NA` is an empty cell, `NaN` is `NaN`, infinities are `Infinity`
#' and `-Infinity`, logical values `true` and `false`. Factors are their labels, dates and times
#' texts of ISO 8601, durations seconds. In a table of one column, an empty cell is `""`.
#'
#' @section Reading:
#'
#' [rj_read()] gives numbers, texts and logical values as such, `null` as `NULL`, arrays of several
#' values of one type as vectors, integers beyond 2^53 - 1 as texts of class `rj_int`, and times as
#' texts of class `rj_moment`, which [as.POSIXct()] takes. In series, `"NaN"` is `NaN`.
#'
#' @seealso [rj_init()], [rj_log()], [rj_log_table()], [rj_read()]
#' @examples
#' run <- rj_init(dir = tempfile("runs"), capture = FALSE, parameters = list(
#'   rate = 0.1, seed = 7L, none = NA, day = as.Date("2026-11-21"), layers = c(64, 10), one = I(1)
#' ))
#' rj_log(run, loss = NA, step = 1)
#' rj_finish(run)
#' writeLines(readLines(run$path))
#' @name runjson-values
NULL
