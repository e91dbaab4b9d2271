"""Mystery calls as people see them: the report of each run, told step by step (`trunk.test`)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from gateway.core.mystery import MysteryRun, RunState
from gateway.core.record import time_json
from gateway.core.trunks import TrunkRef
from gateway.desk.trunks import TrunkDesk, words_json

UPDATED: Final = "trunk.test"


def run_json(run: MysteryRun, language: str = "en") -> dict[str, object]:
    """Return the public JSON object of a mystery call, its texts in a language and in all."""
    said = words_json(run.words)
    for shown, cause, remedy in run.words.translated:
        if shown == language:
            said |= {"cause": cause or None, "remedy": remedy or None}
    return {
        "id": str(run.id),
        "trunk": run.trunk.name,
        "pbx": run.trunk.pbx,
        "test": run.test,
        "number": run.number,
        "state": run.state.value,
        "by": run.by or None,
        "started_at": time_json(run.started_at),
        "ended_at": time_json(run.ended_at),
        "seconds": asdict(run.seconds),
        "steps": [
            {
                "at": time_json(step.at),
                "kind": step.kind.value,
                "text": step.italian if language == "it" else step.text,
                "words": {"en": step.text, "it": step.italian},
                "ok": step.ok,
            }
            for step in run.steps
        ],
        "path": list(run.path),
        **said,
        "changes": [asdict(change) for change in run.changes],
    }


class MysteryBoard:
    """Keeps the last run of each trunk and tells who may read trunks of every step."""

    def __init__(self, desk: TrunkDesk) -> None:
        self._desk = desk
        self._last: dict[TrunkRef, MysteryRun] = {}

    def recall(self, run: MysteryRun) -> None:
        """Take over the last run of an earlier process."""
        self._last[run.trunk] = run

    def show(self, run: MysteryRun, at: datetime) -> None:
        """Tell how a run stands."""
        before = self._last.get(run.trunk)
        self._last[run.trunk] = run
        self._desk.publish(UPDATED, lambda: run_json(run), at)
        if before is None or before.id != run.id or run.state is not RunState.RUNNING:
            self._desk.tell(run.trunk)

    def last(self, ref: TrunkRef) -> MysteryRun | None:
        """Return the last run through a trunk."""
        return self._last.get(ref)

    def json_of(
        self,
        ref: TrunkRef,
        *,
        tests: Sequence[tuple[str, str, RunState | None]],
        why_not: str,
        italian: str,
    ) -> Mapping[str, object]:
        """Return the member `test` of a trunk's public JSON object.

        `tests`: name and number of each, and how its last run went wrong if it did.
        """
        last = self._last.get(ref)
        return {
            "possible": not why_not,
            "why_not": why_not or None,
            "words": {"en": why_not, "it": italian} if why_not else {},
            "running": last is not None and last.state is RunState.RUNNING,
            "number": tests[0][1] if tests else None,
            "tests": [
                {"name": name, "number": number, "wrong": wrong.value if wrong else None}
                for name, number, wrong in tests
            ],
            "last": run_json(last) if last is not None else None,
        }
