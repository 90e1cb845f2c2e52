"""What a tandem agrees on (S11): rules and goals."""
