"""What a mystery call needs before it may be placed: both numbers ours, and none that costs more.

The policy is that of click-to-call (RELIABILITY rule 21): a mistake in the file, or whoever can
write it, must not make the gateway call a premium number every hour.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from gateway.core.calendars import Calendar, CalendarBook
from gateway.core.dialable import DialRules, destination
from gateway.core.errors import UsageError
from gateway.core.mystery import MysteryOrder, MysteryRun
from gateway.core.numbers import NumberPlan
from gateway.core.trunks import TrunkRef
from gateway.desk.refusals import NotFoundError
from gateway.runtime.controls import rules_of
from gateway.runtime.loading import Loaded
from gateway.runtime.settings import PbxSettings
from gateway.runtime.settings_mystery import TrunkTestSettings
from gateway.store.mystery import StoredRun

OwnName = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTest:
    """One script of one trunk, ready to be run; `dialled` is what goes out, the rest E.164."""

    ref: TrunkRef
    settings: TrunkTestSettings
    dialled: str
    called: str
    caller: str
    calendar: Calendar | None

    @property
    def digest(self) -> str:
        """What the script says, short: runs of another one are not compared with."""
        parts = (self.called, self.caller, *self.settings.steps)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def order(self, channel: str) -> MysteryOrder:
        """Return the call to be placed."""
        return MysteryOrder(
            channel=channel,
            trunk=self.ref,
            number=self.dialled,
            caller_id=self.caller,
            dial=self.settings.dial,
            ring_s=self.settings.ring_s,
            longest_s=self.settings.longest_s,
        )

    def stored(self, run: MysteryRun, *, channel: str, node: str) -> StoredRun:
        """Return what the store keeps of a run of it."""
        return StoredRun(
            run=run, script=self.digest, caller=self.caller, channel=channel, node=node
        )


def planned(
    ref: TrunkRef,
    settings: TrunkTestSettings,
    *,
    plan: NumberPlan,
    rules: DialRules,
    own: OwnName,
    calendar: Calendar | None,
) -> PlannedTest:
    """Return a script that may be run; UsageError says what is wrong with its numbers."""
    if settings.only != "always" and calendar is None:
        raise UsageError(
            "This test is made only while it is open or closed, and no calendar says when that is.",
            remedy="Set trunk.test.calendar, the trunk's calendar, or that of [gateway].",
        )
    # the call does not pass the dialplan of the phones: no prefix for an outside line
    found = destination(settings.number, plan, replace(rules, outside_prefix=""))
    caller = plan.parse(settings.caller_id).e164
    if found.e164 is None or own(found.e164) is None:
        raise _not_ours("trunk.test.number")
    if caller is None or own(caller) is None:
        raise _not_ours("trunk.test.caller_id")
    return PlannedTest(
        ref=ref,
        settings=settings,
        dialled=found.to,
        called=found.e164,
        caller=caller,
        calendar=calendar,
    )


def plan_tests(
    loaded: Loaded, pbx: PbxSettings, plan: NumberPlan, *, own: OwnName, calendars: CalendarBook
) -> Iterator[tuple[TrunkRef, TrunkTestSettings, PlannedTest | UsageError]]:
    """Yield each test of a PBX's trunks: ready to be run, or what is wrong with it."""
    for ref in trunks_of(loaded, pbx.name):
        for test in loaded.trunk_keys(ref).test:
            try:
                found = planned(
                    ref,
                    test,
                    plan=plan.of_trunk(ref.name),
                    rules=rules_of(pbx),
                    own=own,
                    calendar=_calendar(ref, test, calendars),
                )
            except UsageError as error:
                yield ref, test, error
            else:
                yield ref, test, found


def _calendar(ref: TrunkRef, test: TrunkTestSettings, calendars: CalendarBook) -> Calendar | None:
    if not test.calendar:
        return calendars.of(pbx=ref.pbx, trunk=ref.name)
    if test.calendar not in calendars.named:
        raise UsageError(
            "trunk.test.calendar is no calendar of the configuration.",
            remedy="Name one of the [[calendar]] tables.",
        )
    return calendars.named[test.calendar]


def trunks_of(loaded: Loaded, pbx: str) -> Iterator[TrunkRef]:
    """Yield the trunks of a PBX that the configuration names; a SIP account is one itself."""
    for trunk in loaded.settings.trunk:
        if trunk.pbx == pbx:
            yield TrunkRef(pbx=pbx, name=trunk.name)
    if pbx in loaded.sip_trunks:
        yield TrunkRef(pbx=pbx, name=pbx)


def trunk_named(loaded: Loaded, name: str) -> TrunkRef:
    """Return the trunk called `PBX:NAME`, or NAME if only one is; raises NotFoundError."""
    known = [ref for pbx in loaded.pbxs for ref in trunks_of(loaded, pbx.name)]
    exact = [ref for ref in known if str(ref) == name]
    bare = [ref for ref in known if ref.name == name]
    if not exact and len(bare) != 1:
        raise NotFoundError(
            "There is no such trunk in the configuration, or several have this name.",
            remedy="Write it as PBX:NAME, as in its [[trunk]] table.",
        )
    return (exact or bare)[0]


def _not_ours(key: str) -> UsageError:
    return UsageError(
        f"{key} is not a number of ours.",
        remedy="Name it in [[line]] did or in [directory] own_numbers, whole with country code.",
    )
