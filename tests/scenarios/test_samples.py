"""The packaged sample calls tell what really happened: a demonstration must not lie."""

import csv
import json
from pathlib import Path

import pytest
from support.asterisk_lab.truth import differences, read_truth

from adapters.asterisk.recording import SAMPLES, Recording, samples
from adapters.asterisk.replay import replay
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.matching import Contact, match
from gateway.core.numbers import NumberPlan
from gateway.core.record import MatchKind
from gateway.store.csv_columns import Columns

TRUTHS = Path(__file__).parent / "samples"
SETTINGS = AsteriskSettings.model_validate(
    {"name": "demo", "host": "127.0.0.1", "username": "demo", "secret": "demo"}
)
PLAN = NumberPlan("IT")
FIRST_RING_S = 5.0
ROUND_S = 100.0


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.stem)
def test_replayed_sample_equals_what_the_far_ends_saw(path: Path) -> None:
    """The recording was made through the shipped event filter, which must leave enough."""
    truth = json.loads((TRUTHS / f"{path.stem}.json").read_text(encoding="utf-8"))
    idx = path.with_suffix(".idx").read_text(encoding="ascii")
    (record,) = replay(path.read_bytes(), idx, SETTINGS, PLAN).records
    assert differences(read_truth(truth), record) == []


def test_demonstration_is_lively() -> None:
    """Somebody who looks at it sees a telephone ring at once, and the whole round soon."""
    recordings = [Recording.load(path) for path in samples()]
    rings = [at for at, raw in recordings[0].events if raw.startswith(b"Event: DialBegin")]
    assert rings[0] < FIRST_RING_S
    assert sum(recording.events[-1][0] for recording in recordings) < ROUND_S


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+393331234567", MatchKind.EXACT),
        ("0612345678", MatchKind.COMPANY),
        ("+442079460123", MatchKind.EXACT),
        ("+393475550199", MatchKind.NONE),
        ("+393402223344", MatchKind.EXACT),
        ("+393285556677", MatchKind.EXACT),
        ("anonymous", MatchKind.NONE),
        ("0287654321", MatchKind.SEVERAL),
    ],
)
def test_sample_contacts_show_each_kind_of_match(number: str, kind: MatchKind) -> None:
    """The directory that comes with the calls knows some callers, not all, and one twice."""
    with (SAMPLES / "contacts.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    entries = [Columns(header, PLAN).entry(row) for row in rows]
    assert [(entry.refused, entry.warnings) for entry in entries] == [("", ())] * len(rows)
    called = PLAN.parse(number)
    contacts = [entry.contact for entry in entries if entry.contact is not None]
    assert match(called, [one for one in contacts if _has(one, called.e164)]).kind is kind


def _has(contact: Contact, e164: str | None) -> bool:
    return e164 is not None and any(number.e164 == e164 for number in contact.numbers)
