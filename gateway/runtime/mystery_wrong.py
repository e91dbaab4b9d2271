"""Which tests of each trunk went wrong, and the alarm that the first of them gives."""

from collections.abc import Callable, Iterable
from typing import Final

from gateway.core.mystery import MysteryRun, RunState
from gateway.core.mystery_words import RESTARTED, named
from gateway.core.trunks import TrunkRef, Words

WRONG: Final = frozenset({RunState.FAILED, RunState.CHANGED})
# So many runs of a test in a row may have been cut off by restarts of ours before it is forgotten.
LOOKED_BACK: Final = 5


class WrongTests:
    """Keeps the last run of each test that went wrong; `alarm` is on while a trunk has one.

    `several` says of a trunk whether it has more tests than one: then the alarm names its test.
    """

    def __init__(
        self,
        alarm: Callable[[TrunkRef, Words | None], None],
        several: Callable[[TrunkRef], bool],
    ) -> None:
        self._alarm = alarm
        self._several = several
        self._runs: dict[TrunkRef, dict[str, MysteryRun]] = {}

    def restore(self, ref: TrunkRef, runs: Iterable[MysteryRun]) -> None:
        """Take over the last runs of each test that a trunk has, the oldest first."""
        last = {run.test: run for run in runs if _tells(run)}
        self._runs[ref] = {test: run for test, run in last.items() if run.state in WRONG}
        self._tell(ref)

    def note(self, run: MysteryRun) -> None:
        """Hear how a run ended; one that a restart of ours cut off says nothing of the trunk."""
        if not _tells(run):
            return
        bad = self._runs.setdefault(run.trunk, {})
        if run.state in WRONG:
            bad[run.test] = run
        else:
            bad.pop(run.test, None)
        self._tell(run.trunk)

    def state(self, ref: TrunkRef, test: str) -> RunState | None:
        """Return how a test went wrong; None if it did not."""
        run = self._runs.get(ref, {}).get(test)
        return None if run is None else run.state

    def _tell(self, ref: TrunkRef) -> None:
        run = next(iter(self._runs[ref].values()), None)
        if run is None:
            self._alarm(ref, None)
        else:
            self._alarm(ref, named(run.words, run.test) if self._several(ref) else run.words)


def _tells(run: MysteryRun) -> bool:
    return run.words.cause != RESTARTED.cause
