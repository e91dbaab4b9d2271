"""Records read back from their public JSON objects (`record.to_json`)."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from gateway.core.ids import CallId
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    ContactRef,
    Direction,
    EndedBy,
    EndKind,
    MatchKind,
    Outcome,
    Party,
    Presentation,
    Recording,
    Seconds,
    Transfer,
    TransferType,
    WrapUp,
    time_from_json,
)


def from_json(data: dict[str, Any]) -> CallRecord:
    """Read what `to_json` wrote; unknown keys are ignored so that a newer peer can be read."""
    contact = data["contact"]
    return CallRecord(
        id=CallId(UUID(data["id"])),
        pbx=data["pbx"],
        linkedid=data["linkedid"],
        direction=Direction(data["direction"]),
        state=CallState(data["state"]),
        end=EndKind(data["end"]) if data["end"] else None,
        complete=data["complete"],
        revision=data["revision"],
        merged_into=CallId(UUID(data["merged_into"])) if data["merged_into"] else None,
        sources=tuple(data["sources"]),
        caller=Party(
            number=data["caller"]["number"],
            e164=data["caller"]["e164"],
            name=data["caller"]["name"],
            presentation=Presentation(data["caller"]["presentation"]),
        ),
        called=Called(number=data["called"]["number"], e164=data["called"]["e164"]),
        trunk=data["trunk"],
        line=data["line"],
        queue=data["queue"],
        ivr=tuple(data["ivr"]),
        rung=tuple(tuple(stage) for stage in data["rung"]),
        answered_by=data["answered_by"],
        final_talker=data["final_talker"],
        transfers=tuple(
            Transfer(
                type=TransferType(move["type"]),
                from_party=move["from"],
                to_party=move["to"],
                completed=move["completed"],
                at=time_from_json(move["at"]),
            )
            for move in data["transfers"]
        ),
        outcome=Outcome(data["outcome"]) if data["outcome"] else None,
        ended_by=EndedBy(data["ended_by"]) if data["ended_by"] else None,
        started_at=time_from_json(data["started_at"]),
        answered_at=time_from_json(data["answered_at"]),
        ended_at=time_from_json(data["ended_at"]),
        seconds=Seconds(**{key: data["seconds"][key] for key in Seconds.__slots__}),
        contact=None
        if contact is None
        else ContactRef(
            id=contact["id"],
            ref=contact["ref"],
            name=contact["name"],
            match=MatchKind(contact["match"]),
            crm=contact["crm"],
            url=contact["url"],
        ),
        recordings=tuple(
            Recording(url=item["url"], from_at=time_from_json(item["from"]))
            for item in data["recordings"]
        ),
        wrap_ups=wrap_ups_from_json(data["wrap_ups"]),
    )


def wrap_ups_from_json(said: Iterable[Mapping[str, Any]]) -> tuple[WrapUp, ...]:
    """Return what agents said of a call, from the member `wrap_ups` of its record."""
    return tuple(
        WrapUp(
            agent=one["agent"],
            disposition=one["disposition"],
            note=one["note"],
            at=time_from_json(one["at"]),
        )
        for one in said
    )
