"""Whose phone is whose at this moment."""

from datetime import timedelta

from support.desk import ANNA, START

from gateway.desk.roster import Roster
from gateway.store.desks import HeldDesk


def test_phone_somebody_signed_in_to_comes_before_their_own() -> None:
    """A click must not ring the desk they do not sit at today."""
    held = HeldDesk(
        login="anna", pbx="", extension="1005", from_at=START, until_at=START + timedelta(hours=12)
    )
    roster = Roster()
    roster.replace((ANNA,), desks=(held,))
    assert roster.extensions_of("anna") == (("", "1005"), ("hq", "1001"))
    assert roster.who_has("hq", "1001") == roster.who_has("hq", "1005") == ("anna",)
