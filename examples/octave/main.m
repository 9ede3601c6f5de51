% octave-cli main.m fit|diverge|fail DATA FOLDER
arguments = argv();
exit(iris(arguments{:}));
