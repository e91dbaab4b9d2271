"""Telephone systems: one folder per system, the same file names in each."""
