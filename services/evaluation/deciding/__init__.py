"""From what was told of a question's answers to its answer: bounds, a verdict, its words. Pure.

Only what the report's own process loads may import `bounds`, and what builds on it: SciPy is in it.
"""
