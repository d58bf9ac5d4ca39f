"""How things are kept: the base of all tables, their column types, the handle of the database."""
