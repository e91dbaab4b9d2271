"""What is known of a trunk, in what state that puts it, and which alarms it gives.

An adapter's `TrunkMonitor` tells readings; `gateway.core.trunkwatch` makes states and alarms of
them. Times are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TrunkKind(StrEnum):
    """Who follows the trunk: the PBX it belongs to, or we ourselves."""

    ASTERISK = "asterisk"
    SIP = "sip"


class TrunkState(StrEnum):
    """How a trunk is; `unknown` where nobody can tell, which is never guessed."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class AlarmKind(StrEnum):
    """What somebody must be told; `test`: a mystery call went wrong."""

    DOWN = "down"
    FLAPPING = "flapping"
    SILENT = "silent"
    TEST = "test"


class RegistrationState(StrEnum):
    """What became of our REGISTER at the provider's registrar."""

    REGISTERED = "registered"
    UNREGISTERED = "unregistered"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class ContactStatus(StrEnum):
    """Whether the far end answers OPTIONS; `unmonitored`: it is never asked (no qualify)."""

    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"
    UNMONITORED = "unmonitored"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TrunkRef:
    """A trunk's identity: the PBX and its name of the trunk; both are the same for a SIP account.

    `name` is what call records have as `trunk`.
    """

    pbx: str
    name: str

    def __str__(self) -> str:
        return f"{self.pbx}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a person is told: `cause` and `remedy` in English.

    `translated` has (language, cause, remedy) for other people who read them.
    """

    cause: str = ""
    remedy: str = ""
    translated: tuple[tuple[str, str, str], ...] = ()


NO_WORDS = Words()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkFailure:
    """The last thing that went wrong; `code` is the SIP status where one is known."""

    at: datetime
    code: int | None
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkRegistration:
    """Our registration at `server` (host and port), as the PBX tells it."""

    state: RegistrationState
    server: str
    since: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkContact:
    """One address the trunk's calls go to; `rtt_ms` is how long it takes to answer OPTIONS."""

    address: str
    status: ContactStatus
    rtt_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkReading:
    """All that is known of a trunk at one moment; a later one replaces it whole.

    `blind`: why nothing can be known now (the link is down, a right is missing); then the rest is
    what was known last. `registration` is None for a trunk that does not register; `contacts` is
    empty where none is known. `failure` is the last one that registering or asking met; that of a
    trunk that is down says why.
    `advice` says what would make more known, of a reading that is good as it is.
    """

    ref: TrunkRef
    kind: TrunkKind
    at: datetime
    registration: TrunkRegistration | None = None
    contacts: tuple[TrunkContact, ...] = ()
    failure: TrunkFailure | None = None
    blind: Words | None = None
    advice: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkGone:
    """The PBX knows the trunk no longer."""

    ref: TrunkRef
    at: datetime


TrunkTold = TrunkReading | TrunkGone
"""What a `TrunkMonitor` emits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkAlarm:
    """Something that somebody must look at, from `since` until it is over."""

    kind: AlarmKind
    since: datetime
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRules:
    """When a trunk is ill: seconds, counts, and the provider's limit of calls at once."""

    down_s: float = 60.0
    flaps: int = 6
    flap_window_s: float = 1_800.0
    quiet_s: float = 900.0
    silent: bool = True
    silent_weeks: int = 4
    silent_calls: int = 3
    slow_ms: float = 500.0
    channels: int | None = None
    channels_percent: int = 90
