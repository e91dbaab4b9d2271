"""What the order of CEL rows hides: some things Asterisk tells late, some not at all."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from adapters.asterisk.backfill.channels import MOMENT, Seen
from adapters.asterisk.backfill.menus import APPLICATIONS
from adapters.asterisk.backfill.rows import CelRow
from adapters.asterisk.naming import forward_number

# What a hang-up brings with it, in any order, before the row that names who did it.
CLOSING: Final = frozenset(
    {"BRIDGE_EXIT", "APP_END", "STREAM_END", "HANGUP", "CHAN_END", "LINKEDID_END"}
)
_TEARDOWN: Final = timedelta(seconds=1)
_OVERTAKEN: Final = timedelta(milliseconds=50)
_HEADS: Final = frozenset({"BLINDTRANSFER"})


def hoisted(rows: Sequence[CelRow]) -> list[CelRow]:
    """Put a transfer or forward before what it causes, as AMI tells it.

    A blind transfer comes before the leaving; a phone's 302 before the call to the other number,
    which may ring already when Asterisk writes why.
    """
    told: list[CelRow] = []
    for row in rows:
        place = len(told)
        if row.event == "FORWARD":
            place = _begun_by(told, row)
        elif row.event in _HEADS:
            bridge = row.extra.get("bridge_id", "")
            while place and told[place - 1].event == "BRIDGE_EXIT":
                if told[place - 1].extra.get("bridge_id", "") != bridge:
                    break
                place -= 1
        told.insert(place, row)
    return told


def _begun_by(told: Sequence[CelRow], forward: CelRow) -> int:
    """Return where the relay began that a forward made, the end if that is not told yet."""
    relay = f"Local/{forward_number(forward.extra.get('forward', ''))}@"
    for place in range(len(told) - 1, -1, -1):
        row = told[place]
        if forward.at - row.at > MOMENT:
            break
        begins = row.event == "CHAN_START" and row.linkedid == forward.linkedid
        if begins and row.channel.startswith(relay) and row.channel.endswith(";1"):
            return place
    return len(told)


def presumed(rows: Sequence[CelRow], seen: dict[str, Seen]) -> dict[int, list[CelRow]]:
    """Find before which row each application began that no APP_START tells.

    cel.conf may not track it, and of two Queues in a row only the first is told. Any row names
    what its channel runs by then; a queue runs at least since it dialled a member.
    """
    found: dict[int, list[CelRow]] = {}
    running: dict[str, tuple[str, str]] = {}
    for index, row in enumerate(rows):
        now = (row.app, row.data)
        if row.event == "APP_START":
            running[row.uniqueid] = now
        if row.app not in APPLICATIONS or row.event in CLOSING or running.get(row.uniqueid) == now:
            continue
        running[row.uniqueid] = now
        found.setdefault(_since(rows, seen, index), []).append(row)
    return found


def _since(rows: Sequence[CelRow], seen: dict[str, Seen], index: int) -> int:
    """Return the row at which the application of row `index` must have begun at the latest."""
    row, place = rows[index], index
    if row.app != "Queue":
        return place
    for back in range(index - 1, -1, -1):
        earlier = rows[back]
        if earlier.uniqueid == row.uniqueid:
            break
        if earlier.event == "CHAN_START" and "AppQueue" in seen[earlier.uniqueid].apps:
            place = back
    return place


def overtaken(rows: Sequence[CelRow], seen: dict[str, Seen]) -> dict[int, list[str]]:
    """Find before which row a leg was given up whose end is told after the next one has begun.

    Two Dials in a row give no APP_END between them, and the legs' ends come from other threads.
    """
    found: dict[int, list[str]] = {}
    for index, row in enumerate(rows):
        leg = seen.get(row.uniqueid)
        if row.event != "HANGUP" or leg is None or not leg.given_up:
            continue
        for back in range(index - 1, -1, -1):
            earlier = rows[back]
            if row.at - earlier.at > _OVERTAKEN or earlier.at - leg.first.at < MOMENT:
                break
            if earlier.event == "CHAN_START" and seen[earlier.uniqueid].was_dialled:
                found.setdefault(back, []).append(row.uniqueid)
                break
    return found


def requests(rows: Sequence[CelRow], seen: dict[str, Seen]) -> dict[int, list[str]]:
    """Find before which row each channel's far end must have hung up."""
    found: dict[int, list[str]] = {}
    for index, row in enumerate(rows):
        if row.event != "HANGUP" or not seen[row.uniqueid].asked_to_end:
            continue
        place = index
        while place and rows[place - 1].event in CLOSING:
            if row.at - rows[place - 1].at > _TEARDOWN:
                break
            if rows[place - 1].event == "HANGUP" and rows[place - 1].is_root:
                break
            place -= 1
        found.setdefault(place, []).append(row.uniqueid)
    return found
