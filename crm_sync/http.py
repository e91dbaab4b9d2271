"""HTTP to CRMs with the limits of RELIABILITY rule 5, telling "not sent" from "nobody knows"."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Final, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from crm_sync.addresses import AddressRefusedError, GuardedResolver, is_allowed, literal
from crm_sync.bucket import TokenBucket
from gateway.core.errors import AdapterError, AmbiguousError, RejectedError, TransientError
from gateway.core.ports import HttpAnswer

CONNECT_S: Final = 3.0
TOTAL_S: Final = 10.0
MAX_BODY_BYTES: Final = 2 * 1024 * 1024
_CHUNK: Final = 64 * 1024
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class GuardedHttp:
    """One connector's HTTP client (implements `gateway.core.ports.HttpClient`).

    `adapter` is the connector's name, for errors. One connection per request: a kept connection
    that the peer closes at the same moment would make a write ambiguous for nothing.
    """

    def __init__(
        self,
        *,
        adapter: str,
        allow_private: bool = False,
        bucket: TokenBucket | None = None,
        resolver: AbstractResolver | None = None,
        connect_s: float = CONNECT_S,
        total_s: float = TOTAL_S,
    ) -> None:
        self._adapter = adapter
        self._allow_private = allow_private
        self._bucket = bucket
        self._resolver = resolver
        self._timeout = aiohttp.ClientTimeout(total=total_s, connect=connect_s)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpAnswer:
        """Return any answer but a redirect, whatever its status.

        Raises TransientError if the request certainly did not reach the peer, AmbiguousError if it
        may have, RejectedError for a redirect or an answer above 2 MiB.
        """
        self._check_address(url)
        if self._bucket is not None:
            await self._bucket.take()
        progress = SimpleNamespace(sent=False)
        async with self._explained(progress):
            return await self._exchange(method, url, dict(headers or {}), body, progress)

    def _check_address(self, url: str) -> None:
        """Refuse an address that is written out; names are judged once they are resolved."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise self._error(
                RejectedError,
                "This is not an address that requests can be sent to.",
                remedy='Set url to "https://host/path", without a user name in it.',
            )
        address = literal(parts.hostname)
        if address is not None and not is_allowed(address, allow_private=self._allow_private):
            raise self._private()

    async def _exchange(
        self, method: str, url: str, headers: dict[str, str], body: bytes, progress: SimpleNamespace
    ) -> HttpAnswer:
        async with self._open_session().request(
            method,
            url,
            # a compressed answer could be small on the wire and endless in memory
            headers={"Accept-Encoding": "identity", "User-Agent": "filodiretto", **headers},
            data=body or None,
            allow_redirects=False,
            trace_request_ctx=progress,
        ) as answer:
            if answer.status in _REDIRECTS:
                raise self._error(
                    RejectedError,
                    "The CRM redirects to another address; redirects are not followed.",
                    remedy="Set url to the address that answers itself (https, final host name).",
                    detail=f"HTTP {answer.status}",
                )
            content = await self._read(answer)
            return HttpAnswer(status=answer.status, headers=_lowered(answer), body=content)

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        content = bytearray()
        async for chunk in answer.content.iter_chunked(_CHUNK):
            content += chunk
            if len(content) > MAX_BODY_BYTES:
                raise self._error(
                    RejectedError,
                    "The answer is larger than 2 MiB, so it is none to a call that was written.",
                    remedy="Check that url leads to the CRM's interface, not to a download.",
                )
        return bytes(content)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_note_sent)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=GuardedResolver(
                        allow_private=self._allow_private, inner=self._resolver
                    ),
                    force_close=True,
                    use_dns_cache=False,
                ),
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                trace_configs=[trace],
            )
        return self._session

    @asynccontextmanager
    async def _explained(self, progress: SimpleNamespace) -> AsyncIterator[None]:
        try:
            yield
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            raise self._explain(error, sent=progress.sent) from error

    def _explain(self, error: Exception, *, sent: bool) -> AdapterError:
        """Say what a failed request means; `sent` is true from the first byte on."""
        refused = _cause_of(error, AddressRefusedError)
        if refused is not None:
            return self._private()
        if sent:
            return self._error(
                AmbiguousError,
                "The CRM did not give a whole answer; it may or may not have done it.",
                remedy="Nothing to do unless it stays so: then look at the CRM's load and log.",
                detail=type(error).__name__,
            )
        if isinstance(error, aiohttp.InvalidURL):
            return self._error(
                RejectedError,
                "This is not an address that requests can be sent to.",
                remedy='Set url to "https://host/path".',
            )
        return self._error(TransientError, *_why_not_reached(error), detail=type(error).__name__)

    def _private(self) -> AdapterError:
        return self._error(
            TransientError,
            "The CRM's name leads to an address of this network, and that is not allowed.",
            remedy="Set allow_private = true for a CRM on the premises.",
        )

    def _error(
        self, kind: type[AdapterError], message: str, remedy: str, detail: str = ""
    ) -> AdapterError:
        return kind(message, adapter=self._adapter, remedy=remedy, detail=detail)


def _lowered(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """Return the headers by lower-case name; of several cookies each has a line."""
    lower = {name.lower(): value for name, value in answer.headers.items()}
    cookies = answer.headers.getall("Set-Cookie", [])
    return {**lower, "set-cookie": "\n".join(cookies)} if cookies else lower


async def _note_sent(
    _session: aiohttp.ClientSession,
    context: SimpleNamespace,
    _params: aiohttp.TraceRequestHeadersSentParams,
) -> None:
    context.trace_request_ctx.sent = True


def _cause_of(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, kind):
        seen = seen.__cause__ or seen.__context__
    return seen


def _why_not_reached(error: Exception) -> tuple[str, str]:
    """Return cause and remedy of a request that was never sent."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "The CRM's host name is not known.", "Check the host in url, and this machine's DNS."
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return (
            "The CRM's certificate is not valid for this name or not from a known authority.",
            "Renew it, or add the authority to this machine's certificates.",
        )
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return "No TLS with the CRM.", "Check the scheme (http or https) and the port in url."
    if isinstance(error, asyncio.TimeoutError):
        return (
            "The CRM's host does not answer.",
            "Check host and port in url, and the firewall between.",
        )
    return "The CRM refused the connection.", "Check that it runs, and host and port in url."
