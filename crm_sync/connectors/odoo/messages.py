"""A call as a message in the history of its contact, for an Odoo without an object for calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from crm_sync.connectors import notes, texts
from crm_sync.connectors.odoo.translate import Links, date_text, texts_of
from gateway.core.record import CallRecord
from gateway.core.writing import WritePlan

MESSAGE: Final = "mail.message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """`mail.message`; `own_partner` is our account's contact, which keeps the calls of strangers.

    Made by `load`, a message notifies nobody.
    """

    own_partner: int
    model: str = MESSAGE
    columns: tuple[str, ...] = ("subject", "body")

    def made(
        self, record: CallRecord, links: Links, language: str, plan: WritePlan
    ) -> dict[str, str]:
        """Return the values of a new message."""
        title, block = texts_of(record, links, language, plan)
        began = record.started_at or record.answered_at or record.ended_at
        values = {
            "model": "res.partner",
            "res_id": str(links.partner or self.own_partner),
            "message_type": "notification",
            "subtype_id/id": "mail.mt_activities",
            "mail_activity_type_id/id": "mail.mail_activity_data_call",
            "message_id": f"<call.{record.id.hex}@filodiretto.invalid>",
            "subject": title,
            "body": notes.written(block, "html"),
        }
        return values if began is None else {**values, "date": date_text(began)}

    def changed(
        self,
        record: CallRecord,
        links: Links,
        language: str,
        plan: WritePlan,
        *,
        row: Mapping[str, Any],
        account: int,  # noqa: ARG002 - a message belongs to who wrote it
    ) -> dict[str, str]:
        """Return what to change; a person whom we only know now gets the message."""
        title, block = texts_of(record, links, language, plan)
        body = row["body"] or ""
        values = {"body": notes.merged(body, block, "html")}
        if texts.harmless(row["subject"] or "", limit=1000) == notes.heading(body, "html"):
            values["subject"] = title
        if links.partner is not None:
            values["res_id"] = str(links.partner)
        return values
