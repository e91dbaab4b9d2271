"""What an Asterisk tells of its trunks becomes readings; frames as Asterisk 22 and 16 send them."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.asterisk import trunk_events as events
from adapters.asterisk.codec import Frame
from adapters.asterisk.trunk_book import NO_ADDRESS, UNREADABLE, TrunkBook
from adapters.asterisk.trunk_events import Registration
from adapters.asterisk.trunk_look import Look
from gateway.core.trunks import (
    ContactStatus,
    HealthRules,
    RegistrationState,
    TrunkContact,
    TrunkGone,
    TrunkReading,
    TrunkState,
)
from gateway.core.trunkwatch import judged
from gateway.core.trunkwords import LINK_DOWN, NO_ANSWER, REJECTED

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=30)
URI = "sip:192.0.2.9:5060"
CONTACT = TrunkContact(address=URI, status=ContactStatus.REACHABLE, rtt_ms=12.0)
ACCOUNT = Registration(
    name="prov-account",
    client="sip:acct@192.0.2.9",
    server="sip:192.0.2.9",
    state=RegistrationState.REGISTERED,
)


def frame(event: str, **headers: str) -> Frame:
    """Return a frame as it comes from the wire."""
    lines = [f"Event: {event}", *(f"{key}: {value}" for key, value in headers.items())]
    raw = "\r\n".join(lines).encode()
    return Frame(event, raw, len(raw))


def registry(status: str) -> Frame:
    """Return what chan_pjsip sends of the account."""
    return frame(
        "Registry",
        ChannelType="PJSIP",
        Username=ACCOUNT.client,
        Domain=ACCOUNT.server,
        Status=status,
    )


def qualified(status: str, usec: str = "0") -> Frame:
    """Return what res_pjsip sends when a contact changes."""
    return frame(
        "ContactStatus",
        URI=URI,
        ContactStatus=status,
        AOR="prov",
        EndpointName="prov",
        RoundtripUsec=usec,
    )


def book(look: Look | None = None) -> TrunkBook:
    """Return a book after a look at a trunk that is well, told already."""
    found = TrunkBook("hq")
    found.take(look or Look(contacts={"prov": {URI: CONTACT}}, registrations=[ACCOUNT]), NOON)
    return found


def only(told: TrunkBook, at: datetime = LATER) -> TrunkReading:
    """Return the one reading that is due."""
    (reading,) = told.told(at)
    assert isinstance(reading, TrunkReading)
    return reading


def test_registration_is_the_trunks_whose_host_it_goes_to() -> None:
    """Its section is named as the administrator likes; a look tells it all."""
    reading = only(book())
    assert reading.registration is not None
    assert (reading.registration.state, reading.registration.server) == (
        RegistrationState.REGISTERED,
        "192.0.2.9",
    )
    assert reading.contacts == (CONTACT,)
    assert judged(reading, 0, HealthRules())[0] is TrunkState.UP
    assert list(book().told(NOON)), "told once"


def test_events_change_what_a_look_found() -> None:
    """Rejected and unreachable are told at once, with the words for each."""
    known = book()
    only(known)
    assert known.hear(registry("Rejected"), LATER)
    rejected = only(known)
    assert rejected.registration is not None
    assert rejected.registration.since == LATER
    assert rejected.failure is not None
    assert (rejected.failure.words, rejected.failure.code) == (REJECTED, None)
    assert judged(rejected, 0, HealthRules()) == (TrunkState.DOWN, REJECTED)
    assert known.hear(registry("Registered"), LATER)
    assert known.hear(qualified("Unreachable"), LATER)
    silent = only(known)
    assert silent.contacts[0].rtt_ms is None
    assert judged(silent, 0, HealthRules()) == (TrunkState.DOWN, NO_ANSWER)
    assert known.hear(qualified("Reachable", "1388"), LATER)
    back = only(known)
    assert back.contacts[0].rtt_ms == pytest.approx(1.388)
    assert back.failure is not None, "the last failure stays to be read"


def test_events_of_something_unknown_ask_for_another_look() -> None:
    """A trunk that was configured since, or one of the old driver."""
    known = book()
    only(known)
    assert not known.hear(frame("Registry", Username="sip:x@y", Domain="sip:y"), LATER)
    assert not known.hear(frame("ContactStatus", EndpointName="new", URI=URI), LATER)
    assert not known.hear(frame("PeerStatus", Peer="SIP/old", PeerStatus="Lagged"), LATER)
    assert known.hear(frame("PeerStatus", Peer="PJSIP/prov", PeerStatus="Reachable"), LATER)
    assert list(known.told(LATER)) == []


def test_trunk_that_a_look_no_longer_finds_is_gone() -> None:
    """Taken out of the configuration: it is not down, it is no more."""
    known = book()
    only(known)
    known.take(Look(), LATER)
    (gone,) = known.told(LATER)
    assert isinstance(gone, TrunkGone)
    assert gone.ref.name == "prov"


def test_endpoint_without_an_address_is_a_trunk_only_if_it_had_one() -> None:
    """FreePBX has endpoints that are neither phones nor trunks; a peer that left is another."""
    known = book()
    only(known)
    known.take(Look(bare={"prov", "anonymous"}), LATER)
    lost = only(known)
    assert lost.ref.name == "prov"
    assert judged(lost, 0, HealthRules()) == (TrunkState.DOWN, NO_ADDRESS)
    known.take(Look(bare={"prov"}), LATER + timedelta(minutes=1))
    assert only(known).failure == lost.failure, "the same failure, looked at twice"


def test_lost_link_makes_every_trunk_unknown_not_down() -> None:
    """Nobody sees it; the next look tells."""
    known = book()
    only(known)
    (reading,) = known.told(LATER, blind=LINK_DOWN)
    assert isinstance(reading, TrunkReading)
    assert judged(reading, 0, HealthRules()) == (TrunkState.UNKNOWN, LINK_DOWN)


def test_trunk_without_an_address_says_what_is_missing() -> None:
    """Never registered here, or functions that are not loaded: two remedies."""
    never = only(book(Look(contacts={"branch": {}})))
    assert judged(never, 0, HealthRules()) == (TrunkState.UNKNOWN, NO_ADDRESS)
    unread = only(book(Look(contacts={"branch": {}}, readable=False)))
    assert judged(unread, 0, HealthRules()) == (TrunkState.UNKNOWN, UNREADABLE)
    known = book()
    only(known)
    assert known.hear(qualified("Removed"), LATER)
    lost = only(known)
    assert [one.status for one in lost.contacts] == [ContactStatus.UNREACHABLE]


def test_registration_that_fits_no_trunk_is_one_by_itself() -> None:
    """A registration that fails must not be hidden because nothing dials through it."""
    known = book(Look(registrations=[ACCOUNT]))
    assert only(known).ref.name == "prov-account"


def test_passwords_in_the_list_of_registrations_never_become_values() -> None:
    """PJSIPShowRegistrationsOutbound sends them in clear text, in events of their own."""
    assert b"AuthDetail" not in events.WATCHED
    found = events.pjsip_registrations(
        [
            frame("AuthDetail", Password="geheim"),
            frame(
                "OutboundRegistrationDetail",
                ObjectName="prov-account",
                ClientUri=ACCOUNT.client,
                ServerUri=ACCOUNT.server,
                Status="Registered",
                Endpoint="",
            ),
        ]
    )
    assert found == [ACCOUNT]


def test_chan_sip_lists_are_read() -> None:
    """Asterisk 16 to 20 with the old driver: SIPshowregistry and SIPpeers."""
    registrations = events.sip_registrations(
        [
            frame("RegistryEntry", Host="sip.example", Username="acct", State="Registered"),
            frame("RegistryEntry", Host="far.example", Username="b", State="No Authentication"),
            frame("RegistrationsComplete"),
        ]
    )
    assert [one.state for one in registrations] == [
        RegistrationState.REGISTERED,
        RegistrationState.REJECTED,
    ]
    peers = events.sip_peers(
        [
            peer("one", "OK (12 ms)"),
            peer("two", "UNREACHABLE"),
            peer("three", "Unmonitored"),
            peer("four", "LAGGED (3000 ms)"),
        ]
    )
    assert {name: (one.status, one.rtt_ms) for name, one in peers.items()} == {
        "one": (ContactStatus.REACHABLE, 12.0),
        "two": (ContactStatus.UNREACHABLE, None),
        "three": (ContactStatus.UNMONITORED, None),
        "four": (ContactStatus.REACHABLE, 3000.0),
    }


def test_chan_sip_peer_is_told_at_once() -> None:
    """The old driver's qualify; what it says of a peer that registers is for the next look."""
    address = "192.0.2.7:5060"
    old = TrunkContact(address=address, status=ContactStatus.REACHABLE, rtt_ms=3.0)
    known = book(Look(contacts={"old": {address: old}}))
    only(known)
    lost = frame(
        "PeerStatus", ChannelType="SIP", Peer="SIP/old", PeerStatus="Unreachable", Time="-1"
    )
    assert known.hear(lost, LATER)
    assert judged(only(known), 0, HealthRules()) == (TrunkState.DOWN, NO_ANSWER)
    back = frame("PeerStatus", ChannelType="SIP", Peer="SIP/old", PeerStatus="Lagged", Time="2500")
    assert known.hear(back, LATER)
    assert only(known).contacts[0].rtt_ms == 2500.0
    assert not known.hear(frame("PeerStatus", Peer="SIP/old", PeerStatus="Registered"), LATER)


def peer(name: str, status: str) -> Frame:
    """Return an entry of SIPpeers."""
    return frame("PeerEntry", ObjectName=name, IPaddress="192.0.2.7", IPport="5060", Status=status)
