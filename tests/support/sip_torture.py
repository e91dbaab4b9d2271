"""The torture messages of RFC 4475 and 5118, written after their text, for INVITE where they may.

VALID: what rings, as nothing is wrong or only what those who answer would read (bodies, their types
and lengths). ANSWERED: what gets another status, 0 for none.
"""

from typing import Final


def message(
    first: str,
    *changed: str,
    without: tuple[str, ...] = (),
    body: str = "",
) -> bytes:
    """Return a request with what every one must have; a changed header takes the place of its."""
    headers = {
        "via": "Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw",
        "max-forwards": "Max-Forwards: 70",
        "from": "From: <sip:caller@example.net>;tag=242etr",
        "to": "To: <sip:user@example.com>",
        "call-id": "Call-ID: torture.0ha0isndaksdj",
        "cseq": f"CSeq: 8 {first.split(' ', maxsplit=1)[0]}",
    }
    new = [line.partition(":")[0].strip().lower() for line in changed]
    kept = [line for name, line in headers.items() if name not in {*new, *without}]
    return ("\r\n".join([first, *kept, *changed]) + "\r\n\r\n" + body).encode()


def invite(*changed: str, without: tuple[str, ...] = (), body: str = "") -> bytes:
    """Return an INVITE with these headers changed."""
    return message("INVITE sip:user@example.com SIP/2.0", *changed, without=without, body=body)


VALID: Final = (
    (
        "3.1.1.3 valid use of the % escaping mechanism",
        message(
            "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0",
            "From: <sip:I%20have%20spaces@example.net>;tag=938",
            "To: sip:%75se%72@example.com",
        ),
    ),
    (
        "3.1.1.4 escaped nulls in URIs",
        message(
            "INVITE sip:example.com SIP/2.0",
            "From: sip:null-%00-null@example.com;tag=839923423",
            "To: sip:null-%00-null@example.com",
        ),
    ),
    (
        "3.1.1.6 no white space between display name and <",
        invite("From: caller<sip:caller@example.com>;tag=3"),
    ),
    (
        "3.1.1.7 long values in header fields",
        invite(
            f'To: "I have a user name of {"extreme " * 60}proportion" <sip:user@example.com:6000;'
            f"unknownparam1={'very' * 60}long;longparam{'name' * 60}=shortvalue>",
            f"From: sip:{'amazinglylong' * 30}callername@example.net;tag=12982{'982' * 60}424;"
            f"unknown{'parameter' * 60}",
            f"Via: {', '.join(f'SIP/2.0/TCP sip{n}.example.com;branch=z{n}' for n in range(34))}",
        ),
    ),
    (
        "3.1.1.8 extra trailing octets in a UDP datagram",
        invite("Content-Length: 0", body="INVITE sip:x@y"),
    ),
    (
        "3.1.1.9 parameters in the user part",
        message("INVITE sip:user;par=u%40example.net@example.com SIP/2.0"),
    ),
    (
        "3.1.1.10 varied transports in Via",
        invite(
            "Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw",
            "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf",
            "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en",
        ),
    ),
    (
        "3.1.1.11 multipart body",
        invite(
            "Content-Type: multipart/mixed;boundary=7a9cbec02ceef655",
            body="--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n\r\n--7a9c--",
        ),
    ),
    (
        "3.1.2.1 extraneous separators",
        invite(
            "Via: SIP/2.0/UDP 192.0.2.15;;,;,,",
            'Contact: "Joe" <sip:joe@example.org>;;;;',
        ),
    ),
    (
        "3.1.2.2 Content-Length larger than the message",
        invite("Content-Length: 9999", body="v=0\r\n"),
    ),
    (
        "3.1.2.3 negative Content-Length",
        invite("Content-Length: -999", body="v=0\r\n"),
    ),
    (
        "3.1.2.6 unterminated quoted string in a display name",
        invite(
            'To: "Mr. J. User <sip:j.user@example.com>',
        ),
    ),
    ("3.1.2.7 <> around the Request-URI", message("INVITE <sip:user@example.com> SIP/2.0")),
    (
        "3.1.2.8 white space within the Request-URI",
        message("INVITE sip:user@example.com; lr SIP/2.0"),
    ),
    (
        "3.1.2.9 several spaces in the request line",
        message("INVITE  sip:user@example.com  SIP/2.0"),
    ),
    ("3.1.2.10 spaces after the request line", message("INVITE sip:user@example.com SIP/2.0  ")),
    (
        "3.1.2.11 escaped headers in the Request-URI",
        message("INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0"),
    ),
    (
        "3.1.2.12 time zone in Date",
        invite("Date: Fri, 01 Jan 2010 16:00:00 EST"),
    ),
    (
        "3.1.2.14 spaces within addr-spec",
        invite(
            'From: "Watson, Thomas" < sip:t.watson@example.org >;tag=6',
        ),
    ),
    (
        "3.1.2.15 non-token characters in a display name",
        invite(
            "From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43",
        ),
    ),
    (
        "3.2.1 missing transaction identifier",
        invite("Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK"),
    ),
    (
        "3.3.6 unknown content type",
        invite(
            "Content-Type: application/unknownformat",
            body="<audio>\r\n",
        ),
    ),
    (
        "3.3.7 unknown Authorization scheme",
        invite(
            "Authorization: NoOneKnowsThisScheme opaque-data=here",
        ),
    ),
    (
        "3.3.9 several Content-Length values",
        invite("Content-Length: 13", "Content-Length: 5"),
    ),
    (
        "3.3.11 Max-Forwards of zero, at where it goes",
        invite("Max-Forwards: 0"),
    ),
    (
        "3.3.15 unacceptable Accept",
        invite("Accept: text/nobodyKnowsThis"),
    ),
    (
        "3.4.1 INVITE as RFC 2543 had it: no branch, no tag",
        message(
            "INVITE sip:UserB@example.com SIP/2.0",
            "Via: SIP/2.0/UDP iftgw.example.com",
            "From: <sip:+13035551111@ift.client.example.net;user=phone>",
        ),
    ),
    (
        "RFC 5118 4.1 IPv6 literals",
        message(
            "INVITE sip:user@[2001:db8::10] SIP/2.0",
            "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111",
            "From: sip:caller@[2001:db8::1:9]:5060;tag=81x2",
            "Contact: <sip:caller@[2001:db8::1]>",
        ),
    ),
    (
        "RFC 5118 4.5 IPv6 in received",
        message(
            "INVITE sip:[2001:db8::10] SIP/2.0",
            "Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111",
        ),
    ),
    (
        "no body at all, and a name of many lines and with markup",
        invite(
            'From: "<script>alert(1)</script>\r\n\tRossi" <sip:+39061@example.net>;tag=1',
        ),
    ),
    (
        "a name that breaks off in the middle: the line after it is no header",
        invite(
            'From: "Mario\r\nRossi" <sip:+39061@example.net>;tag=1',
        ),
    ),
)
ANSWERED: Final = (
    (
        "3.1.1.1 INVITE as tortuous as it may be: to an address that no phone has",
        message(
            "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0", "TO :\r\n sip:v@c"
        ),
        180,
    ),
    (
        "3.1.1.2 unusual but valid characters",
        message(
            "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)@h SIP/2.0"
        ),
        405,
    ),
    ("3.1.1.5 % that is no escape", message("RE%47IST%45R sip:registrar.example.com SIP/2.0"), 405),
    (
        "3.1.2.4 overlarge CSeq",
        invite("CSeq: 36893488147419103232 INVITE"),
        400,
    ),
    (
        "3.1.2.16 unknown version of the protocol",
        message("INVITE sip:user@example.com SIP/7.0"),
        505,
    ),
    (
        "3.1.2.17 method of start line and CSeq differ",
        message("OPTIONS sip:user@example.com SIP/2.0", "CSeq: 8 INVITE"),
        400,
    ),
    (
        "3.1.2.18 the same with an unknown method",
        message("NEWMETHOD sip:user@example.com SIP/2.0", "CSeq: 8 INVITE"),
        400,
    ),
    *(
        (f"3.3.1 no {name}", invite(without=(name,)), 400)
        for name in ("from", "to", "call-id", "cseq")
    ),
    ("3.3.2 unknown scheme of the Request-URI", message("INVITE nobodyKnows:opaque SIP/2.0"), 416),
    (
        "3.3.3 known but atypical scheme",
        message("INVITE soap.beep://192.0.2.103:3002 SIP/2.0"),
        416,
    ),
    (
        "3.3.5 unknown extensions are required",
        message(
            "OPTIONS sip:user@example.com SIP/2.0",
            "Require: nothingSupportsThis, nothingSupportsThisEither",
        ),
        420,
    ),
    (
        "3.3.8 several values where only one may be",
        invite("CSeq: 5 INVITE", "CSeq: 59 INVITE"),
        400,
    ),
    ("3.3.11 the same for OPTIONS", message("OPTIONS sip:user@h SIP/2.0", "Max-Forwards: 0"), 200),
    (
        "RFC 3262: 100rel is required",
        invite("Require: 100rel"),
        420,
    ),
    (
        "RFC 4028: timer is required",
        invite("Require: timer"),
        180,
    ),
    (
        "RFC 3891: a call is to be replaced",
        invite("Replaces: 1@h;to-tag=1;from-tag=2"),
        481,
    ),
    (
        "RFC 3262: PRACK of what was not reliable",
        message("PRACK sip:user@example.com SIP/2.0", "RAck: 1 8 INVITE"),
        481,
    ),
    (
        "re-INVITE of a dialog that is not ours",
        invite("To: <sip:user@example.com>;tag=no"),
        481,
    ),
    (
        "a flawed ACK is not answered",
        message("ACK sip:user@example.com SIP/2.0", without=("to",)),
        0,
    ),
    ("64 KiB are not read", invite(body="v" * 65_000), 0),
)
