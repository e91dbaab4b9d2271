"""The webhook's body, signature and settings."""

import base64
import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from standardwebhooks.webhooks import Webhook
from support.crm_records import MORNING, HandClock, answered, effect, missed

from crm_sync.connectors.webhook.link import WebhookWriter, encode
from crm_sync.connectors.webhook.settings import WebhookSettings
from crm_sync.connectors.webhook.signature import key_of, sign, verify
from gateway.core.errors import (
    AmbiguousError,
    AuthError,
    ConfigError,
    PeerProtocolError,
    RejectedError,
)
from gateway.core.ports import HttpAnswer
from gateway.core.record import to_json
from gateway.core.record_reading import from_json
from gateway.core.writing import Assignee, Creation, EffectKind, TaskPlan, WritePlan

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
TABLE: dict[str, Any] = {
    "name": "hook",
    "kind": "webhook",
    "url": "https://example.com/calls/",
    "secret": SECRET,
}


class KeptHttp:
    """An HttpClient that keeps requests and gives the answers it was told."""

    def __init__(self, *answers: HttpAnswer) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer:
        """Keep and answer."""
        self.requests.append((method, url, dict(headers or {}), body))
        return self.answers.pop(0) if self.answers else HttpAnswer(status=204, headers={}, body=b"")


def page(status: int, body: bytes = b"") -> HttpAnswer:
    """Return an answer."""
    return HttpAnswer(status=status, headers={}, body=body)


async def send(http: KeptHttp, clock: HandClock) -> None:
    """Write one effect."""
    writer = WebhookWriter(WebhookSettings.model_validate(TABLE), http, clock)
    one = effect(answered())
    await writer.write(
        one.record, idempotency_key=one.key, kind=one.kind, occurred_at=one.occurred_at
    )


async def test_body_and_headers_are_standard_webhooks() -> None:
    """Receivers verify with the published libraries, so one of them is the judge here."""
    http, clock = KeptHttp(), HandClock()
    clock.at = clock.at.now(clock.at.tzinfo)  # the library compares with the real time
    await send(http, clock)
    ((method, url, headers, body),) = http.requests
    assert (method, url) == ("POST", "https://example.com/calls/")
    message = Webhook(SECRET).verify(body, headers)
    assert message == json.loads(body)
    assert list(message) == ["type", "timestamp", "data"]
    assert message["type"] == "call.ended"
    assert message["timestamp"] == "2026-10-03T08:31:34.500Z"
    assert from_json(message["data"]) == answered()
    assert headers["webhook-id"] == str(effect(answered()).key)


async def test_repeat_is_equal_in_every_byte_but_signed_anew() -> None:
    """A receiver refuses old timestamps, and de-duplicates by id and content."""
    http, clock = KeptHttp(), HandClock()
    await send(http, clock)
    clock.forward(7200)
    await send(http, clock)
    (_, _, first, first_body), (_, _, second, second_body) = http.requests
    assert first_body == second_body
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 7200
    assert first["webhook-signature"] != second["webhook-signature"]


def test_body_survives_the_outbox() -> None:
    """The record is stored as JSON and read back before a repeat."""
    record = answered()
    stored = from_json(json.loads(json.dumps(to_json(record))))
    assert encode(stored, kind="call.ended", occurred_at=MORNING) == encode(
        record, kind="call.ended", occurred_at=MORNING
    )


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (page(200, b"<!DOCTYPE html><title>Sign in</title>"), AmbiguousError),
        (page(200, b"\n <html><body>Login"), AmbiguousError),
        (page(410), RejectedError),
        (page(400), RejectedError),
        (page(401), AuthError),
        (page(500), AmbiguousError),
    ],
)
async def test_answer_that_is_no_receipt(answer: HttpAnswer, kind: type[Exception]) -> None:
    """A login page with 200 dropped the call; it must not count as delivered."""
    with pytest.raises(kind):
        await send(KeptHttp(answer), HandClock())


@pytest.mark.parametrize("status", [204, 404, 405, 501])
async def test_probe_is_content_with_any_answer(status: int) -> None:
    """Hardly any receiver knows OPTIONS; what answers is there."""
    http = KeptHttp(page(status))
    writer = WebhookWriter(WebhookSettings.model_validate(TABLE), http, HandClock())
    assert f"HTTP {status}" in await writer.probe()
    assert [request[0] for request in http.requests] == ["OPTIONS"]


async def test_probe_tells_a_proxy_without_receiver() -> None:
    """A gateway's 502 means that the receiver behind it is down."""
    writer = WebhookWriter(WebhookSettings.model_validate(TABLE), KeptHttp(page(502)), HandClock())
    with pytest.raises(AmbiguousError):
        await writer.probe()


@pytest.mark.parametrize("body", [b"", b"ok", b'{"ok":true}', b"<ok/>"])
async def test_any_other_2xx_is_a_receipt(body: bytes) -> None:
    """The specification asks for a 2xx status and for nothing in the body."""
    await send(KeptHttp(page(202, body)), HandClock())


def test_verify_takes_what_sign_made() -> None:
    """The built-in receiver of the demonstration reads our own messages."""
    body = b'{"type":"call.ended"}'
    stamp = int(MORNING.timestamp())
    headers = {
        "Webhook-Id": "m1",
        "Webhook-Timestamp": str(stamp),
        "Webhook-Signature": "v1,b3RoZXI= "
        + sign(key_of(SECRET), message_id="m1", timestamp=stamp, body=body),
    }
    assert verify(SECRET, headers, body) == {"type": "call.ended"}
    assert verify(SECRET, headers, body, now=MORNING) == {"type": "call.ended"}
    for changed in (
        {**headers, "Webhook-Id": "m2"},
        {**headers, "Webhook-Timestamp": str(stamp + 1)},
        {**headers, "Webhook-Signature": "v1,b3RoZXI="},
        {"Webhook-Id": "m1"},
    ):
        with pytest.raises(PeerProtocolError):
            verify(SECRET, changed, body)
    with pytest.raises(PeerProtocolError):
        verify(SECRET, headers, body + b" ")
    with pytest.raises(PeerProtocolError, match="too old"):
        verify(SECRET, headers, body, now=MORNING + timedelta(minutes=6))


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_short", "whsec_%%%", "k" * 32, "whsec_" + "QUJD" * 40]
)
def test_unusable_secret_is_refused_with_a_remedy(secret: str) -> None:
    """A secret that no library accepts would fail at the receiver, far from its cause."""
    with pytest.raises(ConfigError) as caught:
        key_of(secret)
    assert "whsec_" in caught.value.remedy
    assert len(secret) < 6 or secret not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"url": "http://example.com"}, "https"),
        ({"url": "ftp://example.com"}, "whole address"),
        ({"url": "https://me:pw@example.com"}, "credentials"),
        ({"url": "example.com"}, "whole address"),
        ({"secret": "CHANGE_ME"}, "placeholder"),
        ({"secret": "whsec_x"}, "Standard Webhooks"),
        ({"secret": None}, "exactly one"),
        ({"secret_file": "/x"}, "exactly one"),
        ({"secrett": "x"}, "Extra inputs"),
        ({"policy": {"direction": ["inbound"]}}, "Extra inputs"),
        ({"policy": {"directions": ["inwards"]}}, "inbound"),
        ({"policy": {"directions": []}}, "at least 1"),
        ({"rate_per_s": 0}, "greater than 0"),
    ],
)
def test_mistaken_table_is_refused(change: dict[str, Any], says: str) -> None:
    """Each mistake of an administrator has its own sentence, and none repeats the secret."""
    with pytest.raises(ValidationError) as caught:
        WebhookSettings.model_validate({**TABLE, **change})
    assert says in str(caught.value)
    assert SECRET not in str(caught.value)


def test_secret_file_is_read_without_its_line_break(tmp_path: Path) -> None:
    """Editors end files with a line break, which is no part of a secret."""
    file = tmp_path / "hook.secret"
    table = {**TABLE, "secret": None, "secret_file": str(file)}
    file.write_text(SECRET + "\n", encoding="utf-8")
    assert WebhookSettings.model_validate(table).read_secret() == SECRET
    file.write_text("CHANGE_ME\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        WebhookSettings.model_validate(table).read_secret()
    file.unlink()
    with pytest.raises(ConfigError) as caught:
        WebhookSettings.model_validate(table).read_secret()
    assert caught.value.where == "crm.hook.secret_file"


def test_secret_is_not_shown_by_the_settings() -> None:
    """Settings are printed in debug logs and error reports."""
    assert SECRET not in repr(WebhookSettings.model_validate(TABLE))


def test_policy_adds_its_own_texts_and_the_task_to_the_record() -> None:
    """The receiver makes the task, so it is told all that a connector would know."""
    task = TaskPlan(title="Call back", note="rang 21 s", due_on=date(2026, 10, 4))
    plan = WritePlan(
        kind=EffectKind.TASK, task=task, assignee=Assignee(extension="1001", owner_first=True)
    )
    told = json.loads(encode(missed(), kind="task.missed", occurred_at=MORNING, plan=plan))
    assert told["task"] == {
        "title": "Call back",
        "note": "rang 21 s",
        "due_on": "2026-10-04",
        "extension": "1001",
    }
    assert told.keys() == {"type", "timestamp", "data", "task"}
    worded = WritePlan(title="T", note="N", creates=Creation.LEAD)
    told = json.loads(encode(missed(), kind="call.ended", occurred_at=MORNING, plan=worded))
    assert (told["title"], told["note"], told["creates"]) == ("T", "N", "lead")
