"""Odoo's people for the mirror: companies and persons (`res.partner`), and leads (`crm.lead`)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from crm_sync.connectors.odoo.partners import pattern
from crm_sync.connectors.odoo.session import OdooSession
from crm_sync.connectors.odoo.settings import OdooSettings
from crm_sync.connectors.odoo.shapes import (
    LEAD,
    PARTNER,
    WHO,
    Kind,
    is_live,
    lead_entry,
    partner_entry,
    ref_of,
)
from gateway.core.crm import DirectoryCapabilities, DirectoryEntry, DirectoryPage
from gateway.core.errors import AuthError, RejectedError
from gateway.core.ports import Clock, HttpClient

PAGE: Final = 200
MOST_HITS: Final = 80
# A transaction's `write_date` is when it began: a long one shows up late, with an early date.
OVERLAP: Final = timedelta(minutes=5)
_ALL: Final = {"active_test": False}


class OdooDirectory:
    """Implements `gateway.core.crm.CrmDirectory`.

    Pages go by id within one kind, so that records which change meanwhile move no page's border.
    Deleted and merged partners leave nothing behind in Odoo: the sweep finds them; archived ones
    are told as gone by `changed`.
    """

    capabilities = DirectoryCapabilities()

    def __init__(self, settings: OdooSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._session = OdooSession(settings, http, clock)
        self._fields: dict[str, tuple[str, ...]] = {}
        self._countries: dict[int, str] = {}

    async def mark(self) -> str:
        """Return a cursor by Odoo's own clock, as its answers tell it."""
        return _write_cursor({"since": _date_text(await self._now() - OVERLAP)})

    async def changed(self, cursor: str) -> DirectoryPage:
        """Return the next records written since the cursor, archived ones as gone."""
        place = self._read_cursor(cursor)
        kinds = await self._kinds()
        at, after = int(place.get("kind", 0)), int(place.get("after", 0))
        until = place.get("until") or _date_text(await self._now() - OVERLAP)
        domain: list[object] = [["write_date", ">=", place["since"]]]
        if at >= len(kinds):  # rights were taken away meanwhile
            return DirectoryPage(cursor=_write_cursor({"since": until}))
        rows = await self._read(kinds[at], after, domain, {"context": _ALL})
        live = [row for row in rows if is_live(kinds[at], row)]
        ended = [row for row in rows if not is_live(kinds[at], row)]
        gone = tuple(ref_of(kinds[at].model, row["id"]) for row in ended)
        entries = await self._entries(kinds[at], live)
        onward = _onward(at, rows, len(kinds))
        if onward is None:
            return DirectoryPage(entries=entries, gone=gone, cursor=_write_cursor({"since": until}))
        whole = {"since": place["since"], "until": until, **onward}
        return DirectoryPage(entries=entries, gone=gone, cursor=_write_cursor(whole), more=True)

    async def everyone(self, cursor: str) -> DirectoryPage:
        """Return the next active records with a number, and all companies."""
        place = self._read_cursor(cursor) if cursor else {}
        kinds = await self._kinds()
        at, after = int(place.get("kind", 0)), int(place.get("after", 0))
        if at >= len(kinds):
            return DirectoryPage()
        rows = await self._read(kinds[at], after, kinds[at].wanted, {})
        live = [row for row in rows if is_live(kinds[at], row)]
        onward = _onward(at, rows, len(kinds))
        return DirectoryPage(
            entries=await self._entries(kinds[at], live),
            cursor=_write_cursor(onward) if onward is not None else "",
            more=onward is not None,
        )

    async def find(self, e164: str) -> tuple[DirectoryEntry, ...]:
        """Return active partners and leads in whose numbers the digits stand in this order."""
        found: tuple[DirectoryEntry, ...] = ()
        for kind in await self._kinds():
            asked: list[object] = [[name, "=ilike", pattern(e164)] for name in kind.phones]
            if not asked or kind.name == "company":  # persons' and companies' search is one
                continue
            domain = [*["|"] * (len(asked) - 1), *asked]
            fields = list(kind.fields)
            rows = await self._session.ask(
                kind.model, "search_read", domain, fields, limit=MOST_HITS, order="id"
            )
            found += await self._entries(kind, [row for row in rows if is_live(kind, row)])
        return found

    async def _entries(
        self, kind: Kind, rows: Sequence[dict[str, Any]]
    ) -> tuple[DirectoryEntry, ...]:
        await self._learn_countries(rows)
        base = self._settings.url.rstrip("/")
        read = lead_entry if kind.model == LEAD else partner_entry
        return tuple(read(row, kind, base, self._countries) for row in rows)

    async def _read(
        self, kind: Kind, after: int, domain: Sequence[object], named: dict[str, object]
    ) -> list[dict[str, Any]]:
        whole = [["id", ">", after], *kind.own, *domain]
        rows: list[dict[str, Any]] = await self._session.ask(
            kind.model,
            "search_read",
            whole,
            list(kind.fields),
            limit=PAGE,
            order="id",
            **named,
        )
        return rows

    async def _kinds(self) -> tuple[Kind, ...]:
        """Return what may be read here: leads only where there are any and we may see them."""
        partner = await self._known(PARTNER)
        companies, people = WHO[0].fit(partner), WHO[1].fit(partner)
        if not people.phones:
            raise RejectedError(
                "This Odoo's partners have no field for telephone numbers that we know.",
                adapter=self._settings.name,
                remedy="Tell us its version; it can be driven by the REST connector meanwhile.",
            )
        lead = await self._known(LEAD)
        leads = (WHO[2].fit(lead),) if lead else ()
        return (companies, people, *leads)

    async def _known(self, model: str) -> tuple[str, ...]:
        if model not in self._fields:
            there = await self._session.ask(
                "ir.model", "search_read", [["model", "=", model]], ["model"]
            )
            may = there and await self._session.may(model, "read")
            if not may and model == PARTNER:
                raise AuthError(
                    "The account may not read contacts in Odoo.",
                    adapter=self._settings.name,
                    remedy='Give it the group "Contact Creation".',
                )
            known = await self._session.ask(model, "fields_get", [], ["type"]) if may else ()
            self._fields[model] = tuple(known)
        return self._fields[model]

    async def _learn_countries(self, rows: Sequence[dict[str, Any]]) -> None:
        ids = {row["country_id"][0] for row in rows if row.get("country_id")}
        missing = sorted(ids - self._countries.keys())
        if missing:
            read = await self._session.ask("res.country", "read", missing, ["code"])
            self._countries.update((row["id"], row["code"] or "") for row in read)

    async def _now(self) -> datetime:
        await self._session.version()
        return self._session.server_time or self._clock.now()

    def _read_cursor(self, cursor: str) -> dict[str, Any]:
        try:
            place = orjson.loads(cursor)
        except orjson.JSONDecodeError:
            place = None
        if not isinstance(place, dict):
            raise RejectedError(
                "What the mirror kept of this Odoo is not readable.",
                adapter=self._settings.name,
                remedy="Nothing to do: everybody is read again.",
            )
        return place


def _onward(at: int, rows: Sequence[dict[str, Any]], kinds: int) -> dict[str, int] | None:
    """Return where the next page begins, None after the last one."""
    if len(rows) == PAGE:
        return {"kind": at, "after": rows[-1]["id"]}
    return {"kind": at + 1, "after": 0} if at + 1 < kinds else None


def _write_cursor(place: object) -> str:
    return orjson.dumps(place).decode()


def _date_text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
