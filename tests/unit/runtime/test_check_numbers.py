"""`check` on the numbers that are our own."""

import pytest

from gateway.runtime.commands.check_numbers import number_findings
from gateway.runtime.loading import parse

SUPPORT = {"did": "+390299991001", "label": "Support"}


@pytest.mark.parametrize(
    ("lines", "own", "told"),
    [
        ([SUPPORT, {"did": "02 9999 1002", "label": "Sales"}], ["02 9999*"], []),
        ([{"did": "abc", "label": "x"}], [], ["read as no"]),
        ([SUPPORT, {"did": "0299991001", "label": "Sales"}], [], ['first, "Support", counts']),
        ([], ["abc", "*", "3"], ["own_numbers"] * 3),
    ],
)
def test_number_of_ours_that_means_nothing_is_told(
    lines: list[dict[str, str]], own: list[str], told: list[str]
) -> None:
    """Nobody would see it otherwise: the line just has no name on the card."""
    found = number_findings(parse({"line": lines, "directory": {"own_numbers": own}}))
    assert len(found) == len(told)
    for finding, words in zip(found, told, strict=True):
        assert words in finding.cause
