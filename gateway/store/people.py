"""People: who may sign in, in which role, and whose phone is whose."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from gateway.core.errors import UsageError
from gateway.store.schema import sessions, user_extensions, users

EVERYWHERE: Final = ""
MAX_LOGIN: Final = 64
# What a PBX may call a telephone; never a whole number in the form of the outside world.
EXTENSION: Final = re.compile(r"[0-9A-Za-z*#][0-9A-Za-z*#._-]{0,31}", re.ASCII)


Place = tuple[str, str]


class Role(StrEnum):
    """What somebody is here for; nobody has all rights."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    PBX_ADMIN = "pbx-admin"
    PRIVACY = "privacy"
    ADMIN = "admin"


class Source(StrEnum):
    """Who gave an extension to somebody."""

    PEOPLE = "people"
    CONFIGURATION = "configuration"


class LastAdminError(UsageError):
    """Nobody could administer the gateway any more."""

    def __init__(self) -> None:
        super().__init__(
            "This is the last administrator who can sign in.",
            remedy="Give the role to somebody else first.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person. `extensions` are (pbx, extension) pairs; pbx "" means on every PBX."""

    login: str
    name: str
    role: Role
    disabled: bool = False
    extensions: tuple[tuple[str, str], ...] = ()


class People:
    """Everybody, in memory and read-only: the pop path cannot wait for a query."""

    def __init__(self, everybody: Iterable[User]) -> None:
        self.users: Final[Mapping[str, User]] = MappingProxyType(
            {user.login: user for user in sorted(everybody, key=lambda user: user.login)}
        )
        owners: dict[tuple[str, str], list[str]] = {}
        for user in self.users.values():
            for place in () if user.disabled else user.extensions:
                owners.setdefault(place, []).append(user.login)
        self._owners: Final = {place: tuple(logins) for place, logins in owners.items()}
        self._anywhere: Final = any(pbx == EVERYWHERE for pbx, _ in owners)

    def who_has(self, pbx: str, extension: str) -> tuple[str, ...]:
        """Return the logins at an extension; a shared phone has several, a disabled user none."""
        here = self._owners.get((pbx, extension), ())
        everywhere = self._owners.get((EVERYWHERE, extension)) if self._anywhere else None
        if everywhere is None:
            return here
        return here + tuple(login for login in everywhere if login not in here)

    def extension_owner(self, pbx: str, extension: str) -> str | None:
        """Return whose extension it is, None if nobody's or several people's."""
        owners = self.who_has(pbx, extension)
        return owners[0] if len(owners) == 1 else None

    def extensions_of(self, login: str) -> tuple[tuple[str, str], ...]:
        """Return the (pbx, extension) pairs of a user, () for an unknown login."""
        user = self.users.get(login)
        return user.extensions if user else ()


def load_people(conn: Connection) -> People:
    """Read everybody."""
    return People(list_users(conn))


def list_users(conn: Connection) -> tuple[User, ...]:
    """Return everybody, by login."""
    extensions: dict[str, list[tuple[str, str]]] = {}
    order = user_extensions.c.pbx, user_extensions.c.extension
    for row in conn.execute(select(user_extensions).order_by(*order)):
        extensions.setdefault(row.login, []).append((row.pbx, row.extension))
    return tuple(
        User(
            login=row.login,
            name=row.name,
            role=Role(row.role),
            disabled=row.disabled,
            extensions=tuple(extensions.get(row.login, ())),
        )
        for row in conn.execute(select(users).order_by(users.c.login))
    )


def get_user(conn: Connection, login: str) -> User | None:
    """Return one person."""
    row = conn.execute(select(users).where(users.c.login == login)).first()
    if row is None:
        return None
    order = user_extensions.c.pbx, user_extensions.c.extension
    pairs = select(*order).where(user_extensions.c.login == login).order_by(*order)
    return User(
        login=row.login,
        name=row.name,
        role=Role(row.role),
        disabled=row.disabled,
        extensions=tuple((pair.pbx, pair.extension) for pair in conn.execute(pairs)),
    )


def add_user(conn: Connection, user: User, *, password_hash: str | None, now: datetime) -> None:
    """Add a person; raises UsageError if the login is taken or an extension is not one."""
    check_login(user.login)
    if get_user(conn, user.login) is not None:
        raise UsageError("This login is taken.", remedy="Choose another one.")
    conn.execute(
        insert(users).values(
            login=user.login,
            name=user.name,
            role=user.role.value,
            password_hash=password_hash,
            disabled=user.disabled,
            created_at=now,
        )
    )
    _put_extensions(conn, user.login, user.extensions)


def check_login(login: str) -> None:
    """Raise UsageError for what cannot be a login: blanks, control characters, too long."""
    if login.split() != [login] or not login.isprintable() or len(login) > MAX_LOGIN:
        raise UsageError(
            "A login must be a word without blanks.",
            remedy=f"Choose another one, of at most {MAX_LOGIN} characters.",
        )


def place_of(text: str) -> tuple[str, str]:
    """Read an extension as people write it, `1001` or `hq:1001`; raises UsageError."""
    pbx, _, extension = text.strip().rpartition(":")
    if (
        not extension
        or len(text) > MAX_LOGIN
        or not all(
            part.isascii() and part.isprintable() and " " not in part for part in (pbx, extension)
        )
    ):
        raise UsageError("This is not an extension.", remedy='Write it as "1001" or "hq:1001".')
    return pbx, extension


def extension_place(text: str, pbxs: Collection[str] = ()) -> Place:
    """Read the extension of a telephone, `1001` or `hq:1001`; raises UsageError.

    `pbxs` are the telephone systems that it may name; empty: any.
    """
    pbx, extension = place_of(text)
    if not EXTENSION.fullmatch(extension):
        raise UsageError("This is not an extension.", remedy='Write it as "1001" or "hq:1001".')
    if pbx and pbxs and pbx not in pbxs:
        raise UsageError(
            "No telephone system has this name.", remedy=f"Use one of: {', '.join(sorted(pbxs))}."
        )
    return pbx, extension


def put_user(conn: Connection, user: User, *, now: datetime) -> bool:
    """Add a person without a password, or give a known one this name, role, extensions, state.

    Returns True if the person is new. Extensions that the configuration gives stay. Whose role
    changes, or who is disabled, is signed out everywhere. Raises LastAdminError.
    """
    earlier = get_user(conn, user.login)
    if earlier is None:
        add_user(conn, user, password_hash=None, now=now)
        return True
    if user.disabled or user.role is not Role.ADMIN:
        _spare_last_admin(conn, earlier)
    known = users.c.login == user.login
    values = {"name": user.name, "role": user.role.value, "disabled": user.disabled}
    conn.execute(update(users).where(known).values(values))
    own = user_extensions.c
    conn.execute(
        delete(user_extensions).where(own.login == user.login, own.source == Source.PEOPLE.value)
    )
    _put_extensions(conn, user.login, user.extensions)
    if user.disabled or user.role is not earlier.role:
        end_sessions(conn, user.login)
    return False


def _spare_last_admin(conn: Connection, going: User) -> None:
    """Raise LastAdminError if nobody else could administer once this person cannot any more."""
    if going.disabled or going.role is not Role.ADMIN:
        return
    query = select(func.count()).where(
        users.c.role == Role.ADMIN.value, users.c.disabled.is_(False), users.c.login != going.login
    )
    if not conn.execute(query).scalar_one():
        raise LastAdminError


def set_disabled(conn: Connection, login: str, *, disabled: bool) -> None:
    """Let a person in no more (their sessions end), or again.

    Raises UsageError if unknown, LastAdminError if nobody could administer then.
    """
    going = get_user(conn, login)
    if disabled and going is not None:
        _spare_last_admin(conn, going)
    statement = update(users).where(users.c.login == login).values(disabled=disabled)
    _known(conn.execute(statement).rowcount)
    if disabled:
        end_sessions(conn, login)


def set_password(conn: Connection, login: str, password_hash: str) -> None:
    """Store a new password's hash and end the sessions; raises UsageError if unknown."""
    statement = update(users).where(users.c.login == login).values(password_hash=password_hash)
    _known(conn.execute(statement).rowcount)
    end_sessions(conn, login)


def refresh_password_hash(conn: Connection, login: str, old: str, new: str) -> None:
    """Replace a hash made with weaker parameters, unless the password has changed meanwhile."""
    mine = (users.c.login == login) & (users.c.password_hash == old)
    conn.execute(update(users).where(mine).values(password_hash=new))


def password_hash_of(conn: Connection, login: str) -> str | None:
    """Return the hash to verify a sign-in against; None if unknown, disabled or without password.

    Verify against `passwords.DUMMY_HASH` then, so that an unknown login takes as long.
    """
    query = select(users.c.password_hash).where(users.c.login == login, users.c.disabled.is_(False))
    return conn.execute(query).scalar()


def end_sessions(conn: Connection, login: str) -> None:
    """Sign a person out everywhere."""
    conn.execute(delete(sessions).where(sessions.c.login == login))


def _known(rows: int) -> None:
    if not rows:
        raise UsageError("There is no such user.", remedy="List them to see their logins.")


def configure_extensions(
    conn: Connection, configured: Mapping[tuple[str, str], Sequence[str]]
) -> tuple[str, ...]:
    """Take over what `[extensions]` says, in place of what it said before.

    Returns the logins that do not exist; their extensions are left out until they do.
    """
    wanted = {
        (pbx, extension, login)
        for (pbx, extension), logins in configured.items()
        for login in logins
    }
    known = set(conn.execute(select(users.c.login)).scalars())
    own = user_extensions.c
    rows = conn.execute(select(own.pbx, own.extension, own.login, own.source)).all()
    present = {(row.pbx, row.extension, row.login): row.source for row in rows}
    mine = {place for place, source in present.items() if source == Source.CONFIGURATION.value}
    for pbx, extension, login in mine - wanted:
        here = (own.pbx == pbx) & (own.extension == extension) & (own.login == login)
        conn.execute(delete(user_extensions).where(here))
    for pbx, extension, login in sorted(wanted - set(present)):
        if login in known:
            source = Source.CONFIGURATION.value
            row = {"pbx": pbx, "extension": extension, "login": login, "source": source}
            conn.execute(insert(user_extensions).values(row))
    return tuple(sorted({login for _pbx, _extension, login in wanted} - known))


def configured_extensions(conn: Connection, login: str) -> tuple[tuple[str, str], ...]:
    """Return the extensions that the configuration gives somebody."""
    own = user_extensions.c
    query = select(own.pbx, own.extension).where(
        own.login == login, own.source == Source.CONFIGURATION.value
    )
    return tuple((row.pbx, row.extension) for row in conn.execute(query))


def _put_extensions(conn: Connection, login: str, extensions: Sequence[tuple[str, str]]) -> None:
    own = user_extensions.c
    query = select(own.pbx, own.extension).where(own.login == login)
    present = {(row.pbx, row.extension) for row in conn.execute(query)}
    rows = [
        {"pbx": pbx, "extension": extension, "login": login}
        for pbx, extension in dict.fromkeys(extensions)
        if (pbx, extension) not in present
    ]
    if any(not row["extension"] for row in rows):
        raise UsageError("An extension is empty.", remedy='Write it as "1001" or "hq:1001".')
    if rows:
        conn.execute(insert(user_extensions), rows)
