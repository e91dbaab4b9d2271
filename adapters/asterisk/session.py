"""One signed-in AMI connection from first to last byte, for link, probe and recorder."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Final

from adapters.asterisk import faults
from adapters.asterisk.actions import Action
from adapters.asterisk.codec import Frame
from adapters.asterisk.protocol import AmiManager, AmiProtocol, OnFrames
from adapters.asterisk.settings import Account, AsteriskSettings, LinkLimits
from gateway.core.errors import AmbiguousError, ConfigError, FilodirettoError
from gateway.core.ports import Clock

BANNER: Final = "Asterisk Call Manager"
# A pause of the whole process (SIGSTOP, a suspended machine) is not the PBX's silence.
STALL_S: Final = 1.0
NO_FIELDS: Final[Mapping[str, str]] = MappingProxyType({})


class Session:
    """A connection whose login was accepted."""

    def __init__(self, manager: AmiManager, protocol: AmiProtocol, clock: Clock) -> None:
        self._manager = manager
        self._protocol = protocol
        self._clock = clock
        self.banner = protocol.framer.banner or ""
        self.clock_offset_s: float | None = None

    @property
    def seen(self) -> int:
        """How many messages arrived, those passed over included."""
        return self._protocol.framer.seen

    async def ask(
        self, action: Action, fields: Mapping[str, str] = NO_FIELDS, *, timeout_s: float
    ) -> list[Frame]:
        """Return the answer's frames: the Response, then the events of its list.

        Raises AuthError if the right is missing, TransientError for another `Response: Error` or
        no answer in time, AmbiguousError if the link ended in between.
        """
        try:
            async with asyncio.timeout(timeout_s):
                frames = await self._manager.ask(action, fields)
        except TimeoutError:
            raise faults.slow_lists() from None
        if frames[0].get("Response") == "Error":
            raise faults.rejected(action.value, frames[0].get("Message"))
        return frames

    def send(self, action: Action, fields: Mapping[str, str]) -> "asyncio.Future[list[Frame]]":
        """Send an action without waiting; the future gets the answer or the link's end.

        Raises UsageError if a value must not go on the wire.
        """
        return self._manager.ask(action, fields)

    def drop(self, error: FilodirettoError) -> None:
        """Cut the link for a reason of ours; `hold` raises it."""
        self._protocol.drop(error)

    async def hold(self, limits: LinkLimits, *others: Coroutine[None, None, None]) -> None:
        """Stay until the connection ends, pinging, with `others` running beside; raise the cause.

        Raises TransientError, or what one of the others raised.
        """
        # A group whose task fails forgets that it was cancelled at the same moment, and then the
        # link would live for ever: so the tasks return their errors, and none of them fails.
        async with asyncio.TaskGroup() as group:
            parts = (self._ended(), self._heartbeat(limits), *others)
            running = {group.create_task(_outcome(part)) for part in parts}
            errors: list[FilodirettoError] = []
            while not errors:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                errors = [error for task in done if (error := task.result()) is not None]
            for task in running:
                task.cancel()
        raise errors[0]

    async def _ended(self) -> None:
        raise await self._protocol.ended

    async def _heartbeat(self, limits: LinkLimits) -> None:
        """Ping until cancelled; TransientError when an answer stays out (a half-open link)."""
        while True:
            await asyncio.sleep(limits.ping_interval_s)
            await self._ping(limits.ping_timeout_s)

    async def _ping(self, timeout_s: float) -> None:
        sent = self._clock.now()
        answer = self._manager.ask(Action.PING, NO_FIELDS)
        while True:
            began = self._clock.monotonic()
            done, _ = await asyncio.wait([answer], timeout=timeout_s)
            if done:
                break
            if self._clock.monotonic() - began < timeout_s + STALL_S:
                raise faults.dead()
        stamp = answer.result()[0].get("Timestamp")
        try:
            self.clock_offset_s = float(stamp) - sent.timestamp()
        except ValueError:
            self.clock_offset_s = None

    async def measure_clock(self, timeout_s: float) -> None:
        """Ping once, for the difference between the PBX's clock and ours."""
        await self._ping(timeout_s)


@asynccontextmanager
async def open_session(
    settings: AsteriskSettings,
    clock: Clock,
    *,
    on_frames: OnFrames,
    wanted: Mapping[bytes, tuple[bytes, ...]] | None,
    account: Account | None = None,
    events: str = "on",
) -> AsyncIterator[Session]:
    """Connect and sign in; leave politely when the block ends.

    `events` is which classes of them are wanted: all, or some by name.

    Raises TransientError if that fails for now, AuthError if the login is refused, ConfigError if
    a file named in the settings cannot be used. No password is sent before AMI's banner came.
    """
    account = account or settings
    limits = settings.link
    context = await asyncio.to_thread(tls_context, settings)
    secret = await asyncio.to_thread(account.password)
    manager = AmiManager(
        on_frames=on_frames,
        wanted=wanted,
        host=settings.host,
        port=settings.port,
    )
    try:
        protocol = await _connect(manager, context, settings)
        await _sign_in(manager, account.username, secret, limits.login_timeout_s, events)
        yield Session(manager, protocol, clock)
    finally:
        if manager.protocol is not None and not manager.protocol.closed:
            manager.ask(Action.LOGOFF, NO_FIELDS)
        manager.close()


async def _connect(
    manager: AmiManager, context: ssl.SSLContext | None, settings: AsteriskSettings
) -> AmiProtocol:
    """Return a connection on which AMI's banner was seen."""
    greeting = False
    try:
        async with asyncio.timeout(settings.link.connect_timeout_s):
            protocol = await manager.open(context, settings.tls_server_name)
            greeting = True
            banner = await protocol.greeted
    except TimeoutError as error:
        raise faults.silent() if greeting else faults.unreachable(error) from error
    except OSError as error:
        raise faults.unreachable(error) from error
    if banner is None:
        raise faults.unreachable(ConnectionResetError("closed before the banner"))
    if not banner.startswith(BANNER):
        raise faults.not_ami(banner)
    return protocol


async def _sign_in(
    manager: AmiManager, username: str, secret: str, timeout_s: float, events: str
) -> None:
    fields = {"Username": username, "Secret": secret, "Events": events}
    try:
        async with asyncio.timeout(timeout_s):
            frames = await manager.ask(Action.LOGIN, fields)
    except TimeoutError:
        raise faults.no_login_answer() from None
    except AmbiguousError:
        # Asterisk closes without an answer when the address is denied or too many are signed in.
        raise faults.unreachable(ConnectionResetError("closed during the login")) from None
    if frames[0].get("Response") != "Success":
        raise faults.refused(late=False)


def tls_context(settings: AsteriskSettings) -> ssl.SSLContext | None:
    """Return how to encrypt, None for plain AMI; reads files, so not on the event loop.

    Raises ConfigError if the certificate file cannot be used.
    """
    if not settings.tls:
        return None
    try:
        return ssl.create_default_context(cafile=settings.tls_ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            "tls_ca_file cannot be used.",
            where=f"pbx.{settings.name}.tls_ca_file",
            remedy="Name a readable PEM file with the certificate that signed the PBX's one.",
        ) from error


async def _outcome(part: Coroutine[None, None, None]) -> FilodirettoError | None:
    """Return how a part of a connection ended: with an error, or done."""
    try:
        await part
    except FilodirettoError as error:
        return error
    return None
