"""What an administrator can get wrong at a real Asterisk, and what the link says about it."""

import pytest
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.follower import Follower, observer
from support.asterisk_lab.settings import LAB_SECRET

from gateway.core.ports import LinkPhase

pytestmark = pytest.mark.integration


async def test_wrong_password_is_refused_with_cause_and_remedy(driver: Driver) -> None:
    """The words name the AMI user and manager.conf, and never the password tried."""
    secret = "a-wrong-password"
    async with Follower(observer(driver.lab, secret=secret)) as follower:
        state = await follower.state(LinkPhase.REFUSED)
    assert "refused" in state.cause
    assert "manager.conf" in state.remedy
    assert secret not in state.cause + state.remedy
    assert state.next_try_at is not None


async def test_refused_port_names_port_and_manager(driver: Driver) -> None:
    """Nothing listens on the neighbouring port."""
    async with Follower(observer(driver.lab, port=5039)) as follower:
        state = await follower.state(LinkPhase.DOWN)
    assert "port" in state.cause
    assert "enabled = yes" in state.remedy


async def test_tls_to_the_plain_port_is_told_apart_from_a_dead_one(driver: Driver) -> None:
    """TLS spoken to a plain AMI port is a setting to mend, not a network to repair."""
    link = {"connect_timeout_s": 2.0}
    async with Follower(observer(driver.lab, tls=True, link=link)) as follower:
        state = await follower.state(LinkPhase.DOWN)
    assert "TLS" in state.cause + state.remedy


async def test_user_who_may_not_list_channels_is_told_which_right_is_missing(
    driver: Driver,
) -> None:
    """The link is up, but calls that were up at sign-in stay unknown, and it says so."""
    async with Follower(observer(driver.lab, username="no-lists", secret=LAB_SECRET)) as follower:
        state = await follower.up()
    assert "list channels" in state.cause
    assert "reporting" in state.remedy


async def test_user_without_system_is_told_which_right_is_missing(driver: Driver) -> None:
    """Without read=system nobody tells when Asterisk has fully booted."""
    async with Follower(observer(driver.lab, username="no-system", secret=LAB_SECRET)) as follower:
        state = await follower.up()
    assert "read = system" in state.cause
    assert "system" in state.remedy
