"""What is counted of meetings, topics, goals, signs and exceptions: the figures beside people's answers."""
