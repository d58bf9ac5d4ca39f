"""Client organisations, the roles people hold there, and assignments."""
