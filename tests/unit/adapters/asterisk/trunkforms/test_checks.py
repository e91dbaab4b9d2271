"""What is said of an installed trunk, from what a PBX has told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from adapters.asterisk.trunkforms.checks import findings_of
from adapters.asterisk.trunkforms.compare import canonical, compared, from_file
from adapters.asterisk.trunkforms.form import TrunkForm, read_form
from adapters.asterisk.trunkforms.looking import Seen
from adapters.asterisk.trunkforms.pjsip import sections_of
from gateway.core.findings import Verdict

FORM = read_form(
    {
        "name": "line",
        "registrar": "sip.provider.example",
        "username": "u",
        "match": ("192.0.2.0/24",),
        "dids": ("+390299991001",),
    }
)
NAMED = read_form({"name": "line", "registrar": "sip.provider.example", "username": "u"})


def seen(form: TrunkForm = FORM, **changes: object) -> Seen:
    """Return a PBX that has all of a form, and what is otherwise."""
    contexts = dict.fromkeys(
        (form.context, form.outbound_context, "from-trunk,+390299991001"), True
    )
    well = Seen(
        found=from_file(form, sections_of(form)),
        endpoint=True,
        readable=True,
        transport=True,
        registration="Registered",
        contact="Reachable",
        contexts=contexts,
    )
    return replace(well, **changes)  # type: ignore[arg-type]


def told(
    what: Seen, form: TrunkForm = FORM, resolved: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, Verdict]:
    """Return the verdict of each point that is not well; each must say what to do."""
    found = [
        one for one in findings_of(form, what, resolved or {}) if one.verdict is not Verdict.OK
    ]
    assert all(one.remedy.en and one.remedy.it and one.cause.en and one.cause.it for one in found)
    return {one.subject: one.verdict for one in found}


def test_trunk_that_works_has_nothing_to_mend() -> None:
    """An administrator reads only what asks for something."""
    assert told(seen()) == {}


@pytest.mark.parametrize(
    ("changes", "subject", "verdict"),
    [
        ({"endpoint": False}, "endpoint", Verdict.FAILED),
        ({"readable": False}, "endpoint", Verdict.WARNING),
        ({"transport": False}, "transport", Verdict.FAILED),
        ({"registration": "Rejected"}, "registration", Verdict.FAILED),
        ({"registration": "Unregistered"}, "registration", Verdict.FAILED),
        ({"registration": ""}, "registration", Verdict.FAILED),
        ({"registration": None}, "registration", Verdict.FAILED),
        ({"contact": "Unreachable"}, "contact", Verdict.FAILED),
        ({"contact": "Unknown"}, "contact", Verdict.WARNING),
        ({"contact": None}, "contact", Verdict.WARNING),
        ({"contexts": {"from-trunk": False, "to-trunk": True}}, "context", Verdict.FAILED),
        (
            {"contexts": {"from-trunk": True, "to-trunk": True, "from-trunk,+3902": False}},
            "context",
            Verdict.FAILED,
        ),
        (
            {"contexts": {"from-trunk": True, "to-trunk": False}},
            "outbound_context",
            Verdict.WARNING,
        ),
    ],
)
def test_what_does_not_work_is_one_finding_with_its_remedy(
    changes: dict[str, Any], subject: str, verdict: Verdict
) -> None:
    """Each trouble has its own words; nothing else is blamed beside it."""
    assert told(seen(**changes)) == {subject: verdict}


@pytest.mark.parametrize(
    ("contact", "words"),
    [("Reachable", "refuses"), ("Unreachable", "no answer"), ("NonQualified", "or got no answer")],
)
def test_rejected_is_a_refusal_only_if_the_provider_answers_otherwise(
    contact: str, words: str
) -> None:
    """Asterisk says Rejected also when nobody answers; the password is right then."""
    found = findings_of(FORM, seen(registration="Rejected", contact=contact), {})
    (registration,) = [one for one in found if one.subject == "registration"]
    assert words in registration.cause.en
    assert registration.verdict is Verdict.FAILED


def test_pbx_that_cannot_tell_of_its_dialplan_is_not_blamed_for_it() -> None:
    """func_dialplan may not be loaded: that is no missing context."""
    assert told(seen(contexts={})) == {}


def with_option(section: str, option: str, value: str, form: TrunkForm = FORM) -> Seen:
    """Return a PBX that has one option otherwise."""
    found = dict(from_file(form, sections_of(form)))
    found["line", section] = {**found["line", section], option: value}
    return seen(form, found=found)


def test_codec_that_the_pbx_lacks_is_named_and_none_at_all_fails() -> None:
    """Asterisk drops a codec that it has no module for with a line in its log alone."""
    partly = with_option("endpoint", "allow", "ulaw")
    assert told(partly) == {"codecs": Verdict.WARNING, "form": Verdict.WARNING}
    assert told(with_option("endpoint", "allow", "gsm"))["codecs"] is Verdict.FAILED


def test_address_that_is_not_covered_fails_and_a_wider_network_does_not() -> None:
    """What counts is whether a call from there is taken for the trunk's."""
    assert told(with_option("identify", "match", "192.0.2.7"))["identify"] is Verdict.FAILED
    assert "identify" not in told(with_option("identify", "match", "192.0.0.0/16"))


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (("198.51.100.7",), {}),
        (("203.0.113.1",), {"identify": Verdict.WARNING}),
        ((), {"identify": Verdict.WARNING}),
    ],
)
def test_name_in_match_is_compared_by_the_addresses_it_leads_to(
    addresses: tuple[str, ...], expected: dict[str, Verdict]
) -> None:
    """A PBX tells addresses only, and may have found others by SRV: that is no failure."""
    there = with_option("identify", "match", "198.51.100.0/24", NAMED)
    contexts = {"from-trunk": True, "to-trunk": True}
    resolved = {"sip.provider.example": addresses}
    assert told(replace(there, contexts=contexts), NAMED, resolved) == expected
    assert compared(NAMED, there.found, "PBX", resolved=True).changes == ()


@pytest.mark.parametrize(
    ("section", "option", "said"),
    [
        ("endpoint", "send_pai", "true"),
        ("endpoint", "direct_media", "false"),
        ("endpoint", "allow", "(alaw|ulaw)"),
        ("endpoint", "allow", "!all,alaw, ulaw"),
        ("identify", "match", "192.0.2.0/255.255.255.0"),
    ],
)
def test_asterisk_s_own_words_for_a_value_are_no_difference(
    section: str, option: str, said: str
) -> None:
    """A comparison that cries wolf is not looked at."""
    there = with_option(section, option, canonical(option, said))
    assert compared(FORM, there.found, "PBX").diff == ""
