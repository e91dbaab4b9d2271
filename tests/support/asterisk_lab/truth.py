"""What really happened in a call, told by the script and the far ends, never by the PBX."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from gateway.core.record import CallRecord, to_json

TOLERANCE_S = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueTransfer:
    """A hand-over as it was made; `type` and the rest as in DESIGN's definitions."""

    type: str
    from_party: str
    to_party: str
    completed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One logical call, in the terms of the call record; the stages' inner order means nothing."""

    direction: str
    caller: str
    called: str
    caller_name: str | None = None
    queue: str | None = None
    rung: tuple[tuple[str, ...], ...] = ()
    answered_by: str | None = None
    final_talker: str | None = None
    transfers: tuple[TrueTransfer, ...] = ()
    outcome: str
    ended_by: str
    seconds: dict[str, float | None] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it in the shape of the recorded captures' ground truth."""
        data = asdict(self)
        data["caller_name"] = self.caller_name or ""
        data["hangup_by"] = data.pop("ended_by")
        data["transfers"] = [
            {
                "type": move.type,
                "from": move.from_party,
                "to": move.to_party,
                "completed": move.completed,
            }
            for move in self.transfers
        ]
        return data


def read_truth(data: dict[str, Any]) -> Truth:
    """Read what `to_json` wrote."""
    known = {key: value for key, value in data.items() if key not in {"hangup_by", "transfers"}}
    return Truth(
        **{**known, "caller_name": data["caller_name"] or None},
        ended_by=data["hangup_by"],
        transfers=tuple(
            TrueTransfer(
                type=move["type"],
                from_party=move["from"],
                to_party=move["to"],
                completed=move["completed"],
            )
            for move in data["transfers"]
        ),
    )


def differences(truth: Truth, record: CallRecord) -> list[str]:
    """Return one line for each field in which the record is not what really happened."""
    said = to_json(record)
    compared = {
        "direction": (truth.direction, said["direction"]),
        "caller.number": (truth.caller, said["caller"]["number"]),
        "caller.name": (truth.caller_name, said["caller"]["name"]),
        "called.number": (truth.called, said["called"]["number"]),
        "queue": (truth.queue, said["queue"]),
        "rung": (_stages(truth.rung), _stages(said["rung"])),
        "answered_by": (truth.answered_by, said["answered_by"]),
        "final_talker": (truth.final_talker, said["final_talker"]),
        "transfers": (
            truth.to_json()["transfers"],
            [{key: move[key] for key in move if key != "at"} for move in said["transfers"]],
        ),
        "outcome": (truth.outcome, said["outcome"]),
        "ended_by": (truth.ended_by, said["ended_by"]),
        "state": ("ended", said["state"]),
        "complete": (True, said["complete"]),
    }
    found = [
        f"{name}: was {was!r}, record says {is_!r}"
        for name, (was, is_) in compared.items()
        if was != is_
    ]
    for name, was_s in truth.seconds.items():
        is_s = said["seconds"][name]
        if (was_s is None) != (is_s is None) or (
            was_s is not None and abs(was_s - is_s) > TOLERANCE_S
        ):
            found.append(f"seconds.{name}: was {was_s}, record says {is_s}")
    return found


def _stages(rung: Sequence[Sequence[str]]) -> list[list[str]]:
    return [sorted(stage) for stage in rung]
