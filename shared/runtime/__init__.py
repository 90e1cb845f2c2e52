"""The engine: everything about messages that no service should see."""
