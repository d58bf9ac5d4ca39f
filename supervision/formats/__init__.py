"""Meeting formats (samtalsordningar) as data."""
