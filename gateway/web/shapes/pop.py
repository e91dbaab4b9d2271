"""What a pop tells (DESIGN section 6): complete in its keys from the first frame on."""

from uuid import UUID

from pydantic import JsonValue

from gateway.core.cues import Severity
from gateway.core.events import CloseReason
from gateway.core.first import FirstKind
from gateway.core.history import Channel, TimelineKind
from gateway.core.provenance import Attestation, DiversionReason
from gateway.core.record import Direction, Outcome
from gateway.web.shapes.base import Shape, Stamp
from gateway.web.shapes.call import CallRecord, WrapUp
from gateway.web.shapes.directory import Contact, Match
from gateway.web.shapes.history import Who
from gateway.web.shapes.promise import Promise


class FirstDone(Shape):
    """What of the first thing was ticked off in this call, by whom and when."""

    kind: str
    by: str
    at: Stamp


class First(Shape):
    """The one thing to do or say first.

    `title` is in the house's language, `sentence` ready to be said in the customer's `language`
    and form of address; `cause` is the code of why.
    """

    kind: FirstKind
    cause: str | None
    title: str
    sentence: str | None
    language: str | None
    remedy: str | None
    done: FirstDone | None


class Cue(Shape):
    """A sign to heed, as codes that the page puts into words with `args`."""

    kind: str
    severity: Severity
    reason: str
    args: dict[str, JsonValue]


class OpenItem(Shape):
    """What is still open with the customer: a promise or a call that nobody answered."""

    kind: str
    id: str
    text: str | None
    state: str
    at: Stamp
    due_at: Stamp | None
    by: str | None
    attempts: int | None
    longest_wait_s: float | None


class SaidItem(Shape):
    """What must not be asked again; `kind` is identity_verified, told or apology_made."""

    kind: str
    text: str | None
    by: str | None
    at: Stamp


class PastItem(Shape):
    """One of the last contacts on any channel: the entries of the customer's timeline."""

    kind: TimelineKind
    id: UUID
    at: Stamp
    channel: Channel
    direction: Direction | None
    who: list[Who]
    live: bool
    missed: bool
    outcome: Outcome | None
    queue: str | None
    line: str | None
    wait_s: float | None
    talk_s: float | None
    subject: str | None
    text: str | None
    url: str | None
    wrap_ups: list[WrapUp]
    promise: Promise | None


class PopColleague(Shape):
    """Who has the same customer or company; `why` is talking, promised or claimed."""

    login: str | None
    extension: str | None
    why: str
    call_id: UUID | None


class HandoffTick(Shape):
    """Who checked the caller's identity and when; `by` is null for the dialplan."""

    by: str | None
    at: Stamp


class HandoffShown(Shape):
    """What was left with the call; `no` counts the people who left something."""

    call_id: UUID
    by: str | None
    extension: str | None
    at: Stamp
    reason: str | None
    done: str | None
    wants: str | None
    note: str | None
    said: list[str]
    verified: HandoffTick | None
    no: int


class DivertedFrom(Shape):
    """Whose telephone sent the call on to us, and why; `number` null: not told or hidden."""

    number: str | None
    e164: str | None
    reason: DiversionReason


class ProvenanceShown(Shape):
    """Where the network says that the call comes from; a number is a claim, whatever it says.

    `attestation` is how the carrier vouches for the caller's number, null if it says nothing.
    """

    attestation: Attestation | None
    diverted_from: DivertedFrom | None


class CalledLine(Shape):
    """Which of our numbers was called, as `[[line]]` says."""

    label: str
    did: str | None
    office: str | None
    language: str | None
    greeting: str | None


class Pop(Shape):
    """Who is calling, what happened, what to do first; sent again whole whenever it changes.

    `waiting_since` is when a queue was entered, null once somebody answered.
    """

    pop_id: UUID
    call_id: UUID
    extension: str
    call: CallRecord
    contact: Contact | None
    match: Match
    candidates: list[Contact]
    line: CalledLine | None
    waiting_since: Stamp | None
    first: First
    cues: list[Cue]
    open: list[OpenItem]
    said: list[SaidItem]
    timeline: list[PastItem]
    colleagues: list[PopColleague]
    handoff: HandoffShown | None
    provenance: ProvenanceShown | None
    actions: list[str]


class PopClosed(Pop):
    """A pop that goes away, and why."""

    reason: CloseReason
