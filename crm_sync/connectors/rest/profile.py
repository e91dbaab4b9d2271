"""Shipped descriptions of CRMs (`crm_sync/connectors/profiles/*.toml`)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def profile_names() -> tuple[str, ...]:
    """Return the CRMs that need no description of their own."""
    folder = resources.files("crm_sync.connectors") / "profiles"
    return tuple(
        sorted(
            one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml")
        )
    )


def profile_table(name: str) -> dict[str, Any]:
    """Return a profile's keys; ValueError names the profiles there are."""
    if name not in profile_names():
        raise ValueError(
            f'profile = "{name}" does not exist: use one of {", ".join(profile_names())}'
        )
    return tomllib.loads(_text(name))


@cache
def _text(name: str) -> str:
    file = resources.files("crm_sync.connectors") / "profiles" / f"{name}.toml"
    return file.read_text(encoding="utf-8")


def overlaid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return `below` with the keys of `above` put over it, table by table; lists are replaced."""
    whole = dict(below)
    for key, value in above.items():
        under = whole.get(key)
        if isinstance(value, Mapping) and isinstance(under, Mapping):
            whole[key] = overlaid(under, value)
        else:
            whole[key] = value
    return whole
