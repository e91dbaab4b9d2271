"""Posts call records; the receiver de-duplicates by `webhook-id` (tier A*)."""

from datetime import datetime
from typing import Final

import orjson

from crm_sync.connectors.answers import check_status
from crm_sync.connectors.webhook.settings import WebhookSettings
from crm_sync.connectors.webhook.signature import key_of, sign
from gateway.core.errors import AmbiguousError
from gateway.core.ids import EffectKey
from gateway.core.ports import Clock, HttpAnswer, HttpClient, Receipt
from gateway.core.record import CallRecord, time_json, to_json
from gateway.core.writing import WritePlan

_NOBODY_THERE: Final = frozenset({502, 503, 504})
_PAGE_STARTS: Final = (b"<!doctype html", b"<html")


def encode(
    record: CallRecord, *, kind: str, occurred_at: datetime, plan: WritePlan | None = None
) -> bytes:
    """Return the body: equal input gives equal bytes, so that a repeat is a repeat."""
    notice = None if plan is None else plan.notice
    data = to_json(record) if notice is None else orjson.Fragment(notice)
    message = {"type": kind, "timestamp": time_json(occurred_at), "data": data}
    return orjson.dumps(message if plan is None else {**message, **_by_policy(plan)})


def _by_policy(plan: WritePlan) -> dict[str, object]:
    """Return what the policy adds to the record: its own texts, a task, whom to create."""
    said: dict[str, object] = {"title": plan.title, "note": plan.note, "creates": plan.creates}
    task = plan.task
    if task is not None:
        said["task"] = {
            "title": task.title,
            "note": task.note,
            "due_on": task.due_on.isoformat() if task.due_on is not None else None,
            "extension": plan.assignee.extension,
        }
    return {name: value for name, value in said.items() if value is not None}


class WebhookWriter:
    """Implements `gateway.core.ports.CrmWriter` for any system that takes webhooks."""

    def __init__(self, settings: WebhookSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        former = settings.former_secret
        self._keys = [key_of(settings.read_secret(), where=f"crm.{settings.name}.secret")]
        if former is not None:
            self._keys.append(key_of(former.get_secret_value(), where=f"crm.{settings.name}"))
        self._http = http
        self._clock = clock

    async def write(
        self,
        record: CallRecord,
        *,
        idempotency_key: EffectKey,
        kind: str,
        occurred_at: datetime,
        plan: WritePlan | None = None,
    ) -> Receipt:
        """Post one effect; any 2xx is the receipt, unless a web page comes with it.

        The signature and its timestamp are of this attempt, as the specification asks; body and
        `webhook-id` are the same on every attempt.
        """
        body = encode(record, kind=kind, occurred_at=occurred_at, plan=plan)
        message_id = str(idempotency_key)
        now = self._clock.now()
        timestamp = int(now.timestamp())
        answer = await self._http.request(
            "POST",
            self._settings.url,
            headers={
                "Content-Type": "application/json",
                "webhook-id": message_id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": " ".join(
                    sign(key, message_id=message_id, timestamp=timestamp, body=body)
                    for key in self._keys
                ),
            },
            body=body,
        )
        check_status(answer, adapter=self._settings.name, now=self._clock.now())
        self._refuse_page(answer)
        return Receipt()

    async def find_written(self, *, idempotency_key: EffectKey) -> Receipt | None:  # noqa: ARG002
        """Return None: a receiver cannot be asked; it knows a repeat by its `webhook-id`."""
        return None

    async def probe(self) -> str:
        """Ask the address what it accepts, without sending a call."""
        answer = await self._http.request("OPTIONS", self._settings.url)
        if answer.status in _NOBODY_THERE:  # a plain receiver answers 405 or 501, and is there
            check_status(answer, adapter=self._settings.name, now=self._clock.now())
        return (
            f"the address answers (HTTP {answer.status} to OPTIONS); "
            "the secret is proved by the first call"
        )

    def _refuse_page(self, answer: HttpAnswer) -> None:
        """Refuse a login or captive page: proxies serve them with 200 and drop what was sent."""
        if answer.body[:512].lstrip().lower().startswith(_PAGE_STARTS):
            raise AmbiguousError(
                "The address answered with a web page instead of a receipt.",
                adapter=self._settings.name,
                remedy="Check url, and whether a login page or proxy stands in front of it.",
                detail=f"HTTP {answer.status}",
            )
