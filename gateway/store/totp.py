"""Time-based one-time passwords (RFC 6238): six digits, 30 s, one step of clock drift each way."""

import hmac
from typing import Final

import pyotp

STEP_S: Final = 30
DIGITS: Final = 6
DRIFT: Final = (0, -1, 1)


def step_of(secret: str, code: str, seconds: float) -> int | None:
    """Return the step whose code this is, near a Unix time; None for a wrong code.

    The caller sees to it that no step counts twice (RFC 6238 section 5.2).
    """
    digits = code.replace(" ", "")
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    generator, now = pyotp.HOTP(secret, digits=DIGITS), int(seconds // STEP_S)
    found = None
    for drift in DRIFT:
        if hmac.compare_digest(generator.at(now + drift), digits) and found is None:
            found = now + drift
    return found


def new_secret() -> str:
    """Return a new secret of 160 random bits, in base 32 (RFC 4226 section 4)."""
    return str(pyotp.random_base32(32))


def enrolment_uri(secret: str, *, login: str, issuer: str) -> str:
    """Return the `otpauth:` address that an authenticator reads as a QR code."""
    return str(
        pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(
            name=login, issuer_name=issuer
        )
    )
