"""What attributes of values hold: `members` asks; `declared` by classes, written `below`, `related` rows."""
