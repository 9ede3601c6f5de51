module runjson-reader

go 1.19
