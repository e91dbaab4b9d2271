"""A call as `voip.call`, of Odoo Enterprise or of OCA's voip_oca.

Read in OCA's voip_oca (18.0) and in what Enterprise 17 to 19 answers to `fields_get`: the same
states; Enterprise says `direction` where OCA says `type_call`. Neither has a field for a text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from crm_sync.connectors import texts
from crm_sync.connectors.odoo.translate import Links, date_text, texts_of
from crm_sync.connectors.parties import outside_number
from gateway.core.record import CallRecord, CallState, Direction, Outcome
from gateway.core.writing import WritePlan

VOIP: Final = "voip.call"
_STATES: Final = MappingProxyType(
    {
        Outcome.ANSWERED: "terminated",
        Outcome.REJECTED: "rejected",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoipCalls:
    """`voip.call`; `direction` is the name of its field for who called whom."""

    direction: str
    model: str = VOIP
    columns: tuple[str, ...] = ("activity_name", "partner_id", "user_id")

    def made(
        self, record: CallRecord, links: Links, language: str, plan: WritePlan
    ) -> dict[str, str]:
        """Return the values of a new call."""
        title, _ = texts_of(record, links, language, plan)
        values = {**self._facts(record, language), "activity_name": title}
        for field, number in (("partner_id", links.partner), ("user_id", links.user)):
            if number is not None:
                values[f"{field}/.id"] = str(number)
        return values

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
        """Return what to change; the title only if it is the one of the call while it rang."""
        title, _ = texts_of(record, links, language, plan)
        while_it_rang, _ = texts_of(replace(record, outcome=None), links, language, plan)
        values = self._facts(record, language)
        if row["activity_name"] in {False, "", while_it_rang}:
            values["activity_name"] = title
        if not row["partner_id"] and links.partner is not None:
            values["partner_id/.id"] = str(links.partner)
        nobody = not row["user_id"] or row["user_id"][0] == account
        if nobody and links.user is not None:
            values["user_id/.id"] = str(links.user)
        return values

    def _facts(self, record: CallRecord, language: str) -> dict[str, str]:
        inbound = record.direction is Direction.INBOUND
        words = texts.LANGUAGES[language]
        number = outside_number(record) or (words.withheld if inbound else words.unknown)
        facts = {
            self.direction: "incoming" if inbound else "outgoing",
            "phone_number": texts.harmless(number, limit=40),
            "state": state_of(record),
        }
        ended = record.ended_at
        # the length is from start to end: nobody spoke, so both are the same moment
        began = record.answered_at if record.outcome is Outcome.ANSWERED else ended
        began = began or record.started_at
        if began is not None:
            facts["start_date"] = date_text(began)
        if ended is not None:
            facts["end_date"] = date_text(ended)
        return facts


def state_of(record: CallRecord) -> str:
    """Return the state of a call: one that nobody took is missed, or, outbound, aborted."""
    if record.merged_into is not None:
        return "aborted"
    if record.state is CallState.LIVE:
        return "calling" if record.answered_at is None else "ongoing"
    missed = "missed" if record.direction is Direction.INBOUND else "aborted"
    return _STATES.get(record.outcome, missed) if record.outcome is not None else missed
