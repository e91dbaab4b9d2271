"""Reads cdr_csv's Master.csv, whose columns have no names; newest rows first in mind.

Usable only with `loguniqueid = yes` and `newcdrcolumns = yes` in cdr.conf, which add the columns
that tell which rows are one call.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.asterisk.backfill.cdr_table import habits, read_row
from adapters.asterisk.backfill.cel_table import Habits
from adapters.asterisk.backfill.rows import CdrRow
from adapters.asterisk.backfill.times import Form, Zone
from gateway.core.errors import ConfigError, TransientError

SCHEME: Final = "csv:"
# What a busy PBX writes in about a week; older rows are not looked at.
TAIL_BYTES: Final = 64 * 2**20
_SAMPLE: Final = 200
_NAMES: Final = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dest_channel", "app", "data",
    "start", "answer", "end", "duration", "billsec", "disposition", "amaflags",
)  # fmt: skip
_UNIQUEID: Final = re.compile(r"^(?:\S+-)?\d{9,11}\.\d+$")


class MasterFile:
    """One Master.csv, read as a whole from its last 64 MiB."""

    def __init__(self, path: Path, zone: str, *, where: str) -> None:
        self._where = where
        self._path = path
        self._zone = Zone(zone)
        raw = list(self._lines())
        self.habits: Habits | None = None
        if raw:
            sample = [(row["start"], row["uniqueid"], row["linkedid"]) for row in raw[-_SAMPLE:]]
            self.habits = habits(Form.LOCAL_TEXT, sample, self._zone)
            self._zone = Zone(zone, correction=self.habits.off)
        self._rows: dict[str, list[CdrRow]] = {}
        for no, row in enumerate(raw):
            read = read_row(row, self._zone, no)
            if read is not None:
                self._rows.setdefault(read.linkedid, []).append(read)

    def calls_since(self, mark: datetime) -> list[str]:
        """Return the linkedids of calls that ended after `mark`."""
        return [
            linkedid
            for linkedid, rows in self._rows.items()
            if any(row.end >= mark for row in rows)
        ]

    def rows_of(self, linkedids: Collection[str]) -> dict[str, list[CdrRow]]:
        """Return the rows of these calls by linkedid."""
        return {one: self._rows[one] for one in linkedids if one in self._rows}

    def _lines(self) -> Iterator[Mapping[str, str]]:
        for fields in csv.reader(io.StringIO(self._text())):
            if len(fields) >= len(_NAMES):
                yield self._named(fields)

    def _text(self) -> str:
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, io.SEEK_END)
                file.seek(max(0, size - TAIL_BYTES))
                data = file.read()
        except OSError as error:
            raise TransientError(
                "The CDR file cannot be read.",
                adapter="asterisk",
                remedy="See that the path is right and that we may read the file.",
                detail=type(error).__name__,
            ) from error
        if size > TAIL_BYTES:
            data = data.partition(b"\n")[2]
        # The last line may be in the making.
        return data[: data.rfind(b"\n") + 1].decode("utf-8", errors="replace")

    def _named(self, fields: list[str]) -> Mapping[str, str]:
        """Name a line's columns; ConfigError if it lacks those that make calls of rows."""
        rest = fields[len(_NAMES) :]
        # uniqueid, then userfield if logged, then peeraccount, linkedid, sequence
        if len(rest) not in {4, 5} or not _UNIQUEID.match(rest[0]) or not rest[-1].isdigit():
            raise ConfigError(
                "Master.csv lacks the columns that tell which rows are one call.",
                where=f"{self._where}.url",
                remedy="Set loguniqueid = yes and newcdrcolumns = yes under [csv] in cdr.conf,"
                " reload Asterisk, and let it begin a new file.",
            )
        named = dict(zip(_NAMES, fields, strict=False))
        return named | {"uniqueid": rest[0], "linkedid": rest[-2], "no": rest[-1]}
