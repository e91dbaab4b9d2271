"""What the web part is given by the composition root; it finds nothing by itself."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from gateway.core.ids import CallId, EffectKey
from gateway.core.matching import MatchResult
from gateway.core.mystery import MysteryRun
from gateway.core.numbers import NumberPlan, PhoneNumber
from gateway.core.ports import Clock
from gateway.core.trunkforms import Filled
from gateway.core.trunks import TrunkRef
from gateway.desk.controls import Controls
from gateway.desk.followups import FollowUps
from gateway.desk.handoffs import HandoffDesk
from gateway.desk.hub import Hub
from gateway.desk.inbound import Door
from gateway.desk.links import LinkBoard
from gateway.desk.pops import PopDesk
from gateway.desk.queueboard import QueueDesk
from gateway.desk.roster import Roster
from gateway.desk.trunks import TrunkDesk
from gateway.desk.webhooks import Webhooks
from gateway.store.database import Database
from gateway.store.mirror import Mirror, Own, no_own_numbers
from gateway.store.sealing import Sealer
from gateway.store.sight import Sight
from gateway.web.oidc_provider import IdentityRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded:
    """A part that works badly or not, while the rest goes on."""

    part: str
    cause: str
    since: datetime
    remedy: str = ""


class CrmBoard(Protocol):
    """What the routes about CRMs ask."""

    def states(self) -> Sequence[Mapping[str, object]]:
        """Return each CRM with how its writer, its mirror and its look-ups do."""

    async def sweep(self, name: str, *, confirm: bool) -> None:
        """Order a walk over everybody in a CRM; UsageError if it has no mirror."""

    async def __call__(self, name: str, headers: Mapping[str, str], body: bytes) -> Sequence[str]:
        """Take a CRM's word that something changed (an `InboundHook`)."""


class EarlierCalls(Protocol):
    """What the routes about earlier calls and CRMs ask; all raise UsageError with the remedy.

    Days are local and whole; None is yesterday.
    """

    async def dry_run(
        self,
        name: str,
        first: date | None,
        last: date | None,
        *,
        limit: int,
        masked: bool,
        visible_to: Sight | None = None,
    ) -> Mapping[str, object]:
        """Return what a CRM would get; nothing is written."""

    async def log(
        self, name: str, first: date | None, last: date | None, *, per_s: float
    ) -> Mapping[str, object]:
        """Put the calls of some days into a CRM's outbox, each once."""

    async def progress(
        self, name: str, first: date | None, last: date | None
    ) -> Mapping[str, object]:
        """Return how far it is with them."""

    async def ask_contact(self, name: str, call_id: CallId, visible_to: Sight | None) -> EffectKey:
        """Have a contact made of a call's unknown party."""


class TrunkForms(Protocol):
    """What the routes about the configuration of trunks ask."""

    async def described(self) -> Mapping[str, object]:
        """Return the templates (`items`), the form's `fields`, `configured` forms and `pbxs`."""

    async def render(
        self,
        *,
        pbx: str | None,
        trunk: str | None,
        provider: str | None,
        values: Filled,
        look: bool,
    ) -> Mapping[str, object]:
        """Return a trunk's configuration as text, never with its password.

        With `look` the PBX is asked what it has of the trunk. Raises FormError for a form that
        cannot be rendered, UsageError for a PBX or trunk that is not there.
        """


class TrunkTester(Protocol):
    """What the routes about mystery calls ask."""

    def find(self, name: str) -> TrunkRef:
        """Return the trunk called `PBX:NAME`, or NAME if only one is; raises NotFoundError."""

    async def start(self, name: str, *, test: str | None, by: str) -> MysteryRun:
        """Begin a run and return it as it begins.

        Raises a UsageError or AdapterError if it cannot be; then nothing was placed.
        """


class Readiness(Protocol):
    """What `/readyz` asks."""

    def missing(self) -> Sequence[str]:
        """Return what must be up before requests make sense, in words; empty means ready.

        The store, the configuration, and each PBX's first snapshot (succeeded or failed once).
        """

    def degraded(self) -> Sequence[Degraded]:
        """Return the parts that are not well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedCrm:
    """A CRM as people know it; `ask_contact`: there people make contacts by hand."""

    name: str
    label: str
    ask_contact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskOptions:
    """What the configuration says of the agents' page.

    `wrap_up_s`: how long after a call its agent is asked what it was; `after_call` is the pause
    reason of that time.
    """

    pause_reasons: tuple[str, ...] = ()
    after_call: str = "Dopo chiamata"
    wrap_up_s: int = 60
    crms: tuple[LinkedCrm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """The web settings that matter to handlers.

    `public_url` is the address people use if it is not the listener's own (a reverse proxy).
    `secure`: TLS is on, here or at the proxy. `language` is used until a browser says its own.
    """

    version: str
    language: str = "it"
    timezone: str = "Europe/Rome"
    desk: DeskOptions = DeskOptions()
    public_url: str | None = None
    secure: bool = False
    frame_ancestors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleOptions:
    """What the configuration says of people.

    `sealer` opens secrets at rest. With `require_totp` administrators and supervisors need a
    second factor to sign in with a password, except the logins in `totp_exempt`. `extensions` is
    the mapping of `[extensions]`, `pbxs` the telephone systems that an extension may name (empty:
    any). `identities` is the company's provider, None without one.
    """

    sealer: Sealer = field(default_factory=Sealer)
    require_totp: bool = False
    totp_exempt: frozenset[str] = frozenset()
    totp_issuer: str = "Filodiretto"
    extensions: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    pbxs: frozenset[str] = frozenset()
    identities: IdentityRules | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a handler may use.

    `plan` reads numbers that people type, `find` asks the local directory (synchronously, as the
    pop does), `wake_outbox` tells the write-back that a person asked for a retry. `caught_up` is
    awaited before each request to the API: whoever heard that a call is over finds it so.
    `controls` is None where no PBX can be controlled, `queues` where none is followed.
    `crms` and `earlier_calls` are None where no CRM is linked.
    `webhooks` are registered and tried, `inbound` are the systems that may ask for calls.
    `trunk_forms` is None where no PBX's trunks can be rendered, `trunks` where nobody looks after
    any.
    `directory` is searched, `own` names our own numbers, `contacts_changed` is told of each edit.
    """

    db: Database
    hub: Hub
    desk: PopDesk
    roster: Roster
    links: LinkBoard
    readiness: Readiness
    clock: Clock
    options: WebOptions
    plan: NumberPlan
    find: Callable[[PhoneNumber], MatchResult]
    caught_up: Callable[[], Awaitable[None]]
    handoffs: HandoffDesk
    follow_ups: FollowUps
    wake_outbox: Callable[[], None] = lambda: None
    queues: QueueDesk | None = None
    controls: Controls | None = None
    people: PeopleOptions = field(default_factory=PeopleOptions)
    directory: Mirror | None = None
    own: Own = no_own_numbers
    contacts_changed: Callable[[], None] = lambda: None
    webhooks: Webhooks | None = None
    inbound: Mapping[str, Door] = field(default_factory=dict)
    crms: CrmBoard | None = None
    earlier_calls: EarlierCalls | None = None
    trunk_forms: TrunkForms | None = None
    trunks: TrunkDesk | None = None
    tester: TrunkTester | None = None
