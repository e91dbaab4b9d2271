"""`filodiretto check`: tries every part, and says of each that fails the cause and the remedy."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from crm_sync.connectors.settings import ConnectorSettings
from crm_sync.connectors.trial import Cautious
from crm_sync.policy_words import described
from gateway.core.errors import FilodirettoError
from gateway.core.findings import Finding, Verdict
from gateway.runtime import loading, plugins
from gateway.runtime.clock import SystemClock
from gateway.runtime.commands.check_calendars import calendar_findings
from gateway.runtime.commands.check_mirror import mirror_findings, told_by
from gateway.runtime.commands.check_mystery import mystery_findings
from gateway.runtime.commands.check_numbers import number_findings
from gateway.runtime.commands.check_peers import peer_findings
from gateway.runtime.commands.check_people import identity_finding, people_findings
from gateway.runtime.commands.check_trunkforms import trunk_form_findings, trunks_with_forms
from gateway.runtime.commands.common import FAILURE, OK, prepare_data_dir, show
from gateway.runtime.crms import Site, open_writer, planner_of
from gateway.runtime.loading import Loaded
from gateway.runtime.settings import PbxSettings
from gateway.store import maintenance
from gateway.store.database import Database

COLUMNS = {"verdict": "", "subject": "part", "cause": "found", "remedy": "remedy"}


def run(path: Path | None, *, json_output: bool) -> int:
    """Validate the file (ConfigError, exit 2) and probe what it names; 1 if something failed."""
    loaded = loading.load(path)
    findings = asyncio.run(_all(loaded))
    rows = [
        {
            "subject": finding.subject,
            "verdict": finding.verdict.value,
            "cause": finding.cause,
            "remedy": finding.remedy or None,
        }
        for finding in findings
    ]
    show(rows, COLUMNS, json_output=json_output)
    return FAILURE if any(finding.verdict is Verdict.FAILED for finding in findings) else OK


async def _all(loaded: Loaded) -> Sequence[Finding]:
    findings = [_file(loaded), *_advice(loaded)]
    findings += await asyncio.to_thread(lambda: [*calendar_findings(loaded, SystemClock().now())])
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_database(loaded)),
            group.create_task(_identities(loaded)),
            *(group.create_task(_pbx(pbx)) for pbx in loaded.pbxs),
            *(
                group.create_task(trunk_form_findings(loaded, trunk))
                for trunk in trunks_with_forms(loaded)
            ),
            *(group.create_task(_crm(crm, loaded)) for crm in loaded.crms),
        ]
    for task in tasks:
        findings += task.result()
    return findings


def _file(loaded: Loaded) -> Finding:
    return Finding(subject=str(loaded.path), verdict=Verdict.OK, cause="the configuration is valid")


def _advice(loaded: Loaded) -> Sequence[Finding]:
    if loaded.pbxs:
        return (
            *peer_findings(loaded.pbxs),
            *number_findings(loaded),
            *mystery_findings(loaded, SystemClock().now()),
        )
    return (
        Finding(
            subject="pbx",
            verdict=Verdict.WARNING,
            cause="no telephone system is configured",
            remedy="add a [[pbx]] table: see config/filodiretto.example.toml",
        ),
    )


async def _database(loaded: Loaded) -> Sequence[Finding]:
    subject, url = "database", loaded.settings.database_url
    try:
        prepare_data_dir(loaded)
        database = await Database.open(url)
        try:
            about_people = await database.read(lambda conn: people_findings(conn, loaded))
        finally:
            await database.close()
        found = await asyncio.to_thread(maintenance.check, url)
    except FilodirettoError as error:
        return (_failed(subject, error),)
    bad = [
        Finding(subject=subject, verdict=Verdict.FAILED, cause=item.text, remedy=item.remedy)
        for item in found
        if not item.ok
    ]
    if bad:
        return bad
    sound = Finding(subject=subject, verdict=Verdict.OK, cause="sound, and of this version")
    return (sound, *about_people)


async def _identities(loaded: Loaded) -> Sequence[Finding]:
    return () if loaded.settings.oidc is None else (await identity_finding(loaded),)


async def _pbx(pbx: PbxSettings) -> Sequence[Finding]:
    try:
        return await plugins.adapter(pbx.kind).probe(pbx, SystemClock())
    except FilodirettoError as error:
        return (_failed(f"pbx {pbx.name}", error),)


async def _crm(crm: ConnectorSettings, loaded: Loaded) -> Sequence[Finding]:
    subject = f"crm {crm.name}"
    policy = (_policy(crm), *_cautions(crm))
    async with AsyncExitStack() as stack:
        try:
            _capabilities, writer = await open_writer(crm, SystemClock(), stack)
            found = Finding(subject=subject, verdict=Verdict.OK, cause=await writer.probe())
        except FilodirettoError as error:
            return _failed(subject, error, told=told_by(error)), *policy
    people = await mirror_findings(crm, loaded.settings.database_url, SystemClock())
    return found, *policy, *people


def _cautions(crm: ConnectorSettings) -> Sequence[Finding]:
    """Say what is doubtful in a valid table, without asking anybody."""
    plugin = plugins.connector(crm.kind)
    return tuple(
        Finding(
            subject=f"crm {crm.name}", verdict=Verdict.WARNING, cause=one.cause, remedy=one.remedy
        )
        for one in (plugin.cautions(crm) if isinstance(plugin, Cautious) else ())
    )


def _policy(crm: ConnectorSettings) -> Finding:
    """Say in words what the CRM will hear of calls."""
    subject = f"crm {crm.name} policy"
    try:
        policy = planner_of(crm, Site()).policy
    except FilodirettoError as error:
        return _failed(subject, error)
    said = " ".join(described(policy, crm.language))
    return Finding(subject=subject, verdict=Verdict.OK, cause=said)


def _failed(subject: str, error: FilodirettoError, *, told: str = "") -> Finding:
    cause = f"{error.message} {told}".strip()
    return Finding(subject=subject, verdict=Verdict.FAILED, cause=cause, remedy=error.remedy)
