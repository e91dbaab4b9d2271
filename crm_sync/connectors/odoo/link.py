"""Writes each call as one record, by `load` with an external id: an atomic upsert."""

from datetime import datetime
from typing import Any

from crm_sync.connectors import texts
from crm_sync.connectors.odoo.links import PARTNER, Linker
from crm_sync.connectors.odoo.messages import MESSAGE, Messages
from crm_sync.connectors.odoo.objects import CallObject, find_object
from crm_sync.connectors.odoo.records import Records
from crm_sync.connectors.odoo.session import OdooSession
from crm_sync.connectors.odoo.settings import OdooSettings
from crm_sync.connectors.odoo.tasks import Tasks
from crm_sync.connectors.odoo.translate import MODEL, MODULE, record_name
from crm_sync.connectors.parties import heading
from gateway.core.errors import AuthError, RejectedError
from gateway.core.ids import EffectKey
from gateway.core.ports import Clock, HttpClient, Receipt
from gateway.core.record import CallRecord, MatchKind
from gateway.core.writing import EffectKind, Preview, WritePlan, plain_plan


class OdooWriter:
    """Implements `gateway.core.ports.CrmWriter` for Odoo (tier A)."""

    def __init__(self, settings: OdooSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._session = OdooSession(settings, http, clock)
        self._records = Records(settings.name, self._session)
        self._linker = Linker(settings, self._session)
        self._tasks = Tasks(settings, self._session, self._linker)
        self._kept: tuple[CallObject, frozenset[str]] | None = None

    async def write(
        self,
        record: CallRecord,
        *,
        idempotency_key: EffectKey,
        kind: str,
        occurred_at: datetime,  # noqa: ARG002 - the call tells its own times
        plan: WritePlan | None = None,
    ) -> Receipt:
        """Create the call or bring it up to date; returns its external id and its address.

        The call itself is the external id, so that whatever concerns it meets the same record.
        """
        plan = plan or plain_plan(record, kind)
        try:
            return await self._written(record, plan, idempotency_key)
        except RejectedError:
            before, self._kept = self._kept, None
            if await self._object() == before:
                raise
        # a module was installed or removed, or a field changed, since we asked
        return await self._written(record, plan, idempotency_key)

    async def _written(self, record: CallRecord, plan: WritePlan, key: EffectKey) -> Receipt:
        name = record_name(record.id)
        kept, known = await self._object()
        if plan.kind is EffectKind.TASK:
            place = await self._place(kept, name)
            return await self._tasks.put(record, plan, key, elsewhere=place)
        row = await self._row(kept, await self._records.find(kept.model, name))
        if row is None and not plan.creates_record:
            return Receipt(external_id=f"{MODULE}.{name}")  # deleted by somebody: it stays so
        links = await self._linker.links(record, plan)
        language = self._settings.language
        if row is None:
            values = kept.made(record, links, language, plan)
        else:
            account = await self._session.sign_in()
            values = kept.changed(record, links, language, plan, row=row, account=account)
        usable = {name: text for name, text in values.items() if name.partition("/")[0] in known}
        number = await self._records.put(kept.model, name, usable)
        url = self._address(kept, number, links.partner)
        return Receipt(external_id=f"{MODULE}.{name}", url=url)

    async def preview(self, record: CallRecord, *, plan: WritePlan) -> Preview:
        """Return what would be written; nothing is."""
        found = await self._linker.find(record)
        partner, words = found.partner, texts.LANGUAGES[self._settings.language]
        match = MatchKind.SEVERAL if found.several else MatchKind.NONE
        if partner is not None:
            match = MatchKind.COMPANY if partner.is_company else MatchKind.EXACT
        user = await self._linker.user(record, plan.assignee, partner)
        return Preview(
            title=heading(record, plan, partner.name if partner is not None else None, words),
            match=match,
            person=partner.name if partner is not None else None,
            assignee=await self._linker.user_name(user) if user is not None else None,
        )

    async def find_written(self, *, idempotency_key: EffectKey) -> Receipt | None:  # noqa: ARG002
        """Return None: a repeated `load` is harmless, so nothing has to be searched first."""
        return None

    async def probe(self) -> str:
        """Sign in, find out how calls are kept here, whether we may write them, and for whom."""
        version = await self._session.version()
        kept, _ = await self._object()
        if unknown := await self._linker.unknown_users():
            raise AuthError(
                "Odoo has no such active user.",
                adapter=self._settings.name,
                remedy="Write logins of Odoo users in users: Settings > Users shows them.",
                detail=f"Extension: {', '.join(unknown)}",
            )
        told = f"may write phone calls ({kept.model})"
        if kept.model == MESSAGE:
            told = "no object for phone calls here: they go into the history of their contact"
        return f"Odoo {version}: signed in, {told}"

    async def _object(self) -> tuple[CallObject, frozenset[str]]:
        if self._kept is None:
            self._kept = await find_object(self._session, self._settings.name)
        return self._kept

    async def _row(self, kept: CallObject, number: int | None) -> dict[str, Any] | None:
        """Return what Odoo holds of the call now, None if it was deleted."""
        if number is None:
            return None
        rows = await self._session.ask(
            kept.model,
            "search_read",
            [["id", "=", number]],
            list(kept.columns),
            context={"active_test": False},
        )
        return rows[0] if rows else None

    async def _place(self, kept: CallObject, name: str) -> tuple[str, int | None]:
        """Return where a task goes whose caller nobody knows: at the call, else at ourselves."""
        if kept.model == MODEL:
            return MODEL, await self._records.find(MODEL, name)
        me = await self._session.sign_in()
        own = await self._session.ask("res.users", "read", [me], ["partner_id"])
        return PARTNER, int(own[0]["partner_id"][0])

    def _address(self, kept: CallObject, number: int, partner: int | None) -> str:
        base, model = self._settings.url.rstrip("/"), kept.model
        if isinstance(kept, Messages):  # a message is seen at its contact
            model, number = PARTNER, partner or kept.own_partner
        return f"{base}/web#id={number}&model={model}&view_type=form"
