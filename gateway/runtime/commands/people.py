"""`filodiretto users …`, `tokens create|list|revoke` and `setup-link`."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import typer

from gateway.core.errors import UsageError
from gateway.core.record import time_json
from gateway.runtime import loading
from gateway.runtime.commands.common import FAILURE, OK, read_store, say, show, write_store
from gateway.runtime.people import link_of
from gateway.runtime.settings import WebSettings
from gateway.store import credentials, people
from gateway.store.audit import AuditEntry, append
from gateway.store.database import Connection
from gateway.store.identities import bind_identity
from gateway.store.passwords import hash_password
from gateway.store.people import Role, User
from gateway.store.people_import import (
    MIN_PASSWORD,
    PeopleFile,
    PeopleReport,
    preview_people,
    put_people,
    read_people,
)
from gateway.store.second_factors import remove_totp
from gateway.store.setup_links import create_setup_link
from gateway.store.teams import put_teams

ACTOR: Final = "command line"  # no login has a blank
HASHES_AT_ONCE: Final = 2


def add_user(
    path: Path | None,
    *,
    login: str,
    name: str,
    role: str,
    extensions: Sequence[str],
    teams: Sequence[str],
    password: str | None,
) -> int:
    """Add a person."""
    try:
        chosen = Role(role)
    except ValueError as error:
        raise UsageError("There is no such role.", remedy=f"Use {', '.join(Role)}.") from error
    user = User(
        login=login,
        name=name,
        role=chosen,
        extensions=tuple(people.extension_place(text, _pbxs(path)) for text in extensions),
    )
    hashed = None if password is None else hash_password(_long_enough(password))
    now = datetime.now(UTC)

    def add(conn: Connection) -> None:
        people.add_user(conn, user, password_hash=hashed, now=now)
        put_teams(conn, login, teams)
        _note(conn, "user.added", login, now, role=chosen.value)

    write_store(path, add)
    say(f"{login} added" + ("" if hashed else f"; next: filodiretto tokens create {login}"))
    return OK


def list_users(path: Path | None, *, json_output: bool) -> int:
    """List people."""
    rows = [
        {
            "login": user.login,
            "name": user.name,
            "role": user.role.value,
            "extensions": [
                f"{pbx}:{extension}" if pbx else extension for pbx, extension in user.extensions
            ],
            "disabled": user.disabled,
        }
        for user in read_store(path, people.list_users)
    ]
    show(rows, {key: key for key in rows[0]} if rows else {}, json_output=json_output)
    return OK


def import_users(path: Path | None, file: Path, *, preview: bool = False, json_output: bool) -> int:
    """Add or change everybody in a CSV file; 1 if rows were refused. `preview` writes nothing."""
    found = read_people(file, _pbxs(path))
    hashes = {} if preview else _hashed(found)
    now = datetime.now(UTC)

    def put(conn: Connection) -> PeopleReport:
        def watched(new: User, old: User | None) -> None:
            action = "user.added" if old is None else "user.changed"
            _note(conn, action, new.login, now, role=new.role.value)

        if preview:
            return preview_people(conn, found, now=now)
        return put_people(conn, found, hashes, now=now, watched=watched)

    report = write_store(path, put)
    if json_output:
        facts = {key: len(getattr(report, key)) for key in ("added", "changed", "unchanged")}
        refused = [{"line": row.line, "reason": row.reason} for row in report.refused]
        typer.echo(json.dumps({**facts, "refused": refused}, ensure_ascii=False))
    else:
        if preview:
            say("a preview: nothing was written")
        say(
            f"{len(report.added)} added, {len(report.changed)} changed, "
            f"{len(report.unchanged)} as before, {len(report.refused)} refused"
        )
        for row in report.refused:
            say(f"line {row.line}: {row.reason}")
    return FAILURE if report.refused else OK


def _pbxs(path: Path | None) -> frozenset[str]:
    """Return the names of the telephone systems that are configured."""
    return frozenset(pbx.name for pbx in loading.load(path).pbxs)


def disable_user(path: Path | None, *, login: str) -> int:
    """Shut a person out; a running daemon closes their page within a second."""
    _changed(path, login, "user.disabled", partial(people.set_disabled, login=login, disabled=True))
    say(f"{login} disabled")
    return OK


def enable_user(path: Path | None, *, login: str) -> int:
    """Let a person in again."""
    _changed(path, login, "user.enabled", partial(people.set_disabled, login=login, disabled=False))
    say(f"{login} enabled")
    return OK


def set_password(path: Path | None, *, login: str, password: str) -> int:
    """Set a password."""
    hashed = hash_password(_long_enough(password))
    work = partial(people.set_password, login=login, password_hash=hashed)
    _changed(path, login, "user.password_set", work)
    say("password set; open sessions have ended")
    return OK


def reset_totp(path: Path | None, *, login: str) -> int:
    """Forget a second factor; 1 if there was none."""
    now = datetime.now(UTC)

    def reset(conn: Connection) -> bool:
        removed = remove_totp(conn, login)
        if removed:
            people.end_sessions(conn, login)
            _note(conn, "totp.reset", login, now)
        return removed

    removed = write_store(path, reset)
    say("second factor forgotten" if removed else f"{login} has no second factor")
    return OK if removed else FAILURE


def link_user(path: Path | None, *, login: str, subject: str) -> int:
    """Bind a person to an account of the identity provider in [oidc]."""
    provider = loading.load(path).settings.oidc
    if provider is None:
        raise UsageError(
            "No identity provider is configured.", remedy="Fill in [oidc] in the configuration."
        )
    now, issuer = datetime.now(UTC), provider.issuer

    def bind(conn: Connection) -> None:
        if people.get_user(conn, login) is None:
            raise UsageError("There is no such user.", remedy="List them to see their logins.")
        bind_identity(conn, login, issuer=issuer, subject=subject, now=now)
        _note(conn, "identity.bound", login, now)

    write_store(path, bind)
    say(f"{login} signs in by the identity provider from now on")
    return OK


def setup_link(path: Path | None) -> int:
    """Print a new link for the first administrator."""
    web = loading.load(path).settings.web
    now = datetime.now(UTC)

    def make(conn: Connection) -> str:
        secret = create_setup_link(conn, now=now)
        _note(conn, "setup.link_made", "", now)
        return secret

    secret = write_store(path, make)
    typer.echo(link_of(web.public_url or _listening(web), secret))
    return OK


def create_token(path: Path | None, *, login: str, scopes: Sequence[str], days: int) -> int:
    """Create a token and print it, alone."""
    work = partial(
        credentials.create_token,
        login=login,
        now=datetime.now(UTC),
        scopes=scopes or None,
        days=days,
    )

    def create(conn: Connection) -> str:
        token, secret = work(conn)
        _note(conn, "token.created", login, work.keywords["now"], token=token.id)
        return secret

    typer.echo(write_store(path, create))
    return OK


def list_tokens(path: Path | None, *, json_output: bool) -> int:
    """List tokens, never their values."""
    rows = [
        {
            "id": token.id,
            "login": token.login,
            "scopes": sorted(token.scopes) if token.scopes is not None else ["all of the role"],
            "expires_at": time_json(token.expires_at),
            "used_at": time_json(token.used_at),
            "revoked_at": time_json(token.revoked_at),
        }
        for token in read_store(path, credentials.list_tokens)
    ]
    show(rows, {key: key for key in rows[0]} if rows else {}, json_output=json_output)
    return OK


def revoke_token(path: Path | None, *, token_id: str) -> int:
    """End a token, those made with it, and the sessions opened with them."""
    now = datetime.now(UTC)

    def revoke(conn: Connection) -> int:
        ended = credentials.revoke_token(conn, token_id, now=now)
        _note(conn, "token.revoked", token_id, now)
        return ended

    others = write_store(path, revoke) - 1
    say(f"revoked, and {others} made with it" if others else "revoked")
    return OK


def _listening(web: WebSettings) -> str:
    scheme = "https" if web.tls_cert is not None else "http"
    host = f"[{web.host}]" if ":" in web.host else web.host
    return f"{scheme}://{host}:{web.port}"


def _changed(
    path: Path | None, login: str, action: str, work: Callable[[Connection], None]
) -> None:
    now = datetime.now(UTC)

    def change(conn: Connection) -> None:
        work(conn)
        _note(conn, action, login, now)

    write_store(path, change)


def _note(conn: Connection, action: str, subject: str, now: datetime, **detail: object) -> None:
    """Write into the audit log, in the transaction of what it tells of."""
    entry = AuditEntry(at=now, actor=ACTOR, action=action, subject=subject, detail=detail)
    append(conn, (entry,))


def _hashed(found: PeopleFile) -> Mapping[str, str]:
    """Hash the passwords of a file, several at once: each takes some 50 ms of a core."""
    given = {one.user.login: one.password for one in found.candidates if one.password is not None}
    with ThreadPoolExecutor(max_workers=HASHES_AT_ONCE) as pool:
        return dict(zip(given, pool.map(hash_password, given.values()), strict=True))


def _long_enough(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise UsageError(
            "The password is too short.", remedy=f"Use at least {MIN_PASSWORD} characters."
        )
    return password
