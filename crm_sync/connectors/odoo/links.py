"""What a call is linked to in Odoo: the person, the deal, the user; and who becomes a contact."""

from dataclasses import dataclass
from typing import Final

from crm_sync.connectors.odoo.partners import AddressBook, Partner, choose
from crm_sync.connectors.odoo.records import Records
from crm_sync.connectors.odoo.session import OdooSession
from crm_sync.connectors.odoo.settings import OdooSettings
from crm_sync.connectors.odoo.translate import Links, reference_of
from crm_sync.connectors.parties import outside_number
from crm_sync.connectors.texts import harmless
from gateway.core.record import CallRecord, Direction
from gateway.core.writing import Assignee, Creation, Link, WritePlan

PARTNER: Final = "res.partner"
LEAD: Final = "crm.lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who has the number, and whether several do."""

    partner: Partner | None = None
    several: bool = False


class Linker:
    """Looks up what a call belongs to; makes contacts and leads where the plan says so."""

    def __init__(self, settings: OdooSettings, session: OdooSession) -> None:
        self._settings = settings
        self._session = session
        self._book = AddressBook(settings, session)
        self._records = Records(settings.name, session)
        self._deals: bool | None = None

    async def links(self, record: CallRecord, plan: WritePlan) -> Links:
        """Return the links of a call; a stranger is made a contact or lead if the plan says so."""
        found, deal = await self.find(record), None
        if found.partner is None and not found.several and plan.creates is not None:
            found, deal = await self._create(record, plan)
        partner = found.partner
        if deal is None and partner is not None and Link.DEAL in plan.links:
            deal = await self.deal(partner)
        return Links(
            partner=_linked(partner, plan),
            partner_name=partner.name if partner is not None else None,
            user=await self.user(record, plan.assignee, partner),
            several=found.several,
            deal=deal,
        )

    async def find(self, record: CallRecord) -> Found:
        """Return whom a call is with, as the directory or Odoo itself knows."""
        reference = reference_of(record, self._settings.name)
        if reference is not None:
            partner = await self._book.by_id(reference)
            if partner is not None:
                return Found(partner=partner)
        e164 = record.outside_number
        if e164 is None or outside_number(record) is None:
            return Found()
        partner, several = choose(await self._book.by_number(e164))
        return Found(partner=partner, several=several)

    async def user(
        self, record: CallRecord, assignee: Assignee, partner: Partner | None
    ) -> int | None:
        """Return whose it becomes; None leaves it to Odoo, which takes our own account."""
        owner = partner.owner if partner is not None else None
        if owner is not None and (assignee.owner_first or assignee.extension is None):
            return owner
        return await self._book.user_for(record, assignee.extension)

    async def unknown_users(self) -> list[str]:
        """Return the extensions in `users` whose login Odoo does not know."""
        return await self._book.unknown_users()

    async def user_name(self, user: int) -> str | None:
        """Return what a user is called."""
        domain = [["id", "=", user]]
        rows = await self._session.ask("res.users", "search_read", domain, ["name"])
        return str(rows[0]["name"]) if rows else None

    async def deal(self, partner: Partner) -> int | None:
        """Return the open opportunity of a customer, None if there is none or more than one."""
        if self._deals is None:  # an Odoo without CRM has none
            there = await self._session.ask(
                "ir.model", "search_read", [["model", "=", LEAD]], ["model"]
            )
            self._deals = bool(there) and await self._session.may(LEAD, "read")
        if not self._deals:
            return None
        of_them = ["partner_id", "in", [one for one in (partner.id, partner.company) if one]]
        rows = await self._session.ask(
            LEAD,
            "search_read",
            [of_them, ["type", "=", "opportunity"], ["stage_id.is_won", "=", False]],
            ["id"],
            limit=2,
        )
        return int(rows[0]["id"]) if len(rows) == 1 else None

    async def _create(self, record: CallRecord, plan: WritePlan) -> tuple[Found, int | None]:
        """Make a contact or a lead, one for each number however often it calls."""
        e164 = record.outside_number
        if e164 is None:
            return Found(), None
        digits = e164.removeprefix("+")
        inbound = record.direction is Direction.INBOUND
        name = (harmless(record.caller.name) if inbound else "") or e164
        user = await self.user(record, plan.assignee, None)
        owned = {"user_id/.id": str(user)} if user is not None else {}
        values = {"name": name, "phone": e164, **owned}
        if plan.creates is Creation.LEAD:
            return Found(), await self._records.once(LEAD, f"lead_{digits}", values)
        number = await self._records.once(PARTNER, f"contact_{digits}", values)
        return Found(partner=await self._book.by_id(number)), None


def _linked(partner: Partner | None, plan: WritePlan) -> int | None:
    """Return the partner to link: the person, or the company alone where only that is wanted."""
    if partner is None:
        return None
    if partner.is_company:
        return partner.id if Link.COMPANY in plan.links else None
    if Link.CONTACT in plan.links:
        return partner.id
    return partner.company if Link.COMPANY in plan.links else None
