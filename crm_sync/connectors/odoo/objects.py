"""Which of Odoo's objects holds a call, found by what this database has.

In this order: `crm.phonecall` (OCA crm_phonecall), `voip.call` (Enterprise, or OCA voip_oca; told
apart by their fields), else a message with the activity type "Call" in the history of the contact:
what a call activity leaves behind when it is marked done (ADR 0012 says why not the activity).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from crm_sync.connectors.odoo.messages import Messages
from crm_sync.connectors.odoo.session import OdooSession
from crm_sync.connectors.odoo.translate import (
    MODEL,
    Existing,
    Links,
    changed_values,
    new_values,
)
from crm_sync.connectors.odoo.voip import VOIP, VoipCalls
from gateway.core.errors import AuthError
from gateway.core.record import CallRecord
from gateway.core.writing import WritePlan

RIGHTS: Final = 'Give it the groups "Sales: User: All Documents" and "Contact Creation".'


class CallObject(Protocol):
    """One way to keep a call; values are text, as `load` takes them."""

    @property
    def model(self) -> str:
        """The object's technical name."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What to read of a call that is there."""

    def made(
        self, record: CallRecord, links: Links, language: str, plan: WritePlan
    ) -> dict[str, str]:
        """Return the values of a call that Odoo does not have yet."""

    def changed(
        self,
        record: CallRecord,
        links: Links,
        language: str,
        plan: WritePlan,
        *,
        row: Mapping[str, Any],
        account: int,
    ) -> dict[str, str]:
        """Return the values to change in what is there; `account` is our own user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCalls:
    """OCA's `crm.phonecall`."""

    columns: tuple[str, ...]
    model: str = MODEL

    def made(
        self, record: CallRecord, links: Links, language: str, plan: WritePlan
    ) -> dict[str, str]:
        """Return the values of a new phone call."""
        return new_values(record, links, language, plan)

    def changed(
        self,
        record: CallRecord,
        links: Links,
        language: str,
        plan: WritePlan,
        *,
        row: Mapping[str, Any],
        account: int,
    ) -> dict[str, str]:
        """Return what to change; people's edits stay."""
        user = linked(row.get("user_id"))
        existing = Existing(
            id=row["id"],
            name=row["name"] or "",
            description=row["description"] or "",
            state=row["state"] or "",
            partner=linked(row["partner_id"]),
            user=None if user == account else user,
            deal=linked(row.get("opportunity_id")),
        )
        return changed_values(record, links, existing, language, plan)


_PHONECALL_COLUMNS: Final = (
    "name",
    "description",
    "state",
    "partner_id",
    "user_id",
    "opportunity_id",
)


async def find_object(session: OdooSession, adapter: str) -> tuple[CallObject, frozenset[str]]:
    """Return how calls are kept here, and the fields that object has.

    Raises AuthError if our account may not write what there is.
    """
    wanted = [MODEL, VOIP, "mail.message"]
    rows = await session.ask("ir.model", "search_read", [["model", "in", wanted]], ["model"])
    there = {row["model"] for row in rows}
    model = next((one for one in wanted if one in there), "mail.message")
    if not await session.may(model, "create"):
        raise AuthError(
            "The account may not write phone calls in Odoo.",
            adapter=adapter,
            remedy=RIGHTS,
            detail=model,
        )
    fields = await session.ask(model, "fields_get", [], ["type"])
    known = frozenset(fields)
    if model == MODEL:
        columns = tuple(one for one in _PHONECALL_COLUMNS if one in known)
        return PhoneCalls(columns=columns), known
    if model == VOIP:
        return VoipCalls(direction="direction" if "direction" in known else "type_call"), known
    own = await session.ask("res.users", "read", [await session.sign_in()], ["partner_id"])
    return Messages(own_partner=int(own[0]["partner_id"][0])), known


def linked(value: object) -> int | None:
    """Read a many2one: `[id, name]`, or false."""
    return value[0] if isinstance(value, list) and isinstance(value[0], int) else None
