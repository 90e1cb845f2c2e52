"""A tandem's meetings: planned, accepted, moved, cancelled, held or missed, by whom, and the signs in them (P8)."""
