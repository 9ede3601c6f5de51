library(testthat)
library(runjson)

test_check("runjson")
