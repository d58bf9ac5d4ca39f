"""Demo data: made-up people and places."""
