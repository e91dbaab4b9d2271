"""Identities, made from PBX data only: a crash, a redelivery and a back-fill give the same."""

from functools import lru_cache
from typing import NewType
from uuid import UUID, uuid5

CallId = NewType("CallId", UUID)
PopId = NewType("PopId", UUID)
EffectKey = NewType("EffectKey", UUID)

NAMESPACE = UUID("6f2f7a8e-57c1-5d4e-9f0b-0f11d0d1e770")


def call_id(pbx: str, root: str, shown: str = "") -> CallId:
    """Return the id of the call whose first channel is `root` (its Uniqueid) on `pbx`.

    `shown` is what that channel showed when it appeared, if the PBX had given the same Uniqueid to
    another call before (its clock was set back).
    """
    name = f"{pbx}\n{root}\n{shown}" if shown else f"{pbx}\n{root}"
    return CallId(uuid5(NAMESPACE, name))


def effect_key(call: CallId, connector: str, kind: str, ordinal: int) -> EffectKey:
    """Return the idempotency key of the `ordinal`-th effect of a kind on one connector."""
    return EffectKey(uuid5(call, f"{connector}\n{kind}\n{ordinal}"))


@lru_cache(maxsize=4_096)  # each card of a pop names it
def pop_id(call: CallId, extension: str, ring_no: int) -> PopId:
    """Return the id of the pop shown when `extension` rings for the `ring_no`-th time (from 1)."""
    return PopId(uuid5(call, f"{extension}\n{ring_no}"))
