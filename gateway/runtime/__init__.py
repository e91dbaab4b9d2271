"""Composition root: settings, supervision, the ingest pipeline, health, logging."""
