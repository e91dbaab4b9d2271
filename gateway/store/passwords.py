"""Password hashes: argon2id. It takes some 50 ms, so it belongs in a thread, not in the loop."""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# RFC 9106, second recommended option (64 MiB, 3 passes, 4 lanes): the library's default.
_HASHER: Final = PasswordHasher()

# Of no password at all: what an unknown login is verified against, so that it takes as long.
DUMMY_HASH: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$c29tZS1yYW5kb20tc2FsdA$"
    "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE"
)


def hash_password(password: str) -> str:
    """Return the hash to store, salt and parameters included."""
    return _HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether the password is the one that was hashed; None takes as long and is False."""
    try:
        _HASHER.verify(stored or DUMMY_HASH, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Tell whether the hash was made with other parameters than today's."""
    try:
        return _HASHER.check_needs_rehash(stored)
    except InvalidHashError:
        return True
