"""Half years of tandems whose calendars fill up while they pass: planning the term at once beside other habits.

Pure and seeded. Days are numbers from the first one, a Monday; a day's time is quarter hours, a bit each.
"""
