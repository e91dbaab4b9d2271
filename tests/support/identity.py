"""A real OpenID provider (django-oauth-toolkit) on loopback, in an environment of its own."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import ClientSession, CookieJar
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.web import WebBench

HERE = Path(__file__).with_name("identity_provider")
CACHE = Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "filodiretto"
START_S = 120.0
INSTALL_S = 25.0
CLIENT, SECRET, PASSWORD = "filodiretto", "a secret of the client", "segreta"


class ProviderMissingError(Exception):
    """The provider cannot be installed here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningProvider:
    """One provider; people are anna (group centralino), luca (responsabili) and ugo (none)."""

    issuer: str

    async def walk(self, bench: WebBench, username: str) -> tuple[str, str]:
        """Go there and back as a browser; returns the way back, and the cookie to bring along."""
        there = await bench.client.get(bench.url + "/api/v1/session/oidc", allow_redirects=False)
        assert there.status == 303, await there.text()
        cookie = there.cookies["filodiretto-oidc"]
        assert cookie["httponly"]
        asked = urlsplit(there.headers["Location"])
        origin = f"{asked.scheme}://{asked.netloc}"
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
            form = {"username": username, "password": PASSWORD}
            answer = await browser.post(
                f"{origin}/login", params={"next": f"{asked.path}?{asked.query}"}, data=form,
                allow_redirects=False,
            )  # fmt: skip
            assert answer.status == 302, await answer.text()
            answer = await browser.get(there.headers["Location"], allow_redirects=False)
            assert answer.status == 302, await answer.text()
            return answer.headers["Location"], f"filodiretto-oidc={cookie.value}"

    async def sign_in(self, bench: WebBench, username: str) -> tuple[str, str]:
        """Sign somebody in; returns where the page goes, and the session's cookie or ""."""
        back, cookie = await self.walk(bench, username)
        answer = await bench.client.get(back, headers={"Cookie": cookie}, allow_redirects=False)
        assert answer.status == 303, await answer.text()
        return answer.headers["Location"], session_of(answer.cookies)


def session_of(cookies: SimpleCookie) -> str:
    """Return the Cookie header of a session, "" if none was opened."""
    found = cookies.get("filodiretto")
    return f"filodiretto={found.value}" if found is not None else ""


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_provider(folder: Path, redirect_uri: str) -> Iterator[RunningProvider]:
    """Start a provider for one client and end it afterwards; raises ProviderMissingError."""
    python = _interpreter()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (folder / "oidc.pem").write_bytes(pem)
    port = free_port()
    issuer = f"http://127.0.0.1:{port}/o"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [python, HERE / "site.py", folder, str(port), redirect_uri], stdout=log, stderr=log
        )
    try:
        _wait(process, port, folder / "log")
        yield RunningProvider(issuer=issuer)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(log.read_text("utf-8")) from None
            time.sleep(0.1)


def _interpreter() -> Path:
    """Return the interpreter of the provider's own environment, made at the first time."""
    folder = CACHE / "identity-provider"
    python, whole = folder / "bin" / "python", folder / "installed.txt"
    wanted = (HERE / "requirements.txt").read_text("ascii")
    if whole.exists() and whole.read_text("ascii") == wanted:
        return python
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=INSTALL_S)
        subprocess.run(
            [*pip, "--require-hashes", "-r", HERE / "requirements.txt"],
            check=True, capture_output=True, timeout=INSTALL_S * 10,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        raise ProviderMissingError("django-oauth-toolkit cannot be installed") from error
    draft = folder / f"installed.{secrets.token_hex(4)}"
    draft.write_text(wanted, "ascii")
    draft.replace(whole)
    return python
