"""What is mirrored: the table `mirror` of kind "rest"; every key is explained in docs/mirror.md."""

from typing import Self

from pydantic import Field, model_validator

from crm_sync.connectors.rest.paths import JmesPath
from crm_sync.connectors.rest.record_tables import SearchTable
from crm_sync.connectors.settings import MirrorTable


class ListTable(SearchTable):
    """Everybody of one kind, page by page; `since` in its templates: only whom was changed."""

    email: JmesPath | None = None
    company_name: JmesPath | None = None
    gone: JmesPath | None = None
    """Where an item says that it is archived or deleted; true, or any text but "" and "0"."""

    @property
    def tells_changes(self) -> bool:
        """Whether the request can ask for changes alone: it names `since`."""
        request = (self.path, self.query, self.headers, self.body, self.form)
        return "since" in repr(request)

    @property
    def is_cut(self) -> bool:
        """Whether only a first answer is read, and nobody said that everybody is in it."""
        whole = "most_pages" in self.model_fields_set and self.most_pages == 1
        return not (self.is_paged or whole)

    @model_validator(mode="after")
    def _in_full(self) -> Self:
        if self.detail is not None:
            raise ValueError(
                "detail is for searches: a list needs the whole entries, or a request for each of"
                " them would be made every night"
            )
        return self


class RestMirrorTable(MirrorTable):
    """`mirror` of a CRM that is described by configuration."""

    list: tuple[ListTable, ...] = ()
    """Companies first, then who belongs to them; none: only look-ups beside the pop."""
    overlap_s: float = Field(default=300.0, ge=0, le=86_400)
    """How far `since` reaches back: for clocks that differ and lists that are late."""
