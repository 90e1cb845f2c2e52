"""Extras: what a person may allow and take back at any time, and what hangs on it."""
