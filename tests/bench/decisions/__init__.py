"""Simulated programmes with known truth: how often the report's answers are right, open, and wrong."""
