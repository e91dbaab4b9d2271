"""`filodiretto privacy`: a person out of everything, or everything about them into a file."""

import asyncio
import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import typer

from gateway.core.errors import UsageError
from gateway.core.matching import look_up_key
from gateway.runtime.commands.common import FAILURE, OK, plan_of, say, show, with_store
from gateway.runtime.loading import Loaded
from gateway.store import erasing, exporting, kept_away
from gateway.store.audit import AuditEntry, append
from gateway.store.customers import exists
from gateway.store.database import Connection, Database
from gateway.store.erasing import Erased, Person
from gateway.store.exporting import Export
from gateway.store.sealing import Sealer

ACTOR = "command line"


def erase(
    path: Path | None, target: str, *, preview: bool, keep_away: bool, json_output: bool
) -> int:
    """Erase the person of a contact's id or of a number; raises UsageError."""

    async def work(loaded: Loaded, database: Database) -> Erased:
        now = datetime.now(UTC)
        e164 = look_up_key(plan_of(loaded).parse(target))
        person = await database.read(partial(_person, target=target, e164=e164))
        if preview:
            return await erasing.preview(database, person, now=now)
        sealer = await asyncio.to_thread(Sealer.load, loaded.settings.gateway.data_dir)

        def note(conn: Connection, done: Erased) -> None:
            entry = AuditEntry(
                at=now,
                actor=ACTOR,
                action="person.erased",
                subject=person.contact_id or "",
                detail={"calls": done.calls, "others": done.others},
            )
            append(conn, (entry,))
            if keep_away:
                kept_away.keep_away(conn, sealer, person, at=now)

        return await erasing.erase(database, person, now=now, note=note)

    done = with_store(path, work)
    told = dict(done.told)
    if json_output:
        facts = {"contacts": done.contacts, "calls": done.calls, "others": done.others}
        show([{"preview": preview, **facts, "told": told}], {}, json_output=True)
        return OK
    say(
        f"{'would erase' if preview else 'erased'}: {done.contacts} contact, {done.calls} calls, "
        f"{done.others} promises, contacts by other channels and open items"
    )
    if told:
        say("CRMs were told of calls, erase them there too: " + _words(told))
    if not preview:
        say("the daemon forgets what it remembers and wipes its files within a minute")
    return OK


def readmit(path: Path | None, target: str) -> int:
    """Let a person in again; 1 if nobody like this was kept away."""

    async def work(loaded: Loaded, database: Database) -> int:
        now = datetime.now(UTC)
        sealer = await asyncio.to_thread(Sealer.load, loaded.settings.gateway.data_dir)
        e164 = look_up_key(plan_of(loaded).parse(target))

        def work(conn: Connection) -> int:
            entry = AuditEntry(at=now, actor=ACTOR, action="person.readmitted", subject="")
            append(conn, (entry,))
            return kept_away.readmit(conn, sealer, contact_id=target, e164=e164)

        return await database.write(work)

    found = with_store(path, work)
    say("they may come back" if found else "nobody like this was kept away")
    return OK if found else FAILURE


def export(path: Path | None, target: str, *, output: Path | None) -> int:
    """Write what is kept about the person of a contact's id or of a number; raises UsageError."""

    async def work(loaded: Loaded, database: Database) -> Export:
        now = datetime.now(UTC)
        e164 = look_up_key(plan_of(loaded).parse(target))
        person = await database.read(partial(_person, target=target, e164=e164))
        made = await exporting.export(database, person, now=now)
        entry = AuditEntry(
            at=now,
            actor=ACTOR,
            action="person.exported",
            subject=person.contact_id or "",
            detail={"calls": made.calls, "others": made.others},
        )
        await database.write(partial(append, entries=(entry,)))
        return made

    made = with_store(path, work)
    text = exporting.as_json(made.document)
    if output is None:
        typer.echo(text)
        return OK
    try:
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"The file cannot be written: {error.strerror}.",
            remedy="Name a file in a folder where you may write.",
        ) from error
    say(f"written: {made.calls} calls and {made.others} other rows; it may name other people, too")
    return OK


def _person(conn: Connection, target: str, e164: str | None) -> Person:
    if exists(conn, target):
        return erasing.person_of_contact(conn, target)
    if e164 is None:
        raise UsageError(
            "There is no such contact, and this is no number.",
            remedy="Name the id of a contact or a whole telephone number.",
        )
    return erasing.person_of_number(conn, e164)


def _words(told: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(told.items()))
