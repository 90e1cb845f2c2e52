"""The match measured: by numbers beside other solvers, on families, from files, and after a withdrawal."""
