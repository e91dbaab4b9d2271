"""A call that a test has placed: its legs as they appear, and in the end the truth about it."""

import asyncio
from collections.abc import Callable

from support.asterisk_lab.leg import WAIT_S, Leg
from support.asterisk_lab.truth import TrueTransfer, Truth

# A leg that the PBX dials in the same breath as another one reaches the far end a moment later.
SAME_BREATH_S = 0.05


class Call:
    """One conversation as its initiator lives it.

    The far ends report the legs; what no far end can see (the queue, a menu, a transfer asked
    for) the test says itself: `queue=`, `note_transfer()`, `note_hold()`.
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
    ) -> None:
        self.direction = direction
        self.caller = caller
        self.caller_name = caller_name
        self.called = called
        self.initiator = initiator
        self.legs: list[Leg] = []
        self._queue = queue
        self._queue_from = initiator.started_at if queue else None
        self._transfers: list[tuple[str, Leg, str]] = []
        self._held: list[tuple[float, float | None]] = []
        self._takers: list[Leg] = []
        self._voicemail_at: float | None = None
        self._refused_entry = False
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

    async def rung_by(self, *devices: str, timeout_s: float = WAIT_S) -> Leg:
        """Wait until the first of these phones rings, and return its leg."""
        return await self._leg(lambda leg: leg.device in devices, timeout_s)

    async def answered(self, timeout_s: float = WAIT_S) -> Leg:
        """Wait until somebody has answered and return the leg of who talks."""
        async with asyncio.timeout(timeout_s):
            while True:
                for leg in self.legs:
                    if leg.up.is_set() and not leg.ended.is_set():
                        return leg
                await asyncio.sleep(0.01)

    async def hang_up(self) -> None:
        """Let the initiator hang up."""
        await self.initiator.hang_up()

    def enters_queue(self, name: str) -> None:
        """Say that the call has just been sent to a queue, e.g. by a digit in a menu."""
        self._queue = name
        self._queue_from = asyncio.get_running_loop().time()

    def never_waits(self) -> None:
        """Say that the queue refuses to take the call in."""
        self._refused_entry = True

    def taken_by(self, leg: Leg) -> None:
        """Say that a colleague takes the call from their own phone: a pickup, a park retrieval."""
        self._takers.append(leg)

    def voicemail_answers(self) -> None:
        """Say that the initiator hears the voicemail from now on."""
        self._voicemail_at = asyncio.get_running_loop().time()

    def note_transfer(self, kind: str, by: Leg, to: str) -> None:
        """Say that `by` asks for a transfer now (`blind`, `attended`, `blonde`)."""
        self._transfers.append((kind, by, to))

    def hold_starts(self, *, at: float | None = None) -> None:
        """Say that the initiator hears music from now (or `at`) on, by no phone's hold key."""
        self._held.append((asyncio.get_running_loop().time() if at is None else at, None))

    def hold_ends(self) -> None:
        """Say that the music stops now."""
        since, _ = self._held[-1]
        self._held[-1] = (since, asyncio.get_running_loop().time())

    async def ended(self, timeout_s: float = 2 * WAIT_S) -> Truth:
        """Wait until every leg is over and return what really happened."""
        await self.initiator.wait_ended(timeout_s)
        for leg in (*self.legs, *self._takers):
            await leg.wait_ended(timeout_s)
        return self.truth()

    async def _leg(self, wanted: Callable[[Leg], bool], timeout_s: float) -> Leg:
        async with asyncio.timeout(timeout_s), self._changed:
            while True:
                for leg in self.legs:
                    if wanted(leg):
                        return leg
                await self._changed.wait()

    def stages(self) -> tuple[tuple[str, ...], ...]:
        """Return who was rung: every phone, a number outside only if it alerted or answered."""
        counted = (
            tuple(leg.device for leg in stage if leg.is_phone or leg.alerted or leg.up_at)
            for stage in self._stages()
        )
        return tuple(stage for stage in counted if stage)

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
        far = [*self.legs, *self._takers]
        talkers = sorted((leg for leg in far if leg.up_at), key=lambda leg: leg.up_at or 0)
        start, end = self.initiator.started_at, self.initiator.ended_at or 0.0
        answered_at = talkers[0].up_at if talkers else None
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
            answered_by=talkers[0].device if talkers else None,
            final_talker=talkers[-1].device if talkers else None,
            transfers=tuple(self._true_transfer(*move) for move in self._transfers),
            outcome=self._outcome(answered=bool(talkers)),
            ended_by=self._ended_by(talkers),
            seconds={
                "ring": round(first - start, 3),
                "wait": self._wait_s(first) if queued else None,
                "talk": None if answered_at is None else round(end - answered_at, 3),
                "hold": round(self._held_s(end), 3),
            },
        )

    def _true_transfer(self, kind: str, by: Leg, to: str) -> TrueTransfer:
        taken = any(leg.device == to and leg.up_at for leg in (*self.legs, *self._takers))
        return TrueTransfer(type=kind, from_party=by.device, to_party=to, completed=taken)

    def _outcome(self, *, answered: bool) -> str:
        if answered:
            return "answered"
        if self._voicemail_at is not None:
            return "voicemail"
        if self.initiator.ended_here and self.direction == "inbound":
            return "abandoned"
        last = self._stages()[-1] if self.legs else []
        refusals = {leg.refusal for leg in last}
        if not last or None in refusals or self._queue:
            return "missed"
        if refusals & {"rejected", "no_answer"}:
            return "rejected"
        return "busy" if "busy" in refusals else "failed"

    def _ended_by(self, talkers: list[Leg]) -> str:
        hung_up = [
            (leg.ended_at or 0.0, who)
            for leg, who in [(self.initiator, "caller"), *((one, "callee") for one in talkers[-1:])]
            if leg.ended_here
        ]
        if hung_up:
            return min(hung_up)[1]
        last = self._stages()[-1] if self.legs else []
        refused = bool(last) and not talkers and all(leg.refusal for leg in last)
        return "callee" if refused else "pbx"

    def _wait_s(self, until: float) -> float:
        return 0.0 if self._refused_entry else round(until - (self._queue_from or until), 3)

    def _held_s(self, end: float) -> float:
        spans = [*self._held, *(span for leg in self.legs for span in leg.held)]
        return sum((until or end) - since for since, until in spans)


def _still_dialled(leg: Leg, at: float) -> bool:
    """Whether a leg is being dialled at this moment, or was a breath ago (a group's busy phone)."""
    sent_on = leg.forwarded_at is not None and leg.forwarded_at <= at
    return not sent_on and max(leg.pending_until, leg.started_at + SAME_BREATH_S) > at
