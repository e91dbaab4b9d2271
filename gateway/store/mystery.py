"""Mystery calls in the store: what is running, what came out, and which calls are no customer's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from gateway.core.ids import CallId
from gateway.core.mystery import MysteryRun, RunState
from gateway.core.mystery_mark import RunMark
from gateway.core.trunks import TrunkRef
from gateway.store.mystery_report import read_report, report_of
from gateway.store.schema_mystery import mystery_runs

KEPT: Final = timedelta(days=365)
# No run lasts so long: one that is still marked as running then belongs to a node that is gone.
LONGEST: Final = timedelta(minutes=20)
# A history of the PBX is read back as far as a gap lasted; longer ones are rare.
MARKED: Final = timedelta(days=60)

_rows: Final = mystery_runs.c


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run with how its calls are known; `script` is a digest of what its script says.

    One that a command asks for has neither script, numbers, channel nor node.
    """

    run: MysteryRun
    script: str
    caller: str
    channel: str
    node: str
    arrived: CallId | None = None

    @property
    def mark(self) -> RunMark:
        """How the call that arrives is known."""
        return RunMark(
            run=self.run.id,
            called=self.run.number,
            caller=self.caller,
            opens_at=self.run.started_at,
            closes_at=self.run.ended_at,
            arrived=self.arrived,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCursor:
    """Where a page goes on: before this run."""

    started_at: datetime
    id: str


def begin_run(conn: Connection, stored: StoredRun) -> StoredRun | None:
    """Store a run that is about to be placed; else return the one that its trunk is busy with."""
    run = stored.run
    busy = conn.execute(
        select(mystery_runs).where(
            _of(run.trunk),
            _rows.state == RunState.RUNNING.value,
            _rows.started_at > run.started_at - LONGEST,
        )
    ).first()
    if busy is not None:
        return _stored(busy)
    conn.execute(insert(mystery_runs).values(id=str(run.id), **_values(stored)))
    return None


def asked(conn: Connection, since: datetime) -> tuple[StoredRun, ...]:
    """Return the runs that commands asked the daemon for since then: they belong to no node yet."""
    query = select(mystery_runs).where(
        _rows.started_at > since, _rows.node == "", _rows.state == RunState.RUNNING.value
    )
    return tuple(_stored(row) for row in conn.execute(query.order_by(_rows.started_at)))


def take_asked(conn: Connection, stored: StoredRun) -> bool:
    """Make a run that was asked for this node's; False if it is not asked for any more."""
    own = and_(_rows.id == str(stored.run.id), _rows.node == "")
    return conn.execute(update(mystery_runs).where(own).values(_values(stored))).rowcount > 0


def drop_asked(conn: Connection, run: UUID) -> bool:
    """Ask for a run no more; False if a node has taken it."""
    own = and_(_rows.id == str(run), _rows.node == "")
    return conn.execute(delete(mystery_runs).where(own)).rowcount > 0


def get_run(conn: Connection, run: UUID) -> StoredRun | None:
    """Return one run."""
    row = conn.execute(select(mystery_runs).where(_rows.id == str(run))).first()
    return None if row is None else _stored(row)


def put_run(conn: Connection, stored: StoredRun) -> None:
    """Store what a run met since."""
    own = _rows.id == str(stored.run.id)
    conn.execute(update(mystery_runs).where(own).values(_values(stored)))


def put_arrived(conn: Connection, run: UUID, call: CallId) -> None:
    """Store which call a run brought, so that it is known after a restart."""
    own = _rows.id == str(run)
    conn.execute(update(mystery_runs).where(own).values(arrived=str(call)))


def running(conn: Connection, node: str) -> tuple[StoredRun, ...]:
    """Return the runs that a node has not ended, oldest first: after a restart, what it left."""
    query = select(mystery_runs).where(_rows.node == node, _rows.state == RunState.RUNNING.value)
    return tuple(_stored(row) for row in conn.execute(query.order_by(_rows.started_at)))


def runs_of(
    conn: Connection, ref: TrunkRef, *, limit: int, before: RunCursor | None = None
) -> tuple[MysteryRun, ...]:
    """Return the runs through a trunk, the latest first."""
    query = select(mystery_runs).where(_of(ref))
    if before is not None:
        query = query.where(
            or_(
                _rows.started_at < before.started_at,
                and_(_rows.started_at == before.started_at, _rows.id < before.id),
            )
        )
    query = query.order_by(_rows.started_at.desc(), _rows.id.desc()).limit(limit)
    return tuple(_stored(row).run for row in conn.execute(query))


def latest_runs(conn: Connection, ref: TrunkRef, *, each: int) -> tuple[MysteryRun, ...]:
    """Return the last `each` runs of every test of a trunk that were placed, the oldest first."""
    place = func.row_number().over(
        partition_by=_rows.test, order_by=(_rows.started_at.desc(), _rows.id.desc())
    )
    over = (
        select(_rows.id, place.label("place"))
        .where(_of(ref), _rows.state != RunState.RUNNING.value, _rows.channel != "")
        .subquery()
    )
    query = select(mystery_runs).join(over, and_(over.c.id == _rows.id, over.c.place <= each))
    query = query.order_by(_rows.started_at, _rows.id)
    return tuple(_stored(row).run for row in conn.execute(query))


def good_runs(conn: Connection, stored: StoredRun, *, limit: int) -> tuple[MysteryRun, ...]:
    """Return the runs of the same script before this one that did not fail, the latest first."""
    query = select(mystery_runs).where(
        _of(stored.run.trunk),
        _rows.test == stored.run.test,
        _rows.script == stored.script,
        _rows.state.in_((RunState.PASSED.value, RunState.CHANGED.value)),
        _rows.started_at < stored.run.started_at,
    )
    query = query.order_by(_rows.started_at.desc()).limit(limit)
    return tuple(_stored(row).run for row in conn.execute(query))


def begun_since(conn: Connection, ref: TrunkRef, at: datetime, seconds: float) -> int:
    """Return how many runs through a trunk were begun in the time before `at`."""
    since = at - timedelta(seconds=seconds)
    query = select(func.count()).select_from(mystery_runs)
    return int(conn.execute(query.where(_of(ref), _rows.started_at > since)).scalar_one())


def last_start(conn: Connection, ref: TrunkRef, test: str) -> datetime | None:
    """Return when a test was last begun."""
    query = select(_rows.started_at).where(_of(ref), _rows.test == test)
    found = conn.execute(query.order_by(_rows.started_at.desc()).limit(1)).scalar()
    return found if isinstance(found, datetime) else None


def marks_since(conn: Connection, since: datetime) -> tuple[RunMark, ...]:
    """Return how the calls of the runs since then are known, the latest first."""
    query = select(
        _rows.id, _rows.number, _rows.caller, _rows.started_at, _rows.ended_at, _rows.arrived
    ).where(_rows.started_at >= since)
    return tuple(
        RunMark(
            run=UUID(row.id),
            called=row.number,
            caller=row.caller,
            opens_at=row.started_at,
            closes_at=row.ended_at,
            arrived=CallId(UUID(row.arrived)) if row.arrived else None,
        )
        for row in conn.execute(query.order_by(_rows.started_at.desc()))
    )


def forget_runs(conn: Connection, before: datetime) -> None:
    """Delete the runs of before then."""
    conn.execute(delete(mystery_runs).where(_rows.started_at < before))


def _of(ref: TrunkRef) -> ColumnElement[bool]:
    return and_(_rows.pbx == ref.pbx, _rows.trunk == ref.name)


def _values(stored: StoredRun) -> dict[str, object]:
    run = stored.run
    return {
        "pbx": run.trunk.pbx,
        "trunk": run.trunk.name,
        "test": run.test,
        "script": stored.script,
        "number": run.number,
        "caller": stored.caller,
        "channel": stored.channel,
        "arrived": str(stored.arrived) if stored.arrived is not None else None,
        "by": run.by,
        "node": stored.node,
        "state": run.state.value,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "report": report_of(run),
    }


def _stored(row: Row[tuple[object, ...]]) -> StoredRun:
    run = MysteryRun(
        id=UUID(row.id),
        trunk=TrunkRef(pbx=row.pbx, name=row.trunk),
        test=row.test,
        number=row.number,
        by=row.by,
        started_at=row.started_at,
        state=RunState(row.state),
        ended_at=row.ended_at,
    )
    return StoredRun(
        run=read_report(run, row.report),
        script=row.script,
        caller=row.caller,
        channel=row.channel,
        node=row.node,
        arrived=CallId(UUID(row.arrived)) if row.arrived else None,
    )
