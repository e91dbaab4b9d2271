"""`filodiretto demo`: recorded real calls through the whole product, on embedded defaults."""

import asyncio
import json
import secrets
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import typer
from rich.console import Console

from adapters.asterisk.playback import PlaybackServer
from adapters.asterisk.recording import SAMPLES
from crm_sync.connectors.webhook.signature import verify
from gateway.core.errors import ConfigError
from gateway.core.events import CallEvent
from gateway.core.record_reading import from_json
from gateway.desk.handoffs import HandoffDesk
from gateway.runtime import loading
from gateway.runtime import logging as house_logging
from gateway.runtime.clock import SystemClock
from gateway.runtime.commands.common import OK, plan_of
from gateway.runtime.commands.daemon import stop_on_signals
from gateway.runtime.demo_scenes import PHONES, SCENES
from gateway.runtime.demo_story import SUPPORT, Notes, Past
from gateway.runtime.demo_trunks import tell_trunk
from gateway.runtime.demo_words import WORDS, Words
from gateway.runtime.gateway import Gateway
from gateway.runtime.loading import Loaded
from gateway.runtime.narrator import Narrator, language
from gateway.runtime.settings import FixedSettings
from gateway.store import people
from gateway.store.database import Database
from gateway.store.importing import import_csv
from gateway.store.passwords import hash_password
from gateway.store.people import Role, User
from gateway.web.listener import Listener
from gateway.web.receiver import PATH, create_receiver

DEFAULT_LISTEN: Final = "127.0.0.1:8080"
PEOPLE: Final = (
    User(login="anna", name="Anna Rossi", role=Role.AGENT, extensions=(("", "1001"),)),
    User(login="bruno", name="Bruno Conti", role=Role.AGENT, extensions=(("", "1002"),)),
    User(login="carla", name="Carla Neri", role=Role.AGENT, extensions=(("", "1003"),)),
    User(login="sara", name="Sara Gatti", role=Role.SUPERVISOR),
)
PAUSE_S: Final = 10.0
# Who reads the password off the terminal first is not too late for the first call.
DELAY_S: Final = 25.0
LOOK_EVERY_S: Final = 0.2
# Any page of this machine may try the embedded view.
FRAMES: Final = ("http://127.0.0.1:*", "http://localhost:*")
TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "start": "starting: embedded database, sample contacts, sample calls",
        "address": "Open {url}",
        "sign_in": "Sign in as {login} ({name}, phone {phone}), password {password}",
        "second": "In a second browser (or a private window), to see calls handed over:",
        "hint": "The first call comes as soon as somebody is signed in. Ctrl-C ends.",
    },
    "it": {
        "start": "avvio: database incorporato, contatti e chiamate di esempio",
        "address": "Aprire {url}",
        "sign_in": "Accedere come {login} ({name}, telefono {phone}), password {password}",
        "second": "In un secondo browser (o finestra anonima), per vedere le chiamate passate:",
        "hint": "La prima chiamata arriva appena qualcuno accede. Fine: Ctrl-C.",
    },
}


def run(*, listen: str, speed: float, json_output: bool) -> int:
    """Play until Ctrl-C; nothing is left behind."""
    house_logging.configure(level="WARNING")
    console = Console(highlight=False, soft_wrap=True, quiet=json_output)
    with tempfile.TemporaryDirectory(prefix="filodiretto-demo-") as folder:
        demo = Demo(Path(folder), console, listen=listen, speed=speed, json_output=json_output)
        asyncio.run(demo.run())
    return OK


class Demo:
    """One demonstration: a PBX that plays, a CRM that receives, and the gateway between them."""

    def __init__(
        self, folder: Path, console: Console, *, listen: str, speed: float, json_output: bool
    ) -> None:
        self._folder = folder
        self._console = console
        self._listen = listen
        self._speed = speed
        self._json = json_output
        self._language = language()
        self._narrator = Narrator(console, language=self._language)
        self._hook_secret = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
        self._told: Callable[[CallEvent], None] = lambda _event: None
        self._passwords = {user.login: secrets.token_urlsafe(6) for user in PEOPLE}

    async def run(self) -> None:
        """Start everything, print where it is, play until a signal."""
        stop = asyncio.Event()
        stop_on_signals(stop)
        self._say("start")
        username, secret, control = "filodiretto", *(secrets.token_urlsafe(12) for _ in range(2))
        words = WORDS[self._language]
        recordings = await asyncio.to_thread(
            lambda: [scene.load(queue=words.queue) for scene in SCENES]
        )
        playback = PlaybackServer(
            recordings,
            username=username,
            secret=secret,
            control_secret=control,
            phones=PHONES,
            queue=words.queue,
            speed=self._speed,
            pause_s=PAUSE_S,
            delay_s=DELAY_S,
        )
        async with playback, self._receiver() as hook:
            account = {"username": username, "secret": secret, "port": playback.port}
            loaded = self._configuration(hook, {**account, "control": _control(username, control)})
            await self._fill(loaded)
            gateway = await self._open(loaded)
            self._narrator.is_shared = gateway.is_shared
            notes = Notes(HandoffDesk(gateway.db, gateway.desk), self._language)
            self._told = notes.observe
            try:
                self._announce(gateway.url)
                async with asyncio.TaskGroup() as group:
                    parts = [
                        group.create_task(notes.run(), name="notes"),
                        group.create_task(_curtain(gateway, playback), name="curtain"),
                    ]
                    await gateway.run(stop)
                    for part in parts:
                        part.cancel()
            finally:
                await gateway.close()

    def _observe(self, event: CallEvent) -> None:
        self._narrator.call(event)
        self._told(event)

    def _configuration(self, hook: str, pbx: Mapping[str, Any]) -> Loaded:
        return loading.parse(
            {
                "gateway": {"data_dir": self._folder, "language": self._language},
                "web": {"listen": self._listen, "frame_ancestors": FRAMES},
                "line": _lines(WORDS[self._language]),
                "pbx": [{"name": "demo", "host": "127.0.0.1", **pbx}],
                "crm": [
                    {
                        "name": "receiver",
                        "label": WORDS[self._language].crm,
                        "kind": "webhook",
                        "url": hook,
                        "secret": self._hook_secret,
                        "allow_private": True,
                    }
                ],
            },
            model=FixedSettings,
        )

    async def _open(self, loaded: Loaded) -> Gateway:
        opened = partial(Gateway.open, clock=SystemClock(), observers=(self._observe,))
        try:
            return await opened(loaded)
        except ConfigError:
            if self._listen != DEFAULT_LISTEN:
                raise
        # somebody else has the usual port: any free one shows the same
        web = loaded.settings.web.model_copy(update={"listen": "127.0.0.1:0"})
        moved = loaded.settings.model_copy(update={"web": web})
        return await opened(
            Loaded(settings=moved, pbxs=loaded.pbxs, crms=loaded.crms, path=loaded.path)
        )

    async def _fill(self, loaded: Loaded) -> None:
        database = await Database.open(loaded.settings.database_url)
        try:
            now = datetime.now(UTC)
            for user in PEOPLE:
                hashed = await asyncio.to_thread(hash_password, self._passwords[user.login])
                await database.write(
                    partial(people.add_user, user=user, password_hash=hashed, now=now)
                )
            await import_csv(database, SAMPLES / "contacts.csv", plan=plan_of(loaded))
            await database.write(Past(now, self._language).tell)
            await database.write(partial(tell_trunk, now=now))
        finally:
            await database.close()

    @asynccontextmanager
    async def _receiver(self) -> AsyncIterator[str]:
        app = create_receiver(partial(verify, self._hook_secret), self._received)
        listener = await Listener.start(app, host="127.0.0.1", port=0)
        try:
            yield listener.url + PATH
        finally:
            await listener.close()

    def _received(self, key: str, content: Mapping[str, object]) -> None:
        self._narrator.receipt(from_json(cast("dict[str, Any]", content["data"])), key)

    def _announce(self, url: str) -> None:
        if self._json:
            users = [
                {"login": login, "password": password}
                for login, password in self._passwords.items()
            ]
            typer.echo(json.dumps({"url": url, "users": users}))
            return
        self._say("address", url=url)
        for user in PEOPLE[:2]:
            if user is PEOPLE[1]:
                self._say("second")
            self._say(
                "sign_in",
                login=user.login,
                name=user.name,
                phone=user.extensions[0][1],
                password=self._passwords[user.login],
            )
        others = [f"{user.login} {self._passwords[user.login]}" for user in PEOPLE[2:]]
        self._console.print(f"({', '.join(others)})", markup=False)
        self._say("hint")

    def _say(self, text: str, **facts: str) -> None:
        self._console.print(TEXTS[self._language][text].format(**facts), markup=False)


async def _curtain(gateway: Gateway, playback: PlaybackServer) -> None:
    """Let the first call come as soon as somebody's page is open."""
    while not gateway.pages():  # noqa: ASYNC110 - the hub has no event for it
        await asyncio.sleep(LOOK_EVERY_S)
    playback.begin_now()


def _control(username: str, secret: str) -> dict[str, object]:
    return {
        "username": username,
        "secret": secret,
        "context": "from-phones",
        "channel": "PJSIP/{extension}",
        "hold": ["100?"],
        "allow": ["international"],
    }


def _lines(words: Words) -> list[dict[str, str]]:
    direct = [f"+39029999{number}" for number in PHONES]
    labels = {SUPPORT: words.support, "+390299993000": words.menu}
    labels |= {did: f"{words.direct} {did[-4:]}" for did in direct}
    return [{"did": did, "label": label} for did, label in labels.items()]
