"""What a mystery call met, as JSON text and back."""

from dataclasses import asdict, replace

import orjson

from gateway.core.mystery import Change, Mark, MysteryRun, MysterySeconds, MysteryStep
from gateway.core.record import time_from_json, time_json
from gateway.store.trunk_words import decoded, encoded


def report_of(run: MysteryRun) -> str:
    """Return the text to store."""
    return orjson.dumps(
        {
            "seconds": asdict(run.seconds),
            "steps": [
                [time_json(step.at), step.kind.value, step.text, step.italian, step.ok]
                for step in run.steps
            ],
            "path": run.path,
            "words": encoded(run.words),
            "changes": [asdict(change) for change in run.changes],
        }
    ).decode()


def read_report(run: MysteryRun, text: str) -> MysteryRun:
    """Return the run with what `report_of` wrote of it."""
    data = orjson.loads(text)
    steps = (
        MysteryStep(
            at=time_from_json(at) or run.started_at,
            kind=Mark(kind),
            text=said,
            italian=italian,
            ok=ok,
        )
        for at, kind, said, italian, ok in data["steps"]
    )
    return replace(
        run,
        seconds=MysterySeconds(**data["seconds"]),
        steps=tuple(steps),
        path=tuple(data["path"]),
        words=decoded(data["words"]),
        changes=tuple(Change(**change) for change in data["changes"]),
    )
