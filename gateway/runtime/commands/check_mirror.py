"""What `filodiretto check` says of a CRM's people: whether they may be read, and how many came."""

from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Final

from crm_sync.connectors.settings import ConnectorSettings
from crm_sync.mirror.engine import CUT, PAGE_IT
from gateway.core.errors import AdapterError, FilodirettoError
from gateway.core.findings import Finding, Verdict
from gateway.core.ports import Clock
from gateway.runtime.crms import open_http
from gateway.runtime.mirroring import open_directory
from gateway.store.database import Database
from gateway.store.mirrored_rows import count_rows
from gateway.store.mirrored_states import MirrorState, read_state

LATE: Final = timedelta(hours=30)


async def mirror_findings(
    crm: ConnectorSettings, database_url: str, clock: Clock
) -> tuple[Finding, ...]:
    """Read the first page of people and what the store has of them; () for a CRM without."""
    subject = f"crm {crm.name} people"
    async with AsyncExitStack() as stack:
        try:
            directory = open_directory(crm, open_http(crm, clock, stack), clock)
            if directory is None:
                return ()
            crm.read_hook_secret()
            can = directory.capabilities
            if not (crm.mirror.enabled and can.lists):
                looked = crm.mirror.look_up and can.finds
                said = "not mirrored; " + ("asked beside the pop" if looked else "nor looked up")
                return (Finding(subject=subject, verdict=Verdict.OK, cause=said),)
            page = await directory.everyone("")
            state, count = await _stored(crm.name, database_url)
        except FilodirettoError as error:
            return (
                Finding(
                    subject=subject,
                    verdict=Verdict.FAILED,
                    cause=f"{error.message} {told_by(error)}".strip(),
                    remedy=error.remedy,
                ),
            )
    if not page.entries and not page.more:
        return (
            Finding(
                subject=subject,
                verdict=Verdict.WARNING,
                cause="its list of people is empty",
                remedy="check which records its account may read, and [[crm.mirror.list]]",
            ),
        )
    standing = _standing(subject, state, count, clock)
    cut = Finding(subject=subject, verdict=Verdict.WARNING, cause=CUT, remedy=PAGE_IT)
    return (standing, cut) if can.cut else (standing,)


def told_by(error: FilodirettoError) -> str:
    """Return what the CRM itself said of a failure: status, code and words without people."""
    return error.detail if isinstance(error, AdapterError) else ""


async def _stored(crm: str, database_url: str) -> tuple[MirrorState, int]:
    database = await Database.open(database_url)
    try:
        state = await database.read(partial(read_state, crm=crm))
        return state, await database.read(partial(count_rows, crm=crm))
    finally:
        await database.close()


def _standing(subject: str, state: MirrorState, count: int, clock: Clock) -> Finding:
    if state.swept_at is None:
        said = f"may be read; {state.seen} read so far" if state.seen else "may be read; none yet"
        return Finding(subject=subject, verdict=Verdict.OK, cause=said)
    at = f"{state.swept_at:%Y-%m-%d %H:%M} UTC"
    said = f"{count} in the directory, all read at {at}"
    if clock.now() - state.swept_at > LATE:
        return Finding(
            subject=subject,
            verdict=Verdict.WARNING,
            cause=said,
            remedy="see the mirror in GET /api/v1/crms, or the log, for why no night's sweep ended",
        )
    return Finding(subject=subject, verdict=Verdict.OK, cause=said)
