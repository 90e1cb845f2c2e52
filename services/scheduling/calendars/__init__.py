"""Somebody's calendar and absences: read here, and nothing is kept of them but when they are busy or away."""
