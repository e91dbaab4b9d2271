"""What `check` says of trunks whose configuration is kept: whether they are installed and work."""

from collections.abc import Sequence

from gateway.core.findings import Finding, Verdict
from gateway.runtime.clock import SystemClock
from gateway.runtime.loading import Loaded
from gateway.runtime.settings_trunks import TrunkSettings
from gateway.runtime.trunkforms import TrunkFormSide

ON_THE_PBX = "pbx"


def trunks_with_forms(loaded: Loaded) -> Sequence[TrunkSettings]:
    """Return the trunks that have a form in the configuration."""
    return [trunk for trunk in loaded.settings.trunk if trunk.pjsip is not None]


async def trunk_form_findings(loaded: Loaded, trunk: TrunkSettings) -> Sequence[Finding]:
    """Return what is wrong with a trunk on its PBX, or one line that all is well.

    That a PBX cannot be asked is said of the PBX itself, so nothing is said here then.
    """
    clock = SystemClock()
    chosen = TrunkFormSide(loaded, clock).choose(
        pbx=trunk.pbx, trunk=trunk.name, provider=None, values={}
    )
    found = (await chosen.look(clock)).findings
    if any(one.subject == ON_THE_PBX for one in found):
        return ()
    subject = f"trunk {trunk.name}"
    wrong = [
        Finding(subject=subject, verdict=one.verdict, cause=one.cause.en, remedy=one.remedy.en)
        for one in found
        if one.verdict is not Verdict.OK
    ]
    well = Finding(subject=subject, verdict=Verdict.OK, cause="installed as its form says, and up")
    return wrong or (well,)
