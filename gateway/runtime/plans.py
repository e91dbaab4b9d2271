"""Numbering plans, as the configuration describes where each PBX stands."""

from gateway.core.numbers import NumberPlan
from gateway.runtime.settings import Loaded, PbxSettings


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
