"""Repairs that are written into source: what rules say as places and remedies becomes bytes, and bytes become files."""
