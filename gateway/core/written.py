"""How people, carriers and SIP write a number down, before anybody asks what it means."""

import re
from typing import Final
from urllib.parse import unquote

from gateway.core.text import clean_text

# RFC 3323 and what carriers, Asterisk, FreePBX and phones write for a withheld number.
WITHHELD_WORDS: Final = frozenset(
    {
        "anonymous",
        "anonym",
        "anonyme",
        "anonimo",
        "anónimo",
        "blocked",
        "no caller id",
        "number withheld",
        "privat",
        "private",
        "private number",
        "privato",
        "restricted",
        "sconosciuto",
        "unavailable",
        "unbekannt",
        "unknown",
        "withheld",
    }
)
_SHOWN_LIMIT: Final = 80
_URI_LIMIT: Final = 1_000

_URI: Final = re.compile(r"(?:[^<]*<)?\s*(?:sips?|tel):([^>?]*)", re.IGNORECASE)
_CONTEXT: Final = re.compile(r";phone-context=(\+[0-9]+)", re.IGNORECASE)
_EXTENSION_SUFFIX: Final = re.compile(
    r"(?:(?:[ ,;]|(?<=[0-9)]))\s*(?:;?ext(?:ension)?[.=:]?|int(?:erno)?[.:]?|x|#)|,,|;)"
    r"\s*([0-9]{1,7})\s*$",
    re.IGNORECASE,
)
_PREFIX: Final = re.compile(r"(.*?[0-9][ ./-]*)(?:\*|[xX]+)")
_WRITTEN: Final = re.compile("(?:[ (\\[]*[+])?[0-9 ()\\[\\]./\u2010-\u2015\u2212-]+")
_UNICODE_SPACES: Final = re.compile(r"[^\S ]")
_NOT_DIGITS: Final = re.compile(r"[^0-9]")


def user_part(raw: str) -> str | None:
    """Return the number as it may be shown: without controls, without SIP or tel URI around it.

    A global `phone-context` (RFC 3966) is put before a local number. None if nothing is left.
    """
    line = clean_text(raw, limit=_URI_LIMIT)
    if line is None:
        return None
    found = _URI.match(line)
    if found is None and "@" not in line:
        return clean_text(line, limit=_SHOWN_LIMIT)
    body = unquote(found.group(1)) if found is not None else line
    user = body.partition("@")[0].partition(";")[0].strip()
    user = user.partition(":")[0]  # the obsolete sip:user:password@host
    context = _CONTEXT.search(body)
    if context is not None and not user.startswith("+"):
        user = context.group(1) + user
    return clean_text(user, limit=_SHOWN_LIMIT)


def says_withheld(shown: str) -> bool:
    """Return whether the text stands for a number that the caller did not let through."""
    return shown.lower().strip("<>\"'") in WITHHELD_WORDS


def written_digits(shown: str) -> str | None:
    """Return the ASCII digits, with a leading `+` if there was one, of something that is a number.

    An extension behind the number (`int. 12`, `x12`, `;12`) is left out. Letters, other scripts'
    digits and service codes (`*8`, `#31#`) give None: they are not to be matched.
    """
    written = _EXTENSION_SUFFIX.sub("", _UNICODE_SPACES.sub(" ", shown)).strip()
    if not _WRITTEN.fullmatch(written):
        return None
    digits = digits_of(written)
    return "+" + digits if written.lstrip(" ([").startswith("+") else digits or None


def extension_behind(raw: str) -> str | None:
    """Return the extension behind a number (`int. 12`, `;ext=12`), None if there is none."""
    if raw.isascii() and raw.isdigit():
        return None
    found = _EXTENSION_SUFFIX.search(_UNICODE_SPACES.sub(" ", raw.partition("@")[0]).rstrip())
    return found.group(1) if found is not None else None


def written_prefix(text: str) -> str | None:
    """Return the digits before a `*` or `xx` that stands for any further ones, as written.

    None for what is no such prefix.
    """
    found = _PREFIX.fullmatch(text.strip())
    return None if found is None else written_digits(found.group(1))


def digits_of(text: str) -> str:
    """Return the ASCII digits of `text`."""
    return _NOT_DIGITS.sub("", text)
