"""The socket the page and the API are served on."""

import errno
import ssl
from typing import Final

from aiohttp import web

from gateway.core.errors import ConfigError

SHUTDOWN_S: Final = 2.0
# An address whose parameters are all as long as they may be, percent-encoded, must come through to
# the application, which says what is wrong; the library would not.
MAX_LINE: Final = 64 * 1024
REMEDIES: Final = {
    errno.EADDRINUSE: "Another program listens there: stop it, or choose another port.",
    errno.EACCES: "Ports below 1024 need the right to bind them: choose a higher one.",
    errno.EADDRNOTAVAIL: "This machine has no such address: use one of its own.",
}


class Listener:
    """One application on one address; `url` is where people find it."""

    def __init__(self, runner: web.AppRunner, url: str) -> None:
        self._runner = runner
        self.url = url

    @classmethod
    async def start(
        cls, app: web.Application, *, host: str, port: int, tls: ssl.SSLContext | None = None
    ) -> "Listener":
        """Bind and serve; port 0 lets the system choose. ConfigError says why it cannot."""
        runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=SHUTDOWN_S, max_line_size=MAX_LINE
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port, ssl_context=tls).start()
        except OSError as error:
            await runner.cleanup()
            raise ConfigError(
                f"The page cannot be served at {host}:{port}.",
                where="web.listen",
                remedy=REMEDIES.get(error.errno or 0, error.strerror or "See the system's log."),
            ) from error
        bound = runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        return cls(runner, f"{'https' if tls else 'http'}://{shown}:{bound}")

    async def close(self) -> None:
        """Stop listening and end what is open."""
        await self._runner.cleanup()
