"""Compares a mystery call with those before it: slower than usual, or another way than usual."""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from statistics import median
from typing import Final

from gateway.core.mystery import Change, MysteryRun, MysterySeconds

LOOKED_AT: Final = 20
"""So many of the last runs that were not failed are compared with."""
ENOUGH: Final = 5
"""With fewer runs there is no usual time yet."""
SAME_WAY: Final = 3
"""So many runs in a row have gone one way before another one is a change."""

# A time that is short may double without anybody minding: so many seconds more it must be.
_LEAST_MORE_S: Final = {"post_dial_delay": 1.0, "to_answer": 2.0, "to_person": 3.0}
# 1.4826 times the median deviation is one standard deviation of what is normally distributed.
_SPREAD: Final = 3 * 1.4826


def changes(run: MysteryRun, before: Sequence[MysteryRun]) -> tuple[Change, ...]:
    """Return what is not as in the runs `before` (latest first, of the same script, none failed).

    A time is a change if it is more than double the median and outside the usual spread; being
    quicker is none.
    """
    earlier = before[:LOOKED_AT]
    found = []
    way = _usual_way(earlier)
    if way is not None and way != run.path:
        found.append(Change(what="path", before=_shown(way), now=_shown(run.path)))
    for what in _LEAST_MORE_S:
        bound = _bound(what, [one.seconds for one in earlier])
        now = _value(run.seconds, what)
        if bound is not None and now is not None and now > bound[1]:
            found.append(Change(what=what, before=f"{bound[0]:.1f} s", now=f"{now:.1f} s"))
    return tuple(found)


def _usual_way(earlier: Sequence[MysteryRun]) -> tuple[str, ...] | None:
    ways = [one.path for one in earlier]
    if len(ways) < SAME_WAY:
        return None
    if len(set(ways[:SAME_WAY])) == 1:
        return ways[0]
    way, times = Counter(ways[: 2 * SAME_WAY]).most_common(1)[0]
    return way if times > SAME_WAY else None


def _bound(what: str, earlier: Sequence[MysterySeconds]) -> tuple[float, float] | None:
    """Return the median and the longest that is still usual; None: too little is known."""
    known = [value for one in earlier if (value := _value(one, what)) is not None]
    if len(known) < ENOUGH:
        return None
    middle = median(known)
    spread = median(abs(value - middle) for value in known)
    return middle, max(2 * middle, middle + _SPREAD * spread, middle + _LEAST_MORE_S[what])


def _value(seconds: MysterySeconds, what: str) -> float | None:
    found = attrgetter(what)(seconds)
    return found if isinstance(found, float) else None


def _shown(way: Sequence[str]) -> str:
    return " > ".join(way) or "-"
