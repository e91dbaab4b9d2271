"""What a daemon stored, held against what the far ends saw of a long walk."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from support.asterisk_lab.races import bridged, crossed, joined
from support.asterisk_lab.truth import Truth, differences
from support.asterisk_lab.walk import Walked

from gateway.core.record import CallRecord, EndKind

PARTIES = ("direction", "caller.number", "called.number", "answered_by", "final_talker", "outcome")
# What the beginning of a call between two phones may differ by between far ends and record, while
# the call is not over there: a PBX that is kept busy hears of it late. One of the two phones takes
# part in no other call meanwhile; every other call of a walk has a number of its own.
SAME_CALL_S = 8.0
# A phone repeats an INVITE that nobody answers for this long (RFC 3261, timer B).
INVITE_S = 32.0
# A call that was answered this long before a restart was told before it.
TOLD_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that was done to the daemon, its link or the PBX; the wall clock's seconds."""

    kind: str
    began_at: float
    ended_at: float

    def meets(self, call: Walked) -> bool:
        """Whether a call was up meanwhile."""
        return call.began_at < self.ended_at and call.ended_at > self.began_at


@dataclass(slots=True)
class Verdict:
    """What became of the calls; `lost`, `doubled` and `wrong` should be empty."""

    placed: int = 0
    agreed: int = 0
    in_full: int = 0
    cut_by_restart: int = 0
    met_trouble: int = 0
    never_arrived: int = 0
    begun_anew: int = 0
    not_joined: int = 0
    of_failed: int = 0
    crossed: list[str] = field(default_factory=list)
    far_ends_failed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    in_detail: list[str] = field(default_factory=list)
    to_look_at: list[tuple[int, str]] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)


def judge(
    walked: Sequence[Walked],
    records: Sequence[CallRecord],
    troubles: Sequence[Trouble],
    streams: Sequence[bytes] = (),
) -> Verdict:
    """Hold the records against the calls.

    `streams` is all that the PBX said, one for each time it ran: a call that it never told anybody
    of was given up before it came. Of a call cut off by a restart nobody knows the end, but what
    was told before must be there, once.
    """
    verdict = Verdict(placed=len(walked))
    verdict.ends.update(str(record.end) for record in records)
    restarts = [one for one in troubles if one.kind == "restart"]
    left = _Left([one for one in records if one.merged_into is None])
    cut_off: list[tuple[Walked, Trouble]] = []
    # those first of which it is known when they were up
    for call in sorted(walked, key=lambda one: (one.error is not None, one.began_at)):
        met = [one.kind for one in troubles if one.meets(call)]
        verdict.met_trouble += bool(met)
        found = left.take(call)
        cut = next((one for one in restarts if one.meets(call)), None)
        if cut is not None:
            verdict.cut_by_restart += 1
            _weigh_cut(verdict, call, cut, found, streams)
            cut_off.append((call, cut))
        else:
            _weigh(verdict, call, met, found, streams)
    # after the calls themselves: some of these have the parties of another call
    for whole, call in [(one, beside) for one in walked for beside in one.beside]:
        cut = next((one for one in restarts if one.meets(call)), None)
        found = left.take(call)
        # of a walk that failed nobody knows whether this call was put through
        if found is None and cut is None and whole.error is None:
            verdict.lost.append(f"{call.number} {call.habit}: {call.parties}")
        if cut is not None:
            cut_off.append((call, cut))
    for whole, call in [(one, inner) for one in walked for inner in one.joined]:
        if whole.error is not None or any(one.meets(call) for one in restarts):
            verdict.not_joined += left.not_joined(call, streams)
    # a far end that waited in vain while a phone was placing a call does not know of that call
    for call in walked:
        verdict.of_failed += call.error is not None and left.placed_meanwhile(call)
    # last: what is left then belongs to no call that was placed
    for call, cut in cut_off:
        verdict.begun_anew += left.begun_anew(call, cut, streams)
    verdict.doubled += left.told()
    return verdict


def _weigh(
    verdict: Verdict,
    call: Walked,
    met: list[str],
    found: CallRecord | None,
    streams: Sequence[bytes],
) -> None:
    label = f"{call.number} {call.habit} {met}"
    if call.truth is None:
        verdict.far_ends_failed.append(f"{label}: {call.error}")
    elif found is None and not _arrived(call.truth, streams):
        verdict.never_arrived += 1
    elif found is None:
        verdict.lost.append(f"{label}: {call.truth.caller} → {call.truth.called}")
    elif crossed(call.truth, found, streams):
        verdict.crossed.append(label)
    else:
        truth = bridged(call.truth, call.lifted, found, streams)
        if truth is not call.truth:
            verdict.crossed.append(label)
        if not _agrees(verdict, f"{label} {found.end}", truth, found):
            verdict.to_look_at.append((call.number, found.linkedid))


def _weigh_cut(
    verdict: Verdict, call: Walked, cut: Trouble, found: CallRecord | None, streams: Sequence[bytes]
) -> None:
    label = f"{call.number} {call.habit} (cut by the restart)"
    if call.truth is None:
        return
    if found is None:
        if _arrived(call.truth, streams):
            verdict.lost.append(label)
        return
    answered_at = call.began_at + (call.truth.seconds["ring"] or 0.0)
    known = ["direction", "caller.number", "called.number"]
    if call.truth.outcome == "answered" and answered_at < cut.began_at - TOLD_S:
        known += ["outcome", "answered_by"]
    lines = [one for one in differences(call.truth, found) if one.partition(":")[0] in known]
    if lines:
        verdict.wrong.append(f"{label} {found.end}: " + "; ".join(lines))
        verdict.to_look_at.append((call.number, found.linkedid))


def _arrived(truth: Truth, streams: Sequence[bytes]) -> bool:
    own = truth.caller if truth.caller.startswith("+") else truth.called
    told = not own.startswith("+") or any(own.encode() in stream for stream in streams)
    return told or bool(truth.rung)


class _Left:
    """The records that no call has claimed yet."""

    def __init__(self, records: Sequence[CallRecord]) -> None:
        self._by_parties: dict[tuple[str, str], list[CallRecord]] = {}
        for record in sorted(records, key=_began):
            self._by_parties.setdefault(_parties(record), []).append(record)

    def take(self, call: Walked) -> CallRecord | None:
        """Claim the record of a call; among several the one that began nearest to it."""
        if call.parties is None:
            return None
        # A call met in the middle may be known without the number that was called.
        for parties in (call.parties, (call.parties[0], "")):
            left = self._by_parties.get(parties, [])
            internal = not any(number.startswith("+") for number in parties)
            near = [one for one in left if not internal or _was_up(call, one)]
            if near:
                found = min(near, key=lambda one: abs(_began(one) - call.began_at))
                left.remove(found)
                return found
        return None

    def not_joined(self, call: Walked, streams: Sequence[bytes]) -> int:
        """Claim the call that a phone wanted to join to another, if the PBX went before it did."""
        found = self.take(call)
        if found is None:
            return 0
        if joined(found, streams):
            self._by_parties[_parties(found)].append(found)
            return 0
        return 1

    def placed_meanwhile(self, call: Walked) -> bool:
        """Claim one call between two phones that began while this walk was waiting in vain."""
        for parties, left in self._by_parties.items():
            if not any(number.startswith("+") for number in parties):
                for one in left:
                    if _was_up(call, one):
                        left.remove(one)
                        return True
        return False

    def begun_anew(self, call: Walked, cut: Trouble, streams: Sequence[bytes]) -> int:
        """Claim the calls that the PBX which came up made of an INVITE that was sent again.

        It must have told of them itself, under an id that it had not used before it went down.
        """
        left = self._by_parties.get(call.parties or ("", ""), [])
        anew = [
            one
            for one in left
            if cut.began_at < _began(one) < cut.ended_at + INVITE_S
            and _told(one, streams[1:])
            and not _told(one, streams[:1])
        ]
        for one in anew:
            left.remove(one)
        return len(anew)

    def told(self) -> list[str]:
        """Return what is left in words."""
        return [
            f"{caller} → {called}, {one.id} {one.started_at}, {one.end}, {one.outcome}"
            for (caller, called), left in self._by_parties.items()
            for one in left
        ]


def _told(record: CallRecord, streams: Sequence[bytes]) -> bool:
    return any(f"Uniqueid: {record.linkedid}\r".encode() in stream for stream in streams)


def _was_up(call: Walked, record: CallRecord) -> bool:
    """Whether a record may have begun while a call between two phones was up."""
    late_s = 0.0 if call.error is None else SAME_CALL_S  # let go of before the PBX heard of it
    until = max(call.began_at + SAME_CALL_S, call.ended_at + late_s)
    return call.began_at - SAME_CALL_S < _began(record) < until


def _parties(record: CallRecord) -> tuple[str, str]:
    return (record.caller.number or "", record.called.number or "")


def _began(record: CallRecord) -> float:
    return record.started_at.timestamp() if record.started_at is not None else 0.0


def _agrees(verdict: Verdict, label: str, truth: Truth, record: CallRecord) -> bool:
    lines = differences(truth, record)
    gravely = [line for line in lines if line.partition(":")[0] in PARTIES]
    if gravely:
        verdict.wrong.append(f"{label}: " + "; ".join(gravely))
        return False
    verdict.agreed += 1
    if lines:
        verdict.in_detail.append(f"{label}: " + "; ".join(lines))
    elif record.end is EndKind.SEEN:
        verdict.in_full += 1
    return True


def tell(verdict: Verdict, **facts: Any) -> str:  # noqa: ANN401  # figures to print
    """Return the figures in words."""
    counts = {
        name: len(value) if isinstance(value, list) else value
        for name in verdict.__slots__
        if not isinstance(value := getattr(verdict, name), Counter)
    }
    lines = [f"{name}: {value}" for name, value in {**facts, **counts}.items()]
    lines += [f"ends: {dict(verdict.ends)}"]
    for name in ("lost", "doubled", "wrong", "crossed", "far_ends_failed", "in_detail"):
        lines += [f"{name}: {line}" for line in getattr(verdict, name)[:40]]
    return "\n".join(lines)
