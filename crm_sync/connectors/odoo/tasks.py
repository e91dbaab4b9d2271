"""A task for a missed call: a `mail.activity` of type call for who looks after the customer."""

from typing import Final

from crm_sync.connectors import notes
from crm_sync.connectors.odoo.links import PARTNER, Linker
from crm_sync.connectors.odoo.records import Records
from crm_sync.connectors.odoo.session import OdooSession
from crm_sync.connectors.odoo.settings import OdooSettings
from crm_sync.connectors.odoo.translate import MODULE
from gateway.core.errors import RejectedError
from gateway.core.ids import EffectKey
from gateway.core.ports import Receipt
from gateway.core.record import CallRecord
from gateway.core.writing import WritePlan

ACTIVITY: Final = "mail.activity"
CALL_TYPE: Final = "mail.mail_activity_data_call"


class Tasks:
    """Puts activities on the customer, or where the call is if nobody is known."""

    def __init__(self, settings: OdooSettings, session: OdooSession, linker: Linker) -> None:
        self._settings = settings
        self._session = session
        self._linker = linker
        self._records = Records(settings.name, session)
        self._models: dict[str, int] = {}

    async def put(
        self,
        record: CallRecord,
        plan: WritePlan,
        key: EffectKey,
        *,
        elsewhere: tuple[str, int | None],
    ) -> Receipt:
        """Make the task of `plan` once; `elsewhere` is its place where nobody has the number."""
        task, name = plan.task, f"task_{key.hex}"
        if task is None:
            raise _nothing_to_do(self._settings.name)
        receipt = f"{MODULE}.{name}"
        if await self._records.find(ACTIVITY, name) is not None:
            return Receipt(external_id=receipt)
        found = await self._linker.find(record)
        partner = found.partner
        where, place = (PARTNER, partner.id) if partner is not None else elsewhere
        if place is None:
            raise _nowhere(self._settings.name)
        values = {
            "activity_type_id/id": CALL_TYPE,
            "res_model_id/.id": str(await self._model(where)),
            "res_id": str(place),
            "summary": task.title,
            "note": notes.written(task.note, "html"),
        }
        if task.due_on is not None:
            values["date_deadline"] = task.due_on.isoformat()
        user = await self._linker.user(record, plan.assignee, partner)
        if user is not None:
            values["user_id/.id"] = str(user)
        await self._records.put(ACTIVITY, name, values)
        base = self._settings.url.rstrip("/")
        url = f"{base}/web#id={place}&model={where}&view_type=form"
        return Receipt(external_id=receipt, url=url)

    async def _model(self, model: str) -> int:
        if model not in self._models:
            rows = await self._session.ask(
                "ir.model", "search_read", [["model", "=", model]], ["id"]
            )
            self._models[model] = int(rows[0]["id"])
        return self._models[model]


def _nothing_to_do(adapter: str) -> RejectedError:
    return RejectedError("The task has no content.", adapter=adapter, remedy="Report this.")


def _nowhere(adapter: str) -> RejectedError:
    return RejectedError(
        "The task has no place in Odoo: nobody has the number, and the call is not written.",
        adapter=adapter,
        remedy="Retry the call's own effect first, then this one.",
    )
