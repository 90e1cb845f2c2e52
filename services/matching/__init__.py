"""Matching: rounds, proposals, tandems and the reserve list."""
