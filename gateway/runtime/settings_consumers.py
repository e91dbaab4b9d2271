"""`[webhooks]` and `[[inbound]]`: systems that follow our calls, and those that ask for calls."""

from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from gateway.core.errors import ConfigError
from gateway.desk.inbound import Door, Proof

Name = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
SHORTEST: Final = 16
_PLACEHOLDER: Final = "CHANGE_ME"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class WebhooksSettings(_Table):
    """`[webhooks]`: what webhooks that administrators register over the API may do."""

    allow_private: bool = False
    """Allow addresses of this machine and the local network, and plain HTTP to them."""


class InboundSettings(_Table):
    """`[[inbound]]`: one system that asks us to place calls in its own words."""

    name: str = Name
    """The last part of the address: `/api/v1/inbound/NAME`."""
    secret: SecretStr | None = None
    """What the system proves itself with, at least 16 characters; prefer `secret_file`."""
    secret_file: Path | None = None
    """A file that holds the secret alone."""
    proof: Literal["header", "query", "field", "hmac"] = "header"
    """Where the secret is: in a header, the query, a field of the body; or a signature of it."""
    proof_name: str = Field(default="Authorization", min_length=1, max_length=120)
    """The name of that header, parameter or field."""
    prefix: str = Field(default="", max_length=40)
    """What stands before the secret or signature, as in `"Bearer "` or `"sha256="`."""
    encoding: Literal["hex", "base64"] = "hex"
    """How an HMAC-SHA256 of the whole body is written."""
    allow_get: bool = False
    """Take GET requests too, for systems that know nothing else."""
    number: str = Field(default="number", min_length=1, max_length=120)
    """The field with the number to call: a name, or a path like `data.phone`."""
    user: str = Field(default="user", min_length=1, max_length=120)
    """The field that says whose phone is to ring."""
    users: dict[str, str] = Field(default_factory=dict)
    """From what that field says to our extension; what is not named is an extension or login."""
    key: str = Field(default="", max_length=120)
    """The field whose value is the same when a request is repeated, if there is one."""
    pbx: str | None = None
    """The PBX to call on, if there are several."""
    only_if: dict[str, str] = Field(default_factory=dict)
    """Further fields that must have these values; another request is answered and ignored."""

    @model_validator(mode="after")
    def _one_good_secret(self) -> Self:
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError("needs exactly one of secret and secret_file")
        if self.proof in {"field", "hmac"} and self.allow_get:
            raise ValueError("a GET has no body to prove itself with: use header or query")
        if self.secret is not None:
            self._check(self.secret.get_secret_value())
        return self

    def _check(self, secret: str) -> None:
        if len(secret) < SHORTEST or _PLACEHOLDER in secret:
            raise ValueError("the secret needs at least 16 characters: openssl rand -hex 32")

    def door(self) -> Door:
        """Return what the web part needs; ConfigError if the secret cannot be read."""
        return Door(
            name=self.name,
            secret=self._secret(),
            proof=Proof(self.proof),
            proof_name=self.proof_name,
            prefix=self.prefix,
            encoding=self.encoding,
            allow_get=self.allow_get,
            number=self.number,
            user=self.user,
            users=self.users,
            key=self.key,
            pbx=self.pbx,
            only_if=self.only_if,
        )

    def _secret(self) -> str:
        if self.secret is not None:
            return self.secret.get_secret_value()
        where = f"inbound.{self.name}.secret_file"
        try:
            text = Path(self.secret_file or "").read_text(encoding="utf-8").rstrip("\r\n")
            self._check(text)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"The file {self.secret_file} cannot be read, or holds no secret of 16 characters.",
                where=where,
                remedy="Write one into it: openssl rand -hex 32",
            ) from error
        return text
