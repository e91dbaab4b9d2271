"""People, teams, tokens, the audit log: what administrators and privacy officers work with."""

from typing import Annotated

from pydantic import Field

from gateway.store.people import MAX_LOGIN, Role
from gateway.web.shapes.base import (
    Body,
    Flag,
    Page,
    PageParams,
    Params,
    Shape,
    Stamp,
    Time,
    WholePageParams,
)

MAX_PASSWORD = 1024
Login = Annotated[str, Field(min_length=1, max_length=MAX_LOGIN, pattern=r"^\S+$")]
Password = Annotated[str, Field(min_length=8, max_length=MAX_PASSWORD)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Place = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_LOGIN,
        description="An extension, on every PBX or on one.",
        examples=["1001", "hq:1001"],
    ),
]
TeamName = Annotated[str, Field(min_length=1, max_length=64)]
Scope = Annotated[str, Field(min_length=1, max_length=40, examples=["calls:read"])]


class UserPath(Params):
    """Which person."""

    id: str = Field(min_length=1, max_length=MAX_LOGIN, description="The login.")


class UsersQuery(WholePageParams):
    """A page of the people."""


class TeamsQuery(WholePageParams):
    """A page of the teams."""


class TokensQuery(WholePageParams):
    """A page of the tokens."""


class User(Shape):
    """A person who may sign in.

    `shared` are the extensions that somebody else has too: both get the pops. `phone` is one they
    signed in to for a while.
    """

    login: str
    name: str
    role: Role
    disabled: bool
    extensions: list[str]
    shared: list[str]
    phone: str | None
    teams: list[str]
    second_factor: bool
    bound: bool = Field(description="Signs in by the company's identity provider.")


class UserPage(Page[User]):
    """Everybody, by login."""


class UserBody(Body):
    """A new person; without a password they sign in by token or by the identity provider."""

    login: Login
    name: Name | None = None
    role: Role = Field(default=Role.AGENT, strict=False)
    extensions: list[Place] = Field(default_factory=list, max_length=50)
    teams: list[TeamName] = Field(default_factory=list, max_length=50)
    password: Password | None = None


class UserChange(Body):
    """What is to be otherwise; what is not said stays."""

    name: Name | None = None
    role: Role | None = Field(default=None, strict=False)
    extensions: list[Place] | None = Field(default=None, max_length=50)
    teams: list[TeamName] | None = Field(default=None, max_length=50)
    disabled: bool | None = None
    password: Password | None = None


class PeopleImportQuery(Params):
    """How to import."""

    preview: Flag = Field(default=False, description="Say what would change, write nothing.")


class RefusedRow(Shape):
    """A row that is not taken; it holds up no other."""

    line: int
    reason: str


class PeopleImportAnswer(Shape):
    """Logins by what became of them, or would become."""

    preview: bool
    added: list[str]
    changed: list[str]
    unchanged: list[str]
    refused: list[RefusedRow]


class IdentityBody(Body):
    """An account at the company's identity provider."""

    subject: str = Field(min_length=1, max_length=255, description="Its `sub`.")


class Team(Shape):
    """A team; the supervisors among its members see its calls."""

    name: str
    queues: list[str]
    members: list[str]
    supervisors: list[str]
    configured: bool = Field(description="The configuration describes it.")


class TeamPage(Page[Team]):
    """Teams, by name."""


class TokenPath(Params):
    """Which token."""

    id: str = Field(min_length=1, max_length=12)


class Token(Shape):
    """An API token without its value; `scopes` null is everything that the role may."""

    id: str
    login: str
    label: str
    scopes: list[str] | None
    created_at: Stamp
    expires_at: Stamp | None
    revoked_at: Stamp | None
    used_at: Stamp | None


class TokenPage(Page[Token]):
    """Tokens, oldest first."""


class NewToken(Token):
    """A token that was just made; `value` is shown once."""

    value: str


class TokenBody(Body):
    """A token of one's own; it may never do more than oneself."""

    label: str = Field(default="", max_length=120)
    scopes: list[Scope] | None = Field(default=None, min_length=1, max_length=20)
    days: int = Field(default=90, ge=1, le=3650)


class AuditQuery(PageParams):
    """Which entries."""

    actor: str | None = Field(default=None, min_length=1, max_length=MAX_LOGIN)
    action: str | None = Field(
        default=None, min_length=1, max_length=80, examples=["session.started"]
    )
    subject: str | None = Field(default=None, min_length=1, max_length=200)
    since: Time | None = Field(default=None, alias="from")
    until: Time | None = Field(default=None, alias="to")


class AuditEntry(Shape):
    """Who did what to whom; `hash` chains it to the entry before."""

    no: int
    at: Stamp
    actor: str | None
    action: str
    subject: str | None
    detail: dict[str, str | int | bool | list[str] | None]
    hash: str


class AuditPage(Page[AuditEntry]):
    """Entries, newest first."""
