"""`[trunk.health]` is every trunk's, whoever follows it."""

from typing import Any

import pytest

from gateway.core.errors import ConfigError
from gateway.core.trunks import HealthRules, TrunkRef
from gateway.runtime.loading import parse
from gateway.runtime.settings_trunks import TrunkHealthSettings

PBX: dict[str, Any] = {"name": "hq", "host": "127.0.0.1", "username": "f", "secret": "s"}
ACCOUNT: dict[str, Any] = {
    "name": "provider",
    "kind": "sip",
    "registrar": "sip.example.com",
    "username": "us",
    "secret": "s",
}


def test_rules_are_those_of_the_trunks_table() -> None:
    """An account's adapter never sees them; a trunk without a table has the defaults."""
    loaded = parse(
        {
            "pbx": [PBX],
            "trunk": [
                {"name": "carrier", "pbx": "hq", "health": {"down_s": 5, "channels": 30}},
                {**ACCOUNT, "health": {"down_s": 7}},
            ],
        }
    )
    rules = {
        ref: loaded.trunk_keys(TrunkRef(pbx=ref, name=name)).health.rules()
        for ref, name in (("hq", "carrier"), ("provider", "provider"), ("branch", "carrier"))
    }
    assert (rules["hq"].down_s, rules["hq"].channels) == (5, 30)
    assert rules["provider"].down_s == 7
    assert rules["branch"] == HealthRules() == TrunkHealthSettings().rules()


@pytest.mark.parametrize("trunk", [{"name": "carrier", "pbx": "hq"}, ACCOUNT])
def test_typo_in_the_rules_is_told(trunk: dict[str, Any]) -> None:
    """A default instead of the intended value would be found out by a missing alarm."""
    with pytest.raises(ConfigError) as caught:
        parse({"pbx": [PBX], "trunk": [{**trunk, "health": {"downs": 5}}]})
    assert "health" in str(caught.value)
    assert "down_s" in str(caught.value)
