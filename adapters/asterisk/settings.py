"""One `[[pbx]]` table of kind "asterisk": everything the adapter may be told."""

import ipaddress
import re
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from adapters.asterisk.dialogs import call_id_variable
from gateway.core.dialable import ANY_INTERNATIONAL, ANY_PREMIUM, DialStyle
from gateway.core.errors import ConfigError

PLACEHOLDER = "CHANGE_ME"
DEFAULT_EXTENSIONS = r"^(?:PJSIP|SIP|IAX2)/(\d{2,6})$"


class _Table(BaseModel):
    """A configuration table: unknown keys are errors, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _no_placeholder(cls, data: Any) -> Any:  # noqa: ANN401  # whatever TOML holds
        for key, value in data.items() if isinstance(data, dict) else ():
            text = value.get_secret_value() if isinstance(value, SecretStr) else value
            if isinstance(text, str) and PLACEHOLDER in text:
                raise ValueError(f"{key} still holds the placeholder {PLACEHOLDER}")
        return data


def read_secret(secret: SecretStr | None, secret_file: Path | None, *, where: str) -> str:
    """Return a secret given in place or in a file (its last line break is dropped).

    Raises ConfigError if the file cannot be read, is empty or still holds the placeholder.
    """
    if secret is not None:
        return secret.get_secret_value()
    if secret_file is None:
        raise ConfigError("There is no password.", where=where, remedy="Set secret or secret_file.")
    try:
        text = secret_file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The password file {secret_file} cannot be read.",
            where=where,
            remedy="Create it, readable for the user Filodiretto runs as, with the password alone.",
        ) from error
    if not text or PLACEHOLDER in text:
        raise ConfigError(
            f"The password file {secret_file} is empty or still holds the placeholder.",
            where=where,
            remedy="Write the password of the AMI user into it.",
        )
    return text


class Account(_Table):
    """An AMI user: a name, and its password in place or in a file."""

    username: str = Field(min_length=1, max_length=80)
    """The name in square brackets in manager.conf."""
    secret: SecretStr | None = Field(default=None, min_length=1)
    """Its password; prefer `secret_file`."""
    secret_file: Path | None = None
    """A file that holds the password alone."""

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError("needs exactly one of secret and secret_file")
        return self

    def password(self) -> str:
        """Return the password, read anew each time so that a changed file is noticed.

        Raises ConfigError if its file cannot be used.
        """
        return read_secret(self.secret, self.secret_file, where=f"pbx.{self.username}.secret_file")


class ControlAccount(Account):
    """The second AMI user, for click-to-call and call control, and what it may be used for."""

    context: str = Field(default="", pattern=r"^[A-Za-z0-9_.-]{0,79}$")
    """Dialplan context that numbers are dialled in; empty: the phone's own, asked of the PBX."""
    channel: str = Field(default="", pattern=r"^(?:[A-Za-z0-9]+/[^\s&,]*\{extension\}[^\s&,]*)?$")
    """How an extension's phone is called (`PJSIP/{extension}`); empty: found out by itself."""
    allow: tuple[str, ...] = ()
    """What may be dialled beside national numbers: "international", "premium", "+41"."""
    dial: DialStyle = DialStyle.TYPED
    """How the dialplan wants outside numbers: as typed, "national" or "e164"."""
    hold: tuple[str, ...] = ()
    """Extensions (patterns: "10*") whose phones obey SIP NOTIFY talk/hold."""
    ring_timeout_s: int = Field(default=30, ge=1, le=300)
    """How long the phone of who clicked may ring."""

    @field_validator("allow")
    @classmethod
    def _known_words(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for word in value:
            digits = word.removeprefix("+")
            if word not in {ANY_INTERNATIONAL, ANY_PREMIUM} and not (
                word.startswith("+") and digits.isascii() and digits.isdigit()
            ):
                raise ValueError(
                    f'"{word}" is none of "international", "premium" or a prefix like "+41"'
                )
        return value


class DatabaseTable(_Table):
    """Where the PBX writes CDR or CEL rows, for the back-fill of gaps."""

    url: SecretStr | None = None
    """A read-only database account, as a URL."""
    url_file: Path | None = None
    """A file that holds the URL alone."""
    table: str = Field(default="", pattern=r"^(?:[A-Za-z_][A-Za-z0-9_.]{0,126})?$")
    """The table's name; empty means `cdr` or `cel`."""

    @model_validator(mode="after")
    def _one_url(self) -> Self:
        if (self.url is None) == (self.url_file is None):
            raise ValueError("needs exactly one of url and url_file")
        return self


class LinkLimits(_Table):
    """Times and sizes of the AMI connection; the defaults suit every PBX we have met."""

    connect_timeout_s: float = Field(default=5.0, gt=0)
    """How long TCP, TLS and the banner may take together."""
    login_timeout_s: float = Field(default=10.0, gt=0)
    """How long the answer to Login may take; Asterisk waits 1 s before it refuses."""
    booted_timeout_s: float = Field(default=2.0, gt=0)
    """How long to wait for FullyBooted, which goes only to users with read=system."""
    snapshot_timeout_s: float = Field(default=15.0, gt=0)
    """How long the lists of channels, bridges and queues may take together."""
    ping_interval_s: float = Field(default=5.0, gt=0)
    """Pause between two pings."""
    ping_timeout_s: float = Field(default=5.0, gt=0)
    """How long a ping may stay unanswered before the link counts as dead."""
    backoff_first_s: float = Field(default=0.5, gt=0)
    """Upper limit of the first pause before reconnecting; it doubles, with full jitter."""
    backoff_most_s: float = Field(default=30.0, gt=0)
    """Upper limit of every pause before reconnecting."""
    refusals: int = Field(default=3, ge=1)
    """Refused logins in a row after which only `refused_retry_s` counts (fail2ban bans more)."""
    refused_retry_s: float = Field(default=600.0, gt=0)
    """Pause between attempts once the login was refused too often."""
    query_timeout_s: float = Field(default=0.15, gt=0)
    """How long a question about a channel may stay unanswered."""
    trunks_every_s: float = Field(default=60.0, ge=30.0)
    """How often trunks are looked at beside what the PBX tells of them: it keeps round trips."""
    queue_frames: int = Field(default=100_000, ge=1)
    """Events kept while the rest of the process is busy; more resets the link and resyncs."""
    queue_bytes: int = Field(default=64 * 2**20, ge=2**16)
    """Bytes kept while the rest of the process is busy; more resets the link and resyncs."""


class PresentationSource(StrEnum):
    """How to learn that a caller withholds a number which the trunk asserts."""

    CHANNELVARS = "channelvars"
    GETVAR = "getvar"
    TRUST = "trust"


class AsteriskSettings(Account):
    """One `[[pbx]]` table (DESIGN section 5); `name` is part of every call's identity."""

    kind: Literal["asterisk"] = "asterisk"
    """Which adapter reads this table."""
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")
    """What calls, pages and logs call this PBX; renaming it makes new calls of old ones."""
    host: str = Field(min_length=1, max_length=253)
    """Address or name of the PBX."""
    port: int = Field(default=5038, ge=1, le=65535)
    """AMI's port: 5038, with TLS usually 5039."""
    tls: bool = False
    """Encrypt the connection (manager.conf: tlsenable)."""
    tls_ca_file: Path | None = None
    """The certificate that signed the PBX's one; default: the system's authorities."""
    tls_server_name: str | None = None
    """The name in the PBX's certificate, if it is not `host`."""
    allow_plain: bool = False
    """Accept an unencrypted connection to another machine: passwords and numbers are readable."""
    control: ControlAccount | None = None
    """A second AMI user for click-to-call and call control; none: they are off."""
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    """Country of the numbers (ISO 3166); default: the gateway's."""
    area_code: str | None = Field(default=None, pattern=r"^\d{1,6}$")
    """Area code put before local numbers."""
    timezone: str | None = None
    """Time zone of the PBX; default: the gateway's."""
    outside_prefix: str | None = Field(default=None, pattern=r"^[0-9*#]{1,4}$")
    """What people dial for an outside line (0, 9)."""
    extensions: re.Pattern[str] = re.compile(DEFAULT_EXTENSIONS)
    """Which channels (`PJSIP/1001`) are our people's; group 1 is the device."""
    devices: dict[str, str] = {}
    """Further devices of an extension: `{ "91201" = "201" }`."""
    device_prefixes: tuple[str, ...] = ()
    """Prefixes to cut off a device to get the extension (`99` for FreePBX's WebRTC twins)."""
    trunks: tuple[str, ...] = ()
    """Names of trunk channels (`carrier` of `PJSIP/carrier`); empty: whatever is no extension."""
    peers: dict[str, str] = {}
    """Trunks that lead to another PBX of ours: `{ "to-branch" = "branch" }`."""
    ivr_contexts: tuple[str, ...] = ("ivr", "ivr-*")
    """Patterns of dialplan contexts that name a menu."""
    presentation: PresentationSource = PresentationSource.TRUST
    """How to learn that a number is withheld."""
    recording_url: str | None = None
    """Where recordings are played: a URL with `{file}`."""
    cdr: DatabaseTable | None = None
    """The PBX's CDR table."""
    cel: DatabaseTable | None = None
    """The PBX's CEL table."""
    link: LinkLimits = LinkLimits()
    """Times and sizes of the AMI connection."""

    def recording_link(self, file: str) -> str | None:
        """Return where a recording can be heard, None if nobody said (recording_url).

        CDR names a file (`recordingfile`), MixMonitor its whole path: `{file}` is the name alone.
        """
        name = file.rpartition("/")[2]
        if self.recording_url is None or not name:
            return None
        return self.recording_url.replace("{file}", quote(name, safe=""))

    @property
    def presentation_query(self) -> str:
        """The variable that tells a caller's presentation; "": believe the numbers shown.

        With `channelvars` it is asked only where the events do not tell.
        """
        return "" if self.presentation is PresentationSource.TRUST else "CALLERID(pres)"

    def peer_query(self, channel: str) -> str:
        """Return the variable that holds the SIP Call-ID of a channel; "" if it has none."""
        return call_id_variable(channel)

    @field_validator("extensions")
    @classmethod
    def _has_group(cls, value: re.Pattern[str]) -> re.Pattern[str]:
        if value.groups < 1:
            raise ValueError("needs a group in parentheses that holds the device")
        return value

    @model_validator(mode="after")
    def _encrypted_or_local(self) -> Self:
        if not (self.tls or self.allow_plain or is_loopback(self.host)):
            raise ValueError(
                "plain AMI to another machine shows passwords and numbers to the network: set"
                " tls = true (manager.conf: tlsenable = yes, port 5039), or allow_plain = true if"
                " the network between the two is yours alone"
            )
        return self


def is_loopback(host: str) -> bool:
    """Whether `host` is this very machine, judged without asking DNS."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
