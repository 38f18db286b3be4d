"""Rules of the group `query`."""
