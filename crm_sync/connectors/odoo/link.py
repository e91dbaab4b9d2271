"""Writes each call as one `crm.phonecall`, by `load` with an external id: an atomic upsert."""

from datetime import datetime

from crm_sync.connectors import texts
from crm_sync.connectors.odoo.links import Linker
from crm_sync.connectors.odoo.records import Records
from crm_sync.connectors.odoo.session import OdooSession
from crm_sync.connectors.odoo.settings import OdooSettings
from crm_sync.connectors.odoo.tasks import Tasks
from crm_sync.connectors.odoo.translate import (
    MODEL,
    MODULE,
    Existing,
    changed_values,
    new_values,
    record_name,
)
from crm_sync.connectors.parties import heading
from gateway.core.errors import AuthError
from gateway.core.ids import EffectKey
from gateway.core.ports import Clock, HttpClient, Receipt
from gateway.core.record import CallRecord, MatchKind
from gateway.core.writing import EffectKind, Preview, WritePlan, plain_plan


class OdooWriter:
    """Implements `gateway.core.ports.CrmWriter` for Odoo with OCA's crm_phonecall (tier A)."""

    def __init__(self, settings: OdooSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._session = OdooSession(settings, http, clock)
        self._records = Records(settings.name, self._session)
        self._linker = Linker(settings, self._session)
        self._tasks = Tasks(settings, self._session, self._linker)
        self._fields: frozenset[str] | None = None

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
        name = record_name(record.id)
        if plan.kind is EffectKind.TASK:
            return await self._tasks.put(record, plan, idempotency_key, model=MODEL, call=name)
        known = await self._known_fields()
        existing = await self._existing(name)
        if existing is None and not plan.creates_record:
            return Receipt(external_id=f"{MODULE}.{name}")  # deleted by somebody: it stays so
        links = await self._linker.links(record, plan)
        language = self._settings.language
        if existing is None:
            values = new_values(record, links, language, plan)
        else:
            values = changed_values(record, links, existing, language, plan)
        usable = {name: text for name, text in values.items() if name.partition("/")[0] in known}
        number = await self._records.put(MODEL, name, usable)
        return Receipt(external_id=f"{MODULE}.{name}", url=self._address(number))

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
        """Sign in and ask for the rights that writing needs."""
        version = await self._session.version()
        await self._known_fields()
        allowed = await self._session.ask(MODEL, "check_access_rights", "create", False)  # noqa: FBT003
        if not allowed:
            raise AuthError(
                "The account may not write phone calls in Odoo.",
                adapter=self._settings.name,
                remedy='Give it the groups "Sales: User: All Documents" and "Contact Creation".',
            )
        return f"Odoo {version}: signed in, may write phone calls ({MODEL})"

    async def _known_fields(self) -> frozenset[str]:
        """Return the fields of the call object; AuthError if this Odoo has none."""
        if self._fields is None:
            models = await self._session.ask(
                "ir.model", "search_read", [["model", "=", MODEL]], ["model"]
            )
            if not models:
                raise AuthError(
                    "This Odoo has no object for phone calls.",
                    adapter=self._settings.name,
                    remedy='Install the OCA module "crm_phonecall" in this database.',
                )
            fields = await self._session.ask(MODEL, "fields_get", [], ["type"])
            self._fields = frozenset(fields)
        return self._fields

    async def _existing(self, name: str) -> Existing | None:
        number = await self._records.find(MODEL, name)
        if number is None:
            return None
        fields = ["name", "description", "state", "partner_id", "user_id", "opportunity_id"]
        rows = await self._session.ask(
            MODEL,
            "search_read",
            [["id", "=", number]],
            [field for field in fields if field in await self._known_fields()],
            context={"active_test": False},
        )
        if not rows:
            return None
        row = rows[0]
        user = _linked(row.get("user_id"))
        return Existing(
            id=row["id"],
            name=row["name"] or "",
            description=row["description"] or "",
            state=row["state"] or "",
            partner=_linked(row["partner_id"]),
            user=None if user == await self._session.sign_in() else user,
            deal=_linked(row.get("opportunity_id")),
        )

    def _address(self, number: int) -> str:
        base = self._settings.url.rstrip("/")
        return f"{base}/web#id={number}&model={MODEL}&view_type=form"


def _linked(value: object) -> int | None:
    """Read a many2one: `[id, name]`, or false."""
    return value[0] if isinstance(value, list) and isinstance(value[0], int) else None
