"""What surrounds a call: loops, branches, stores, and what becomes of functions that are handed on."""
