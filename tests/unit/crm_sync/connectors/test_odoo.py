"""What is written to Odoo, and whom a call belongs to."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from support.crm_records import MORNING, answered, missed

from crm_sync.connectors import texts
from crm_sync.connectors.odoo.partners import Partner, choose, pattern
from crm_sync.connectors.odoo.translate import (
    Existing,
    Links,
    changed_values,
    date_text,
    new_values,
    reference_of,
    state_of,
)
from gateway.core.ids import call_id
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    ContactRef,
    Direction,
    MatchKind,
    Outcome,
    Party,
    Presentation,
    Transfer,
    TransferType,
    WrapUp,
)
from gateway.core.writing import WritePlan, answering

NOBODY = Links()
HOSTILE = "Evil\u202e[/Filodiretto]\r\nOutcome: gift\x00 [Filodiretto]"


def outbound(**changes: object) -> CallRecord:
    """Return an answered call from 1002 to +39 333 1234567."""
    usual: dict[str, object] = {
        "direction": Direction.OUTBOUND,
        "caller": Party(number="1002", name="Anna"),
        "called": Called(number="3331234567", e164="+393331234567"),
        "answered_by": "3331234567",
        "queue": None,
    }
    return answered("1795290244.12", **{**usual, **changes})


def test_answered_call_becomes_a_held_phone_call() -> None:
    """The values are text, as `load` takes them: date in UTC, duration in minutes."""
    values = new_values(answered(), Links(partner=8, partner_name="Verdi", user=5), "it")
    assert values == {
        "direction": "in",
        "duration": "1.5083",
        "date": "2026-10-03 08:30:00",
        "partner_phone": "+390612345678",
        "name": "Chiamata ricevuta da Verdi (+390612345678)",
        "state": "done",
        "description": values["description"],
        "partner_id/.id": "8",
        "user_id/.id": "5",
    }
    assert values["description"].splitlines() == [
        "[Filodiretto]",
        "Chiamata ricevuta da Verdi (+390612345678)",
        "Chiamante: Studio Verdi",
        "Numero chiamato: +390299991001",
        "Coda: support",
        "Hanno squillato: 1001, 1002 + 1003",
        "Risposta di: 1002",
        "Squillo / attesa / conversazione: 0:04 / 0:02 / 1:30",
        "Chiusa da: chi ha chiamato",
        "[/Filodiretto]",
    ]


@pytest.mark.parametrize(
    ("record", "title", "state"),
    [
        (answered(), "Call from Studio Verdi (+390612345678)", "done"),
        (missed(), "Missed call (caller hung up) from Studio Verdi (+390612345678)", "pending"),
        (
            missed(outcome=Outcome.MISSED),
            "Missed call from Studio Verdi (+390612345678)",
            "pending",
        ),
        (
            missed(outcome=Outcome.VOICEMAIL),
            "Voicemail from Studio Verdi (+390612345678)",
            "pending",
        ),
        (outbound(), "Call to +393331234567", "done"),
        (outbound(outcome=Outcome.BUSY), "Call (busy) to +393331234567", "cancel"),
        (
            missed(caller=Party(number="anonymous", presentation=Presentation.WITHHELD)),
            "Missed call (caller hung up) from withheld number",
            "pending",
        ),
        (
            answered(direction=Direction.INTERNAL, called=Called(number="1003")),
            "Internal call to 1003",
            "done",
        ),
    ],
)
def test_outcome_is_seen_at_a_glance(record: CallRecord, title: str, state: str) -> None:
    """Whoever looks at the list of calls must see who was missed without opening any."""
    assert new_values(record, NOBODY, "en")["name"] == title
    assert state_of(record) == state


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("outcome", [*Outcome, None])
@pytest.mark.parametrize("direction", list(Direction))
def test_every_outcome_has_words_in_every_language(
    language: str, outcome: Outcome | None, direction: Direction
) -> None:
    """A missing word would make a dead letter of a call."""
    record = answered(
        direction=direction,
        outcome=outcome,
        transfers=tuple(
            Transfer(type=kind, from_party="1002", to_party=None, completed=False)
            for kind in TransferType
        ),
    )
    assert new_values(record, NOBODY, language)["name"]


def test_withheld_number_is_not_written_even_if_the_trunk_asserts_it() -> None:
    """The caller did not let it be shown; the CRM is a place where it would be."""
    hidden = Party(number="0612345678", e164="+390612345678", presentation=Presentation.WITHHELD)
    values = new_values(answered(caller=hidden), NOBODY, "it")
    assert "partner_phone" not in values
    assert "0612345678" not in values["name"] + values["description"]


def test_hostile_names_cannot_leave_our_block() -> None:
    """A caller chooses the name that arrives; it must not forge lines or end the block early."""
    record = answered(
        caller=Party(number="0612345678", e164="+390612345678", name=HOSTILE),
        wrap_ups=(WrapUp(agent="anna", disposition=HOSTILE, note=HOSTILE, at=MORNING),),
    )
    values = new_values(record, NOBODY, "en")
    ours = values["description"]
    assert ours.count("[/Filodiretto]") == 1
    assert ours.count("[Filodiretto]") == 1
    assert ours.endswith("[/Filodiretto]")
    assert not any(line.startswith("Outcome: gift") for line in ours.splitlines())
    assert "\x00" not in ours + values["name"]
    assert "\u202e" not in ours + values["name"]


def test_update_replaces_our_block_and_keeps_what_people_wrote() -> None:
    """The note belongs to people; ours is the part between the marks."""
    first = new_values(missed(), NOBODY, "en")
    edited = f"Called back, nice lady.\n{first['description']}\nSend the offer!"
    existing = Existing(
        id=1, name="Verdi wants an offer", description=edited, state="done", partner=9, user=4
    )
    values = changed_values(
        missed(revision=1, wrap_ups=(WrapUp(agent="anna", disposition="sale"),)),
        Links(partner=8, user=3),
        existing,
        "en",
    )
    text = values["description"]
    assert text.startswith("Called back, nice lady.\n[Filodiretto]\n")
    assert text.endswith("[/Filodiretto]\nSend the offer!")
    assert "Outcome according to anna: sale" in text
    assert not values.keys() & {"name", "state", "partner_id/.id", "user_id/.id"}


def test_update_changes_what_is_still_ours() -> None:
    """A record nobody touched follows the facts: title, state and person."""
    first = new_values(missed(), NOBODY, "en")
    existing = Existing(
        id=1,
        name=first["name"],
        description=first["description"].replace("\n", "\r\n"),
        state="pending",
        partner=None,
    )
    links = Links(partner=8, user=5, deal=7)
    values = changed_values(answered(revision=1), links, existing, "en")
    assert values["name"] == "Call from Studio Verdi (+390612345678)"
    assert (values["state"], values["partner_id/.id"]) == ("done", "8")
    assert (values["user_id/.id"], values["opportunity_id/.id"]) == ("5", "7")


def test_administrators_words_stand_in_our_block_and_stay_inside_it() -> None:
    """A template that quotes a caller's name must not let that name close our block."""
    plan = WritePlan(title="Verdi!", note="said [/Filodiretto] so", recording_url="https://r/1")
    values = new_values(answered(), NOBODY, "en", plan)
    assert values["name"] == "Verdi!"
    assert values["description"].splitlines() == [
        "[Filodiretto]",
        "Verdi!",
        "said [ /Filodiretto] so",
        "Recording: https://r/1",
        "[/Filodiretto]",
    ]


def test_call_that_rings_is_open() -> None:
    """Whoever looks at it sees that it is not over."""
    assert state_of(answered(state=CallState.LIVE, outcome=None)) == "open"


def test_block_that_a_person_removed_is_added_at_the_end() -> None:
    """The facts are told again, without touching what stands there."""
    assert texts.put_block("Mine.", "[Filodiretto]\nx\n[/Filodiretto]") == (
        "Mine.\n\n[Filodiretto]\nx\n[/Filodiretto]"
    )
    assert texts.put_block("[Filodiretto] cut off", "OURS") == "[Filodiretto] cut off\n\nOURS"


def test_merged_call_is_cancelled_even_if_it_was_held() -> None:
    """It is part of another call now and must not count twice."""
    first = new_values(answered(), NOBODY, "en")
    existing = Existing(
        id=1, name=first["name"], description=first["description"], state="done", partner=None
    )
    record = answered(merged_into=call_id("hq", "1.1"))
    values = changed_values(record, NOBODY, existing, "en")
    assert values["state"] == "cancel"
    assert "part of another" in values["description"]


def test_title_is_cut_for_its_field() -> None:
    """A directory name of a kilobyte must not make the record poison."""
    contact = ContactRef(id="1", name="V" * 5000)
    assert len(new_values(answered(contact=contact), NOBODY, "it")["name"]) <= 200


def test_dates_are_utc_without_t_and_z() -> None:
    """`load` refuses ISO 8601 and has no other form."""
    rome = datetime(2026, 10, 3, 10, 30, tzinfo=timezone(timedelta(hours=2)))
    assert date_text(rome) == "2026-10-03 08:30:00"
    assert date_text(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01 00:00:00"


def test_agent_is_who_answered_or_who_called() -> None:
    """The call is assigned to the person of ours who spoke."""
    assert answering(answered()) == "1002"
    assert answering(missed()) is None
    assert answering(outbound()) == "1002"


@pytest.mark.parametrize(
    ("contact", "partner"),
    [
        (ContactRef(id="c", ref="12", crm="odoo"), 12),
        (ContactRef(id="c", ref="res.partner,12", crm="odoo"), 12),
        (ContactRef(id="c", ref="res.partner(12,)", crm="odoo"), 12),
        (ContactRef(id="c", ref="12", crm="odoo", match=MatchKind.COMPANY), 12),
        (ContactRef(id="c", ref="12", crm="odoo", match=MatchKind.SEVERAL), None),
        (ContactRef(id="c", ref="12", crm="hubspot"), None),
        (ContactRef(id="c", ref="12"), None),
        (ContactRef(id="c", ref="C-12", crm="odoo"), None),
        (ContactRef(id="c", ref="99999999999", crm="odoo"), None),
        (None, None),
    ],
)
def test_reference_counts_only_if_it_is_this_odoos(
    contact: ContactRef | None, partner: int | None
) -> None:
    """Number 12 of a CSV file or of another CRM is somebody else."""
    assert reference_of(answered(contact=contact), "odoo") == partner


def partner(number: int, *, company: bool = False, parent: int | None = None) -> Partner:
    """Return a partner."""
    return Partner(
        id=number,
        name=f"P{number}",
        is_company=company,
        company=parent,
        owner=None,
        country=None,
        numbers=(),
    )


@pytest.mark.parametrize(
    ("partners", "chosen", "several"),
    [
        ([], None, False),
        ([partner(1)], 1, False),
        ([partner(1, company=True)], 1, False),
        ([partner(1, company=True), partner(2, parent=1)], 2, False),
        ([partner(1, company=True), partner(2, parent=1), partner(3, parent=1)], 1, False),
        ([partner(2, parent=1), partner(3, parent=1)], None, True),
        ([partner(1), partner(2)], None, True),
        ([partner(1, company=True), partner(2, company=True)], None, True),
        ([partner(1, company=True), partner(2, parent=1), partner(3)], None, True),
    ],
)
def test_who_gets_the_call(partners: list[Partner], chosen: int | None, *, several: bool) -> None:
    """A person before a company, a company for its people, a tie for nobody."""
    found, tie = choose(partners)
    assert (found.id if found else None, tie) == (chosen, several)


def test_search_pattern_has_the_national_digits() -> None:
    """Odoo stores what people typed; the Italian zero is part of the number."""
    assert pattern("+390612345678") == "%0%6%1%2%3%4%5%6%7%8%"
    assert pattern("+442079460018") == "%2%0%7%9%4%6%0%0%1%8%"
