"""Library tables: what each library's types, members and functions mean, as data."""
