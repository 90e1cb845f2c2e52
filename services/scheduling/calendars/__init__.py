"""Somebody's calendar as spans of wall time: read here, and nothing is kept of it but when they are busy. Pure."""
