"""`check` on trunks between PBXs of ours."""

from dataclasses import dataclass, field
from typing import cast

import pytest

from gateway.runtime.commands.check_peers import peer_findings
from gateway.runtime.settings import PbxSettings


@dataclass
class Pbx:
    """As much of a `[[pbx]]` table as is looked at."""

    name: str
    peers: dict[str, str] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("pbxs", "told"),
    [
        ((Pbx("hq"), Pbx("branch")), []),
        ((Pbx("hq", {"a": "branch"}), Pbx("branch", {"b": "hq"})), []),
        ((Pbx("hq", {"a": "hq"}),), [("pbx hq", "itself")]),
        ((Pbx("hq", {"a": "brunch"}), Pbx("branch")), [("pbx hq", "not followed")]),
        ((Pbx("hq", {"a": "branch", "c": "branch"}), Pbx("branch")), [("pbx branch", "back")]),
    ],
)  # fmt: skip
def test_trunk_that_joins_nothing_is_told(
    pbxs: tuple[Pbx, ...], told: list[tuple[str, str]]
) -> None:
    """Such a mistake loses nothing and is seen by nobody: calls are just not joined."""
    found = peer_findings(cast("tuple[PbxSettings, ...]", pbxs))
    assert len(found) == len(told)
    for finding, (subject, words) in zip(found, told, strict=True):
        assert finding.subject == subject
        assert words in finding.cause
