"""Evaluation: surveys to both sides, confidential answers, the report with its four answers."""
