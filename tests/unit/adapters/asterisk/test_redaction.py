"""What a recorded stream must not contain."""

import re

import pytest

from adapters.asterisk.redaction import Redactor

KEY = b"k" * 32


def message(*lines: str) -> bytes:
    """Return a message of these lines."""
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(
    "raw",
    [
        message("Event: AuthDetail", "Username: 1001", "Password: geheim1", "Md5Cred: geheim1"),
        message("Event: ChallengeSent", "Challenge: geheim1"),
        message("Event: InvalidPassword", "ReceivedHash: geheim1"),
        message("Event: VarSet", "Variable: SIP_PASSWORD", "Value: geheim1"),
        message("Event: VarSet", "Variable: CARD_PIN", "Value: geheim1"),
        message("Event: Newexten", "Application: Authenticate", "AppData: geheim1,a"),
        message("Event: Newexten", "Application: Set", "AppData: DB_PASSWORD=geheim1"),
        message("Event: CEL", "Application: VMAuthenticate", "AppData: geheim1"),
        message("Response: Success", "Secret: geheim1"),
    ],
)
def test_secret_is_blotted_out_always(raw: bytes) -> None:
    """Recordings are sent to strangers to find a bug."""
    for redactor in (Redactor(), Redactor(KEY)):
        assert b"geheim1" not in redactor.message(raw)


def test_pressed_digits_are_blotted_out() -> None:
    """They may be a PIN or a card number."""
    clean = Redactor().message(message("Event: DTMFEnd", "Digit: 7", "DurationMs: 120"))
    assert clean == message("Event: DTMFEnd", "Digit: x", "DurationMs: 120")


def test_everything_else_stays_byte_for_byte() -> None:
    """A recording that was changed where it need not be proves nothing."""
    raw = message("Event: VarSet", "Variable: QUEUESTATUS", "Value: ", "CallerIDName: Jos\xe9")
    assert Redactor().message(raw) == raw


CALL = message(
    "Event: Newchannel",
    "Channel: PJSIP/carrier-00000013",
    "CallerIDNum: +393331234567",
    "CallerIDName: Mario Bianchi",
    "Exten: 0299991001",
    "Uniqueid: 1795291745.19",
    "BridgeUniqueid: 84b5e6d4-bebb-41bd-a15a-f3f0af91759f",
    "RemoteAddress: IPV4/UDP/10.20.30.40/5060",
)


def test_person_gets_a_stand_in_and_the_call_stays_the_same() -> None:
    """A bug report needs the structure of a call, not who it was."""
    clean = Redactor(KEY).message(CALL)
    for personal in (b"1234567", b"Mario", b"Bianchi", b"9991001", b"10.20.30.40"):
        assert personal not in clean
    for kept in (
        b"Channel: PJSIP/carrier-00000013\r\n",
        b"Uniqueid: 1795291745.19\r\n",
        b"BridgeUniqueid: 84b5e6d4-bebb-41bd-a15a-f3f0af91759f\r\n",
    ):
        assert kept in clean
    assert re.search(rb"CallerIDNum: \+393331\d{6}\r\n", clean)
    assert re.search(rb"Exten: 0299\d{6}\r\n", clean)


def test_spellings_of_a_number_stay_one_number() -> None:
    """Matching must fail or succeed on the recording as it did on the PBX."""
    redactor = Redactor(KEY)
    ends = {
        redactor.message(message("Event: X", f"CallerIDNum: {spelling}"))[-6:]
        for spelling in ("+393331234567", "00393331234567", "393331234567", "3331234567")
    }
    assert len(ends) == 1


def test_stand_ins_are_stable_and_depend_on_the_key() -> None:
    """Two recordings of one report belong together; nobody can compute them without the key."""
    assert Redactor(KEY).message(CALL) == Redactor(KEY).message(CALL)
    assert Redactor(KEY).message(CALL) != Redactor(b"other").message(CALL)


def test_name_is_replaced_wherever_it_appears_later() -> None:
    """The dialplan copies names into variables and application data."""
    redactor = Redactor(KEY)
    redactor.message(CALL)
    clean = redactor.message(
        message("Event: Newexten", "Application: Set", "AppData: X=Mario Bianchi (vip)")
    )
    assert b"Mario" not in clean
    assert b"(vip)" in clean


def test_extension_numbers_and_missing_names_stay() -> None:
    """They are nobody's personal data, and the call cannot be read without them."""
    raw = message("Event: X", "CallerIDNum: 1001", "CallerIDName: <unknown>", "Exten: 201")
    assert Redactor(KEY).message(raw) == raw
