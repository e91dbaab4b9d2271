"""Calls that nobody saw, from the rows that Asterisk wrote: CEL and CDR."""
