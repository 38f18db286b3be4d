"""Lists of rows that are shown by something else than a loop of the program, and what is read of each row."""
