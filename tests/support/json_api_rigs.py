"""SuiteCRM and EspoCRM as far as the shipped profiles use them, built from their documentation."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from support.peer_http import Received
from support.profile_rigs import SECRET, Answer, ProfileRig

STAMP: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
SUITE_TOKEN: Final = "suite-access-1"
SUITE_CALL: Final[Mapping[str, type]] = MappingProxyType(
    {
        "name": str,
        "description": str,
        "direction": str,
        "status": str,
        "date_start": str,
        "duration_hours": int,
        "duration_minutes": int,
        "parent_type": str,
        "parent_id": str,
        "assigned_user_id": str,
    }
)
ESPO_CALL: Final[Mapping[str, type]] = MappingProxyType(
    {
        "name": str,
        "description": str,
        "cFilodirettoId": str,
        "status": str,
        "direction": str,
        "dateStart": str,
        "dateEnd": str,
        "parentType": str,
        "parentId": str,
        "contactsIds": list,
        "leadsIds": list,
        "assignedUserId": str,
    }
)


def like(pattern: str, text: str) -> bool:
    """Return whether SQL's LIKE would find it."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("%"))), text) is not None


@dataclass(slots=True)
class SuiteRig(ProfileRig):
    """SuiteCRM's JSON:API; an id that is there already is refused with 400."""

    links: list[str] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def table(self) -> dict[str, Any]:
        """Return what an administrator writes, and the address of the fake."""
        sign_in = {"client_id": "client-1"}
        return self.table_of(profile="suitecrm", url=f"{self.front.url}/legacy", sign_in=sign_in)

    def is_write(self, request: Received) -> bool:
        """Return whether it makes or changes a record."""
        return request.method in {"POST", "PATCH"} and "access_token" not in request.path

    def handle(self, request: Received) -> Answer:
        """Judge a request and do what it asks."""
        parts = urlsplit(request.path)
        path = parts.path.removeprefix("/legacy/Api")
        if path == "/access_token":
            form = parse_qs(request.body.decode())
            good = form.get("client_secret") == [SECRET]
            token = {"token_type": "Bearer", "expires_in": 3600, "access_token": SUITE_TOKEN}
            return (200, token) if good else (401, {"error": "invalid_client"})
        if request.headers.get("authorization") != f"Bearer {SUITE_TOKEN}":
            return 401, {"errors": {"status": 401, "detail": "The resource owner denied"}}
        if request.method == "GET":
            return self._read(path.removeprefix("/V8/"), parse_qs(parts.query))
        sent = json.loads(request.body)["data"]
        if path.endswith("/relationships"):
            self.links.append(sent["id"])
            return 201, {"meta": {"message": "relationship added"}}
        return self._write(request.method, path, sent)

    def _read(self, path: str, query: Mapping[str, list[str]]) -> Answer:
        if path == "meta/modules":
            return 200, {"data": {"type": "modules"}}
        kind, _, number = path.removeprefix("module/").partition("/")
        if number:
            kept = [one for one in self.made if one["id"] == number]
            return (200, {"data": kept[0]}) if kept else (404, {"errors": {"status": 404}})
        allowed = re.compile(
            r"(?:filter\[(?:operator|phone_\w+\]\[like|date_modified\]\[gt)|page\[(?:size|number))\]|sort"
        )
        self.violations += [f"query {name}" for name in query if not allowed.fullmatch(name)]
        wanted = [value[0] for name, value in query.items() if name.endswith("[like]")]
        page = int(query.get("page[number]", ["1"])[0])
        found = [
            one
            for one in self.people
            if kind == "Contacts" and page == 1
            for phones in ["".join(str(one["attributes"].get("phone_work")))]
            if "sort" in query or any(like(pattern, phones) for pattern in wanted)
        ]
        return 200, {"data": found}

    def _write(self, method: str, path: str, sent: dict[str, Any]) -> Answer:
        attributes = sent["attributes"]
        if path != "/V8/module" or sent["type"] not in {"Calls", "Tasks"}:
            self.violations.append(f"{method} {path}")
        if sent["type"] == "Calls":
            self.violations += [
                f"attribute {name}"
                for name, value in attributes.items()
                if not isinstance(value, SUITE_CALL.get(name, type(None)))
            ]
            if len(attributes.get("name", "")) > 50:
                self.violations.append("name is longer than 50")
        stamp = attributes.get("date_start")
        if stamp is not None and not STAMP.fullmatch(stamp):
            self.violations.append("date_start would be stored as NULL")
        shelf = self.made if sent["type"] == "Calls" else self.tasks
        kept = next((one for one in shelf if one["id"] == str(UUID(sent["id"]))), None)
        if method == "PATCH" and kept is not None:
            kept["attributes"].update(attributes)
            return 200, {"data": kept}
        if kept is not None:
            detail = f"Bean {sent['type']} with id {sent['id']} is already exist"
            return 400, {"errors": {"status": 400, "title": None, "detail": detail}}
        shelf.append(sent)
        return 201, {"data": sent}


@dataclass(slots=True)
class EspoRig(ProfileRig):
    """EspoCRM with the field the profile needs."""

    tasks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def table(self) -> dict[str, Any]:
        """Return what an administrator writes, and the address of the fake."""
        lag = {"search_lag_s": 0}
        return self.table_of(profile="espocrm", url=self.front.url, call=lag, task=lag)

    def handle(self, request: Received) -> Answer:
        """Judge a request and do what it asks."""
        parts = urlsplit(request.path)
        if request.headers.get("x-api-key") != SECRET:
            return 401, None
        path = parts.path.removeprefix("/api/v1/")
        if path == "App/user":
            return 200, {"user": {"id": "api-user-1"}}
        kind, _, number = path.partition("/")
        shelf = {"Call": self.made, "Task": self.tasks, "Contact": self.people}.get(kind, [])
        if request.method == "GET" and number:
            kept = [one for one in shelf if one["id"] == number]
            return (200, kept[0]) if kept else (404, None)
        if request.method == "GET":
            return 200, {"total": -1, "list": self._found(shelf, parse_qs(parts.query))}
        sent = json.loads(request.body)
        self._judge(kind, request.method, sent)
        if number:
            record = next(one for one in shelf if one["id"] == number)
            record.update(sent)
            return 200, record
        record = {"id": f"{kind}-{len(shelf) + 1}", **sent}
        shelf.append(record)
        return 200, record

    def _found(
        self, shelf: list[dict[str, Any]], query: Mapping[str, list[str]]
    ) -> list[dict[str, Any]]:
        if "orderBy" in query:
            return [] if query.get("offset", ["0"]) != ["0"] else shelf
        [attribute], [value] = query["where[0][attribute]"], query["where[0][value]"]
        if attribute == "phoneNumberNumeric" and query["where[0][type]"] == ["endsWith"]:
            # of a list one number of each is told, the others only by the record itself
            return [
                {"id": one["id"], "name": one["name"], "phoneNumber": "+39000"}
                for one in shelf
                if any(
                    re.sub(r"\D", "", phone["phoneNumber"]).endswith(value)
                    for phone in one["phoneNumberData"]
                )
            ]
        if attribute != "cFilodirettoId" or query["where[0][type]"] != ["equals"]:
            self.violations.append(f"where {attribute}")
        return [one for one in shelf if one.get(attribute) == value]

    def _judge(self, kind: str, method: str, sent: Mapping[str, Any]) -> None:
        if kind != "Call":
            return
        self.violations += [
            f"field {name}"
            for name, value in sent.items()
            if not isinstance(value, ESPO_CALL.get(name, type(None)))
        ]
        if method == "POST" and not sent.get("assignedUserId"):
            self.violations.append("assignedUserId is required")
        if method == "POST" and not sent["dateEnd"] > sent["dateStart"]:
            self.violations.append("dateEnd must be after dateStart")
