"""What the rest of the product sees of this adapter, found through its entry point."""

from collections.abc import Callable, Sequence
from typing import Final

from adapters.asterisk.backfill.history import AsteriskHistory
from adapters.asterisk.backfill.probe import probe_history
from adapters.asterisk.control import AsteriskControl
from adapters.asterisk.italian_control import ITALIAN
from adapters.asterisk.link import AsteriskSource
from adapters.asterisk.monitor import AsteriskMonitor
from adapters.asterisk.mystery import AsteriskMysteryCaller
from adapters.asterisk.probe import Probe
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.trunkforms.kit import AsteriskTrunkForms
from gateway.core.control import OriginateTold
from gateway.core.findings import Finding
from gateway.core.numbers import NumberPlan
from gateway.core.ports import CallHistory, Clock, LinkState


class AsteriskPlugin:
    """The adapter for Asterisk and what is built on it (FreePBX, Issabel, Wazo and the like)."""

    kind: Final = "asterisk"
    settings_model: Final = AsteriskSettings
    italian: Final = ITALIAN
    trunk_forms: Final = AsteriskTrunkForms()

    def source(
        self, settings: AsteriskSettings, clock: Clock, report: Callable[[LinkState], None]
    ) -> AsteriskSource:
        """Return the stream of one PBX; nothing is connected before it is run."""
        return AsteriskSource(settings, clock, report=report)

    def control(
        self, settings: AsteriskSettings, clock: Clock, told: Callable[[OriginateTold], None]
    ) -> AsteriskControl | None:
        """Return the hands at one PBX, None if no control user is configured."""
        account = settings.control
        return None if account is None else AsteriskControl(settings, account, clock, told=told)

    def history(self, settings: AsteriskSettings, plan: NumberPlan) -> CallHistory | None:
        """Return what the PBX wrote about its calls, None if no table is configured."""
        if settings.cel is None and settings.cdr is None:
            return None
        return AsteriskHistory(settings, plan)

    def monitor(self, settings: AsteriskSettings, clock: Clock) -> AsteriskMonitor:
        """Return who looks after the trunks of one PBX; nothing is asked before it is run."""
        return AsteriskMonitor(settings, clock)

    def mystery_caller(
        self, settings: AsteriskSettings, clock: Clock, hands: AsteriskControl | None
    ) -> AsteriskMysteryCaller | None:
        """Return who places test calls, None if no control user is configured."""
        del settings
        return None if hands is None else AsteriskMysteryCaller(hands, clock)

    async def probe(self, settings: AsteriskSettings, clock: Clock) -> Sequence[Finding]:
        """Look at the PBX without changing it; every trouble is a finding, not an error."""
        return (*await Probe(settings, clock).run(), *await probe_history(settings, clock))


plugin: Final = AsteriskPlugin()
