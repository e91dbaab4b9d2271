"""AMI's transfers, pick-ups, parking and Originate, as inputs for the core."""

from datetime import datetime

from adapters.asterisk.acquaintance import NOTHING, Acquaintance, Told
from adapters.asterisk.codec import Frame
from adapters.asterisk.words import known
from gateway.core.inputs import (
    AttendedTransferred,
    BlindTransferred,
    ChannelKind,
    OriginateAnswered,
    OriginateFailed,
    Parked,
    PickedUp,
    Unparked,
)


def on_pickup(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell that a phone takes a call that rings elsewhere."""
    uid, news = met.meet(frame, at)
    target, target_met = met.meet(frame, at, "Target")
    return (*news, *target_met, PickedUp(at=at, seq=met.seq, channel=uid, target=target))


def on_parked(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell who was parked, and by whom."""
    if frame.get("ActionID"):
        return NOTHING  # an entry of the list that ParkedCalls asks for
    uid, news = met.meet(frame, at, "Parkee")
    parker = met.naming.device(frame.get("ParkerDialString"))
    return (*news, Parked(at=at, seq=met.seq, channel=uid, parker=parker))


def on_unparked(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell who retrieved a parked caller."""
    uid, news = met.meet(frame, at, "Parkee")
    retriever, retriever_met = met.meet(frame, at, "Retriever")
    told = Unparked(at=at, seq=met.seq, channel=uid, retriever=retriever)
    return (*news, *retriever_met, told)


def on_blind(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell a blind transfer that the PBX carries out."""
    if frame.get("Result") not in {"Success", ""}:
        return NOTHING
    transferer, news = met.meet(frame, at, "Transferer")
    transferee, transferee_met = met.meet(frame, at, "Transferee")
    told = BlindTransferred(
        at=at,
        seq=met.seq,
        transferer=transferer,
        transferee=transferee,
        exten=frame.get("Extension"),
    )
    return (*news, *transferee_met, told)


def on_attended(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell an attended transfer that the PBX carries out."""
    if frame.get("Result") not in {"Success", ""}:
        return NOTHING
    first, news = met.meet(frame, at, "OrigTransferer")
    second, second_met = met.meet(frame, at, "SecondTransferer")
    told = AttendedTransferred(
        at=at,
        seq=met.seq,
        first=first,
        second=second,
        transferee=frame.get("TransfereeUniqueid"),
    )
    return (*news, *second_met, told)


def on_originated(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell how an Originate went; a failed one names no channel any more."""
    uid = known(frame.get("Uniqueid"))
    exten = frame.get("Exten")
    if uid and frame.get("Response") == "Success":
        return (OriginateAnswered(at=at, seq=met.seq, channel=uid, exten=exten),)
    if frame.get("Response") != "Failure":
        return NOTHING
    identity = met.naming.identity(frame.get("Channel"))
    party = identity.target if identity.kind is ChannelKind.RELAY else identity.party
    failed = OriginateFailed(at=at, seq=met.seq, kind=identity.kind, party=party, exten=exten)
    return (failed,)
