"""The second factor: enrolment, codes and recovery codes."""

import base64
import io
import secrets
from dataclasses import dataclass
from typing import Final

import segno

from gateway.store import second_factors, totp
from gateway.store.credentials import fingerprint
from gateway.store.people import Role
from gateway.store.second_factors import StoredTotp
from gateway.web.problems import Problem, ProblemKind
from gateway.web.services import Services

ISSUER: Final = "Filodiretto"
RECOVERY_CODES: Final = 10
REQUIRED_ROLES: Final = frozenset({Role.ADMIN, Role.SUPERVISOR})

TOTP_REQUIRED: Final = ProblemKind(
    slug="totp-required",
    status=401,
    title="Code needed",
    detail='Name and password are right. Send them again with "code": the six digits that the '
    "authenticator shows, or a recovery code.",
)
TOTP_WRONG: Final = ProblemKind(
    slug="totp-wrong",
    status=401,
    title="Wrong code",
    detail="The code is wrong, too old, or was used before. Wait for the next one; if they never "
    "fit, set the telephone's clock by the network.",
)
TOTP_ENROLMENT: Final = ProblemKind(
    slug="totp-enrolment-required",
    status=401,
    title="Second factor to be set up",
    detail="Name and password are right, and this role needs a second factor. Send them to "
    "POST /api/v1/session/totp, scan the QR code, then sign in with the first code.",
)
TOTP_NOT_ASKED: Final = ProblemKind(
    slug="totp-not-asked",
    status=409,
    title="No second factor is needed",
    detail="Nobody asks you for a second factor at sign-in. Sign in, then POST /api/v1/me/totp if "
    "you want one.",
)
TOTP_NOT_BEGUN: Final = ProblemKind(
    slug="totp-not-begun",
    status=409,
    title="No second factor to confirm",
    detail="Nothing waits to be confirmed: begin with POST /api/v1/me/totp.",
)
RECOVERY_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What an authenticator needs: the secret in base 32, its address, a picture of that (SVG)."""

    secret: str
    uri: str
    qr_svg: str


class SecondFactor:
    """The second factor of people; secrets are opened only here."""

    def __init__(self, services: Services) -> None:
        self._db = services.db
        self._clock = services.clock
        self._options = services.people

    def is_required(self, login: str, role: Role) -> bool:
        """Tell whether somebody must have a second factor to sign in with a password."""
        asked = self._options.require_totp and role in REQUIRED_ROLES
        return asked and login not in self._options.totp_exempt

    async def stored(self, login: str) -> StoredTotp | None:
        """Return somebody's second factor as it is stored."""
        return await self._db.read(lambda conn: second_factors.get_totp(conn, login))

    async def begin(self, login: str) -> Enrolment:
        """Make a new secret that is still to be confirmed; raises UsageError if one is in use."""
        secret = totp.new_secret()
        sealed = self._options.sealer.seal(secret.encode())
        now = self._clock.now()
        await self._db.write(lambda conn: second_factors.begin_totp(conn, login, sealed, now=now))
        uri = totp.enrolment_uri(secret, login=login, issuer=self._options.totp_issuer)
        return Enrolment(secret=secret, uri=uri, qr_svg=picture(uri))

    async def confirm(self, login: str, code: str) -> tuple[str, ...]:
        """Take the first code and return the recovery codes, shown once; raises Problem."""
        stored = await self.stored(login)
        if stored is None or stored.confirmed:
            raise Problem(TOTP_NOT_BEGUN)
        step = self._step(stored, code)
        if step is None:
            raise Problem(TOTP_WRONG)
        codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
        hashed = [fingerprint(plain(code)) for code in codes]
        now = self._clock.now()
        done = await self._db.write(
            lambda conn: second_factors.confirm_totp(
                conn, login, sealed=stored.sealed, step=step, codes=hashed, now=now
            )
        )
        if not done:
            raise Problem(TOTP_NOT_BEGUN)
        return codes

    async def check(self, login: str, code: str) -> bool:
        """Tell whether a code or recovery code is right, and use it up."""
        stored = await self.stored(login)
        if stored is None or not stored.confirmed:
            return False
        step = self._step(stored, code)
        if step is not None:
            return await self._db.write(lambda conn: second_factors.take_step(conn, login, step))
        hashed, now = fingerprint(plain(code)), self._clock.now()
        return await self._db.write(
            lambda conn: second_factors.take_recovery_code(conn, login, hashed, now=now)
        )

    async def remove(self, login: str) -> bool:
        """Forget somebody's second factor."""
        return await self._db.write(lambda conn: second_factors.remove_totp(conn, login))

    def _step(self, stored: StoredTotp, code: str) -> int | None:
        secret = self._options.sealer.unseal(stored.sealed)
        if secret is None:
            return None
        return totp.step_of(secret.decode(), code, self._clock.now().timestamp())


def enrolment_json(enrolment: Enrolment) -> dict[str, object]:
    """Return the public JSON object of an enrolment."""
    return {
        "secret": enrolment.secret,
        "uri": enrolment.uri,
        "qr_svg": enrolment.qr_svg,
        "qr": picture_url(enrolment.qr_svg),
    }


def plain(code: str) -> str:
    """Return a recovery code as it is hashed: without blanks and dashes, in capitals."""
    return "".join(code.split()).replace("-", "").upper()


def picture(uri: str) -> str:
    """Return an address as a QR code (SVG), black on white in every colour scheme."""
    out = io.BytesIO()
    segno.make(uri, error="m").save(
        out, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, svgns=True, nl=False
    )
    return out.getvalue().decode()


def picture_url(svg: str) -> str:
    """Return a picture as an address that a page may show (`img-src data:`)."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _recovery_code() -> str:
    letters = "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(16))
    return "-".join(letters[place : place + 4] for place in range(0, 16, 4))
