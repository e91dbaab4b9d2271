"""The web application on a loopback port with a real SQLite store, and people to sign in as."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from aiohttp import (
    ClientResponse,
    ClientSession,
    ClientWebSocketResponse,
    DummyCookieJar,
    web,
)
from support.desk import ANNA, LUCA, MARTA, SARA, Directory
from support.empty_store import open_store
from support.verified import verify

from gateway.core.numbers import NumberPlan
from gateway.desk.handoffs import HandoffDesk
from gateway.desk.hub import Hub
from gateway.desk.links import LinkBoard
from gateway.desk.pops import PopDesk
from gateway.desk.roster import Roster
from gateway.runtime.clock import SystemClock
from gateway.runtime.followups import DISPOSITIONS, FollowUpSide
from gateway.store.credentials import create_token
from gateway.store.database import Database
from gateway.store.passwords import hash_password
from gateway.store.people import Role, User, add_user
from gateway.web.app import create_app
from gateway.web.listener import MAX_LINE
from gateway.web.services import Degraded, Services, WebOptions
from gateway.web.shapes.frames import Frame
from gateway.web.watch import WATCH, Watch

PASSWORD = "correct horse battery"
PAULA = User(login="paula", name="Paula Binetti", role=Role.PBX_ADMIN)


@dataclass
class Ready:
    """Readiness that a test sets."""

    lacking: list[str] = field(default_factory=list)
    weak: list[Degraded] = field(default_factory=list)

    def missing(self) -> Sequence[str]:
        """Return what must be up first."""
        return self.lacking

    def degraded(self) -> Sequence[Degraded]:
        """Return what is not well."""
        return self.weak


@dataclass
class WebBench:
    """A running application, what it was given, and a client that keeps no cookies by itself."""

    url: str
    services: Services
    ready: Ready
    directory: Directory
    client: ClientSession
    tokens: dict[str, str]
    woken: list[bool]
    watch: Watch
    store: Path

    @property
    def db(self) -> Database:
        """Return the store."""
        return self.services.db

    async def get(self, path: str, login: str = "anna", **headers: str) -> ClientResponse:
        """Send a GET with somebody's token."""
        return await self.client.get(self.url + path, headers=self.bearer(login) | headers)

    async def items(self, path: str, login: str = "anna") -> list[dict[str, Any]]:
        """Return the items of a list."""
        answer = await self.get(path, login)
        assert answer.status == 200, await answer.text()
        items: list[dict[str, Any]] = (await answer.json())["items"]
        return items

    def bearer(self, login: str) -> dict[str, str]:
        """Return the header that signs somebody's requests."""
        return {"Authorization": f"Bearer {self.tokens[login]}"}

    async def cookie(self, login: str = "anna") -> dict[str, str]:
        """Sign somebody in and return the header a browser of theirs would send."""
        answer = await self.client.post(
            self.url + "/api/v1/session", headers=self.bearer(login) | {"Origin": self.url}
        )
        assert answer.status == 200, await answer.text()
        return {"Cookie": f"filodiretto={answer.cookies['filodiretto'].value}"}

    async def socket(self, login: str = "anna", since: str = "") -> ClientWebSocketResponse:
        """Open somebody's event stream by token."""
        query = f"?since={since}" if since else ""
        return await self.client.ws_connect(
            f"{self.url}/api/v1/events{query}", headers=self.bearer(login)
        )


async def frame(socket: ClientWebSocketResponse) -> dict[str, Any]:
    """Return the next frame."""
    text = await socket.receive_str(timeout=30)
    Frame.model_validate_json(text, strict=True)
    decoded: dict[str, Any] = orjson.loads(text)
    return decoded


@asynccontextmanager
async def running_web(
    folder: Path,
    *,
    options: WebOptions | None = None,
    port: int = 0,
    extend: Callable[[Services], Services] = lambda services: services,
) -> AsyncIterator[WebBench]:
    """Run the application until the block ends; `extend` gives it more than every test needs."""
    clock = SystemClock()
    db = await open_store(folder)
    tokens = await db.write(lambda conn: _people(conn, datetime.now(UTC)))
    hub, roster = Hub(clock, epoch="e1"), Roster()
    await roster.refresh(db)
    directory = Directory({"+393331234567": (MARTA,)})
    woken: list[bool] = []
    ready = Ready()
    desk = PopDesk(hub, roster.who_has, directory.find, overseers=roster.overseers)
    services = Services(
        db=db,
        hub=hub,
        desk=desk,
        handoffs=HandoffDesk(db, desk),
        follow_ups=FollowUpSide(
            db,
            clock,
            hub=hub,
            roster=roster,
            dispositions=DISPOSITIONS["en"],
            effects=lambda _event: (),
            on_effects=lambda: woken.append(True),
        ).follow_ups,
        roster=roster,
        links=LinkBoard(hub),
        readiness=ready,
        clock=clock,
        options=options or WebOptions(version="0.0.0-test"),
        plan=NumberPlan("IT"),
        find=directory.find,
        caught_up=caught_up,
        wake_outbox=lambda: woken.append(True),
    )
    services = extend(services)
    app = create_app(services)
    app.middlewares.insert(0, verify)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, max_line_size=MAX_LINE)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with ClientSession(cookie_jar=DummyCookieJar()) as client:
            yield WebBench(
                url=url,
                services=services,
                ready=ready,
                directory=directory,
                client=client,
                tokens=tokens,
                woken=woken,
                watch=app[WATCH],
                store=folder / "store.db",
            )
    finally:
        await runner.cleanup()
        await db.close()


async def caught_up() -> None:
    """Wait for nothing: these tests store what ended before they tell of it."""


@cache
def _secret() -> str:
    """Return the hash of everybody's password, which is made slow on purpose, once."""
    return hash_password(PASSWORD)


def _people(conn: Any, now: datetime) -> dict[str, str]:  # noqa: ANN401 - a store connection
    for user in (ANNA, LUCA, SARA, PAULA):
        add_user(conn, user, password_hash=_secret(), now=now)
    return {
        user.login: create_token(conn, user.login, now=now)[1] for user in (ANNA, LUCA, SARA, PAULA)
    }
