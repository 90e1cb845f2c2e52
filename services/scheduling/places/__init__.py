"""Where meetings are: a room, or by video."""
