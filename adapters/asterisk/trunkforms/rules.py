"""What a field of the form may hold, and in words why not: a value must never become a line."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Final

from gateway.core.trunkforms import Words

_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_MAX_HOST: Final = 253
_NEW_LINE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_LINE_END: Final = Words(
    en="holds a line end or a control character: it would add a line of its own to the file",
    it="contiene un a capo o un carattere di controllo: aggiungerebbe una riga al file",
)
_COMMENT: Final = Words(
    en="holds a semicolon: Asterisk takes what follows it for a comment",
    it="contiene un punto e virgola: Asterisk prende il seguito per un commento",
)
_SECTION: Final = Words(
    en="holds a square bracket: in Asterisk's files it begins a section",
    it="contiene una parentesi quadra: nei file di Asterisk apre una sezione",
)
_DIRECTIVE: Final = Words(
    en="begins with #: Asterisk reads that as a directive such as #include or #exec",
    it="comincia con #: Asterisk lo legge come una direttiva, come #include o #exec",
)
_EXPRESSION: Final = Words(
    en="holds a dollar sign: the dialplan evaluates what follows it",
    it="contiene il simbolo del dollaro: il piano di chiamata valuta ciò che segue",
)
_SPACES: Final = Words(
    en="begins or ends with a space, which Asterisk drops",
    it="comincia o finisce con uno spazio, che Asterisk elimina",
)
_FORBIDDEN: Final[tuple[tuple[str, Words], ...]] = (
    (";", _COMMENT),
    ("[", _SECTION),
    ("]", _SECTION),
    ("$", _EXPRESSION),
)


def hostile(text: str) -> Words | None:
    """Return why a text must not stand in a configuration file, None if it may."""
    if _NEW_LINE.search(text):
        return _LINE_END
    if text.startswith("#"):
        return _DIRECTIVE
    for sign, words in _FORBIDDEN:
        if sign in text:
            return words
    return _SPACES if text != text.strip() else None


def is_address(text: str) -> bool:
    """Whether it is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_network(text: str) -> bool:
    """Whether it is an address or a network: `192.0.2.0/24`."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "%" not in text


def is_host(text: str) -> bool:
    """Whether it is an address or a DNS name."""
    if is_address(text):
        return "%" not in text
    labels = text.rstrip(".").split(".")
    return len(text) <= _MAX_HOST and all(map(_LABEL.fullmatch, labels)) and text[:1] != "."


def _is_place(text: str) -> bool:
    """Whether it is a host, or a host and a port (an IPv6 address without one)."""
    host, colon, port = text.rpartition(":")
    if not colon or is_address(text):
        return is_host(text)
    return is_host(host) and port.isascii() and port.isdigit() and 0 < int(port[:6]) < 2**16


def _matching(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def _rule(test: Callable[[str], bool], en: str, it: str) -> tuple[Callable[[str], bool], Words]:
    return test, Words(en=en, it=it)


RULES: Final[Mapping[str, tuple[Callable[[str], bool], Words]]] = {
    "name": _rule(
        _matching(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}"),
        "must be letters, digits, dot, dash or underscore, at most 63",
        "deve essere di lettere, cifre, punto, trattino o trattino basso, al più 63",
    ),
    "context": _rule(
        _matching(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}"),
        "must be the name of a dialplan context: letters, digits, dot, dash, underscore",
        "deve essere il nome di un contesto: lettere, cifre, punto, trattino, trattino basso",
    ),
    "host": _rule(
        is_host,
        "must be a DNS name or an address, without sip: and without port",
        "deve essere un nome DNS o un indirizzo, senza sip: e senza porta",
    ),
    "place": _rule(
        _is_place,
        "must be a DNS name or an address, with :port if it is not the standard one",
        "deve essere un nome DNS o un indirizzo, con :porta se non è quella normale",
    ),
    "network": _rule(
        is_network,
        "must be an address or a network like 192.168.1.0/24",
        "deve essere un indirizzo o una rete come 192.168.1.0/24",
    ),
    "match": _rule(
        lambda text: is_network(text) or is_host(text),
        "must be an address, a network like 192.0.2.0/24 or a DNS name",
        "deve essere un indirizzo, una rete come 192.0.2.0/24 o un nome DNS",
    ),
    "user": _rule(
        _matching(r"[A-Za-z0-9+_.~*!'=%/-]{1,128}"),
        "must be the part before the @: letters, digits and + - . _ ~ * ! ' = %",
        "deve essere la parte prima della @: lettere, cifre e + - . _ ~ * ! ' = %",
    ),
    "login": _rule(
        _matching(r"[A-Za-z0-9+_.~*!'=%/@:&-]{1,128}"),
        "must be letters, digits and + - . _ ~ * ! ' = % @ : &",
        "deve essere di lettere, cifre e + - . _ ~ * ! ' = % @ : &",
    ),
    "number": _rule(
        _matching(r"\+?[0-9]{2,20}"),
        "must be a number in digits, with + in front if the provider sends it so",
        "deve essere un numero in cifre, con + davanti se il fornitore lo manda così",
    ),
    "prefix": _rule(
        _matching(r"[0-9*]{1,6}"),
        "must be one to six digits",
        "deve essere da una a sei cifre",
    ),
    "target": _rule(
        _matching(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,78},[A-Za-z0-9*+_-]{1,40}(?:,[0-9]{1,4})?"),
        "must be a place in the dialplan: context,extension or context,extension,priority",
        "deve essere un punto del piano di chiamata: contesto,interno o contesto,interno,priorità",
    ),
    "path": _rule(
        _matching(r"(?:/[A-Za-z0-9._-]{1,100}){1,12}"),
        "must be the whole path of a file: /etc/ssl/certs/ca-certificates.crt",
        "deve essere il percorso completo di un file: /etc/ssl/certs/ca-certificates.crt",
    ),
    "language": _rule(
        _matching(r"[a-z]{2,3}(?:[_-][A-Za-z0-9]{2,8}){0,2}"),
        "must be a language like it or en_GB",
        "deve essere una lingua come it o en_GB",
    ),
}
