"""A reminder before each meeting with its one-date link, and the question whether a meeting with few is held."""
