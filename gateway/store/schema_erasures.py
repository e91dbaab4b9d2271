"""How back-fill finds the calls of people who were erased, among all that are gone."""

from sqlalchemy import Index, text

from gateway.store.schema_consumers import call_tombstones

Index(
    "ix_call_tombstones_erased",
    call_tombstones.c.call_id,
    sqlite_where=text("reason = 'erased'"),
    postgresql_where=text("reason = 'erased'"),
)
