"""What a daemon stored, held against what the far ends saw of a long walk."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from support.asterisk_lab.truth import Truth, differences
from support.asterisk_lab.walk import Walked

from gateway.core.record import CallRecord, EndKind

PARTIES = ("direction", "caller.number", "called.number", "answered_by", "final_talker", "outcome")
# What the beginning of a call between two phones may differ by between far ends and record; every
# other call of a walk has a number of its own.
SAME_CALL_S = 8.0


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
    """Hold the records against the calls; those cut off by a restart must only be there, once.

    A call that the PBX never told anybody of (`streams`: all it said) was given up before it came.
    """
    verdict = Verdict(placed=len(walked))
    verdict.ends.update(str(record.end) for record in records)
    restarts = [one for one in troubles if one.kind == "restart"]
    cut: set[tuple[str, str] | None] = set()
    by_parties: dict[tuple[str, str], list[CallRecord]] = {}
    for record in sorted(records, key=lambda one: str(one.started_at)):
        if record.merged_into is None:
            key = (record.caller.number or "", record.called.number or "")
            by_parties.setdefault(key, []).append(record)
    for call in sorted(walked, key=lambda one: one.began_at):
        met = [one.kind for one in troubles if one.meets(call)]
        verdict.met_trouble += bool(met)
        found = _take(by_parties, call)
        if any(one.meets(call) for one in restarts):
            verdict.cut_by_restart += 1
            cut.add(call.parties)
            if found is None and call.truth is not None and _arrived(call.truth, streams):
                verdict.lost.append(f"{call.number} {call.habit} (cut by the restart)")
        else:
            _weigh(verdict, call, met, found, streams)
    for (caller, called), left in by_parties.items():
        if (caller, called) in cut:
            # The phone sent its INVITE again, and the PBX that came up took it for a new call.
            verdict.begun_anew += len(left)
            continue
        verdict.doubled += [f"{caller} → {called}, {one.end}, {one.outcome}" for one in left]
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
    elif not _agrees(verdict, f"{label} {found.end}", call.truth, found):
        verdict.to_look_at.append((call.number, found.linkedid))


def _arrived(truth: Truth, streams: Sequence[bytes]) -> bool:
    own = truth.caller if truth.caller.startswith("+") else truth.called
    return not own.startswith("+") or any(own.encode() in stream for stream in streams)


def _take(by_parties: dict[tuple[str, str], list[CallRecord]], call: Walked) -> CallRecord | None:
    if call.parties is None:
        return None
    # A call met in the middle may be known without the number that was called.
    for parties in (call.parties, (call.parties[0], "")):
        left = by_parties.get(parties, [])
        internal = not any(number.startswith("+") for number in parties)
        within_s = SAME_CALL_S if internal else float("inf")
        near = [one for one in left if abs(_began(one) - call.began_at) < within_s]
        if near:
            found = min(near, key=lambda one: abs(_began(one) - call.began_at))
            left.remove(found)
            return found
    return None


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
    for name in ("lost", "doubled", "wrong", "far_ends_failed", "in_detail"):
        lines += [f"{name}: {line}" for line in getattr(verdict, name)[:40]]
    return "\n".join(lines)
