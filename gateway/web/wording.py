"""In which language a request is answered, and its causes and remedies in it."""

from collections import ChainMap
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from aiohttp import web

from gateway.core.wording import told
from gateway.web.italian import ITALIAN
from gateway.web.keys import SERVICES

ITALIAN_TAG: Final = "it"
ENGLISH_TAG: Final = "en"
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def language_of(request: web.Request) -> str:
    """Return `it` if the browser prefers Italian, else `en`."""
    accepted = request.headers.get("Accept-Language", "").strip().lower()
    return ITALIAN_TAG if accepted.startswith(ITALIAN_TAG) else ENGLISH_TAG


def in_words_of(request: web.Request, text: str) -> str:
    """Return what is said in English in the language of whoever asks, where it is known in it."""
    if language_of(request) != ITALIAN_TAG:
        return text
    controls = request.app[SERVICES].controls
    of_pbxs = controls.italian if controls is not None else _NONE
    return told(text, ChainMap(dict(ITALIAN), dict(of_pbxs)))
