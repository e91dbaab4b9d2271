"""All tables together: importing this makes every `schema_*` module known to the metadata."""

from gateway.store import (
    schema_consumers,
    schema_directory,
    schema_erasures,
    schema_handoffs,
    schema_history,
    schema_kept_away,
    schema_mirrored,
    schema_mystery,
    schema_people,
    schema_preferences,
    schema_repeats,
    schema_ticks,
    schema_trunks,
    schema_turns,
)
from gateway.store.schema import metadata

__all__ = [
    "metadata",
    "schema_consumers",
    "schema_directory",
    "schema_erasures",
    "schema_handoffs",
    "schema_history",
    "schema_kept_away",
    "schema_mirrored",
    "schema_mystery",
    "schema_people",
    "schema_preferences",
    "schema_repeats",
    "schema_ticks",
    "schema_trunks",
    "schema_turns",
]
