"""Hold from the page: a phone that obeys NOTIFY talk/hold, on a real Asterisk, as documented."""

import asyncio
from functools import partial
from pathlib import Path

import pytest
from support.asterisk_lab.chroot import ASTERISK_16, ASTERISK_22, LabUnavailableError, Release
from support.asterisk_lab.control import Office, open_office, until
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.instance import InstanceError
from support.asterisk_lab.obedient import ObedientLab, ObedientPhone
from support.asterisk_lab.recording import Recording
from support.asterisk_lab.settings import UNPLUGGED, did
from support.components import missing

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

CALLER = "+393331234567"
PHONE = UNPLUGGED
POLL_S = 0.05
# How long they are kept waiting: what is shorter than a blink (50 ms) is no hold.
HELD_S = 0.3


def said(stream: Recording, event: bytes) -> bool:
    """Whether the PBX has told of such an event."""
    return event in stream.so_far()[0]


async def asked(office: Office, path: str) -> None:
    """Ask until the call is in a state for it: what the phone did has to be seen first."""
    async with asyncio.timeout(20):
        while True:
            status, answer = await office.post(path, who="tito")
            if status == 202:
                return
            assert status == 409, answer
            await asyncio.sleep(POLL_S)


@pytest.mark.parametrize("release", [ASTERISK_22, ASTERISK_16], ids=["22", "16"])
async def test_phone_that_obeys_holds_and_takes_back_what_the_page_asks(
    release: Release, tmp_path: Path
) -> None:
    """AMI cannot hold: the phone must do it, by its own re-INVITE, and the record must say so."""
    try:
        lab = ObedientLab(release=release)
        lab.start()
    except (LabUnavailableError, InstanceError) as error:
        missing(release.name, str(error))
        raise
    try:
        async with (
            Driver(lab) as driver,
            ObedientPhone(lab.phone_address, tmp_path) as phone,
            open_office(tmp_path, driver, more=f', hold = ["{PHONE}"]') as office,
            Recording(lab) as stream,
        ):
            call = await driver.call_in(caller=CALLER, did=did(PHONE))
            record = await office.live(answered_by=PHONE)
            for action, event in (("hold", b"Event: Hold\r"), ("unhold", b"Event: Unhold\r")):
                await asked(office, f"/api/v1/calls/{record['id']}/{action}")
                await until(partial(said, stream, event))
                await asyncio.sleep(HELD_S)
            await call.hang_up()
            await phone.obeyed()
            ended = await office.record(record["id"], who="tito", state="ended")
    finally:
        lab.stop()
    assert (ended["outcome"], ended["answered_by"]) == ("answered", PHONE)
    assert 0 < ended["seconds"]["hold"] < ended["seconds"]["talk"]
