"""`tandem import --hr`: HR's nightly file of everybody, of which only what is new of participants becomes events."""
