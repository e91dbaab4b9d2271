"""What a look at an Asterisk's trunks asks for, and what missing modules make of it."""

from collections.abc import Mapping
from typing import cast

import pytest

from adapters.asterisk.actions import Action
from adapters.asterisk.codec import Frame
from adapters.asterisk.naming import Naming
from adapters.asterisk.probe_trunks import trunk_findings
from adapters.asterisk.session import Session
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.trunk_look import Look, look
from gateway.core.trunks import ContactStatus
from gateway.runtime.clock import SystemClock

URI = "sip:192.0.2.9:5060"
ANSWERS = {
    "PJSIP_ENDPOINT(carrier,aors)": "carrier",
    "PJSIP_AOR(carrier,qualify_frequency)": "0",
    "PJSIP_AOR(carrier,contact)": "carrier@@1",
    "PJSIP_CONTACT(carrier@@1,status)": "Reachable",
    "PJSIP_CONTACT(carrier@@1,uri)": URI,
}


def frame(**headers: str) -> Frame:
    """Return a frame as it comes from the wire."""
    raw = "\r\n".join(f"{key}: {value}" for key, value in headers.items()).encode()
    return Frame(headers.get("Event", ""), raw, len(raw))


class Pbx:
    """Stands for a signed-in connection: gives what functions say, and a list of devices."""

    def __init__(self, answers: Mapping[str, str], devices: tuple[str, ...] = ()) -> None:
        self.answers, self.devices, self.asked = answers, devices, list[str]()

    async def ask(
        self, action: Action, fields: Mapping[str, str] | None = None, *, timeout_s: float
    ) -> list[Frame]:
        """Answer as AMI does; an unknown function is no error there."""
        del timeout_s
        if action is Action.GETVAR:
            variable = (fields or {})["Variable"]
            self.asked.append(variable)
            return [frame(Response="Success", Value=self.answers.get(variable, ""))]
        if action is Action.DEVICE_STATE_LIST:
            return [frame(Event="DeviceStateChange", Device=name) for name in self.devices]
        return [frame(Response="Success")]


async def seen(pbx: Pbx, **more: object) -> Look:
    """Return what one look finds."""
    table = {"name": "hq", "host": "127.0.0.1", "username": "f", "secret": "s", **more}
    settings = AsteriskSettings.model_validate(table)
    return await look(cast("Session", pbx), settings, Naming(settings))


async def test_contact_of_a_trunk_is_found() -> None:
    """By functions alone, of what is written in pjsip.conf too."""
    found = await seen(Pbx(ANSWERS), trunks=["carrier"])
    assert found.readable
    assert found.contacts["carrier"][URI].status is ContactStatus.REACHABLE


@pytest.mark.parametrize("option", [True, False])
async def test_missing_function_is_not_taken_for_a_missing_address(*, option: bool) -> None:
    """The provider must not be blamed for a module of the PBX that is not loaded."""
    told = {"PJSIP_ENDPOINT(carrier,aors)": "carrier"}
    if option:
        told["PJSIP_AOR(carrier,qualify_frequency)"] = "0"
    found = await seen(Pbx(told), trunks=["carrier"])
    assert found.contacts == {"carrier": {}}
    assert found.readable is option


async def test_named_trunk_is_asked_for_before_hundreds_of_others() -> None:
    """A look is bounded; what somebody named must be within the bound."""
    pbx = Pbx({}, tuple(f"PJSIP/desk-{number}" for number in range(300)))
    found = await seen(pbx, peers={"branch": "rome"})
    assert "PJSIP_ENDPOINT(branch,aors)" in pbx.asked
    assert len(pbx.asked) < 500
    assert found.passed_over == 101


async def test_check_says_how_many_endpoints_nobody_looks_after() -> None:
    """Left out without a word, a trunk among them would be missed only when it is down."""
    pbx = Pbx({}, tuple(f"PJSIP/desk-{number}" for number in range(300)))
    table = {"name": "hq", "host": "127.0.0.1", "username": "f", "secret": "s"}
    settings = AsteriskSettings.model_validate(table)
    findings = await trunk_findings(cast("Session", pbx), settings, SystemClock())
    assert [one.subject for one in findings if one.cause.startswith("100 more")] == ["pbx hq"]
