"""Who did what: enums and ids, never content."""
