"""Requests with an Idempotency-Key, for 24 h: done once, answered as often as they come.

Personal data: the answer that was given, as the person who asked got it (a contact, a promise),
deleted after 24 h; erasing anybody deletes all rows, which costs no more than the keys' promise.
Answers with secrets are never kept. Key and request are kept as hashes.
"""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from gateway.store.schema import Instant, metadata

repeats = Table(
    "repeats",
    metadata,
    # of login and key
    Column("hash", String(64), primary_key=True),
    # what tells the request from another one under the same key
    Column("fingerprint", String(64), nullable=False),
    # None until it is done
    Column("status", Integer),
    # None for an empty answer and for one that is not kept
    Column("body", Text),
    # JSON object of the headers that belong to the answer (Location, ETag), None for none
    Column("headers", Text),
    Column("created_at", Instant, nullable=False),
)
Index("ix_repeats_created_at", repeats.c.created_at)
