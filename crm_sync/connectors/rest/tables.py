"""Requests, sign-in and errors inside a `[[crm]]` table of kind "rest"; keys: docs/rest.md."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from crm_sync.connectors.rest.paths import JmesPath
from crm_sync.connectors.settings import Table

Scalar = str | bool | int | float
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class RequestTable(Table):
    """One request; every text in it is a template."""

    method: Method = "GET"
    path: str = Field(max_length=2000)
    """Begins with / and follows `url`."""
    query: dict[str, Scalar | list[Scalar]] = Field(default_factory=dict)
    headers: dict[str, Scalar] = Field(default_factory=dict)
    body: JsonValue = None
    """Sent as JSON."""
    form: dict[str, Scalar | list[Scalar]] | None = None
    """Sent as a form; instead of `body`."""
    body_field: str = ""
    """With `form` and `body`: the form's field that carries the body as JSON text."""
    answer: Literal["json", "text"] = "json"
    """`text`: the answer is one text, `@`; for a CRM that answers "OK" or a bare id."""

    @field_validator("path")
    @classmethod
    def _relative(cls, value: str) -> str:
        if not value.startswith("/") or value.startswith("//"):
            raise ValueError("begin with one /: it follows url")
        return value

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        both = self.form is not None and self.body is not None
        if both and not self.body_field:
            raise ValueError(
                "has both body and form: a request has one of them; or set body_field, the form's"
                " field that carries the body as JSON"
            )
        if self.body_field and self.body is None:
            raise ValueError("body_field needs a body")
        return self


class ExtractTable(RequestTable):
    """A request whose answer holds something that is needed later."""

    extract: dict[str, JmesPath] = Field(default_factory=dict)
    """Name to where it stands in the answer."""
    extract_headers: dict[str, str] = Field(default_factory=dict)
    """Name to the answer's header."""
    extract_cookies: dict[str, str] = Field(default_factory=dict)
    """Name to the cookie the answer sets."""

    @property
    def names(self) -> frozenset[str]:
        """All that the answer gives, by the names it has in templates."""
        return frozenset({*self.extract, *self.extract_headers, *self.extract_cookies})


class StepTable(ExtractTable):
    """One step of a sign-in; what it extracts is `login.NAME` afterwards."""

    method: Method = "POST"


class SignInTable(Table):
    """How requests show who they come from; the secret is that of the `[[crm]]` table."""

    type: Literal["bearer", "header", "query", "basic", "oauth2", "steps", "none"] = "bearer"
    name: str = "Authorization"
    """Header or query parameter that carries the secret (header, query)."""
    prefix: str = ""
    """What stands before the secret in the header; with oauth2 before the token: "Bearer "."""
    username: str = ""
    """For basic, and for the grant "password"."""
    token_path: str = ""
    """Path of `url`, or a whole https address, that gives OAuth2 tokens."""
    grant: Literal["client_credentials", "password", "refresh_token", "authorization_code"] = (
        "client_credentials"
    )
    client_id: str = ""
    scope: str = ""
    client_in: Literal["body", "header"] = "body"
    """Whether id and secret of the client go into the form or a basic header."""
    token_fields: dict[str, str] = Field(default_factory=dict)
    """More fields of the token request: audience, resource, …"""
    token_json: bool = False
    """The token request is JSON instead of a form."""
    password_file: Path | None = None
    """For the grant "password"."""
    refresh_token_file: Path | None = None
    """The refresh token the CRM gave at first."""
    authorize_path: str = ""
    """For "authorization_code": the page on which a person consents."""
    redirect_uri: str = ""
    """Where that page sends the person, as registered at the CRM."""
    code_file: Path | None = None
    """The code from that page; used once."""
    token_file: Path | None = None
    """Where renewed tokens are kept, encrypted with the secret; writable for the service user."""
    secret_files: dict[str, Path] = Field(default_factory=dict)
    """More secrets, for CRMs with several keys: `secrets.NAME` in the templates of the sign-in."""
    steps: tuple[StepTable, ...] = ()
    headers: dict[str, str] = Field(default_factory=dict)
    """Templates with `secret`, `secrets.NAME`, `login.NAME`, added to every request."""
    query: dict[str, str] = Field(default_factory=dict)
    """The same in the query; with `body` only where a request has no body."""
    body: dict[str, str] = Field(default_factory=dict)
    """The same as fields of a form or of a JSON object."""
    path: str = ""
    """Template of what stands between `url` and each path: "/rest/1/{{ secret }}"."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed: dict[str, object] = {}
        if self.type == "basic" or (self.type == "oauth2" and self.grant == "password"):
            needed["username"] = self.username
        if self.type == "oauth2":
            needed |= {"token_path": self.token_path, "client_id": self.client_id}
            needed |= self._needed_by_grant()
        if self.type == "steps":
            needed |= {"steps": self.steps}
            needed |= {"headers, query or body": self.headers or self.query or self.body}
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise ValueError(f'type = "{self.type}" needs {", ".join(missing)}')
        return self

    def _needed_by_grant(self) -> dict[str, object]:
        if self.grant == "password":
            return {"password_file": self.password_file}
        if self.grant == "refresh_token":
            return {"refresh_token_file": self.refresh_token_file, "token_file": self.token_file}
        if self.grant == "authorization_code":
            return {
                "authorize_path": self.authorize_path,
                "redirect_uri": self.redirect_uri,
                "code_file": self.code_file,
                "token_file": self.token_file,
            }
        return {}


class ErrorTable(Table):
    """What answers mean beyond their HTTP status."""

    ok: JmesPath | None = None
    """Must be true in a good answer."""
    code: JmesPath | None = None
    """Where the CRM's error code is; shown in the list of dead letters."""
    code_header: str = ""
    """The answer's header with the error code, if it is there instead."""
    text: JmesPath | None = None
    """Where the CRM says in words what is wrong; shown without names and numbers."""
    text_header: str = ""
    retry: tuple[str, ...] = ()
    auth: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    """Codes that mean that nothing was found."""
    retry_statuses: tuple[int, ...] = ()
    """Statuses that mean: certainly not done, try later."""
    refused_statuses: tuple[int, ...] = ()
    """Statuses that mean: refused for good, whatever HTTP says; 503 for a wrong filter, perhaps."""
    auth_statuses: tuple[int, ...] = (401,)
    """Statuses that mean: sign in again, then repeat once."""

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        others = {"retry_statuses": self.retry_statuses, "auth_statuses": self.auth_statuses}
        for name, statuses in others.items():
            both = sorted({*statuses} & {*self.refused_statuses})
            if both:
                raise ValueError(
                    f"{both[0]} is in refused_statuses and in {name}: keep one, a status has one"
                    " meaning"
                )
        return self
