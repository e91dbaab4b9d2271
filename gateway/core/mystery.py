"""Mystery calls: a call through a trunk to a number of our own, as a customer would place it.

The values of a script, of what happens to the call, and of what comes out of it. Times are aware
UTC, durations seconds. `gateway.core.mystery_run` plays a script, `mystery_trend` compares runs.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.core.trunks import NO_WORDS, TrunkRef, Words

CHANNEL_PREFIX: Final = "fdtest-"
"""How the unique id of every channel begins that we place for a mystery call."""


class StepKind(StrEnum):
    """What a line of a script does."""

    EXPECT = "expect"
    WAIT = "wait"
    PRESS = "press"
    HANG_UP = "hang_up"


class Place(StrEnum):
    """How far a caller can get; the first two are what the caller's own line hears."""

    RINGING = "ringing"
    ANSWER = "answer"
    MENU = "menu"
    QUEUE = "queue"
    PERSON = "person"
    VOICEMAIL = "voicemail"
    ANNOUNCEMENT = "announcement"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptStep:
    """One line of a script as it was written; `seconds` is the patience or the pause."""

    text: str
    kind: StepKind
    place: Place | None = None
    name: str = ""
    seconds: float = 0.0
    digits: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MysteryOrder:
    """One call to be placed: through one trunk, to one number, presenting `caller_id`.

    `channel` is the unique id the call must get, `dial` how the PBX is told ("" : its usual way),
    `number` the digits that go out. It may ring for `ring_s` and last `longest_s`.
    """

    channel: str
    trunk: TrunkRef
    number: str
    caller_id: str
    dial: str = ""
    ring_s: float = 60.0
    longest_s: float = 180.0


class ProgressKind(StrEnum):
    """What the caller's own line tells of the call."""

    DIALLED = "dialled"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Something happened on the caller's line.

    `code` is the SIP status and `cause` the Q.850 cause where they are known; `words` say what the
    adapter knows better than these.
    """

    at: datetime
    kind: ProgressKind
    code: int | None = None
    cause: int | None = None
    words: Words = NO_WORDS


class RunState(StrEnum):
    """What became of a mystery call; `changed`: as the script wants it, but not as it used to."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    CHANGED = "changed"


class Mark(StrEnum):
    """What one line of a report is about: a step of the script, or something that was seen."""

    DIALLED = "dialled"
    RINGING = "ringing"
    ANSWERED = "answered"
    ARRIVED = "arrived"
    MENU = "menu"
    QUEUE = "queue"
    PHONE = "phone"
    PERSON = "person"
    VOICEMAIL = "voicemail"
    ENDED = "ended"
    EXPECT = "expect"
    WAIT = "wait"
    PRESS = "press"
    HANG_UP = "hang_up"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class MysteryStep:
    """One line of the report; `ok` None: nothing was expected, or it could not be judged.

    `italian` is the text for people who read Italian.
    """

    at: datetime
    kind: Mark
    text: str
    italian: str
    ok: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MysterySeconds:
    """What was measured, all from the moment of dialling except `ring` and `talk`.

    `post_dial_delay` until it rings (or is answered without ringing), `ring` from there to the
    answer, `to_person` until somebody speaks, `talk` from there to the end.
    """

    post_dial_delay: float | None = None
    ring: float | None = None
    to_answer: float | None = None
    to_person: float | None = None
    talk: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that is not as in the runs before: `what` is a static name, the rest is shown."""

    what: str
    before: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MysteryRun:
    """One mystery call: what was asked, what happened, what comes out of it.

    `test` names the script, `by` is a login or "" for the schedule. `path` is where the caller got
    to: `menu:main`, `queue:support`, `person`.
    """

    id: UUID
    trunk: TrunkRef
    test: str
    number: str
    by: str
    started_at: datetime
    state: RunState = RunState.RUNNING
    ended_at: datetime | None = None
    seconds: MysterySeconds = MysterySeconds()
    steps: tuple[MysteryStep, ...] = ()
    path: tuple[str, ...] = ()
    words: Words = NO_WORDS
    changes: tuple[Change, ...] = ()
