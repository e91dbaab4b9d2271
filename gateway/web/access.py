"""Who may call what: the policy of every route, and the scopes that roles and tokens carry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gateway.store.people import Role
from gateway.store.sight import Sight

CALLS_READ: Final = "calls:read"
CALLS_WRITE: Final = "calls:write"
CALLS_DIAL: Final = "calls:dial"
CONTACTS_READ: Final = "contacts:read"
EVENTS_READ: Final = "events:read"
INTERACTIONS_WRITE: Final = "interactions:write"
OUTBOX_READ: Final = "outbox:read"
OUTBOX_WRITE: Final = "outbox:write"
AUDIT_READ: Final = "audit:read"
PRIVACY_WRITE: Final = "privacy:write"
TRUNKS_WRITE: Final = "trunks:write"
ADMINISTER: Final = "admin"

_AGENT: Final = frozenset(
    {
        CALLS_READ,
        CALLS_WRITE,
        CALLS_DIAL,
        CONTACTS_READ,
        "contacts:write",
        EVENTS_READ,
        INTERACTIONS_WRITE,
        OUTBOX_READ,
    }
)
ROLE_SCOPES: Final[Mapping[Role, frozenset[str]]] = MappingProxyType(
    {
        Role.AGENT: _AGENT,
        Role.SUPERVISOR: _AGENT | {OUTBOX_WRITE},
        Role.PBX_ADMIN: frozenset({EVENTS_READ, TRUNKS_WRITE}),
        Role.PRIVACY: frozenset({AUDIT_READ, PRIVACY_WRITE}),
        Role.ADMIN: _AGENT | {OUTBOX_WRITE, AUDIT_READ, TRUNKS_WRITE, ADMINISTER},
    }
)
ALL_ROLES: Final = frozenset(Role)
# What somebody is told whose token may not decide over its owner's other ways in.
NARROW: Final = (
    "This token may do less than its owner. Sign in for this, or use a token without limits."
)
OPERATORS: Final = frozenset({Role.SUPERVISOR, Role.PBX_ADMIN, Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who makes a request. `scopes` are what the role allows and the token does not withhold.

    `credential` names the session or token, never its `secret`; `by_cookie` asks for the guards
    against other sites. `token_id` is the token behind it, if there is one. `visible_to` is what
    calls may be seen, None for all: hand it to whatever reads calls.
    """

    login: str
    name: str
    role: Role
    scopes: frozenset[str]
    credential: str
    secret: str = field(repr=False)
    token_id: str | None
    by_cookie: bool
    visible_to: Sight | None

    @property
    def whole(self) -> bool:
        """Whether they may do all that their role may: in person, or by a token without limits."""
        return self.scopes == ROLE_SCOPES[self.role]

    @property
    def receipts_of(self) -> Sight | None:
        """Return the calls whose receipts may be seen: administrators see all, without content."""
        return None if self.role is Role.ADMIN else self.visible_to

    def oversees(self, login: str | None) -> bool:
        """Whether somebody's tasks are theirs to settle too: as supervisor of a team of theirs."""
        if self.role is not Role.SUPERVISOR or login is None:
            return False
        return self.visible_to is None or login in self.visible_to.logins


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The policy of a route: for everybody, or for some roles, with a scope."""

    public: bool = False
    roles: frozenset[Role] = ALL_ROLES
    scope: str | None = None

    def allows(self, principal: Principal) -> bool:
        """Whether a signed-in person may call the route."""
        held = self.scope is None or self.scope in principal.scopes
        return held and principal.role in self.roles


PUBLIC: Final = Access(public=True)
SIGNED_IN: Final = Access()
