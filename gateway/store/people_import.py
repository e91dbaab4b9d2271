"""People from a CSV file: everybody in one go, refused rows with their line and reason.

Columns in any order and any of the usual words, English or Italian: login, name, role, extension
(several, divided by blanks, commas or slashes), team (the same), password. The same file again
changes nothing; who is not in the file stays.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from gateway.core.errors import UsageError
from gateway.store import people
from gateway.store.csv_source import CsvSource, Row
from gateway.store.people import LastAdminError, Role, User, check_login, extension_place
from gateway.store.teams import memberships, put_teams

MIN_PASSWORD: Final = 8
MAX_PASSWORD: Final = 1024
MAX_NAME: Final = 120
MAX_ROWS: Final = 10_000
WORDS: Final[Mapping[str, str]] = {
    "login": "login", "user": "login", "username": "login", "utente": "login",
    "nome utente": "login",
    "name": "name", "nome": "name", "full name": "name", "nome e cognome": "name",
    "role": "role", "ruolo": "role",
    "extension": "extension", "extensions": "extension", "interno": "extension",
    "interni": "extension", "ext": "extension",
    "team": "team", "teams": "team", "gruppo": "team", "squadra": "team",
    "password": "password",
}  # fmt: skip
ROLES: Final[Mapping[str, Role]] = {
    **{role.value: role for role in Role},
    "": Role.AGENT,
    "agente": Role.AGENT,
    "operatore": Role.AGENT,
    "supervisore": Role.SUPERVISOR,
    "amministratore": Role.ADMIN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One row that can be taken; what the file has no column for stays as it is."""

    line: int
    user: User
    teams: tuple[str, ...] | None
    has_extensions: bool
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One row that was not taken, and why; the reason quotes nothing from the row."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFile:
    """What a file holds."""

    candidates: tuple[Candidate, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleReport:
    """What became of a file: logins by what happened to them."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    refused: tuple[Refusal, ...]


def read_people(source: Path | bytes, pbxs: Collection[str] = ()) -> PeopleFile:
    """Read a file; raises UsageError if it is no CSV or has no column with logins.

    `pbxs` are the telephone systems that an extension may name; empty: any.
    """
    reader = CsvSource(source)
    try:
        header = reader.header(lambda cells: len(_columns(cells)))
        columns = _columns(header.cells)
        if "login" not in columns:
            raise UsageError(
                "The first line names no column with logins.",
                remedy="Begin the file with: login,name,role,extension,team,password",
            )
        candidates: dict[str, Candidate] = {}
        refused: list[Refusal] = []
        for row in reader.rows(len(header.cells)):
            try:
                found = _candidate(row, columns, candidates, pbxs)
                candidates[found.user.login] = found
            except UsageError as error:
                refused.append(Refusal(line=row.line, reason=f"{error.message} {error.remedy}"))
    finally:
        reader.close()
    return PeopleFile(candidates=tuple(candidates.values()), refused=tuple(refused))


def put_people(
    conn: Connection,
    found: PeopleFile,
    hashes: Mapping[str, str],
    *,
    now: datetime,
    watched: Callable[[User, User | None], None] = lambda _new, _old: None,
) -> PeopleReport:
    """Store everybody of a file in one transaction; `hashes` are passwords' hashes by login.

    A password counts for new people only: an import must not change what somebody chose.
    `watched(new, old)` hears of each person that was added or changed.
    """
    teams: dict[str, tuple[str, ...]] = {}
    for team, login in memberships(conn):
        teams[login] = (*teams.get(login, ()), team)
    refused = list(found.refused)
    done: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
    for candidate in found.candidates:
        login = candidate.user.login
        old = people.get_user(conn, login)
        wanted = candidate.user if old is None else _merged(conn, candidate, old)
        same_teams = candidate.teams is None or set(candidate.teams) == set(teams.get(login, ()))
        if old is not None and wanted == old and same_teams:
            done["unchanged"].append(login)
            continue
        if old is None:
            people.add_user(conn, wanted, password_hash=hashes.get(login), now=now)
        else:
            try:
                people.put_user(conn, wanted, now=now)
            except LastAdminError as error:
                reason = f"{error.message} {error.remedy}"
                refused.append(Refusal(line=candidate.line, reason=reason))
                continue
        if candidate.teams is not None:
            put_teams(conn, login, candidate.teams)
        watched(wanted, old)
        done["added" if old is None else "changed"].append(login)
    return PeopleReport(
        added=tuple(done["added"]),
        changed=tuple(done["changed"]),
        unchanged=tuple(done["unchanged"]),
        refused=tuple(sorted(refused, key=lambda refusal: refusal.line)),
    )


def preview_people(conn: Connection, found: PeopleFile, *, now: datetime) -> PeopleReport:
    """Say what `put_people` would do; what it does is undone before anybody can see it."""
    conn.exec_driver_sql("SAVEPOINT preview")
    try:
        return put_people(conn, found, {}, now=now)
    finally:
        conn.exec_driver_sql("ROLLBACK TO SAVEPOINT preview")
        conn.exec_driver_sql("RELEASE SAVEPOINT preview")


def _merged(conn: Connection, candidate: Candidate, old: User) -> User:
    """Return a known person as the file has them; extensions of the configuration stay."""
    new, places = candidate.user, set(old.extensions)
    if candidate.has_extensions:
        places = {*candidate.user.extensions, *people.configured_extensions(conn, old.login)}
    return User(
        login=old.login,
        name=new.name if new.name != new.login else old.name,
        role=new.role,
        disabled=old.disabled,
        extensions=tuple(sorted(places)),
    )


def _columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        word = WORDS.get(cell.strip().strip("\ufeff").lower())
        if word is not None:
            found.setdefault(word, place)
    return found


def _candidate(
    row: Row, columns: Mapping[str, int], taken: Iterable[str], pbxs: Collection[str]
) -> Candidate:
    if row.refused:
        raise UsageError(f"{row.refused[0].upper()}{row.refused[1:]}.")

    def cell(name: str) -> str:
        place = columns.get(name)
        return row.cells[place].strip() if place is not None and place < len(row.cells) else ""

    login = cell("login")
    if not login:
        raise UsageError("There is no login.", remedy="Fill the column login.")
    check_login(login)
    if login in taken:
        raise UsageError("This login stands in the file twice.", remedy="The first row counts.")
    role = ROLES.get(cell("role").lower())
    if role is None:
        raise UsageError("There is no such role.", remedy=f"Use {', '.join(Role)}.")
    name = cell("name") or login
    if len(name) > MAX_NAME or not name.isprintable():
        raise UsageError("This is not a name.", remedy=f"Use at most {MAX_NAME} characters.")
    password = cell("password") or None
    if password is not None and not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise UsageError(
            "The password is too short or too long.",
            remedy=f"Use at least {MIN_PASSWORD} characters.",
        )
    written = _parts(cell("extension"))
    places = tuple(dict.fromkeys(extension_place(text, pbxs) for text in written))
    teams = tuple(dict.fromkeys(_parts(cell("team"), words=False))) if "team" in columns else None
    return Candidate(
        line=row.line,
        user=User(login=login, name=name, role=role, extensions=places),
        teams=teams,
        has_extensions="extension" in columns,
        password=password,
    )


def _parts(text: str, *, words: bool = True) -> Sequence[str]:
    """Return what a cell names: blanks divide extensions, but stand inside the names of teams."""
    marks = ",;/| " if words else ",;/|"
    for mark in marks[1:]:
        text = text.replace(mark, ",")
    return [part.strip() for part in text.split(",") if part.strip()]
