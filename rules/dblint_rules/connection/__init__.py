"""Rules about connections, pools and sessions."""
