"""A call that a test has placed: its legs as they appear, and in the end the truth about it."""

import asyncio
from collections.abc import Callable

from support.asterisk_lab.leg import WAIT_S, Leg
from support.asterisk_lab.moves import Move, completed
from support.asterisk_lab.truth import Truth

# A leg that the PBX dials in the same breath as another one reaches the far end a moment later,
# and the next leg may overtake the news that the last one is over.
SAME_BREATH_S = 0.05
LATE_S = 0.3


class Call:
    """One conversation as its initiator lives it.

    The far ends report the legs; what no far end can see (the queue, a menu, a transfer asked
    for) the test says itself: `queue=`, `note_transfer()`, `hold_starts()`. `clicked`: the PBX
    called the initiator first, whose own leg then is the first stage.
    """

    def __init__(
        self,
        *,
        direction: str,
        caller: str,
        called: str,
        caller_name: str | None = None,
        queue: str | None = None,
        initiator: Leg,
        clicked: bool = False,
    ) -> None:
        self.direction = direction
        self.caller = caller
        self.caller_name = caller_name
        self.called = called
        self.initiator = initiator
        self.clicked = clicked
        self.merged = False
        self.expected: set[str] = set()
        self.started_at = initiator.started_at
        self.legs: list[Leg] = []
        self.moves: list[Move] = []
        self.takers: list[Leg] = []
        self.twins: dict[str, str] = {}
        self._queue = queue
        self._queue_from = initiator.started_at if queue else None
        self._queue_until: float | None = None
        self._held: list[tuple[float, float | None]] = []
        self._strangers: list[Leg] = []
        self._senders: set[str] = set()
        self._heirs: list[Leg] = []
        self._room: tuple[float, str | None] | None = None
        self._met: list[str] = []
        self._voicemail_at: float | None = None
        self._refused_entry = False
        self._unreachable = False
        self._changed = asyncio.Condition()

    async def add_leg(self, leg: Leg) -> None:
        """Take a leg that a far end reports (called by the driver)."""
        self.legs.append(leg)
        async with self._changed:
            self._changed.notify_all()

    async def ringing(self, device: str, timeout_s: float = WAIT_S) -> Leg:
        """Wait until the PBX has dialled this phone or number, and return that leg."""
        return await self._leg(
            lambda leg: leg.device == device and not leg.ended.is_set(), timeout_s
        )

    async def dialled(self, device: str, timeout_s: float = WAIT_S) -> Leg:
        """Wait until the PBX dials this phone anew: a leg that is neither up nor over."""
        return await self._leg(
            lambda leg: leg.device == device and not leg.ended.is_set() and not leg.up.is_set(),
            timeout_s,
        )

    async def rung_by(self, *devices: str, timeout_s: float = WAIT_S) -> Leg:
        """Wait until the first of these phones rings, and return its leg."""
        return await self._leg(lambda leg: leg.device in devices, timeout_s)

    async def answered(self, timeout_s: float = WAIT_S) -> Leg:
        """Wait until somebody has answered, and the initiator hears it; return the talker's leg.

        Who hangs up before that has not reached anybody, though a receiver was lifted.
        """
        async with asyncio.timeout(timeout_s):
            while True:
                for leg in self.legs:
                    if _talks(leg) and leg is not self.initiator and self.initiator.up.is_set():
                        return leg
                await asyncio.sleep(0.01)

    async def hang_up(self) -> None:
        """Let the initiator hang up."""
        await self.initiator.hang_up()

    def expects(self, *devices: str) -> None:
        """Say that calls to these devices belong to this call, whatever number they show."""
        self.expected.update(devices)

    def enters_queue(self, name: str) -> None:
        """Say that the call has just been sent to a queue, e.g. by a digit in a menu."""
        self._queue = name
        if self._queue_from is None:
            self._queue_from = asyncio.get_running_loop().time()

    def leaves_queue(self) -> None:
        """Say that the caller leaves the queue now by the key that lets them out."""
        self._queue_until = asyncio.get_running_loop().time()

    def never_waits(self) -> None:
        """Say that the queue refuses to take the call in."""
        self._refused_entry = True

    def reaches_nobody(self) -> None:
        """Say that there is nothing that the PBX could have dialled."""
        self._unreachable = True

    def taken_by(self, leg: Leg) -> None:
        """Say that a colleague takes the call from their own phone: a pickup, a park retrieval."""
        self.takers.append(leg)

    def voicemail_answers(self) -> None:
        """Say that the initiator hears the voicemail from now on."""
        self._voicemail_at = asyncio.get_running_loop().time()

    def note_transfer(self, kind: str, by: Leg, to: str) -> None:
        """Say that `by` asks for a transfer now (`blind`, `attended`, `blonde`)."""
        at = asyncio.get_running_loop().time()
        self.moves.append(Move(kind=kind, by=by, to=to, at=at))

    def never_joined(self, leg: Leg) -> None:
        """Say that this colleague was consulted but did not get to speak with the customer."""
        self._strangers.append(leg)

    def sent_on_by(self, *phones: str) -> None:
        """Say that these sent the call further: who takes it took it from those before as well."""
        self._senders.update(phones)

    def absorbs(self, consultation: "Call", *, kind: str, by: Leg) -> None:
        """Say that a phone joins a call of its own into this one (REFER with Replaces)."""
        consultation.merged = True
        self.moves.append(
            Move(kind=kind, by=by, to=consultation.called, at=consultation.started_at)
        )
        self.legs += consultation.legs

    def handed_to(self, heir: Leg) -> None:
        """Say that the initiator handed over: the other side talks with `heir` from now on."""
        self._heirs.append(heir)

    def in_room(self, with_device: str | None) -> None:
        """Say that the call is answered now in a conference, an outside caller by an extension.

        Told again, that another extension has come to them.
        """
        if self._room is None:
            self._room = (asyncio.get_running_loop().time(), with_device)
        self._met += [with_device] if with_device else []

    def hold_starts(self, *, at: float | None = None) -> None:
        """Say that the initiator hears music from now (or `at`) on, by no phone's hold key."""
        self._held.append((asyncio.get_running_loop().time() if at is None else at, None))

    def hold_ends(self, *, at: float | None = None) -> None:
        """Say that the music stops now (or stopped `at`)."""
        since, _ = self._held[-1]
        self._held[-1] = (since, asyncio.get_running_loop().time() if at is None else at)

    async def ended(self, timeout_s: float = 2 * WAIT_S) -> Truth:
        """Wait until every leg is over and return what really happened."""
        await self.initiator.wait_ended(timeout_s)
        for leg in (*self.legs, *self.takers):
            await leg.wait_ended(timeout_s)
        return self.truth()

    async def _leg(self, wanted: Callable[[Leg], bool], timeout_s: float) -> Leg:
        async with asyncio.timeout(timeout_s), self._changed:
            while True:
                for leg in self.legs:
                    if wanted(leg):
                        return leg
                await self._changed.wait()

    def person(self, device: str) -> str:
        """Return the extension a device belongs to."""
        return self.twins.get(device, device)

    def stages(self) -> tuple[tuple[str, ...], ...]:
        """Return who was rung: every phone, a number outside only if it alerted or answered."""
        counted = (
            [
                self.person(leg.device)
                for leg in stage
                if leg.is_phone or leg.alerted or leg.up_at is not None
            ]
            for stage in self._stages()
        )
        return tuple(tuple(dict.fromkeys(stage)) for stage in counted if stage)

    def _stages(self) -> list[list[Leg]]:
        """Return the legs in stages: a new one begins when no other leg is being dialled."""
        stages: list[list[Leg]] = []
        for leg in sorted(self.legs, key=lambda one: one.started_at):
            if any(_still_dialled(one, leg.started_at) for stage in stages for one in stage):
                stages[-1].append(leg)
            else:
                stages.append([leg])
        return stages

    def truth(self) -> Truth:
        """Return what the far ends know; complete once the call is over."""
        talkers = self._talkers()
        start, end = self.began_at, self._end()
        answered_at = talkers[0].up_at if talkers else None
        by = [self.person(leg.device) for leg in talkers if leg not in self._heirs]
        if self._room is not None:
            answered_at, by = self._room[0], self._met
        first = next(at for at in (answered_at, self._voicemail_at, end) if at is not None)
        wait_from = self._queue_from
        queued = wait_from is not None and (answered_at is None or wait_from <= answered_at)
        return Truth(
            direction=self.direction,
            caller=self.caller,
            caller_name=self.caller_name,
            called=self.called,
            queue=self._queue,
            rung=self.stages(),
            answered_by=by[0] if by else None,
            final_talker=by[-1] if by else None,
            transfers=completed(
                self.moves,
                [leg for leg in (*self.legs, *self.takers) if leg not in self._strangers],
                self._senders,
            ),
            outcome=self._outcome(answered=answered_at is not None),
            ended_by=self._ended_by(talkers),
            seconds={
                "ring": round(first - start, 3),
                "wait": self._wait_s(self._queue_until or first) if queued else None,
                "talk": None if answered_at is None else round(end - answered_at, 3),
                "hold": round(self._held_s(end), 3),
            },
        )

    def may_still_ring(self, now: float) -> bool:
        """Whether a phone that rings now can belong to it: it is up, or was a moment ago."""
        near = (self.initiator, *self._heirs)
        return any(leg.ended_at is None or now - leg.ended_at < LATE_S for leg in near)

    @property
    def began_at(self) -> float:
        """When it began; a click-to-call begins when the person who clicked is on the line."""
        if self.clicked and self.initiator.up_at is not None:
            return self.initiator.up_at
        return self.started_at

    def _talkers(self) -> list[Leg]:
        far = [
            leg
            for leg in (*self.legs, *self.takers)
            if leg.up_at and leg is not self.initiator and leg not in self._strangers
        ]
        return sorted(far, key=lambda leg: leg.up_at or 0)

    def _end(self) -> float:
        return (self._heirs[-1] if self._heirs else self.initiator).ended_at or 0.0

    def _outcome(self, *, answered: bool) -> str:
        if answered or self._voicemail_at is not None:
            return "answered" if answered else "voicemail"
        if self.clicked and self.initiator.up_at is None:
            return "failed"
        if self.initiator.ended_here and self.direction == "inbound":
            return "abandoned"
        last = [leg for leg in self._last_stage() if leg is not self.initiator]
        refusals = {leg.refusal for leg in last}
        gave_up = self._queue is not None and self._queue_until is None
        if gave_up:
            return "missed"
        return _of_refusals(refusals, nothing="failed" if self._unreachable else "missed")

    def _last_stage(self) -> list[Leg]:
        return self._stages()[-1] if self.legs else []

    def _ended_by(self, talkers: list[Leg]) -> str:
        if self.clicked and self.initiator.up_at is None:
            return "pbx"
        near = [self.initiator, *self._heirs]
        far = [leg for leg in talkers if leg not in near][-1:]
        hung_up = [
            (leg.ended_at or 0.0, who)
            for leg, who in [*((leg, "caller") for leg in near), *((leg, "callee") for leg in far)]
            if leg.ended_here
        ]
        if hung_up:
            return min(hung_up)[1]
        last = [leg for leg in self._last_stage() if leg is not self.initiator]
        refused = bool(last) and not talkers and all(leg.refusal for leg in last)
        return "callee" if refused else "pbx"

    def _wait_s(self, until: float) -> float:
        return 0.0 if self._refused_entry else round(until - (self._queue_from or until), 3)

    def _held_s(self, end: float) -> float:
        spans = [*self._held, *(span for leg in self.legs if leg.is_phone for span in leg.held)]
        if self.initiator.is_phone and self.initiator not in self.legs:
            spans += self.initiator.held
        total, reached = 0.0, 0.0
        for since, until in sorted((since, until or end) for since, until in spans):
            total += max(0.0, min(until, end) - max(since, reached))
            reached = max(reached, min(until, end))
        return total


def _talks(leg: Leg) -> bool:
    return leg.up.is_set() and not leg.ended.is_set()


def _of_refusals(refusals: set[str | None], *, nothing: str) -> str:
    if not refusals:
        return nothing
    if None in refusals:
        return "missed"
    if refusals & {"rejected", "no_answer"}:
        return "rejected"
    return "busy" if "busy" in refusals else "failed"


def _still_dialled(leg: Leg, at: float) -> bool:
    """Whether a leg is being dialled at this moment, or was a breath ago (a group's busy phone)."""
    sent_on = leg.forwarded_at is not None and leg.forwarded_at <= at
    return (
        not sent_on and max(leg.pending_until - SAME_BREATH_S, leg.started_at + SAME_BREATH_S) > at
    )
