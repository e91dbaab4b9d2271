"""Writes each call as one `crm.phonecall`, by `load` with an external id: an atomic upsert."""

from datetime import datetime

from crm_sync.connectors.odoo.codec import loaded_id
from crm_sync.connectors.odoo.partners import AddressBook, Partner, choose
from crm_sync.connectors.odoo.session import CONTEXT, OdooSession
from crm_sync.connectors.odoo.settings import OdooSettings
from crm_sync.connectors.odoo.translate import (
    MODEL,
    MODULE,
    Existing,
    Links,
    agent_of,
    changed_values,
    new_values,
    outside_number,
    record_name,
    reference_of,
    row_of,
)
from gateway.core.errors import AuthError
from gateway.core.ids import EffectKey
from gateway.core.ports import Clock, HttpClient, Receipt
from gateway.core.record import CallRecord
from gateway.core.writing import WritePlan


class OdooWriter:
    """Implements `gateway.core.ports.CrmWriter` for Odoo with OCA's crm_phonecall (tier A)."""

    def __init__(self, settings: OdooSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._session = OdooSession(settings, http, clock)
        self._book = AddressBook(settings, self._session)
        self._fields: frozenset[str] | None = None

    async def write(
        self,
        record: CallRecord,
        *,
        idempotency_key: EffectKey,  # noqa: ARG002 - the call itself is the external id
        kind: str,  # noqa: ARG002 - the end and every correction meet the same record
        occurred_at: datetime,  # noqa: ARG002
        plan: WritePlan | None = None,  # noqa: ARG002
    ) -> Receipt:
        """Create the call or bring it up to date; returns its external id and its address."""
        known = await self._known_fields()
        links = await self._links(record)
        existing = await self._existing(record)
        if existing is None:
            values = new_values(record, links, self._settings.language)
        else:
            values = changed_values(record, links, existing, self._settings.language)
        usable = {name: text for name, text in values.items() if name.partition("/")[0] in known}
        result = await self._session.ask(MODEL, "load", *row_of(usable, record.id), context=CONTEXT)
        number = loaded_id(result, adapter=self._settings.name)
        return Receipt(external_id=f"{MODULE}.{record_name(record.id)}", url=self._address(number))

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

    async def _links(self, record: CallRecord) -> Links:
        partner, several = await self._partner(record)
        user = await self._book.user_for(record, agent_of(record))
        if user is None and partner is not None and agent_of(record) is None:
            user = partner.owner  # nobody answered: whoever looks after the customer
        return Links(
            partner=partner.id if partner is not None else None,
            partner_name=partner.name if partner is not None else None,
            user=user,
            several=several,
        )

    async def _partner(self, record: CallRecord) -> tuple[Partner | None, bool]:
        reference = reference_of(record, self._settings.name)
        if reference is not None:
            partner = await self._book.by_id(reference)
            if partner is not None:
                return partner, False
        e164 = record.outside_number
        if e164 is None or outside_number(record) is None:
            return None, False
        return choose(await self._book.by_number(e164))

    async def _existing(self, record: CallRecord) -> Existing | None:
        named = [["module", "=", MODULE], ["name", "=", record_name(record.id)]]
        pointers = await self._session.ask(
            "ir.model.data", "search_read", [*named, ["model", "=", MODEL]], ["res_id"]
        )
        if not pointers:
            return None
        rows = await self._session.ask(
            MODEL,
            "search_read",
            [["id", "=", pointers[0]["res_id"]]],
            ["name", "description", "state", "partner_id"],
            context={"active_test": False},
        )
        if not rows:
            return None
        row = rows[0]
        return Existing(
            id=row["id"],
            name=row["name"] or "",
            description=row["description"] or "",
            state=row["state"] or "",
            partner=row["partner_id"][0] if row["partner_id"] else None,
        )

    def _address(self, number: int) -> str:
        base = self._settings.url.rstrip("/")
        return f"{base}/web#id={number}&model={MODEL}&view_type=form"
