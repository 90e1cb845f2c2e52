"""Scheduling: the days, the kick-off, meetings that honour both calendars, agreements."""
