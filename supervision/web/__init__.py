"""The edge: guard, pages, headers, languages, errors."""
