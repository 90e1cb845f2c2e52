"""A tandem's rest while one of the two pauses (P6)."""
