"""What is searched for and written: the tables `search`, `call`, `task`, `contact`, `lead`."""

from typing import Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from crm_sync.connectors.rest.facts import NUMBER_KEYS
from crm_sync.connectors.rest.paths import JmesPath
from crm_sync.connectors.rest.tables import Method, RequestTable
from crm_sync.connectors.rest.templates import named
from crm_sync.connectors.settings import Table

Entity = Literal["person", "company", "lead"]
_TURNS: Final = frozenset({"offset", "page", "last"})


class PagedTable(RequestTable):
    """A request for a list, page by page."""

    items: JmesPath = "@"
    """The list in the answer."""
    id: JmesPath = "id"
    """Where an entry has its id."""
    next_url: JmesPath | None = None
    """Address of the next page; only on the same host."""
    next_link: bool = False
    """The address of the next page is in the header `Link` (RFC 8288)."""
    next_cursor: JmesPath | None = None
    cursor_parameter: str = "cursor"
    page_parameter: str = ""
    """Query parameter (or key of the body) that counts pages."""
    first_page: int = 1
    offset_parameter: str = ""
    """Query parameter (or key of the body) that counts entries to leave out."""
    paging_in: Literal["query", "body"] = "query"
    """Where cursor, page or offset stand; in a body a name may have dots: "paging.cursor"."""
    page_size: int | None = Field(default=None, ge=1)
    """A page with fewer entries is the last one; without it an empty page is."""
    most_pages: int = Field(default=3, ge=1, le=50)
    empty_statuses: tuple[int, ...] = ()
    """Statuses that mean that nothing was found."""

    @property
    def turns(self) -> bool:
        """Whether the templates themselves say which page they ask for."""
        return bool(self._named & _TURNS)

    @property
    def is_paged(self) -> bool:
        """Whether there is a way to what does not fit into the first answer."""
        return bool(self._ways)

    def turn(
        self, number: int = 0, seen: int = 0, last: str | int | None = None
    ) -> dict[str, object]:
        """Return what templates may name of a page: its number from 0, and what came before it."""
        return {
            "offset": seen,
            "page": self.first_page + number,
            "limit": self.page_size,
            "last": {"id": last},
        }

    @property
    def _named(self) -> frozenset[str]:
        return named((self.path, self.query, self.headers, self.body, self.form))

    @property
    def _ways(self) -> list[str]:
        ways = {
            "next_url": self.next_url,
            "next_link": self.next_link,
            "next_cursor": self.next_cursor,
            "page_parameter": self.page_parameter,
            "offset_parameter": self.offset_parameter,
            "offset, page or last in a template": self.turns,
        }
        return [name for name, value in ways.items() if value]

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if len(self._ways) > 1:
            raise ValueError(f"has several ways of paging ({', '.join(self._ways)}): keep one")
        if self.page_size is None and "limit" in self._named:
            raise ValueError("limit in a template needs page_size")
        return self


class DetailTable(RequestTable):
    """The request that gives one entry of a list in full; `item` is the entry."""

    item: JmesPath = "@"
    """Where the entry stands in the answer."""


class SearchTable(PagedTable):
    """Who has a telephone number; hits are read again and verified here."""

    entity: Entity = "person"
    kind: JmesPath | None = None
    """Where an item says what it is, if one search gives people and companies."""
    kinds: dict[str, Entity] = Field(default_factory=dict)
    """What it says to what it is; others are left out, unless this is empty."""
    numbers: tuple[str, ...] = Field(default=("e164", "national_digits"), min_length=1)
    """The forms asked for one after the other until one is found; `number` in the templates."""
    display: JmesPath = "name"
    phones: JmesPath = "phone"
    """One number, or a list of any depth."""
    company: JmesPath | None = None
    owner: JmesPath | None = None
    detail: DetailTable | None = None
    """Asked for each hit, for a CRM whose search gives ids only."""
    most_details: int = Field(default=10, ge=1, le=50)
    record_url: str = ""
    """Template with `id` and `number`: opens the record in a browser."""
    fields: dict[str, JmesPath] = Field(default_factory=dict)
    """More for the card: label to where it stands."""

    @field_validator("numbers")
    @classmethod
    def _known_forms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [form for form in value if form not in NUMBER_KEYS - {"shown"}]
        if wrong:
            known = ", ".join(sorted(NUMBER_KEYS - {"shown"}))
            raise ValueError(f'there is no form "{wrong[0]}": use {known}')
        return value


class FindTable(PagedTable):
    """The record of a call that was written before, by its marker."""

    marker: JmesPath
    """Where the call's mark must stand in an item; items without it are left out."""
    mark: str = "{{ key }}"
    """The mark: the call's whole key, or a part of it where the CRM has little room."""
    note: JmesPath | None = None
    """The text that people may have edited, as `existing_note`."""
    title: JmesPath | None = None


class ReadTable(RequestTable):
    """One record by its `id`, as it stands now; asked before an update."""

    item: JmesPath = "@"
    note: JmesPath | None = None
    title: JmesPath | None = None


class MakingTable(RequestTable):
    """A request that makes something."""

    method: Method = "POST"
    id: JmesPath | None = None
    """Where the record's id is in the answer; without it the answer is not read."""
    id_header: str = ""
    """The answer's header whose last part is the id (`Location`), instead of `id`."""
    duplicate_statuses: tuple[int, ...] = ()
    """Statuses that say it is there already: counted as written."""
    duplicate_codes: tuple[str, ...] = ()
    duplicate_id: JmesPath | None = None
    """Where such an answer says the id of what is there."""


class ThenTable(MakingTable):
    """One more request for a record that was made: a link, a recording, its end."""

    only_if: str = ""
    """Template; the request is left out if it gives nothing."""


class UpdateTable(RequestTable):
    """The request that brings a record up to date."""

    method: Method = "PATCH"
    whole: bool | str = False
    """The CRM takes whole records only: send the one that was found with `body` over it; a text
    says where in the body it belongs: "data" or "data.attributes"."""


class WrittenTable(Table):
    """What is made of a call (or of a task): create, find again, bring up to date."""

    idempotency: Literal["header", "own_id", "marker", "none"] = "none"
    key_header: str = "Idempotency-Key"
    only_if: str = ""
    """Template; what it gives nothing for is not written: calls of nobody, perhaps."""
    create: MakingTable
    then: tuple[ThenTable, ...] = ()
    """After `create`, in this order; again after a lost answer."""
    find: FindTable | None = None
    read: ReadTable | None = None
    update: UpdateTable | None = None
    record_url: str = ""
    """Template with `id`."""
    search_lag_s: float = Field(default=5.0, ge=0, le=3600)
    """How long after writing `find` finds it at the latest."""

    @model_validator(mode="after")
    def _findable(self) -> Self:
        if self.idempotency == "marker" and self.find is None:
            raise ValueError('idempotency = "marker" needs a find table')
        if self.update and not (self.find or self.read) and self.idempotency != "own_id":
            raise ValueError("update needs find or read, to know what to bring up to date")
        if self.then and self.idempotency == "none":
            raise ValueError(
                "then needs an idempotency: if the second request fails the first must not be"
                " made twice"
            )
        if self.update is not None and self.update.whole and not (self.read or self.find):
            raise ValueError("update.whole needs read or find: the record as it stands")
        return self


class ContactTable(Table):
    """How a contact (or lead) is made of an unknown caller; whether: `policy.create`."""

    create: MakingTable


class DealTable(PagedTable):
    """The open deals or cases of `person` or `company`; `deal` in the templates if it is one."""
