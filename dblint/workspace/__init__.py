"""Which files belong to a run, and what their surroundings say about databases."""
