"""Secrets at rest: sealed with a key that lies in the data directory, apart from the database.

A copy of the database alone (a backup, a stolen dump) shows no second factor. Fernet: AES-128-CBC
and HMAC-SHA256 (https://github.com/fernet/spec).
"""

import hmac
import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from gateway.core.errors import ConfigError

KEY_FILE: Final = "filodiretto.key"


class Sealer:
    """Seals and opens small secrets with one key."""

    def __init__(self, key: bytes | None = None) -> None:
        """Use a key in Fernet's form; without one a fresh key, for as long as the object lives."""
        key = key or Fernet.generate_key()
        self._fernet = Fernet(key)
        self._mark = hmac.digest(key, b"filodiretto fingerprints", "sha256")

    def fingerprint(self, text: str) -> str:
        """Return a keyed hash (HMAC-SHA256, hex) that tells nothing of a text without the key."""
        return hmac.digest(self._mark, text.encode(), "sha256").hex()

    @classmethod
    def load(cls, folder: Path) -> "Sealer":
        """Read the key of an installation, made at the first start; ConfigError if it is damaged.

        Nodes that share a database need the same file.
        """
        path = folder / KEY_FILE
        with suppress(FileExistsError):
            # made whole under another name first: of two processes one wins, with a whole file
            draft = path.with_name(f"{KEY_FILE}.{os.getpid()}")
            descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, Fernet.generate_key())
                os.fsync(descriptor)
                os.link(draft, path)
            finally:
                os.close(descriptor)
                draft.unlink()
        try:
            return cls(path.read_bytes().strip())
        except (OSError, ValueError) as error:
            raise ConfigError(
                "The key of this installation cannot be used.",
                where=str(path),
                remedy="Restore the file from a backup. Without it second factors must be set up"
                " again: delete it and run `filodiretto users reset-totp LOGIN`.",
            ) from error

    def seal(self, secret: bytes) -> bytes:
        """Return what may be stored or handed out."""
        return self._fernet.encrypt(secret)

    def unseal(self, sealed: bytes, *, max_age: timedelta | None = None) -> bytes | None:
        """Return what was sealed; None if it is not ours, was changed, or is too old."""
        ttl = None if max_age is None else int(max_age.total_seconds())
        try:
            return self._fernet.decrypt(sealed, ttl=ttl)
        except InvalidToken:
            return None
