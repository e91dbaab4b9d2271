"""CRMs for the shipped profiles, built from the vendors' documents, which judge every request."""

import json
import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs
from support.connector_rigs import ConnectorRig, Fate
from support.peer_http import Behaviour, Received, answer
from support.rest_rig import always

from crm_sync.connectors.rest.profile import profile_names, profile_table

SPECS: Final = Path(__file__).parent / "crm_specs"
PIPEDRIVE: Final = json.loads((SPECS / "pipedrive.json").read_text(encoding="utf-8"))
# read before a test's event loop runs, as the daemon reads its configuration before it starts
PROFILES: Final = {name: profile_table(name) for name in profile_names()}
SECRET: Final = "profile-secret-1"
ZOHO_TOKEN: Final = "zoho-access-1"
Answer = tuple[int, object]


@dataclass(slots=True)
class ProfileRig(ConnectorRig):
    """A vendor's CRM; `violations` are requests its document does not allow."""

    violations: list[str] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)

    @abstractmethod
    def handle(self, request: Received) -> Answer:
        """Judge a request and do what it asks."""

    @property
    def wrong_sign_in(self) -> Mapping[str, str]:
        """Return another secret."""
        return MappingProxyType({"secret": "not-the-secret"})

    def is_write(self, request: Received) -> bool:
        """Return whether it makes or changes a record."""
        return request.method in {"POST", "PUT", "PATCH"} and not request.path.startswith("/token")

    def faulty(self, fault: Behaviour) -> Behaviour:
        """Answer questions, and fail at what is written."""
        whole = self.served(always)

        async def behave(request: Received, writer: Any) -> None:  # noqa: ANN401 - a stream
            await (fault if self.is_write(request) else whole)(request, writer)

        return behave

    def served(self, fate: Fate) -> Behaviour:
        """Return the CRM: what reached it is kept, whatever becomes of the answer."""

        async def behave(request: Received, writer: Any) -> None:  # noqa: ANN401 - a stream
            status, body = self.handle(request)
            if await fate(request):
                content = b"" if body is None else json.dumps(body).encode()
                await answer(status, content)(request, writer)
            else:
                writer.transport.abort()

        return behave

    async def calls(self) -> list[str]:
        """Return the calls people see, if all that was asked was allowed."""
        assert self.violations == []
        return [str(one["id"]) for one in self.made]

    def table_of(self, **keys: object) -> dict[str, Any]:
        """Return a table of this profile."""
        common = {"name": "crm", "kind": "rest", "secret": SECRET, "allow_private": True}
        return {**common, "rate_per_s": 1000, "burst": 1000, **keys}


@dataclass(slots=True)
class PipedriveRig(ProfileRig):
    """Pipedrive as its own client has it; `people` are hits of a search, `listed` whole persons."""

    listed: list[dict[str, Any]] = field(default_factory=list)
    companies: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def table(self) -> dict[str, Any]:
        """Return what an administrator writes, and the address of the fake."""
        lag = {"search_lag_s": 0}
        users = {"1002": 7}
        return self.table_of(
            profile="pipedrive", url=self.front.url, users=users, call=lag, task=lag
        )

    def handle(self, request: Received) -> Answer:
        """Judge a request by the document and do what it asks."""
        if request.headers.get("x-api-token") != SECRET:
            return 401, {"success": False, "error": "unauthorized access", "errorCode": 401}
        parts = urlsplit(request.path)
        path, query = parts.path, dict(parse_qsl(parts.query))
        number = re.search(r"/(\d+)$", path)
        template = path.replace(number.group(0), "/{id}") if number else path
        body = json.loads(request.body) if request.body else None
        self.violations += spec_violations(request.method.lower(), template, query, body)
        kept = [*self.made, *self.tasks]
        if template == "/v1/users/me":
            return 200, {"success": True, "data": {"id": 1, "name": "Me"}}
        if template == "/api/v2/persons/search":
            items = [{"result_score": 0.5, "item": one} for one in self.people]
            return 200, {"success": True, "data": {"items": items}}
        if request.method == "POST":
            # each activity is done, or to be done
            record = {"id": len(kept) + 1, "update_time": "2026-10-03T08:40:00Z", **(body or {})}
            (self.made if record["done"] else self.tasks).append(record)
            return 201, {"success": True, "data": record}
        if number is not None:
            record = next(one for one in kept if one["id"] == int(number.group(1)))
            record.update(body or {})
            return 200, {"success": True, "data": record}
        lists = {"persons": self.listed, "organizations": self.companies, "activities": kept}
        return 200, _page(lists[template.rpartition("/")[2]], query)


def _page(records: list[dict[str, Any]], query: Mapping[str, str]) -> object:
    """Give twenty records of those that changed since then, whatever `limit` says."""
    since = query.get("updated_since", "")
    fitting = [one for one in records if one["update_time"] >= since]
    fitting.sort(key=lambda one: int(one["id"]), reverse=query.get("sort_direction") == "desc")
    start = int(query.get("cursor", "0"))
    following = str(start + 20) if len(fitting) > start + 20 else None
    shown = fitting[start : start + 20]
    return {"success": True, "data": shown, "additional_data": {"next_cursor": following}}


def spec_violations(method: str, path: str, query: Mapping[str, str], body: object) -> list[str]:
    """Return what Pipedrive's document does not allow about a request."""
    operation = PIPEDRIVE["paths"].get(path, {}).get(method)
    if operation is None:
        return [f"{method} {path}: not in the document"]
    known = {one["name"]: one for one in operation["parameters"] if one["in"] == "query"}
    found = [f"{path}: unknown parameter {name}" for name in query if name not in known]
    found += [
        f"{path}: {name} is missing"
        for name, one in known.items()
        if one.get("required") and name not in query
    ]
    for name, text in query.items():
        schema = known.get(name, {}).get("schema", {})
        value = int(text) if schema.get("type") in {"integer", "number"} else text
        if not jsonschema_rs.is_valid(schema, value):
            found.append(f"{path}: {name} is not valid")
    schema = operation.get("body")
    if (schema is None) != (body is None):
        found.append(f"{path}: a body where there is none, or none where there is one")
    if schema is not None and isinstance(body, dict):
        allowed = {name for part in schema["allOf"] for name in part.get("properties", {})}
        found += [f"{path}: unknown field {name}" for name in body if name not in allowed]
        if not jsonschema_rs.is_valid(schema, body):
            found.append(f"{path}: the body is not valid")
    return found


# Read in Zoho's record API v8: module paths, query parameters, and the wrapper of records.
ZOHO_LIST: Final = frozenset({"fields", "sort_by", "sort_order", "per_page", "page_token"})
ZOHO_SEARCH: Final = frozenset({"criteria", "phone", "email", "word", "page", "per_page", "fields"})
ZOHO_CALL: Final[Mapping[str, type]] = MappingProxyType(
    {
        "Subject": str,
        "Description": str,
        "Filodiretto_ID": str,
        "Call_Type": str,
        "Call_Start_Time": str,
        "Call_Duration": str,
        "Outgoing_Call_Status": str,
        "Who_Id": dict,
        "What_Id": dict,
        "$se_module": str,
        "Owner": dict,
    }
)
ZOHO_TASK: Final[Mapping[str, type]] = MappingProxyType(
    {
        **{name: ZOHO_CALL[name] for name in ("Subject", "Description", "Filodiretto_ID", "Owner")},
        **{name: ZOHO_CALL[name] for name in ("Who_Id", "What_Id", "$se_module")},
        "Status": str,
        "Priority": str,
        "Due_Date": str,
    }
)


@dataclass(slots=True)
class ZohoRig(ProfileRig):
    """Zoho CRM with the field the profile needs; its token is got by a refresh token."""

    folder: Path = field(kw_only=True)
    tasks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def table(self) -> dict[str, Any]:
        """Return what an administrator writes, and the address of the fake."""
        (self.folder / "refresh").write_text("refresh-1\n", encoding="utf-8")
        sign_in = {
            "client_id": "1000.X",
            "token_path": f"{self.front.url}/token",
            "refresh_token_file": str(self.folder / "refresh"),
            "token_file": str(self.folder / "kept"),
        }
        lag = {"search_lag_s": 0}
        return self.table_of(
            profile="zoho", url=self.front.url, sign_in=sign_in, call=lag, task=lag
        )

    def handle(self, request: Received) -> Answer:
        """Judge a request by the document and do what it asks."""
        parts = urlsplit(request.path)
        if parts.path == "/token":
            form = dict(parse_qsl(request.body.decode()))
            good = (form.get("client_secret"), form.get("refresh_token")) == (SECRET, "refresh-1")
            # a refusal is HTTP 200 too
            token = {"access_token": ZOHO_TOKEN, "expires_in": 3600, "token_type": "Bearer"}
            return 200, token if good else {"error": "invalid_client"}
        if request.headers.get("authorization") != f"Zoho-oauthtoken {ZOHO_TOKEN}":
            return 401, {"code": "INVALID_TOKEN", "status": "error", "details": {}}
        query = dict(parse_qsl(parts.query))
        if request.method == "GET" and not parts.path.endswith("/search"):
            return self._list(parts.path, query, request.headers.get("if-modified-since"))
        if request.method == "GET":
            return self._search(parts.path, query)
        return self._write(request.method, parts.path, json.loads(request.body))

    def _list(self, path: str, query: Mapping[str, str], since: str | None) -> Answer:
        """Give one record a page; 304 if nothing changed, 204 if there is nothing."""
        module = re.fullmatch(r"/crm/v8/(Contacts|Leads|Accounts)", path)
        if module is None or not set(query) <= ZOHO_LIST or "fields" not in query:
            self.violations.append(f"list {path}")
            return 400, {"code": "INVALID_REQUEST", "status": "error"}
        found = self.people if module.group(1) == "Contacts" else []
        if since is not None:
            after = datetime.fromisoformat(since)
            found = [one for one in found if datetime.fromisoformat(one["Modified_Time"]) > after]
        if not found:
            return (204 if since is None else 304), None
        place = int(query.get("page_token", "0"))
        asked = {"id", *query["fields"].split(",")}
        shown = [{name: value for name, value in found[place].items() if name in asked}]
        more = place + 1 < len(found)
        token = str(place + 1) if more else None
        return 200, {"data": shown, "info": {"more_records": more, "next_page_token": token}}

    def _search(self, path: str, query: Mapping[str, str]) -> Answer:
        module = re.fullmatch(r"/crm/v8/(Contacts|Leads|Accounts|Calls|Tasks)/search", path)
        if module is None or not query or not set(query) <= ZOHO_SEARCH:
            self.violations.append(f"search {path}")
            return 400, {"code": "INVALID_REQUEST", "status": "error"}
        if module.group(1) in {"Calls", "Tasks"}:
            asked = re.fullmatch(r"\(Filodiretto_ID:equals:([^()]+)\)", query.get("criteria", ""))
            shelf = self.made if module.group(1) == "Calls" else self.tasks
            found = [one for one in shelf if asked and one["Filodiretto_ID"] == asked.group(1)]
        else:
            found = self.people if module.group(1) == "Contacts" else []
        # nothing found is 204 without a body
        return (200, {"data": found, "info": {"more_records": False}}) if found else (204, None)

    def _write(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        if set(body) != {"data"} or len(body["data"]) != 1:
            self.violations.append("a write is one record in data")
        [record] = body["data"]
        is_task = path.startswith("/crm/v8/Tasks")
        known, shelf = (ZOHO_TASK, self.tasks) if is_task else (ZOHO_CALL, self.made)
        self.violations += [
            f"field {name}"
            for name, value in record.items()
            if not isinstance(value, known.get(name, type(None)))
        ]
        number = re.fullmatch(r"/crm/v8/Calls/(\d+)", path)
        if number is not None and method == "PUT":
            kept = next(one for one in self.made if one["id"] == number.group(1))
            kept.update(record)
        else:
            needed = "Status" if is_task else "Call_Start_Time"
            if method != "POST" or path.count("/") != 3 or needed not in record:
                self.violations.append(f"{method} {path}")
            kept = {"id": str(5000 + len(shelf)), **record}
            shelf.append(kept)
        done = {"code": "SUCCESS", "status": "success", "details": {"id": kept["id"]}}
        return 201, {"data": [done]}
