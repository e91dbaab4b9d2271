"""What `check` says of the mystery calls: which can be made, and what is wrong with the others."""

from collections.abc import Iterator
from datetime import datetime

from gateway.core.errors import UsageError
from gateway.core.findings import Finding, Verdict
from gateway.runtime.calendars import calendars_of
from gateway.runtime.loading import Loaded
from gateway.runtime.mystery_plans import plan_tests
from gateway.runtime.plans import ours_of, plan_of


def mystery_findings(loaded: Loaded, now: datetime) -> Iterator[Finding]:
    """Yield a finding for each `[[trunk.test]]`; nothing is called."""
    own, calendars = ours_of(loaded).name_of, calendars_of(loaded, now)
    for pbx in loaded.pbxs:
        plan = plan_of(pbx, loaded)
        for ref, test, found in plan_tests(loaded, pbx, plan, own=own, calendars=calendars):
            subject = f"trunk {ref} test {test.name}"
            if isinstance(found, UsageError):
                yield Finding(
                    subject=subject,
                    verdict=Verdict.FAILED,
                    cause=found.message,
                    remedy=found.remedy,
                )
            elif getattr(pbx, "control", None) is None and pbx.name not in loaded.sip_trunks:
                yield Finding(
                    subject=subject,
                    verdict=Verdict.WARNING,
                    cause="nobody can place the call",
                    remedy="install the control user of config/asterisk and set pbx.control",
                )
            else:
                when = f"every {test.every}" if test.every else "when asked for"
                yield Finding(
                    subject=subject,
                    verdict=Verdict.OK,
                    cause=f"{len(test.steps)} steps, {when}; calls no number but ours",
                )
