"""A test call through a SIP account: asked for by HTTP, placed by baresip, reported in words."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
from support.components import missing
from support.daemon import Daemon
from support.sip_registrar import SipRegistrar, reply
from support.sip_trunk import free_port

from adapters.sip.baresip import tools
from adapters.sip.message import SipMessage
from gateway.store.people import Role

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
PATIENCE_S = 45.0
OURS, SHOWN = "+390299990000", "+390612345678"


def tables(registrar: str) -> str:
    """Return the trunk with its script."""
    return (
        f'[directory]\nown_numbers = ["{OURS}", "{SHOWN}"]\n'
        f'[[trunk]]\nname = "provider"\nkind = "sip"\nregistrar = "{registrar}"\nusername = "us"\n'
        f'secret = "s"\nlisten = "127.0.0.1:{free_port("127.0.0.1")}"\nrings = ["201"]\n'
        f'[trunk.test]\nnumber = "{OURS}"\ncaller_id = "{SHOWN}"\n'
        'steps = ["expect ringing within 10 s", "expect answer within 10 s"]\n'
    )


async def test_test_call_is_placed_through_the_account_and_its_refusal_is_named(
    tmp_path: Path,
) -> None:
    """Without a PBX nothing else could place it; the provider's 486 becomes a cause."""
    if await asyncio.to_thread(tools) is None:
        missing("baresip", "the package baresip-core is not installed")
    async with SipRegistrar() as provider:

        def behave(request: SipMessage) -> bytes:
            busy = request.method == "INVITE"
            return reply(request, 486) if busy else provider.registers(request)

        provider.behave = behave
        daemon = Daemon(tmp_path, tables(provider.registrar))
        token = await daemon.token("anna", role=Role.ADMIN, extensions=["provider:201"])
        async with daemon, aiohttp.ClientSession() as asking:
            address = f"{daemon.url}/api/v1/trunks/provider/test"
            bearer = {"Authorization": f"Bearer {token}"}
            async with asyncio.timeout(PATIENCE_S):
                while (  # noqa: ASYNC110 - not registered yet
                    await asking.post(address, json={}, headers=bearer)
                ).status != 202:
                    await asyncio.sleep(0.2)
                (run,) = (await daemon.get("/api/v1/trunks/provider/tests", token))["items"]
                while run["state"] == "running":
                    await asyncio.sleep(0.05)
                    (run,) = (await daemon.get("/api/v1/trunks/provider/tests", token))["items"]
                while not (  # noqa: ASYNC110 - listed once it was heard of
                    found := (await daemon.get("/api/v1/trunks", token))["items"]
                ):
                    await asyncio.sleep(0.1)
    (trunk,) = found
    assert (trunk["test"]["possible"], trunk["test"]["why_not"]) == (True, None)
    assert (run["state"], run["cause"]) == ("failed", "The number called is busy.")
    (invite,) = (one for one in provider.requests if one.method == "INVITE")
    assert invite.target.startswith(f"sip:{OURS}@")
