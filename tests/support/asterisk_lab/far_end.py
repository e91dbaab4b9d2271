"""The far side of the SIP lines, held by the test through ARI (Asterisk's REST interface)."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import aiohttp
from support.asterisk_lab.leg import Leg
from support.asterisk_lab.settings import LAB_SECRET

ARI_PORT = 8088
APP = "lab"


class FarEnd:
    """One Asterisk whose every channel is a Leg; `on_incoming` gets the legs the PBX starts."""

    def __init__(
        self, address: str, *, on_incoming: Callable[[Leg], None], media: bool = True
    ) -> None:
        self.media = media
        self._base = f"http://{address}:{ARI_PORT}/ari"
        self._on_incoming = on_incoming
        self._legs: dict[str, Leg] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0

    async def __aenter__(self) -> Self:
        login = b64encode(f"lab:{LAB_SECRET}".encode()).decode()
        self._session = aiohttp.ClientSession(headers={"Authorization": f"Basic {login}"})
        self._events = await self._session.ws_connect(
            f"{self._base}/events?app={APP}&subscribeAll=true"
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.hang_up_all()
        self._reader.cancel()
        await asyncio.gather(self._reader, *self._tasks, return_exceptions=True)
        await self._events.close()
        await self._session.close()

    async def dial(
        self,
        *,
        endpoint: str,
        device: str,
        number: str,
        caller_id: str,
        variables: dict[str, str] | None = None,
        announce: Callable[[Leg], None] = lambda _: None,
    ) -> Leg:
        """Place a call through a SIP endpoint towards the PBX and return its leg at once.

        `announce` gets the leg before the PBX hears of it: the phones may ring in the same breath.
        """
        self._count += 1
        channel = f"lab-{device.lstrip('+')}-{self._count}-{id(self):x}"
        started_at = asyncio.get_running_loop().time()
        leg = Leg(self, channel=channel, device=device, caller=number, started_at=started_at)
        self._legs[channel] = leg
        announce(leg)
        await self._request(
            "POST",
            "channels",
            {
                "endpoint": f"PJSIP/{number}@{endpoint}",
                "app": APP,
                "callerId": caller_id,
                "channelId": channel,
                "timeout": "60",
            },
            {"variables": variables or {}},
        )
        return leg

    async def hang_up_all(self) -> None:
        """End every call that is still up here, also those that no test knows of."""
        async with self._session.get(f"{self._base}/channels") as answer:
            channels = await answer.json()
        for channel in channels:
            await self.delete(f"channels/{channel['id']}")

    async def variable(self, channel: str, name: str) -> str:
        """Return what a dialplan function says about a channel, e.g. `CHANNEL(pjsip,call-id)`."""
        url = f"{self._base}/channels/{channel}/variable"
        async with self._session.get(url, params={"variable": name}) as answer:
            answer.raise_for_status()
            return str((await answer.json())["value"])

    async def post(self, path: str, **query: str) -> None:
        """Send a POST; a channel that is gone meanwhile is no error."""
        await self._request("POST", path, query)

    async def delete(self, path: str, **query: str) -> None:
        """Send a DELETE; a channel that is gone meanwhile is no error."""
        await self._request("DELETE", path, query)

    async def _request(
        self, method: str, path: str, query: dict[str, str], body: object = None
    ) -> None:
        url = f"{self._base}/{path}"
        async with self._session.request(method, url, params=query, json=body) as answer:
            gone = answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}
            if answer.status >= HTTPStatus.BAD_REQUEST and not gone:
                raise RuntimeError(f"{method} {path}: {answer.status} {await answer.text()}")

    async def _read(self) -> None:
        async for message in self._events:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._handle(json.loads(message.data), asyncio.get_running_loop().time())

    def _handle(self, event: dict[str, Any], at: float) -> None:
        channel = event.get("channel")
        if not channel:
            return
        leg = self._legs.get(channel["id"])
        match event["type"]:
            case "StasisStart" if leg is None:
                self._incoming(channel, at)
            case "StasisStart" if leg is not None:
                # Our own call was answered: media must flow, or the PBX waits for it.
                if self.media:
                    self._start(self.post(f"channels/{leg.channel}/moh"))
            case "ChannelStateChange" if leg is not None and channel["state"] == "Up":
                leg.up_at = at
                leg.up.set()
            case "ChannelDestroyed" if leg is not None:
                leg.ended_at = at
                leg.ended.set()

    def _incoming(self, channel: dict[str, Any], at: float) -> None:
        leg = Leg(
            self,
            channel=channel["id"],
            device=channel["dialplan"]["exten"],
            caller=channel["caller"]["number"],
            started_at=at,
        )
        self._legs[leg.channel] = leg
        self._on_incoming(leg)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
