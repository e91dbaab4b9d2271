"""The link over TLS: nothing is said to a peer that is not who it should be."""

import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import support.fake_ami
from support.ami_client import following, settings_for
from support.fake_ami import FakeAmi

from adapters.asterisk.settings import AsteriskSettings

TLS = Path(support.fake_ami.__file__).parent / "tls"


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAmi]:
    """Serve a healthy fake PBX."""
    async with FakeAmi() as server:
        yield server


def tls_settings(pbx: FakeAmi, **changes: object) -> AsteriskSettings:
    """Serve TLS with the test certificate and return settings for it."""
    pbx.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pbx.tls.load_cert_chain(TLS / "pbx.example.crt", TLS / "pbx.example.key")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        pbx.port = probe.getsockname()[1]
    return settings_for(pbx, tls=True, **changes)


async def test_tls_with_the_named_certificate_connects() -> None:
    """A PBX's certificate is usually made by its administrator."""
    pbx = FakeAmi()
    settings = tls_settings(pbx, tls_ca_file=TLS / "pbx.example.crt")
    async with pbx, following(settings) as follower:
        await follower.up()


async def test_tls_with_an_unknown_certificate_sends_no_password() -> None:
    """Encryption without knowing to whom protects nothing."""
    pbx = FakeAmi()
    settings = tls_settings(pbx)
    async with pbx, following(settings) as follower:
        await follower.until(lambda: "not trusted" in follower.source.state.cause)
    assert pbx.received("Login") == []


async def test_tls_with_another_name_is_refused() -> None:
    """A valid certificate of another machine is no proof."""
    pbx = FakeAmi()
    settings = tls_settings(
        pbx, tls_ca_file=TLS / "pbx.example.crt", tls_server_name="other.example"
    )
    async with pbx, following(settings) as follower:
        await follower.until(lambda: "not trusted" in follower.source.state.cause)


async def test_tls_to_a_plain_port_is_named(pbx: FakeAmi) -> None:
    """The two ports are easily confused."""
    async with following(settings_for(pbx, tls=True)) as follower:
        await follower.until(lambda: "does not speak TLS" in follower.source.state.cause)
