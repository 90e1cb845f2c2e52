"""`tandem doctor`: facts are gathered, pure checks find what is wrong, and each finding says what to do."""
