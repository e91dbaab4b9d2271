"""What `filodiretto check` finds out about one trunk: it signs in, looks, and changes nothing."""

import asyncio
from collections.abc import Sequence
from typing import Final

from adapters.sip import faults
from adapters.sip.link import ask_registrar
from adapters.sip.settings import SipSettings
from gateway.core.findings import Finding, Verdict
from gateway.core.ports import Clock

PATIENCE_S: Final = 25.0


async def probe(settings: SipSettings, clock: Clock) -> Sequence[Finding]:
    """Return what is doubtful in the table, and whether the registrar lets us in."""
    found = list(_doubts(settings))
    try:
        async with asyncio.timeout(PATIENCE_S):
            fault, facts = await ask_registrar(settings, clock)
    except TimeoutError:
        fault, facts = faults.SILENT, {}
    if fault is not None:
        cause = fault.cause.format(**facts)
        found.append(_finding(settings, Verdict.FAILED, cause, fault.remedy))
    elif settings.registrar:
        others = facts.get("others", 0)
        shared = f"; {others} other phones use the account" if others else ""
        found.append(_finding(settings, Verdict.OK, f"the registrar lets us in{shared}"))
    else:
        found.append(_finding(settings, Verdict.OK, "no registration; calls come from allow_from"))
    return tuple(found)


def _doubts(settings: SipSettings) -> Sequence[Finding]:
    if settings.rings:
        return ()
    return (
        _finding(
            settings,
            Verdict.WARNING,
            "nobody gets a pop of this trunk's calls: rings is empty",
            'write the extensions whose phones ring with it: rings = ["201", "202"]',
        ),
    )


def _finding(settings: SipSettings, verdict: Verdict, cause: str, remedy: str = "") -> Finding:
    return Finding(subject=f"trunk {settings.name}", verdict=verdict, cause=cause, remedy=remedy)
