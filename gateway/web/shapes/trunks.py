"""Trunks: how they are, what they did, and what is wrong with them."""

from typing import Literal

from pydantic import Field

from gateway.core.mystery import RunState
from gateway.core.trunks import (
    AlarmKind,
    ContactStatus,
    RegistrationState,
    TrunkKind,
    TrunkState,
)
from gateway.web.shapes.base import Page, Params, Shape, Stamp, Time, WholePageParams
from gateway.web.shapes.mystery import TrunkTest
from gateway.web.shapes.operations import LinkWords


class Said(Shape):
    """Why something is so, and what to do: English, and by language in `words`."""

    cause: str | None
    remedy: str | None
    words: dict[str, LinkWords] = Field(examples=[{"it": {"cause": "…", "remedy": "…"}}])


class Registration(Shape):
    """The registration at the provider."""

    state: RegistrationState
    server: str | None
    since: Stamp | None
    expires_at: Stamp | None


class TrunkContact(Shape):
    """An address the trunk's calls go to, and whether it answers OPTIONS."""

    address: str
    status: ContactStatus
    rtt_ms: float | None


class TrunkChannels(Shape):
    """Calls at once; `limit` is what the provider allows, as configured."""

    now: int
    peak_today: int
    limit: int | None


class TrunkFailure(Said):
    """The last thing that went wrong; `code` is the SIP status where it is known."""

    at: Stamp
    code: int | None


class TrunkAlarm(Said):
    """Something that somebody must look at."""

    kind: AlarmKind
    since: Stamp


class TrunkScript(Shape):
    """One test of a trunk; `wrong` is how its last run went wrong, null if it did not."""

    name: str
    number: str
    wrong: Literal[RunState.FAILED, RunState.CHANGED] | None


class TrunkTesting(Shape):
    """Whether the trunk can be tested by a call, and what the last one met.

    `words` has `why_not` by language; `number` is that of the first of its `tests`.
    """

    possible: bool
    why_not: str | None
    words: dict[str, str]
    running: bool
    number: str | None
    tests: list[TrunkScript]
    last: TrunkTest | None


class Trunk(Said):
    """A trunk at this moment; `cause` and `remedy` say why it is not up."""

    name: str
    pbx: str
    kind: TrunkKind
    state: TrunkState
    since: Stamp
    registration: Registration | None
    contacts: list[TrunkContact]
    channels: TrunkChannels
    last_call_at: Stamp | None
    failure: TrunkFailure | None
    alarms: list[TrunkAlarm]
    test: TrunkTesting


class TrunkPage(Page[Trunk]):
    """Trunks, by PBX and name."""


class TrunksQuery(WholePageParams):
    """A page of the trunks."""


class TrunkParams(Params):
    """Which trunk: `PBX:NAME`, or the name alone where only one PBX has a trunk of it."""

    name: str = Field(min_length=1, max_length=200)


class HistoryQuery(Params):
    """Which time: by default the last day."""

    from_at: Time | None = Field(default=None, alias="from")
    to: Time | None = None


class TrunkSpan(Said):
    """The trunk was in a state from `at` until `until`, null if it still is."""

    at: Stamp
    until: Stamp | None
    state: TrunkState


class TrunkPoint(Shape):
    """The time that begins at `at`: the most calls at once, all calls, and the failed ones."""

    at: Stamp
    rtt_ms: float | None
    channels: int
    calls: int
    failed: int


class TrunkHistory(Shape):
    """What a trunk did; the points are `step_s` seconds apart where something was seen."""

    step_s: int
    states: list[TrunkSpan]
    points: list[TrunkPoint]


class TrunkAlarmNotice(Shape):
    """The data of a `trunk.alarm` message: an alarm began or is over."""

    name: str
    pbx: str
    state: Literal["began", "ended"]
    alarm: TrunkAlarm
    at: Stamp
