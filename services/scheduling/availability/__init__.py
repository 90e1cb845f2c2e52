"""When people have time: working times, days off, calendars, absences, gatherings and rests, as planners take them."""
