"""The report for people: a page, its pictures and a PDF, made of the published event and the released comments alone.

Matplotlib and WeasyPrint are heavy: a process of its own imports this package, never the one that takes messages.
"""
