"""One's own dates in one's own calendar: a secret address that a phone reads."""
