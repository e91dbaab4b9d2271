"""What the rest of the product sees of this adapter, found through its entry point."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from adapters.sip.baresip import tools
from adapters.sip.link import SipSource
from adapters.sip.monitor import SipMonitor
from adapters.sip.placing import ITALIAN, SipMysteryCaller
from adapters.sip.probe import probe
from adapters.sip.settings import SipSettings
from gateway.core.control import OriginateTold
from gateway.core.findings import Finding
from gateway.core.numbers import NumberPlan
from gateway.core.ports import CallHistory, Clock, LinkState, PbxControl


class SipPlugin:
    """The adapter for SIP accounts: calls are seen ringing, and never answered."""

    kind: Final = "sip"
    settings_model: Final = SipSettings
    italian: Final[Mapping[str, str]] = ITALIAN

    def source(
        self, settings: SipSettings, clock: Clock, report: Callable[[LinkState], None]
    ) -> SipSource:
        """Return the stream of one trunk; nothing is registered before it is run."""
        return SipSource(settings, clock, report=report)

    def control(
        self, settings: SipSettings, clock: Clock, told: Callable[[OriginateTold], None]
    ) -> PbxControl | None:
        """Return None: SIP alone gives no hands (SIP.md, decision 2)."""
        del settings, clock, told
        return None

    def history(self, settings: SipSettings, plan: NumberPlan) -> CallHistory | None:
        """Return None: nobody keeps a history of what rang here."""
        del settings, plan
        return None

    def monitor(self, settings: SipSettings, clock: Clock) -> SipMonitor:
        """Return who tells of the account as of a trunk: its link is the trunk."""
        return SipMonitor(settings, clock)

    def mystery_caller(
        self, settings: SipSettings, clock: Clock, hands: PbxControl | None
    ) -> SipMysteryCaller:
        """Return who places test calls; it says itself if it cannot (ADR 19)."""
        del hands
        return SipMysteryCaller(settings, clock, tools())

    async def probe(self, settings: SipSettings, clock: Clock) -> Sequence[Finding]:
        """Ask the registrar who is registered, without registering."""
        return await probe(settings, clock)


plugin: Final = SipPlugin()
