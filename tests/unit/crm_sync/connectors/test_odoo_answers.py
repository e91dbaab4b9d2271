"""What Odoo's answers mean: results, refusals, pages of another server."""

from typing import Any

import orjson
import pytest
from support.crm_records import MORNING

from crm_sync.connectors.odoo.codec import SessionError, decode, encode, loaded_id
from gateway.core.errors import (
    AdapterError,
    AmbiguousError,
    AuthError,
    RejectedError,
    TransientError,
)
from gateway.core.ports import HttpAnswer


def reply(body: object, status: int = 200) -> HttpAnswer:
    """Return an answer of Odoo."""
    return HttpAnswer(status=status, headers={}, body=orjson.dumps(body))


def failure(name: str) -> HttpAnswer:
    """Return a JSON-RPC error as Odoo 14 sends it."""
    data = {
        "name": name,
        "debug": "Traceback … Mario Rossi …",
        "message": "Mario Rossi",
        "arguments": ["Mario Rossi"],
    }
    return reply({"error": {"code": 200, "message": "Odoo Server Error", "data": data}})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failure("odoo.exceptions.AccessDenied"), SessionError),
        (failure("odoo.exceptions.MissingError"), SessionError),
        (failure("odoo.exceptions.AccessError"), AuthError),
        (failure("psycopg2.OperationalError"), TransientError),
        (failure("psycopg2.extensions.TransactionRollbackError"), TransientError),
        (failure("odoo.exceptions.ValidationError"), RejectedError),
        (failure("builtins.KeyError"), RejectedError),
        (reply({"error": "odd"}), RejectedError),
        (reply({"jsonrpc": "2.0"}), AmbiguousError),
        (reply([1]), AmbiguousError),
        (HttpAnswer(status=200, headers={}, body=b"<html>Sign in"), AmbiguousError),
        (HttpAnswer(status=500, headers={}, body=b"<!DOCTYPE HTML"), AmbiguousError),
        (HttpAnswer(status=404, headers={}, body=b""), TransientError),
        (HttpAnswer(status=502, headers={}, body=b""), AmbiguousError),
        (HttpAnswer(status=429, headers={}, body=b""), TransientError),
        (HttpAnswer(status=403, headers={}, body=b""), AuthError),
    ],
)
def test_answers_that_are_no_result(answer: HttpAnswer, kind: type[AdapterError]) -> None:
    """Each has its class, and none of Odoo's own words, which hold customers' data."""
    with pytest.raises(kind) as caught:
        decode(answer, adapter="odoo", now=MORNING)
    assert type(caught.value) is kind
    assert "Rossi" not in f"{caught.value} {caught.value.remedy} {caught.value.detail}"


def test_server_with_several_databases_is_named_as_the_cause() -> None:
    """Odoo answers every error with a bare 500 then, which sends people looking elsewhere."""
    with pytest.raises(AmbiguousError) as caught:
        decode(HttpAnswer(status=500, headers={}, body=b"<html>"), adapter="odoo", now=MORNING)
    assert "dbfilter" in caught.value.remedy


def test_result_may_be_anything() -> None:
    """`false` is a result too: authenticate says so of a wrong password."""
    assert decode(reply({"result": False}), adapter="odoo", now=MORNING) is False
    assert orjson.loads(encode("common", "version", []))["params"] == {
        "service": "common",
        "method": "version",
        "args": [],
    }


def message(text: str, **more: object) -> dict[str, Any]:
    """Return what `load` says of a row it did not take."""
    return {"ids": False, "messages": [{"type": "error", "message": text, **more}]}


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (message("could not serialize access due to concurrent update\n"), TransientError),
        (message("duplicate key value violates unique constraint"), TransientError),
        ({"ids": False, "messages": []}, TransientError),
        (message("Value 'sideways' not found", field="direction"), RejectedError),
        (message("Unknown error during import: <class 'ValueError'>: NUL"), RejectedError),
        (
            message("Unknown error during import: <class 'odoo.exceptions.UserError'>: no"),
            RejectedError,
        ),
        (
            message("Unknown error during import: <class 'odoo.exceptions.AccessError'>: no"),
            AuthError,
        ),
        (
            message("Unknown error during import: <class 'psycopg2.InterfaceError'>: gone"),
            TransientError,
        ),
        ({"ids": [], "messages": []}, AmbiguousError),
        (None, AmbiguousError),
    ],
)
def test_load_that_gave_no_record(result: object, kind: type[AdapterError]) -> None:
    """A lost race passes by itself; a refused value never does."""
    with pytest.raises(kind):
        loaded_id(result, adapter="odoo")


def test_load_that_gave_a_record() -> None:
    """The number is the receipt."""
    assert loaded_id({"ids": [7], "messages": [], "nextrow": 0}, adapter="odoo") == 7
