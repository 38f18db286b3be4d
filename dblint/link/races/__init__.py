"""What several processes do to each other's rows."""
