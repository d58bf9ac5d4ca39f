"""A supervisor's private notes about a group: only who wrote a note ever reads it."""
