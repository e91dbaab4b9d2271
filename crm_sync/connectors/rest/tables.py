"""The tables inside a `[[crm]]` table of kind "rest"; every key is explained in docs/rest.md."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from crm_sync.connectors.rest.paths import JmesPath
from crm_sync.connectors.settings import Table

Method = Literal["GET", "POST", "PUT", "PATCH"]


class RequestTable(Table):
    """One request; every text in it is a template."""

    method: Method = "GET"
    path: str = Field(max_length=2000)
    """Begins with / and follows `url`."""
    query: dict[str, str | list[str]] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    body: JsonValue = None
    """Sent as JSON."""
    form: dict[str, str] | None = None
    """Sent as a form; instead of `body`."""

    @field_validator("path")
    @classmethod
    def _relative(cls, value: str) -> str:
        if not value.startswith("/") or value.startswith("//"):
            raise ValueError("begin with one /: it follows url")
        return value

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.form is not None and self.body is not None:
            raise ValueError("has both body and form: a request has one of them")
        return self


class StepTable(RequestTable):
    """One step of a sign-in; what `extract` takes is `login.NAME` afterwards."""

    method: Method = "POST"
    extract: dict[str, JmesPath] = Field(default_factory=dict)


class SignInTable(Table):
    """How requests show who they come from; the secret is that of the `[[crm]]` table."""

    type: Literal["bearer", "header", "query", "basic", "oauth2", "steps"] = "bearer"
    name: str = "Authorization"
    """Header or query parameter that carries the secret (header, query)."""
    prefix: str = ""
    """What stands before the secret in the header; with oauth2 before the token: "Bearer "."""
    username: str = ""
    """For basic, and for the grant "password"."""
    token_path: str = ""
    """Path of `url`, or a whole https address, that gives OAuth2 tokens."""
    grant: Literal["client_credentials", "password", "refresh_token"] = "client_credentials"
    client_id: str = ""
    scope: str = ""
    client_in: Literal["body", "header"] = "body"
    """Whether id and secret of the client go into the form or a basic header."""
    password_file: Path | None = None
    """For the grant "password"."""
    refresh_token_file: Path | None = None
    """The refresh token the CRM gave at first."""
    token_file: Path | None = None
    """Where renewed tokens are kept, encrypted with the secret; writable for the service user."""
    steps: tuple[StepTable, ...] = ()
    headers: dict[str, str] = Field(default_factory=dict)
    """Templates with `login.NAME` for every request after the steps."""
    query: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed: dict[str, object] = {}
        if self.type == "basic" or (self.type == "oauth2" and self.grant == "password"):
            needed["username"] = self.username
        if self.type == "oauth2":
            needed |= {"token_path": self.token_path, "client_id": self.client_id}
            if self.grant == "refresh_token":
                needed |= {"refresh_token_file": self.refresh_token_file}
                needed |= {"token_file": self.token_file}
            if self.grant == "password":
                needed["password_file"] = self.password_file
        if self.type == "steps":
            needed |= {"steps": self.steps, "headers or query": self.headers or self.query}
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise ValueError(f'type = "{self.type}" needs {", ".join(missing)}')
        return self


class PagedTable(RequestTable):
    """A request for a list, page by page."""

    items: JmesPath = "@"
    """The list in the answer."""
    next_url: JmesPath | None = None
    """Address of the next page; only on the same host."""
    next_cursor: JmesPath | None = None
    cursor_parameter: str = "cursor"
    most_pages: int = Field(default=3, ge=1, le=50)
    empty_statuses: tuple[int, ...] = ()
    """Statuses that mean that nothing was found."""


class SearchTable(PagedTable):
    """Who has a telephone number; hits are read again and verified here."""

    entity: Literal["person", "company", "lead"] = "person"
    numbers: tuple[
        Literal["e164", "digits", "zeros", "national", "national_digits", "last9", "pattern"], ...
    ] = Field(default=("e164", "national_digits"), min_length=1)
    """The forms asked for one after the other until one is found; `number` in the templates."""
    id: JmesPath = "id"
    display: JmesPath = "name"
    phones: JmesPath = "phone"
    """One number, or a list of any depth."""
    company: JmesPath | None = None
    owner: JmesPath | None = None


class FindTable(PagedTable):
    """The record of a call that was written before, by its marker."""

    id: JmesPath = "id"
    marker: JmesPath
    """Where `key` must stand in an item; items without it are left out."""
    note: JmesPath | None = None
    """The text that people may have edited, as `existing_note`."""
    title: JmesPath | None = None


class CreateTable(RequestTable):
    """The request that makes a record."""

    method: Method = "POST"
    id: JmesPath | None = None
    """Where the record's id is in the answer; without it the answer is not read."""
    duplicate_statuses: tuple[int, ...] = ()
    """Statuses that say it is there already: counted as written."""
    duplicate_codes: tuple[str, ...] = ()


class WrittenTable(Table):
    """What is made of a call (or of a task): create, find again, bring up to date."""

    idempotency: Literal["header", "own_id", "marker", "none"] = "none"
    key_header: str = "Idempotency-Key"
    create: CreateTable
    find: FindTable | None = None
    update: RequestTable | None = None
    record_url: str = ""
    """Template with `id`."""
    search_lag_s: float = Field(default=5.0, ge=0, le=3600)
    """How long after writing `find` finds it at the latest."""

    @model_validator(mode="after")
    def _findable(self) -> Self:
        if self.idempotency == "marker" and self.find is None:
            raise ValueError('idempotency = "marker" needs a find table')
        if self.update is not None and self.find is None and self.idempotency != "own_id":
            raise ValueError("update needs a find table, to know what to bring up to date")
        return self


class ContactTable(Table):
    """Making a contact of an unknown caller."""

    when: Literal["never", "missed", "always"] = "never"
    create: CreateTable


class ErrorTable(Table):
    """What answers mean beyond their HTTP status."""

    ok: JmesPath | None = None
    """Must be true in a good answer."""
    code: JmesPath | None = None
    """Where the CRM's error code is; shown in the list of dead letters."""
    retry: tuple[str, ...] = ()
    auth: tuple[str, ...] = ()
    retry_statuses: tuple[int, ...] = ()
    """Statuses that mean: certainly not done, try later."""
