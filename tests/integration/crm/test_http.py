"""The guarded HTTP client against a peer that breaks the protocol in every known way."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from support.peer_http import PeerServer, answer, cut, drip, huge, never

from crm_sync.bucket import TokenBucket
from crm_sync.http import MAX_BODY_BYTES, GuardedHttp
from gateway.core.errors import AdapterError, AmbiguousError, RejectedError, TransientError
from gateway.runtime.clock import SystemClock


@pytest.fixture
async def http() -> AsyncIterator[GuardedHttp]:
    """Give a client that may go to loopback and is quick to give up."""
    async with GuardedHttp(adapter="crm", allow_private=True, connect_s=0.3, total_s=0.6) as client:
        yield client


async def test_whole_answer_comes_back(peer: PeerServer, http: GuardedHttp) -> None:
    """Status, headers in lower case and body are given as they came."""
    peer.default = answer(422, b'{"no":1}', headers={"Retry-After": "7"})
    got = await http.request("POST", f"{peer.url}/a?b=c", headers={"X-Key": "k"}, body=b"hello")
    assert (got.status, got.body, got.headers["retry-after"]) == (422, b'{"no":1}', "7")
    (seen,) = peer.requests
    assert (seen.method, seen.path, seen.body) == ("POST", "/a?b=c", b"hello")
    assert seen.headers["x-key"] == "k"


async def test_every_cookie_of_an_answer_has_its_line(peer: PeerServer, http: GuardedHttp) -> None:
    """A session and a CSRF token come as two headers of one name."""
    peer.default = answer(200, b"{}", headers={"Set-Cookie": "sid=1; Path=/\r\nSet-Cookie: csrf=2"})
    got = await http.request("POST", f"{peer.url}/login")
    assert got.headers["set-cookie"] == "sid=1; Path=/\ncsrf=2"


@pytest.mark.parametrize("behaviour", [never(), cut(), drip(0.05)], ids=["silent", "cut", "drip"])
async def test_lost_answer_is_ambiguous(
    peer: PeerServer, http: GuardedHttp, behaviour: object
) -> None:
    """The request went out: the peer may have done it."""
    peer.default = behaviour  # type: ignore[assignment]  # parametrised
    began = time.monotonic()
    with pytest.raises(AmbiguousError):
        await http.request("POST", peer.url, body=b"x")
    assert time.monotonic() - began < 2
    assert len(peer.requests) == 1


async def test_refused_connection_is_certainly_not_sent(http: GuardedHttp) -> None:
    """Nobody listens, so nobody has done anything."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(TransientError) as caught:
        await http.request("POST", f"http://127.0.0.1:{port}/", body=b"x")
    assert "refused" in caught.value.message


async def test_host_that_does_not_answer_is_certainly_not_sent(http: GuardedHttp) -> None:
    """A full backlog looks like a host that drops packets: the connection never came up."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)  # noqa: FBT003
            one.connect_ex(("127.0.0.1", port))
        try:
            with pytest.raises(TransientError) as caught:
                await http.request("POST", f"http://127.0.0.1:{port}/", body=b"x")
        finally:
            for one in waiting:
                one.close()
    assert "does not answer" in caught.value.message


async def test_tls_with_a_peer_that_has_none_is_certainly_not_sent(
    peer: PeerServer, http: GuardedHttp
) -> None:
    """The hand-shake failed before a byte of the request."""
    with pytest.raises(TransientError):
        await http.request("POST", peer.url.replace("http:", "https:"), body=b"x")
    assert peer.requests == []


async def test_redirect_is_refused_and_named(peer: PeerServer, http: GuardedHttp) -> None:
    """Following it would send customers' data somewhere nobody configured."""
    peer.default = answer(302, headers={"Location": f"{peer.url}/elsewhere"})
    with pytest.raises(RejectedError) as caught:
        await http.request("POST", peer.url, body=b"x")
    assert "redirect" in caught.value.message
    assert len(peer.requests) == 1


async def test_huge_answer_is_refused(peer: PeerServer, http: GuardedHttp) -> None:
    """Memory is bounded whatever the peer sends."""
    peer.default = huge(MAX_BODY_BYTES * 4)
    with pytest.raises(RejectedError) as caught:
        await http.request("GET", peer.url)
    assert "2 MiB" in caught.value.message


async def test_private_address_is_refused_by_default(peer: PeerServer) -> None:
    """A typo must not make the gateway talk to services of this machine."""
    async with GuardedHttp(adapter="crm") as http:
        for host in ("127.0.0.1", "localhost", "127.1", "[::1]"):
            with pytest.raises(TransientError) as caught:
                await http.request("POST", f"http://{host}:{peer.port}/", body=b"x")
            assert "allow_private" in caught.value.remedy
    assert peer.requests == []


class Turncoat(AbstractResolver):
    """Answers with a metadata address, as a hostile DNS server would."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve everything to 169.254.169.254."""
        return [
            ResolveResult(
                hostname=host, host="169.254.169.254", port=port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Do nothing."""


async def test_name_that_leads_to_cloud_metadata_is_refused_even_if_private_is_allowed() -> None:
    """That address hands out credentials; no CRM lives there."""
    async with GuardedHttp(adapter="crm", allow_private=True, resolver=Turncoat()) as http:
        with pytest.raises(TransientError) as caught:
            await http.request("GET", "http://crm.example.com/")
    assert "not allowed" in caught.value.message


async def test_unknown_host_is_certainly_not_sent(http: GuardedHttp) -> None:
    """A name that does not exist (RFC 6761 reserves .invalid) was never reached."""
    with pytest.raises(TransientError):
        await http.request("GET", "http://crm.invalid/")


@pytest.mark.parametrize("url", ["ftp://example.com/", "http:///x", "https://a:b@example.com/"])
async def test_what_is_no_address_is_refused(http: GuardedHttp, url: str) -> None:
    """A retry would meet the same text."""
    with pytest.raises(RejectedError):
        await http.request("GET", url)


async def test_each_request_has_a_connection_of_its_own(
    peer: PeerServer, http: GuardedHttp
) -> None:
    """A kept connection that the peer is closing would make a write ambiguous for nothing."""
    peer.default = answer(200, headers={"Connection": "keep-alive"})
    for _ in range(3):
        await http.request("POST", peer.url, body=b"x")
    assert [seen.headers.get("connection") for seen in peer.requests] == ["close"] * 3


async def test_rate_is_kept(peer: PeerServer) -> None:
    """The bucket stands in front of the wire, not of one kind of call."""
    bucket = TokenBucket(rate_per_s=50.0, burst=1, clock=SystemClock())
    async with GuardedHttp(adapter="crm", allow_private=True, bucket=bucket) as http:
        began = time.monotonic()
        await asyncio.gather(*(http.request("GET", peer.url) for _ in range(11)))
    assert time.monotonic() - began >= 0.19
    assert len(peer.requests) == 11


async def test_errors_name_cause_and_remedy_but_no_data(
    peer: PeerServer, http: GuardedHttp
) -> None:
    """The text goes into lists and logs; query and body hold customers' numbers."""
    peer.default = cut()
    with pytest.raises(AdapterError) as caught:
        await http.request("POST", f"{peer.url}/?q=0612345678", body=b"0612345678")
    error = caught.value
    assert error.adapter == "crm"
    assert error.remedy
    assert "0612345678" not in f"{error} {error.remedy} {error.detail}"
