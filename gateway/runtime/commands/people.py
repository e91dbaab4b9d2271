"""`filodiretto users add|list|disable|set-password` and `tokens create|list|revoke`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import typer

from gateway.core.errors import UsageError
from gateway.core.record import time_json
from gateway.runtime.commands.common import OK, read_store, say, show, write_store
from gateway.store import credentials, people
from gateway.store.passwords import hash_password
from gateway.store.people import Role, User

MIN_PASSWORD = 8


def add_user(
    path: Path | None,
    *,
    login: str,
    name: str,
    role: str,
    extensions: Sequence[str],
    password: str | None,
) -> int:
    """Add a person."""
    try:
        chosen = Role(role)
    except ValueError as error:
        raise UsageError("There is no such role.", remedy=f"Use {', '.join(Role)}.") from error
    user = User(
        login=login, name=name, role=chosen, extensions=tuple(_place(text) for text in extensions)
    )
    hashed = None if password is None else hash_password(_long_enough(password))
    now = datetime.now(UTC)
    write_store(path, partial(people.add_user, user=user, password_hash=hashed, now=now))
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


def disable_user(path: Path | None, *, login: str) -> int:
    """Shut a person out; a running daemon closes their page within a second."""
    write_store(path, partial(people.set_disabled, login=login, disabled=True))
    say(f"{login} disabled")
    return OK


def set_password(path: Path | None, *, login: str, password: str) -> int:
    """Set a password."""
    hashed = hash_password(_long_enough(password))
    write_store(path, partial(people.set_password, login=login, password_hash=hashed))
    say("password set; open sessions have ended")
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
    _token, secret = write_store(path, work)
    typer.echo(secret)
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
    """End a token and the sessions opened with it."""
    now = datetime.now(UTC)
    write_store(path, partial(credentials.revoke_token, token_id=token_id, now=now))
    say("revoked")
    return OK


def _place(text: str) -> tuple[str, str]:
    pbx, _, extension = text.rpartition(":")
    return pbx, extension


def _long_enough(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise UsageError(
            "The password is too short.", remedy=f"Use at least {MIN_PASSWORD} characters."
        )
    return password
