"""Exact planning: the best days and starts for a tandem's meetings, by levels (docs/planning.md). Pure.

Nothing here knows of dates, zones or messages: days and quarter hours are numbers.
"""
