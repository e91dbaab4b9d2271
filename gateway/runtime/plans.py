"""Numbering plans, as the configuration describes where each PBX stands."""

from gateway.core.numbers import NumberPlan
from gateway.core.ours import OurNumbers
from gateway.runtime.loading import Loaded
from gateway.runtime.settings import PbxSettings


def plan_of(pbx: PbxSettings, loaded: Loaded) -> NumberPlan:
    """Return how numbers are read that this PBX shows, each of its trunks in its own way."""
    country = pbx.country or loaded.settings.gateway.country
    extensions = getattr(pbx, "extensions", None)
    return NumberPlan(
        country,
        area_code=pbx.area_code,
        outside_prefix=pbx.outside_prefix,
        extensions=extensions,
        trunks={
            trunk.name: NumberPlan(
                trunk.country or country,
                area_code=trunk.area_code or (None if trunk.country else pbx.area_code),
                extensions=extensions,
            )
            for trunk in loaded.settings.trunk
            if trunk.pbx == pbx.name
        },
    )


def plans_of(loaded: Loaded) -> list[NumberPlan]:
    """Return every plan of the house: its own, that of each PBX and of each trunk."""
    plans = [NumberPlan(loaded.settings.gateway.country)]
    plans += [plan_of(pbx, loaded) for pbx in loaded.pbxs]
    return plans + [plan.of_trunk(trunk.name) for plan in plans for trunk in loaded.settings.trunk]


def ours_of(loaded: Loaded) -> OurNumbers:
    """Return our own numbers, in E.164, as every plan of the house reads them."""
    plans = plans_of(loaded)
    lines = {
        e164: line.label
        for line in reversed(loaded.settings.line)
        for plan in plans
        if (e164 := plan.parse(line.did).e164) is not None
    }
    others = {
        e164
        for written in loaded.settings.directory.own_numbers
        for plan in plans
        if (e164 := plan.parse(written).e164 or plan.prefix(written)) is not None
    }
    return OurNumbers(lines, others)


def lines_of(loaded: Loaded, plan: NumberPlan) -> dict[str, str]:
    """Return the names of our numbers, in E.164 and as written, in every reading of this PBX."""
    plans = {trunk.name: plan.of_trunk(trunk.name) for trunk in loaded.settings.trunk}
    names: dict[str, str] = {}
    for line in loaded.settings.line:
        for one in (plan, *plans.values()):
            names.setdefault(one.parse(line.did).e164 or line.did, line.label)
        names.setdefault(line.did, line.label)
    return names
