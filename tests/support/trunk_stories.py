"""Trunks as a page is told of them, without a telephone system, and what they did before."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from support.ringing import now
from support.web import WebBench

from gateway.core.mystery import Mark, MysteryRun, MysteryStep, RunState
from gateway.core.ports import LinkPhase, LinkState
from gateway.core.trunks import (
    NO_WORDS,
    AlarmKind,
    ContactStatus,
    RegistrationState,
    TrunkAlarm,
    TrunkContact,
    TrunkFailure,
    TrunkKind,
    TrunkRef,
    TrunkRegistration,
    TrunkState,
)
from gateway.core.trunkwords import NO_ANSWER, REJECTED, SLOW
from gateway.desk.mystery import MysteryBoard
from gateway.desk.refusals import NotFoundError
from gateway.desk.trunks import TrunkDesk, TrunkView
from gateway.runtime import loading
from gateway.runtime.clock import SystemClock
from gateway.runtime.trunkforms import trunk_forms_of
from gateway.store.mystery import StoredRun, begin_run, put_run
from gateway.store.trunk_points import STEP_S, TrunkPoint, begin_of, put_point
from gateway.store.trunks import put_state
from gateway.web.services import Services

CARRIER = TrunkRef(pbx="hq", name="carrier")
BACKUP = TrunkRef(pbx="hq", name="backup")
HOSTED = TrunkRef(pbx="hosted", name="hosted")
DAY = timedelta(days=1)
NUMBER = "+390299992001"
# nobody listens there
PBX: dict[str, Any] = {
    "pbx": [{"name": "hq", "host": "127.0.0.1", "port": 1, "username": "u", "secret": "s"}]
}
# made here, off the event loop: it reads files
FORMS = trunk_forms_of(loading.parse(PBX), SystemClock())


class Tester:
    """Places no call: a test says what happens to it. One at a time for each trunk."""

    def __init__(self, services: Services, desk: TrunkDesk) -> None:
        self._db = services.db
        self._desk = desk
        self.board = MysteryBoard(desk)
        desk.tested_by(self._test_of)
        self.begun: list[MysteryRun] = []
        self.tests: list[tuple[str, str, RunState | None]] = [("main", NUMBER, None)]

    def find(self, name: str) -> TrunkRef:
        """Return the trunk of a name."""
        view = self._desk.find(name)
        if view is None:
            raise NotFoundError("There is no such trunk.", remedy="See the list of trunks.")
        return view.ref

    async def start(self, name: str, *, test: str | None, by: str) -> MysteryRun:
        """Begin a run."""
        run = MysteryRun(
            id=uuid4(),
            trunk=self.find(name),
            test=test or "main",
            number=NUMBER,
            by=by,
            started_at=now(),
        )
        stored = StoredRun(run=run, script="", caller="", channel="", node="")
        await self._db.write(lambda conn: begin_run(conn, stored))
        self.begun.append(run)
        self.board.show(run, now())
        return run

    async def tell(self, run: MysteryRun) -> None:
        """Say how a run stands."""
        stored = StoredRun(run=run, script="", caller="", channel="", node="")
        await self._db.write(lambda conn: put_run(conn, stored))
        self.board.show(run, now())

    def _test_of(self, ref: TrunkRef) -> Mapping[str, object]:
        if ref == CARRIER:
            return self.board.json_of(ref, tests=self.tests, why_not="", italian="")
        why_not, italian = "This trunk has no test.", "Questa linea non ha una prova."
        return self.board.json_of(ref, tests=[], why_not=why_not, italian=italian)


def with_trunks(services: Services) -> Services:
    """Let the desk know trunks, test them, and render their configuration."""
    desk = TrunkDesk(services.hub, services.roster, services.clock)
    return replace(services, trunks=desk, tester=Tester(services, desk), trunk_forms=FORMS)


def caller_of(bench: WebBench) -> Tester:
    """Return who places the calls."""
    tester = bench.services.tester
    assert isinstance(tester, Tester)
    return tester


def met(run: MysteryRun, state: RunState, *steps: tuple[Mark, str, bool | None]) -> MysteryRun:
    """Return a run that met some steps, a second after another."""
    return replace(
        run,
        state=state,
        ended_at=None if state is RunState.RUNNING else now(),
        steps=tuple(
            MysteryStep(
                at=run.started_at + timedelta(seconds=second),
                kind=kind,
                text=text,
                italian=text,
                ok=ok,
            )
            for second, (kind, text, ok) in enumerate(steps)
        ),
    )


def works(ref: TrunkRef = CARRIER, **changes: object) -> TrunkView:
    """Return a trunk that registers and works."""
    at = now()
    view = TrunkView(
        ref=ref,
        kind=TrunkKind.ASTERISK,
        state=TrunkState.UP,
        since=at - timedelta(hours=3),
        words=NO_WORDS,
        registration=TrunkRegistration(
            state=RegistrationState.REGISTERED,
            server="sip.carrier.example:5060",
            since=at - timedelta(hours=3),
            expires_at=at + timedelta(minutes=42),
        ),
        contacts=(
            TrunkContact(
                address="sip:203.0.113.10:5060", status=ContactStatus.REACHABLE, rtt_ms=23.4
            ),
        ),
        channels=4,
        peak_today=11,
        limit=30,
        last_call_at=at - timedelta(minutes=2),
    )
    return replace(view, **changes)  # type: ignore[arg-type]  # whichever field a test changes


def refused(view: TrunkView) -> TrunkView:
    """Return the trunk once its registration is refused and nobody answers."""
    at = now() - timedelta(minutes=14)
    return replace(
        view,
        state=TrunkState.DOWN,
        since=at,
        words=REJECTED,
        registration=TrunkRegistration(
            state=RegistrationState.REJECTED, server="sip.carrier.example:5060", since=at
        ),
        channels=0,
        failure=TrunkFailure(at=at, code=403, words=REJECTED),
        alarms=(TrunkAlarm(kind=AlarmKind.DOWN, since=at, words=REJECTED),),
    )


def connected(pbx: str = "hq") -> LinkState:
    """Return the state of a link that is up."""
    return LinkState(pbx=pbx, phase=LinkPhase.UP, since=now() - timedelta(hours=3))


def show(bench: WebBench, *views: TrunkView) -> None:
    """Tell the pages of trunks."""
    desk = bench.services.trunks
    assert desk is not None
    for view in views:
        desk.show(view)


async def remember(bench: WebBench, ref: TrunkRef = CARRIER, days: int = 1) -> None:
    """Store what a trunk did: busy by day, slow for a while, once out of service."""
    end = begin_of(now())
    first = end - days * DAY
    out, slow = end - timedelta(hours=9), end - timedelta(hours=4)
    states = [
        (first, TrunkState.UP, NO_WORDS),
        (out, TrunkState.DOWN, NO_ANSWER),
        (out + timedelta(minutes=50), TrunkState.UP, NO_WORDS),
        (slow, TrunkState.DEGRADED, SLOW),
        (slow + timedelta(minutes=30), TrunkState.UP, NO_WORDS),
    ]
    points = list(_points(first, end, out=out, slow=slow))

    def write(conn: Any) -> None:  # noqa: ANN401 - a store connection
        for at, state, words in states:
            put_state(conn, ref, at, state, words)
        for point in points:
            put_point(conn, ref, point)

    await bench.db.write(write)


def _points(
    first: datetime, end: datetime, *, out: datetime, slow: datetime
) -> Iterable[TrunkPoint]:
    at, number = first, 0
    while at < end:
        down = out <= at < out + timedelta(minutes=50)
        late = slow <= at < slow + timedelta(minutes=30)
        busy = max(0, 10 - abs(at.hour - 11)) if not down else 0
        yield TrunkPoint(
            at=at,
            watched_s=STEP_S,
            calls=3 if down else busy + number % 3,
            inbound=busy,
            failed=3 if down else int(number % 19 == 0),
            channels=busy,
            rtt_ms=None if down else 640.0 if late else 22.0 + number % 7,
            last_call_at=at,
        )
        at, number = at + timedelta(seconds=STEP_S), number + 1
