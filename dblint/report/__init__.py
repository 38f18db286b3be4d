"""Findings to a format: one module each."""
