"""Rules of the group `migration`."""
