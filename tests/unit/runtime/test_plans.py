"""How the numbers of each PBX and trunk are read, and which of our lines was called."""

import pytest
from support.recorded import at

from gateway.core.errors import ConfigError
from gateway.core.events import CallEvent
from gateway.core.inputs import ChannelCreated, ChannelKind, ChannelState, Identity
from gateway.core.numbers import NumberPlan
from gateway.core.record import CallRecord
from gateway.core.table import CallTable
from gateway.runtime.loading import Loaded, parse
from gateway.runtime.plans import lines_of, plan_of

PBX = {"host": "127.0.0.1", "username": "filodiretto", "secret": "Segreta-7"}


def loaded(**tables: object) -> Loaded:
    """Return a configuration of two PBXs, Milan and Zurich, with these tables besides."""
    hq = {**PBX, "name": "hq", "area_code": "02"}
    branch = {**PBX, "name": "branch", "country": "CH", "area_code": "44"}
    return parse({"pbx": [hq, branch], **tables})


def inbound(plan: NumberPlan, trunk: str, caller: str, did: str) -> CallRecord:
    """Return the record of a call that has just come in through a trunk."""
    created = ChannelCreated(
        at=at(0),
        seq=1,
        channel="1795290000.1",
        linkedid="1795290000.1",
        identity=Identity(name=f"PJSIP/{trunk}-1", kind=ChannelKind.TRUNK, party=trunk),
        state=ChannelState.RING,
        number=caller,
        exten=did,
    )
    (event,) = CallTable("hq", plan).apply(created)
    assert isinstance(event, CallEvent)
    return event.record


def test_each_pbx_reads_numbers_as_its_country_does() -> None:
    """044 668 18 00 is Zurich in Zurich and nothing in Milan."""
    found = loaded()
    milan, zurich = (plan_of(pbx, found) for pbx in found.pbxs)
    assert zurich.parse("0446681800").e164 == "+41446681800"
    assert milan.parse("0612345678").e164 == "+390612345678"
    assert zurich.parse("00390612345678").e164 == "+390612345678"


@pytest.mark.parametrize(
    ("trunk", "caller", "did", "expected"),
    [
        ("carrier", "0612345678", "0299991001", ("+390612345678", "+390299991001")),
        ("swiss", "0446681800", "0916781234", ("+41446681800", "+41916781234")),
        ("swiss", "00390612345678", "41916781234", ("+390612345678", "+41916781234")),
        ("munich", "12345678", "+498912345678", ("+498912345678", "+498912345678")),
    ],
)
def test_each_trunk_reads_numbers_as_its_carrier_sends_them(
    trunk: str, caller: str, did: str, expected: tuple[str, str]
) -> None:
    """One PBX has lines in three countries, and each carrier sends national numbers."""
    found = loaded(
        trunk=[
            {"name": "swiss", "pbx": "hq", "country": "CH"},
            {"name": "munich", "kind": "asterisk", "pbx": "hq", "country": "DE", "area_code": "89"},
            {"name": "carrier", "pbx": "branch", "country": "FR"},
        ]
    )
    record = inbound(plan_of(found.pbxs[0], found), trunk, caller, did)
    assert (record.caller.e164, record.called.e164) == expected


def test_trunk_of_an_unknown_pbx_is_named() -> None:
    """A typo would silently read numbers wrongly."""
    with pytest.raises(ConfigError) as caught:
        loaded(trunk=[{"name": "swiss", "pbx": "hw", "country": "CH"}])
    assert 'trunk[0].pbx: there is no [[pbx]] with name = "hw"' in str(caught.value)


@pytest.mark.parametrize("did", ["+390299991001", "0299991001", "390299991001", "00390299991001"])
@pytest.mark.parametrize("sent", ["+390299991001", "0299991001", "390299991001", "9991001"])
def test_line_is_found_in_whatever_form_it_is_written_or_sent(did: str, sent: str) -> None:
    """Carriers send our own numbers in many forms, and so do administrators write them."""
    found = loaded(line=[{"did": did, "label": "Assistenza"}, {"did": "9991001", "label": "Kurz"}])
    plan = plan_of(found.pbxs[0], found)
    names = lines_of(found, plan)
    called = inbound(plan, "carrier", "0612345678", sent).called
    name = names.get(called.e164 or "") or names.get(called.number or "")
    assert name == ("Kurz" if sent == "9991001" else "Assistenza")
