"""The long work of planning: what its jobs read, and the plans that they hand over in pieces."""
