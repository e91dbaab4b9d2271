"""Real components: a test that needs one either has it or fails, unless skips are allowed."""

import os

import pytest

ALLOW_SKIPS = os.environ.get("ALLOW_SKIPS") == "1"


def missing(component: str, reason: str) -> None:
    """Fail the test because `component` cannot be had here, or skip it if ALLOW_SKIPS=1."""
    text = f"{component} is not available: {reason}"
    if ALLOW_SKIPS:
        pytest.skip(text)
    pytest.fail(text + " (ALLOW_SKIPS=1 turns this into a skip)", pytrace=False)
