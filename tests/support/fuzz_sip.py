"""The fuzzer's target for SIP: any datagrams at a trunk's port."""

from support.fuzz_bytes import Choices

from adapters.sip.caller import caller_of
from adapters.sip.front import Front, networks, response
from adapters.sip.message import SipMessage, read
from adapters.sip.registering import Registering, query
from adapters.sip.ringing import Action, Answer, Calls, Rings, Source, Stopped
from gateway.core.errors import PeerProtocolError

HOSTS: tuple[Source, ...] = (("192.0.2.7", 5060), ("192.0.2.8", 5061), ("198.51.100.1", 5060))
FIRST = b"INVITE sip:us@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z\r\nFrom: <sip:+39@h>;tag=1\r\n"
REST = b"To: <sip:us@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n"


def datagrams(data: bytes) -> None:
    """Let an INVITE, damaged, and others come: calls ring and stop in turn, answers can be read.

    The first bytes choose hosts and moments; datagrams are parted by NUL NUL.
    """
    choices = Choices(data)
    front = Front(networks(["192.0.2.0/24"]), lambda: "t")
    calls = Calls(lambda: "t", ring_limit_s=30)
    ringing: set[str] = set()
    now = 0.0
    for part in (FIRST + REST, *choices.rest().split(b"\0\0")[:40]):
        host = HOSTS[part[0] % len(HOSTS)] if part else HOSTS[0]
        now += (part[1] % 8) if len(part) > 1 else 0
        for whole in (part, FIRST + part[2:], part[2:] + REST):
            admitted = front.admit(whole, host, now)
            actions: list[Action] = []
            if isinstance(admitted, Answer):
                actions = [admitted]
            elif isinstance(admitted, SipMessage) and admitted.method:
                assert host != HOSTS[2], "a stranger was read"
                actions = calls.request(admitted, host, now)
            elif isinstance(admitted, SipMessage):
                answered(admitted)
            follow([*actions, *calls.tick(now)], ringing)
    assert ringing == {one.call for one in [*calls.tick(1e9)] if isinstance(one, Stopped)}


def follow(actions: list[Action], ringing: set[str]) -> None:
    """Check that a call begins once, ends once, is never answered, and what is sent is SIP."""
    for action in actions:
        if isinstance(action, Rings):
            assert action.call not in ringing
            ringing.add(action.call)
            caller_of(action.invite)
        elif isinstance(action, Stopped):
            ringing.remove(action.call)
        else:
            assert action.request.method != "ACK"
            assert action.request.method != "INVITE" or not 200 <= action.status < 300
            sent = response(action, contact="sip:us@192.0.2.1:5062")
            assert sent.count(b"\r\n\r\n") == 1
            assert sent.startswith(f"SIP/2.0 {action.status} ".encode())


def answered(message: SipMessage) -> None:
    """Take a response for the registrar's, if it can be that."""
    one = Registering(lambda _contact: False, 16)
    one.sending(query("us", "h", "o", call_id=message.call_id, branch="z", cseq=1), 0)
    given, _verdict = one.answered(message, 1)
    if given is not None:
        try:
            read(given)
        except PeerProtocolError as error:
            raise AssertionError from error
