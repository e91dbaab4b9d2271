"""HubSpot in memory, built from its published documents (CRM objects 2026-03, search, errors).

Checked by hand against HubSpot's OpenAPI documents for calls, tasks, contacts, companies and
objects: paths, required members of bodies, property values as text, filter operators.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from support.peer_http import Received
from support.vendor_rigs import Answer, VendorRig, digits, given

TOKEN: Final = "pat-eu1-0f8e7a"
UNIQUE: Final = "filodiretto_id"
Body = dict[str, Any]
KINDS: Final = ("contacts", "companies", "calls", "tasks", "deals")
SEARCH_MEMBERS: Final = frozenset({"after", "filterGroups", "limit", "properties", "sorts"})
OPERATORS: Final = frozenset({"EQ", "IN", "GTE", "GT", "LT", "LTE", "BETWEEN", "HAS_PROPERTY"})
PROPERTIES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "contacts": frozenset(
            {"firstname", "lastname", "email", "phone", "mobilephone", "lifecyclestage"}
            | {"associatedcompanyid", "hubspot_owner_id", "lastmodifieddate", "hs_object_id"}
            | {"hs_searchable_calculated_phone_number", "hs_searchable_calculated_mobile_number"}
            | {"hs_language", "country"}
        ),
        "companies": frozenset(
            {"name", "phone", "hubspot_owner_id", "hs_lastmodifieddate", "hs_object_id", "country"}
        ),
        "calls": frozenset(
            {"hs_timestamp", "hs_call_title", "hs_call_body", "hs_call_direction"}
            | {"hs_call_disposition", "hs_call_duration", "hs_call_from_number"}
            | {"hs_call_to_number", "hs_call_status", "hs_call_recording_url"}
            | {"hubspot_owner_id", "hs_call_external_id"}
        ),
        "tasks": frozenset(
            {"hs_timestamp", "hs_task_subject", "hs_task_body", "hs_task_status"}
            | {"hs_task_type", "hs_task_priority", "hubspot_owner_id"}
        ),
        "deals": frozenset({"dealname", "hs_is_closed"}),
    }
)
STATUSES: Final = frozenset(
    {"BUSY", "CALLING_CRM_USER", "CANCELED", "COMPLETED", "CONNECTING", "FAILED"}
    | {"IN_PROGRESS", "NO_ANSWER", "QUEUED", "RINGING"}
)
DISPOSITIONS: Final = MappingProxyType(
    {"Busy": "g-busy", "Connected": "g-connected", "No answer": "g-none", "sale": "g-sale"}
)
TYPES: Final = MappingProxyType(
    {
        ("calls", 194): "contacts",
        ("calls", 182): "companies",
        ("calls", 206): "deals",
        ("tasks", 204): "contacts",
        ("tasks", 192): "companies",
        ("tasks", 216): "deals",
    }
)
_ROOT: Final = "/crm/objects/2026-03/"


@dataclass(slots=True)
class HubSpotRig(VendorRig):
    """One account; with `unique` it has a property of unique values on calls and tasks."""

    unique: bool = False
    dropped: set[str] = field(default_factory=set)
    """Properties of calls that somebody deleted."""
    indexed: bool = True
    """False: what is new is not found by searches yet."""

    @property
    def table(self) -> dict[str, Any]:
        """Return what an administrator writes, and the address of the fake."""
        keys: dict[str, object] = {"secret": TOKEN, "search_per_s": 1000, "search_lag_s": 0}
        if self.unique:
            keys["unique_property"] = UNIQUE
        return self.table_of("hubspot", users={"1002": "anna@example.com"}, **keys)

    @property
    def wrong_sign_in(self) -> Mapping[str, str]:
        """Return another token."""
        return MappingProxyType({"secret": "pat-not-it"})

    def is_write(self, request: Received) -> bool:
        """Return whether it makes or changes a record."""
        return request.method in {"POST", "PATCH", "PUT"} and not request.path.endswith("/search")

    async def calls(self) -> list[str]:
        """Return the calls people see, if all that was asked was allowed."""
        assert self.violations == []
        return [one["id"] for one in self.of("calls")]

    def handle(self, request: Received) -> Answer:
        """Judge a request by the documents and do what it asks."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != TOKEN or token in self.refused_tokens:
            return 401, problem("INVALID_AUTHENTICATION")
        parts = urlsplit(request.path)
        query = dict(parse_qsl(parts.query))
        body = json.loads(request.body) if request.body else {}
        if parts.path.startswith(_ROOT):
            kind, *rest = parts.path.removeprefix(_ROOT).split("/")
            self.judge(kind in KINDS, f"unknown object {kind}")
            return self._object(request.method, kind, rest, query, body)
        return self._about(parts.path, query)

    def _about(self, path: str, query: Mapping[str, str]) -> Answer:
        if path == "/calling/v1/dispositions":
            return 200, [{"id": v, "label": k, "deleted": False} for k, v in DISPOSITIONS.items()]
        if path == "/account-info/v3/details":
            return 200, {"portalId": 4711, "uiDomain": "app-eu1.hubspot.com"}
        if path == "/crm/v3/owners/":
            known = query.get("email") == "anna@example.com"
            found = [{"id": "77", "email": "anna@example.com", "archived": False}]
            return 200, {"results": found if known else []}
        kind = path.removeprefix("/crm/v3/properties/")
        self.judge(kind in KINDS, f"unknown path {path}")
        rows = [
            {"name": name, "hasUniqueValue": False}
            for name in sorted(PROPERTIES[kind] - self.dropped)
        ]
        if self.unique:
            rows.append({"name": UNIQUE, "hasUniqueValue": True})
        return 200, {"results": rows}

    def _object(
        self, method: str, kind: str, rest: list[str], query: Mapping[str, str], body: Body
    ) -> Answer:
        asked = {(): self._create, ("search",): self._search, ("batch", "upsert"): self._upsert}
        if method == "GET" and not rest:
            return self._listed(kind, query)
        if method == "POST":
            return asked[tuple(rest)](kind, body)
        row = self._row(kind, rest[0], query.get("idProperty", "id"))
        if row is None:
            return 404, problem("OBJECT_NOT_FOUND")
        if method == "GET":
            return 200, shown(row, query)
        if method == "PUT":
            self.judge(rest[1:3] == ["associations", "default"], "unknown PUT")
            return self._linked(row, {rest[3]: rest[4]})
        self.judge(set(body) == {"properties"}, "PATCH is {properties}")
        return self._stored(kind, row, body["properties"])

    def _search(self, kind: str, body: Body) -> Answer:
        self.judge(set(body) == SEARCH_MEMBERS, f"search members {sorted(body)}")
        self.judge(isinstance(body["after"], str), "after is text")
        groups = [group["filters"] for group in body["filterGroups"]]
        self.judge(0 < len(groups) <= 5 and 0 < body["limit"] <= 200, "search limits")
        filters = [one for group in groups for one in group]
        self.judge(all(one["operator"] in OPERATORS for one in filters), "operator")
        known = PROPERTIES[kind] | {UNIQUE}
        for one in filters:
            name = one["propertyName"]
            if name not in known and not name.startswith("associations."):
                return 400, problem("VALIDATION_ERROR")
        found = [
            row
            for row in self.of(kind)
            if (self.indexed or kind in {"contacts", "companies"})
            and any(all(fits(row, one) for one in group) for group in groups)
        ]
        for sort in reversed(body["sorts"]):
            name = sort["propertyName"] if isinstance(sort, dict) else sort
            found.sort(key=lambda row: str(value_of(row, name)))
        start = int(body["after"])
        page = found[start : start + body["limit"]]
        told: dict[str, object] = {
            "total": len(found),
            "results": [shown(row, {"properties": ",".join(body["properties"])}) for row in page],
        }
        if len(found) > start + len(page):
            told["paging"] = {"next": {"after": str(start + len(page))}}
        return 200, told

    def _listed(self, kind: str, query: Mapping[str, str]) -> Answer:
        """Give a page of all; `after` is the id to go on behind."""
        rows = [row for row in self.of(kind) if row["id"] > query.get("after", "")]
        page = rows[: int(query["limit"])]
        told: dict[str, object] = {"results": [shown(row, query) for row in page]}
        if len(rows) > len(page):
            told["paging"] = {"next": {"after": page[-1]["id"], "link": "x"}}
        return 200, told

    def _create(self, kind: str, body: Body) -> Answer:
        self.judge(set(body) == {"properties", "associations"}, "create members")
        ends = {}
        for one in body["associations"]:
            [kinds] = one["types"]
            self.judge(kinds["associationCategory"] == "HUBSPOT_DEFINED", "category")
            ends[TYPES[kind, kinds["associationTypeId"]]] = one["to"]["id"]
        if any(self._row(name, number) is None for name, number in ends.items()):
            return 400, problem("VALIDATION_ERROR")
        row: dict[str, Any] = {"id": str(1000 + len(self.of(kind))), "properties": {}, "ends": {}}
        status, told = self._stored(kind, row, body["properties"])
        if status != 200:
            return status, told
        self._linked(row, ends)
        self.of(kind).append(row)
        return 201, told

    def _upsert(self, kind: str, body: Body) -> Answer:
        [one] = body["inputs"]
        self.judge(self.unique and one["idProperty"] == UNIQUE, "upsert by another property")
        self.judge(set(one) == {"id", "idProperty", "properties"}, "upsert members")
        row = self._row(kind, one["id"], UNIQUE)
        made = row is None
        row = row or {"id": str(1000 + len(self.of(kind))), "properties": {}, "ends": {}}
        status, told = self._stored(kind, row, one["properties"])
        if status != 200:
            return 207, {"status": "COMPLETE", "results": [], "errors": [told], "numErrors": 1}
        if made:
            row["properties"][UNIQUE] = one["id"]
            self.of(kind).append(row)
        return 200, {"status": "COMPLETE", "results": [{**shown(row, {}), "new": made}]}

    def _linked(self, row: dict[str, Any], ends: Mapping[str, str]) -> Answer:
        if any(self._row(name, number) is None for name, number in ends.items()):
            return 404, problem("OBJECT_NOT_FOUND")
        row["ends"].update(ends)
        return 200, {"status": "COMPLETE", "results": []}

    def _stored(self, kind: str, row: dict[str, Any], properties: Mapping[str, object]) -> Answer:
        known = PROPERTIES[kind] - self.dropped | ({UNIQUE} if self.unique else set())
        good = all(isinstance(value, str) for value in properties.values())
        status = properties.get("hs_call_status")
        duration = str(properties.get("hs_call_duration", "0"))
        recording = str(properties.get("hs_call_recording_url", "https:"))
        if not set(properties) <= known or "poison" in str(properties.get("hs_call_title")):
            return 400, problem("VALIDATION_ERROR")
        self.judge(good, "property values are text")
        self.judge(status is None or status in STATUSES, f"status {status}")
        self.judge(duration.isdigit() and recording.startswith("https:"), "duration, recording")
        row["properties"].update(properties)
        return 200, shown(row, {})

    def _row(self, kind: str, number: str, by: str = "id") -> dict[str, Any] | None:
        rows = self.of(kind)
        return next((one for one in rows if value_of(one, by) == number), None)

    # what people see and do

    async def add_person(self, *, name: str, phone: str, company: str | None = None) -> str:
        """Make a contact as people do."""
        row = {"lastname": name, "phone": phone, "associatedcompanyid": company}
        return self._made("contacts", row, phone)

    async def add_company(self, *, name: str, phone: str) -> str:
        """Make a company as people do."""
        return self._made("companies", {"name": name, "phone": phone}, phone)

    async def persons(self) -> list[str | None]:
        """Return whom each call belongs to."""
        ends = [one["ends"] for one in self.of("calls")]
        return [one.get("contacts") or one.get("companies") for one in ends]

    async def tasks(self) -> list[str]:
        """Return the follow-ups people see."""
        assert self.violations == []
        return [one["properties"]["hs_task_subject"] for one in self.of("tasks")]

    async def strangers(self) -> int:
        """Return how many contacts there are."""
        return len(self.of("contacts"))

    async def edit(self, text: str) -> None:
        """Let a person write a title and into the note of the last call."""
        told = self.of("calls")[-1]["properties"]
        told["hs_call_title"] = text
        told["hs_call_body"] = f"<p>{text}</p>{told['hs_call_body']}"

    async def shown(self) -> str:
        """Return title and note of the last call."""
        told = self.of("calls")[-1]["properties"]
        return f"{told['hs_call_title']}\n{told['hs_call_body']}"

    def touch(self, number: str, at: datetime) -> None:
        """Say when a contact was changed last."""
        row = next(one for one in self.of("contacts") if one["id"] == number)
        row["properties"]["lastmodifieddate"] = str(round(at.timestamp() * 1000))

    def _made(self, kind: str, properties: dict[str, Any], phone: str) -> str:
        row: dict[str, Any] = {
            "id": str(100 + len(self.of(kind))),
            "properties": dict(properties),
            "ends": {},
        }
        # HubSpot's own: area code and local number
        local = re.sub(r"^(\+|00)39", "", re.sub(r"[^0-9+]", "", phone))
        row["properties"]["hs_searchable_calculated_phone_number"] = digits(local)
        self.of(kind).append(row)
        return str(row["id"])


def problem(category: str) -> dict[str, object]:
    """Return an error as the document has it."""
    return {"status": "error", "category": category, "message": "no", "correlationId": "c-1"}


def value_of(row: Mapping[str, Any], name: str) -> object:
    """Return a property, or the id."""
    return row["id"] if name in {"id", "hs_object_id"} else row["properties"].get(name)


def fits(row: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    """Return whether a record fits one filter."""
    name, operator = one["propertyName"], one["operator"]
    if name.startswith("associations."):
        kind = {"contact": "contacts", "company": "companies"}[name.partition(".")[2]]
        return bool(row["ends"].get(kind) == one["value"])
    held = value_of(row, name)
    if held is None:
        return False
    if operator == "IN":
        return str(held).lower() in set(one["values"])
    if operator == "GTE":
        return str(held) >= str(one["value"])
    if operator == "GT":
        return int(str(held)) > int(one["value"])
    return str(held) == str(one["value"])


def shown(row: Mapping[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    """Return a record as it is answered."""
    names = query.get("properties", "").split(",")
    told: dict[str, Any] = {"id": row["id"], "properties": given(row["properties"], names)}
    wanted = query.get("associations", "").split(",")
    ends = {
        kind: {"results": [{"id": number, "type": "x"}]}
        for kind, number in row["ends"].items()
        if kind in wanted
    }
    return {**told, "archived": False, **({"associations": ends} if ends else {})}
