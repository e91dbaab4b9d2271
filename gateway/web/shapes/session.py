"""Signing in, and who one is."""

from pydantic import ConfigDict, Field

from gateway.store.people import Role
from gateway.web.shapes.base import Body, Params, Shape


class CredentialsBody(Body):
    """Name and password."""

    username: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1024)


class SignInBody(Body):
    """Name and password, and a code where one is asked for; none of it with a Bearer token."""

    username: str | None = Field(default=None, min_length=1, max_length=200)
    password: str | None = Field(default=None, min_length=1, max_length=1024)
    code: str | None = Field(
        default=None,
        min_length=1,
        max_length=40,
        description="The six digits of the authenticator, or a recovery code.",
    )
    embed: bool = Field(
        default=False,
        description="For a page within another site: its own cookie; needs web.frame_ancestors.",
    )


class Extension(Shape):
    """One's extension; `pbx` null is any.

    `held`: signed in to for a while. `shared_with`: the others who have it too and get its pops.
    `registered`: whether the PBX can reach the phone, null if it does not say.
    """

    pbx: str | None
    extension: str
    held: bool
    shared_with: list[str]
    registered: bool | None


class Me(Shape):
    """Who one is and what one may."""

    login: str
    name: str
    role: Role
    extensions: list[Extension]
    scopes: list[str]


class SignedIn(Me):
    """Who one is; `recovery_codes` only after a second factor's first code, and never again."""

    recovery_codes: list[str] | None


class Enrolment(Shape):
    """A second factor that is still to be confirmed by its first code."""

    secret: str = Field(description="In base 32, to be typed where no camera is.")
    uri: str = Field(description="`otpauth:` address.")
    qr_svg: str = Field(description="The same as a picture.")
    qr: str = Field(description="The picture as a `data:` address.")


class CodeBody(Body):
    """The six digits that the authenticator shows."""

    code: str = Field(min_length=1, max_length=40)


class RecoveryCodes(Shape):
    """Codes for a day without the telephone; each works once."""

    recovery_codes: list[str]


class Ways(Shape):
    """How one may sign in here."""

    setup: bool = Field(description="Nobody administers this installation yet.")
    oidc: str | None = Field(description="Name of the company's sign-in, null without one.")
    oidc_url: str | None = Field(description="Where to send the browser for it.")


class SetupBody(Body):
    """The first administrator."""

    secret: str = Field(min_length=1, max_length=100, description="What the link holds.")
    login: str = Field(min_length=1, max_length=64)
    name: str = Field(default="", max_length=120)
    password: str = Field(min_length=8, max_length=1024)


class DeskBody(Body):
    """A telephone to sign in to."""

    extension: str = Field(min_length=1, max_length=32, pattern=r"^[0-9A-Za-z_.*#+-]+$")
    pbx: str | None = Field(default=None, min_length=1, max_length=64)
    take_over: bool = Field(default=False, description="Also if somebody else forgot to leave it.")


class PasswordBody(Body):
    """One's own new password, and the present one."""

    password: str = Field(min_length=1, max_length=1024)
    new: str = Field(min_length=8, max_length=1024)


class CallbackQuery(Params):
    """What an identity provider sends back (RFC 6749 section 4.1.2); it may say more than this."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    code: str | None = Field(default=None, max_length=4096)
    state: str | None = Field(default=None, max_length=400)
    iss: str | None = Field(default=None, max_length=2000)
    error: str | None = Field(default=None, max_length=400)
