"""Rules of the group `security`."""
