"""SQL texts as programs put them together, and where the values in them come from."""
