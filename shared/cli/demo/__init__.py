"""The demo: a pilot driven from outside, by public commands and published events alone."""
