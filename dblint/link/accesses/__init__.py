"""Relations that are read of rows: which query gave the rows, whether it loaded the relation, and where it is read."""
