"""What `filodiretto check` finds out about a PBX's trunks: the same look that the daemon takes."""

from collections.abc import Sequence
from typing import Final

from adapters.asterisk.naming import Naming
from adapters.asterisk.session import Session
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.trunk_book import DENIED, TrunkBook
from adapters.asterisk.trunk_look import look
from gateway.core.errors import AdapterError
from gateway.core.findings import Finding, Verdict
from gateway.core.ports import Clock
from gateway.core.trunks import (
    ContactStatus,
    HealthRules,
    RegistrationState,
    TrunkReading,
    TrunkState,
)
from gateway.core.trunkwatch import judged

_VERDICTS: Final = {
    TrunkState.UP: Verdict.OK,
    TrunkState.DEGRADED: Verdict.WARNING,
    TrunkState.UNKNOWN: Verdict.WARNING,
    TrunkState.DOWN: Verdict.FAILED,
}


async def trunk_findings(
    session: Session, settings: AsteriskSettings, clock: Clock
) -> Sequence[Finding]:
    """Return a finding for each trunk; one of the whole if they cannot be looked at."""
    try:
        found = await look(session, settings, Naming(settings))
    except AdapterError as error:
        return (_finding(f"pbx {settings.name}", Verdict.WARNING, error.message, error.remedy),)
    book = TrunkBook(settings.name)
    now = clock.now()
    book.take(found, now)
    findings = [_of(told) for told in book.told(now) if isinstance(told, TrunkReading)]
    if found.passed_over:
        cause = (
            f"{found.passed_over} more PJSIP endpoints look like trunks, because they are no "
            "extension: nobody looks after these."
        )
        remedy = (
            "Name the trunks in `trunks` of this [[pbx]], and let `extensions` match the names of "
            "all phones."
        )
        findings.append(_finding(f"pbx {settings.name}", Verdict.WARNING, cause, remedy))
    if found.denied:
        words = DENIED
        findings.insert(
            0, _finding(f"pbx {settings.name}", Verdict.WARNING, words.cause, words.remedy)
        )
    return findings


def _of(reading: TrunkReading) -> Finding:
    state, words = judged(reading, 0, HealthRules())
    return _finding(
        f"trunk {reading.ref}", _VERDICTS[state], words.cause or _facts(reading), words.remedy
    )


def _facts(reading: TrunkReading) -> str:
    registration = reading.registration
    facts = []
    if registration is not None and registration.state is RegistrationState.REGISTERED:
        facts.append(f"registered at {registration.server}")
    for contact in reading.contacts:
        if contact.status is ContactStatus.REACHABLE:
            rtt = "" if contact.rtt_ms is None else f" in {contact.rtt_ms:.0f} ms"
            facts.append(f"{contact.address} answers{rtt}")
    return "; ".join(facts)


def _finding(subject: str, verdict: Verdict, cause: str, remedy: str) -> Finding:
    return Finding(subject=subject, verdict=verdict, cause=cause, remedy=remedy)
