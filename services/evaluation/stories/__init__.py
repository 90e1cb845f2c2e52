"""Stories (S18): written by a tandem, confirmed by both, published by the office, told in a feed."""
