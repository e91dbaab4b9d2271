"""What the core asks of the world, as small protocols; adapters and connectors implement them."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.core.control import Command, ControlCapabilities
from gateway.core.errors import NotPossibleError
from gateway.core.events import Query
from gateway.core.ids import EffectKey
from gateway.core.inputs import Input
from gateway.core.mystery import MysteryOrder, Progress
from gateway.core.record import CallRecord
from gateway.core.trunks import TrunkTold
from gateway.core.writing import Creation, WritePlan


class Clock(Protocol):
    """Time, injected so that tests can own it."""

    def now(self) -> datetime:
        """Return the wall clock as aware UTC."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards."""


class LinkPhase(StrEnum):
    """Where a link to a PBX stands; shown on health and on the page."""

    CONNECTING = "connecting"
    SYNCING = "syncing"
    UP = "up"
    DOWN = "down"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """The state of one link, in words: `cause` says what happened, `remedy` what to do.

    Both are English; `translated` has (language, cause, remedy) for other people who read them.
    `code` is the SIP status that is behind it. `rtt_ms` is how long the far end last took to
    answer, and `expires_at` until when its word holds, where it gives one.
    """

    pbx: str
    phase: LinkPhase
    since: datetime
    cause: str = ""
    remedy: str = ""
    next_try_at: datetime | None = None
    translated: tuple[tuple[str, str, str], ...] = ()
    code: int | None = None
    rtt_ms: float | None = None
    expires_at: datetime | None = None


class PbxSource(Protocol):
    """One PBX's stream of inputs."""

    async def run(self, emit: Callable[[Input], None]) -> None:
        """Connect, follow and reconnect until cancelled; `emit` never blocks and never raises."""

    def ask(self, query: Query) -> None:
        """Send a query; its answer comes back through `emit` as a `QueryAnswer`."""


class TrunkMonitor(Protocol):
    """Looks after the trunks of one PBX, or the one account that is a trunk itself."""

    async def run(self, emit: Callable[[TrunkTold], None]) -> None:
        """Tell what is known of each trunk and what changes, until cancelled.

        `emit` never blocks and never raises. Nothing is told before the link was up once.
        """

    def heard(self, state: LinkState) -> None:
        """Hear every state of the link that calls are followed on."""


class MysteryCaller(Protocol):
    """Places calls of our own through the trunks of one system, one at a time for each trunk."""

    async def place(self, order: MysteryOrder, told: Callable[[Progress], None]) -> None:
        """Have one call placed and return when it is under way; `told` hears all that follows.

        The last that is told is `ended`; nothing is sent twice. Raises what `PbxControl.perform`
        raises; then nothing is told.
        """

    async def press(self, channel: str, digits: str) -> None:
        """Send digits as tones into the call; raises as `place`."""

    async def hang_up(self, channel: str) -> None:
        """End the call, also one that an earlier run of ours left behind; raises as `place`."""

    @property
    def hears(self) -> Collection[type[Input]]:
        """Which inputs tell of the progress; none, if it is not learnt from the system."""

    def hear(self, item: Input) -> None:
        """Hear such an input, of whichever call."""

    def why_not(self) -> NotPossibleError | None:
        """Return why no call can be placed here, as far as that is known before trying."""


class PbxControl(Protocol):
    """The hands at one PBX: a link of its own, so that following needs no costly rights."""

    @property
    def capabilities(self) -> ControlCapabilities:
        """What can be done, as far as it is known now."""

    async def run(self) -> None:
        """Keep the link until cancelled."""

    async def perform(self, command: Command) -> None:
        """Have one thing done and return when the PBX has accepted it; nothing is sent twice.

        Raises TransientError if it certainly was not done, RejectedError if the PBX refused,
        AuthError if the right is missing, NotPossibleError if PBX or phone cannot, AmbiguousError
        if it went out and no answer came, UsageError for a value that must not go on the wire.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A call found in the PBX's own history; `channels` are the Uniqueids that lead to it.

    A record in state live is one whose rows do not tell its end (yet).
    """

    record: CallRecord
    channels: tuple[str, ...] = ()


class CallHistory(Protocol):
    """What the PBX itself wrote about its calls (Asterisk: CEL, CDR)."""

    @property
    def source(self) -> str:
        """The name that records and gaps carry: `cel` or `cdr`."""

    def since(
        self, mark: datetime, *, open_calls: Collection[str] = ()
    ) -> AsyncIterator[Sequence[Recalled]]:
        """Yield, in pages, the calls that ended after `mark` and all of those in `open_calls`.

        `open_calls` are linkedids. Reads beside the event loop. Raises TransientError if the
        history cannot be reached now, ConfigError if it is not what the configuration says.
        """


class Tier(StrEnum):
    """What a connector can promise about doubles (RELIABILITY, the promise towards the CRM)."""

    A = "A"
    A_STAR = "A*"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmCapabilities:
    """What a connector can do; the worker asks this, never the connector's name.

    `tasks`: it makes a task of a missed call unless the policy says otherwise; `creates`: what it
    can make of a caller whom the CRM does not know.
    """

    tier: Tier
    updates: bool = True
    search_lag_s: float | None = None
    tasks: bool = False
    creates: frozenset[Creation] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A validated answer of the CRM: the record exists there."""

    external_id: str | None = None
    url: str | None = None


class CrmWriter(Protocol):
    """Writes call outcomes to one CRM."""

    async def write(
        self,
        record: CallRecord,
        *,
        idempotency_key: EffectKey,
        kind: str,
        occurred_at: datetime,
        plan: WritePlan | None = None,
    ) -> Receipt:
        """Write one effect (`kind`: an `EffectKind`) and return after a validated answer.

        Without a `plan` the connector does as `plain_plan` has it. Raises TransientError,
        AuthError, RejectedError or AmbiguousError.
        """

    async def find_written(self, *, idempotency_key: EffectKey) -> Receipt | None:
        """Tier B only: search for the marker of an earlier ambiguous write."""

    async def probe(self) -> str:
        """Check sign-in and rights without writing; return one line for the administrator.

        Raises the same errors as `write`.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A whole HTTP answer; `headers` have lower-case names, several cookies a line each."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient(Protocol):
    """HTTP with the limits of the house: connect 3 s, total 10 s, no redirect, 2 MiB."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpAnswer:
        """Return any answer, whatever its status.

        Raises TransientError if the request certainly did not reach the peer, AmbiguousError if it
        may have, RejectedError if the answer breaks a limit that a retry will break again.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something to be done at a CRM because of a call, stored with the facts that cause it.

    `only_if_begun`: stored only if the CRM has, or will have, heard of the call already. `notice`
    is JSON text that is told instead of a call (`gateway.core.notices`); `record` then has nothing
    but the id under which it is in line.
    """

    key: EffectKey
    connector: str
    kind: str
    ordinal: int
    record: CallRecord
    occurred_at: datetime
    not_before: datetime
    only_if_begun: bool = False
    notice: str | None = None


class InboundHook(Protocol):
    """A request that a CRM sends to us, wired by the runtime."""

    async def __call__(self, name: str, headers: Mapping[str, str], body: bytes) -> Sequence[str]:
        """Handle it and return human-readable lines."""
