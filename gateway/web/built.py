"""The built page as it lies in the installation: read once, sent many times."""

import gzip
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from gateway.core.errors import ConfigError

NONCE: Final = b"__CSP_NONCE__"
# what a browser must be told whatever the machine's own table says
_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_SMALL: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file; `packed` is the same as gzip, None where that gains nothing."""

    body: bytes
    packed: bytes | None
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The page: its first file with a place for the nonce, and the others by name."""

    index: bytes
    assets: Mapping[str, Asset]

    def with_nonce(self, nonce: str) -> bytes:
        """Return the first file, in which the style of parts is allowed by this nonce."""
        return self.index.replace(NONCE, nonce.encode())


def read_built(folder: Traversable | None = None) -> Built | None:
    """Return the page that was built into the installation, None where none was.

    Raises ConfigError if it is not whole. Source: Vite's output, `index.html` and `assets/` whose
    names carry a hash of what is in them.
    """
    place = folder if folder is not None else files("gateway.web").joinpath("static")
    index = place.joinpath("index.html")
    if not index.is_file():
        return None
    body = index.read_bytes()
    assets = dict(_assets(place.joinpath("assets")))
    if body.count(NONCE) != 1 or not any(name.endswith(".js") for name in assets):
        raise ConfigError(
            "The page that belongs to this installation is damaged.",
            where="gateway/web/static",
            remedy="Install Filodiretto again, or build the page: tools/desk.sh",
        )
    return Built(index=body, assets=assets)


def _assets(folder: Traversable) -> Iterator[tuple[str, Asset]]:
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        body = file.read_bytes()
        packed = gzip.compress(body, mtime=0) if len(body) > _SMALL else None
        if packed is not None and len(packed) >= len(body):
            packed = None
        yield file.name, Asset(body=body, packed=packed, media_type=_media_type(file.name))


def _media_type(name: str) -> str:
    suffix = name[name.rfind(".") :]
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
