"""What a call shows of itself to whoever joins it with a call of another PBX of ours."""

from dataclasses import dataclass

from gateway.core.calls import Call
from gateway.core.ids import CallId
from gateway.core.table import CallTable


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLeg:
    """One leg: `label` as the record names it, `counts` if the record lists it as rung.

    `last`: dialled in the last stage; `talked`: the initiator has spoken with it.
    """

    channel: str
    label: str
    counts: bool
    talked: bool
    last: bool


Stages = tuple[tuple[SeenLeg, ...], ...]


class PeerTable(CallTable):
    """A call table of a PBX with `peers`: it also tells where calls go on, and from where."""

    def call_of(self, channel: str) -> CallId | None:
        """Return the call that a channel belongs to, up to 2 s after its end."""
        found = self._board.channel(channel)
        return found.call.id if found is not None and found.call is not None else None

    def stages(self, call_id: CallId) -> Stages | None:
        """Return a call's legs, stage by stage; None for one that is not known any more."""
        call = self._board.calls.get(call_id)
        return None if call is None else _stages(call)


def _stages(call: Call) -> Stages:
    last = call.last_stage
    return tuple(
        tuple(
            SeenLeg(
                channel=leg.uid,
                label=leg.label,
                counts=leg.rung,
                talked=leg.uid in call.talked,
                last=leg in last,
            )
            for leg in stage
        )
        for stage in call.stages
    )
