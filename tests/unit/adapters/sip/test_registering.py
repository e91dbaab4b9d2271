"""What stands between the library's REGISTERs and the registrar."""

import pytest

from adapters.sip.account import Account
from adapters.sip.digest import Challenge, authorization, challenge_of
from adapters.sip.front import Front, networks, response
from adapters.sip.message import SipMessage, read
from adapters.sip.registering import Refused, Registered, Registering, contact_place, query, seen_at
from adapters.sip.ringing import Answer

OWN = "192.0.2.1:5062"
CHALLENGE = 'Digest realm="pbx", nonce="n1", qop="auth"'


def registering() -> Registering:
    """Return a registration of ours, at our own place."""
    return Registering(lambda contact: contact_place(contact)[0] == OWN, 16)


def register(cseq: int = 1, *lines: str) -> bytes:
    """Return a REGISTER as the library sends it."""
    data = query("us", "h", OWN, call_id="r1", branch="z9hG4bK1", cseq=cseq)
    return data.replace(
        b"\r\n\r\n", ("".join(f"\r\n{line}" for line in lines) + "\r\n\r\n").encode()
    )


def answer(status: int, *lines: str, cseq: int = 1, call: str = "r1") -> SipMessage:
    """Return the registrar's answer."""
    text = (
        f"SIP/2.0 {status} Text\r\nVia: SIP/2.0/UDP {OWN};branch=z9hG4bK1\r\n"
        f"From: <sip:us@h>;tag=1\r\nTo: <sip:us@h>;tag=2\r\nCall-ID: {call}\r\n"
        f"CSeq: {cseq} REGISTER\r\n"
    )
    return read((text + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode())


def test_only_the_answer_to_what_was_asked_is_taken() -> None:
    """Any datagram used to be taken for the answer, and fifty a second ended the registration."""
    one = registering()
    assert one.answered(answer(200), 0) == (None, None), "nothing was asked"
    one.sending(register(), 0)
    assert one.answered(answer(200, call="guess"), 0) == (None, None)
    assert one.answered(answer(200, cseq=7), 0) == (None, None)
    data, verdict = one.answered(answer(200, f"Contact: <sip:us@{OWN}>;expires=60"), 0.25)
    assert data is not None
    ours = (f"sip:us@{OWN}",)
    assert verdict == Registered(expires_s=60, others=0, ours=ours, took_s=0.25)


def test_other_phones_of_the_account_are_counted() -> None:
    """Registering beside them may take their calls: somebody has to allow it."""
    one = registering()
    one.sending(register(), 0)
    _data, verdict = one.answered(
        answer(200, f"Contact: <sip:us@{OWN}>;expires=60, <sip:us@192.0.2.9:5060>;expires=100"),
        0,
    )
    assert isinstance(verdict, Registered)
    assert (verdict.expires_s, verdict.others) == (60, 1)


def test_challenge_is_answered_once_and_then_refused() -> None:
    """A registrar that asks again has refused the password; trying on gets us banned."""
    one = registering()
    one.sending(register(), 0)
    data, verdict = one.answered(answer(401, f"WWW-Authenticate: {CHALLENGE}"), 0)
    assert data is not None
    assert verdict is None
    assert one.challenge().realm == "pbx"
    one.sending(register(2, "Authorization: Digest x"), 0)
    _data, verdict = one.answered(answer(401, f"WWW-Authenticate: {CHALLENGE}", cseq=2), 0)
    assert verdict == Refused(status=401)


def test_registrar_that_calls_each_answer_stale_is_left_after_two() -> None:
    """RFC 7616 3.3: stale says that only the nonce is old; one that always says so never ends."""
    one = registering()
    stale = f"WWW-Authenticate: {CHALLENGE}, stale=true"
    verdicts = []
    for cseq in (1, 2, 3):
        one.sending(register(cseq, *(["Authorization: Digest x"] if cseq > 1 else [])), 0)
        verdicts.append(one.answered(answer(401, stale, cseq=cseq), 0)[1])
    assert verdicts == [None, None, Refused(status=401, for_ever=True)]


@pytest.mark.parametrize(
    ("status", "line", "refused"),
    [
        (503, "Retry-After: 120;duration=60", Refused(status=503, retry_after_s=120)),
        (503, "Retry-After: Mon, 1 Jan", Refused(status=503)),
        (302, "Contact: <sip:b.example:5070;x=y>", Refused(status=302, elsewhere="b.example:5070")),
        (302, "Contact: nonsense", Refused(status=302)),
        (403, "Contact: <sip:b.example>", Refused(status=403)),
        (423, "Min-Expires: -1", Refused(status=423)),
    ],
)
def test_what_a_refusal_says_beside_its_number_is_heard(
    status: int, line: str, refused: Refused
) -> None:
    """When to come back, where to go, for how long to register."""
    one = registering()
    one.sending(register(), 0)
    assert one.answered(answer(status, line), 0)[1] == refused


def test_contacts_of_ours_elsewhere_are_known_and_removed() -> None:
    """After a move the old one is still there; registrars keep our URI, few the instance."""
    one = Registering(lambda contact: contact_place(contact)[1] == "0A", 16)
    one.sending(register(), 0)
    _data, verdict = one.answered(
        answer(200, "Contact: <sip:us@192.0.2.8:5062;line=0a>;expires=9, <sip:us@192.0.2.9>"), 0
    )
    assert isinstance(verdict, Registered)
    assert (verdict.ours, verdict.others) == (("sip:us@192.0.2.8:5062;line=0a",), 1)
    sent = query("us", "h", OWN, call_id="r", branch="z", cseq=1, remove=verdict.ours)
    assert b"\r\nContact: <sip:us@192.0.2.8:5062;line=0a>;expires=0\r\n" in sent


def test_where_we_are_seen_is_in_the_answer() -> None:
    """RFC 3581: the router's address outside; a registrar that does not say so says nothing."""
    said = read(
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;received=203.0.113.7;rport=5062;branch=z\r\n"
        b"From: <sip:a@h>\r\nTo: <sip:a@h>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n"
    )
    assert (seen_at(said), seen_at(answer(200))) == ("203.0.113.7", "")


def test_proxy_that_asks_gets_its_own_header() -> None:
    """407 wants Proxy-Authorization, which the library never sends."""
    one = registering()
    one.sending(register(), 0)
    one.answered(answer(407, f"Proxy-Authenticate: {CHALLENGE}"), 0)
    sent = one.sending(register(2, "Authorization: Digest x"), 0)
    assert b"Proxy-Authorization: Digest x" in sent


def test_unknown_way_of_signing_in_is_said() -> None:
    """An algorithm we do not have is no wrong password."""
    one = registering()
    one.sending(register(), 0)
    _data, verdict = one.answered(answer(401, 'WWW-Authenticate: Digest realm="a", algorithm=X'), 0)
    assert verdict == Refused(status=401, unknown_challenge=True)


def test_least_registration_time_is_told() -> None:
    """423: the next attempt asks for as much as the registrar wants."""
    one = registering()
    one.sending(register(), 0)
    assert one.answered(answer(423, "Min-Expires: 600"), 0)[1] == Refused(
        status=423, min_expires_s=600
    )


def test_silent_registrar_is_asked_again_and_then_given_up() -> None:
    """RFC 3261 17.1.2: over UDP what is not answered is sent again, at growing intervals."""
    one = registering()
    sent = one.sending(register(), 0)
    assert one.tick(0.2) == (None, None)
    assert one.tick(0.6) == (sent, None)
    assert one.tick(0.8) == (None, None)
    assert one.tick(16.1) == (None, Refused(status=0))


def test_digest_answers_are_those_of_the_standards() -> None:
    """The examples of RFC 7616 (3.9.1) and RFC 2617 (3.5), and the old form without qop."""
    md5 = Challenge(
        realm="http-auth@example.org",
        nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
        qop="auth",
    )
    given = {"method": "GET", "uri": "/dir/index.html", "username": "Mufasa"}
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    value = authorization(md5, password="Circle of Life", cnonce=cnonce, **given)
    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in value
    sha = Challenge(
        realm=md5.realm, nonce=md5.nonce, opaque=md5.opaque, qop="auth", algorithm="SHA-256"
    )
    value = authorization(sha, password="Circle of Life", cnonce=cnonce, **given)
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in value
    old = Challenge(realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093")
    value = authorization(old, password="Circle Of Life", cnonce="", **given)
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in value


def test_first_challenge_that_can_be_answered_is() -> None:
    """RFC 8760: a registrar lists what it likes best first, perhaps something unheard of."""
    found = challenge_of(['Digest realm="a", algorithm=NEW', 'Digest realm="b", algorithm=SHA-256'])
    assert (found.realm, found.algorithm) == ("b", "SHA-256")


def test_account_is_known_again_after_a_restart() -> None:
    """The instance of RFC 5626 must not change from process to process."""
    account = Account(
        server="h",
        port=5060,
        username="us",
        login="us",
        password="p",
        own_ip="192.0.2.1",
        own_port=5062,
        expires_s=60,
    )
    assert account.instance == account.instance
    contact = f'<sip:us@192.0.2.7:5062>;+sip.instance="<urn:uuid:{account.instance}>"'
    assert contact_place(contact) == ("192.0.2.7:5062", account.instance)


def test_front_turns_strangers_size_rate_and_form_away() -> None:
    """Nothing is read of who may not call (RELIABILITY, D8), and each refusal is counted."""
    front = Front(networks(["192.0.2.0/24"]), lambda: "t")
    good = register()
    assert front.admit(good, ("192.0.2.9", 5060), 0) is not None
    assert front.admit(good, ("198.51.100.1", 5060), 0) is None
    assert front.admit(b"x" * 20_000, ("192.0.2.9", 5060), 0) is None
    assert front.admit(b"hello", ("192.0.2.9", 5060), 0) is None
    assert front.admit(b"\r\n\r\n", ("192.0.2.9", 5060), 0) is None
    for _ in range(1_000):
        front.admit(good, ("192.0.2.10", 5060), 0)
    assert front.dropped["rate"] > 500
    assert (front.dropped["stranger"], front.dropped["size"], front.dropped["form"]) == (1, 1, 1)


def test_answer_carries_the_request_word_by_word() -> None:
    """RFC 3261 8.2.6: every Via in order, From and To as they came, our tag; RFC 3581: rport."""
    message = read(
        b"INVITE sip:us@h SIP/2.0\r\n"
        b"v: SIP/2.0/UDP pbx;rport;branch=z1, SIP/2.0/UDP far;branch=z0\r\n"
        b'f: "A: \r\n B" <sip:+39@h>;tag=1\r\nt: <sip:us@h>\r\ni: c\r\nCSeq: 4 INVITE\r\n\r\n'
    )
    sent = response(
        Answer(request=message, source=("192.0.2.7", 5090), status=180, reason="Ringing", tag="t"),
        contact="sip:us@192.0.2.1:5062",
    ).decode()
    assert sent.startswith("SIP/2.0 180 Ringing\r\n")
    assert "Via: SIP/2.0/UDP pbx;branch=z1;received=192.0.2.7;rport=5090\r\n" in sent
    assert "Via: SIP/2.0/UDP far;branch=z0\r\n" in sent
    assert 'From: "A:  B" <sip:+39@h>;tag=1\r\n' in sent
    assert "To: <sip:us@h>;tag=t\r\n" in sent
