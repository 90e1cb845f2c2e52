"""Certificates: role, period and the topics that a person releases; no number of meetings, no rating, no name."""
