"""Gatherings, the kick-off among them (S5): their dates, and who is invited, reminded and recorded."""
