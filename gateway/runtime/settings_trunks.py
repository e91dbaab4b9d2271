"""`[[trunk]]`: what the administrator says of one trunk, and which alarms it gives."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from gateway.core.errors import ConfigError
from gateway.core.numbers import NumberPlan
from gateway.core.trunks import HealthRules
from gateway.runtime.settings_mystery import TrunkTests
from gateway.runtime.settings_people import Section
from gateway.runtime.settings_trunkforms import TrunkFormSettings

AreaCode = Annotated[str, StringConstraints(pattern=r"^\d{1,6}$")]


def _known_country(value: str) -> str:
    try:
        return NumberPlan(value).country
    except ConfigError as error:
        raise ValueError('not a country; write its two letters, like "IT"') from error


Country = Annotated[str, AfterValidator(_known_country)]


class TrunkHealthSettings(Section):
    """`[trunk.health]`: when a trunk counts as down, flapping, silent or not well."""

    down_s: float = Field(default=60.0, ge=0)
    """So long it must be down before that is an alarm; a restart of the PBX takes less."""
    flaps: int = Field(default=6, ge=2)
    """So many changes between up and down within `flap_window_s` are an alarm."""
    flap_window_s: float = Field(default=1_800.0, gt=0)
    quiet_s: float = Field(default=900.0, gt=0)
    """So long without a change ends it."""
    silent_weeks: int = Field(default=4, ge=1, le=12)
    """So many weeks must have been watched before an hour without a call is an alarm; the most
    that are looked at are twelve."""
    silent_calls: int = Field(default=3, ge=1)
    """So many calls that hour of the week must have had in each of them."""
    silent: bool = True
    """Whether silence is an alarm at all."""
    slow_ms: float = Field(default=500.0, gt=0)
    """A far end that takes longer to answer OPTIONS is not well."""
    channels: int | None = Field(default=None, ge=1)
    """How many calls the provider allows at once."""
    channels_percent: int = Field(default=90, ge=1, le=100)
    """So near to that the trunk is not well."""

    def rules(self) -> HealthRules:
        """Return them as the assessment wants them."""
        return HealthRules(**self.model_dump())


class TrunkKeys(Section):
    """The keys of `[[trunk]]` that every kind has; an adapter's own model does not see them."""

    health: TrunkHealthSettings = TrunkHealthSettings()
    calendar: str = ""
    """Which `[[calendar]]` says when it is open; "": that of `[gateway]`."""
    test: TrunkTests = ()
    """Mystery calls through it: `[trunk.test]`, or several `[[trunk.test]]`."""


class TrunkSettings(TrunkKeys):
    """`[[trunk]]`: how the numbers of one of a PBX's trunks are read, and when it is ill.

    `name` is the PBX's own name of it (PJSIP: the endpoint).
    """

    name: str
    kind: Literal["asterisk"] = "asterisk"
    pbx: str
    country: Country | None = None
    area_code: AreaCode | None = None
    pjsip: TrunkFormSettings | None = None
    """The form that its configuration on the PBX is rendered from."""
