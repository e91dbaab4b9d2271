"""Dynamics 365 and Bitrix24 as far as the shipped profiles use them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from support.json_api_rigs import like
from support.peer_http import Received
from support.profile_rigs import SECRET, SPECS, Answer, ProfileRig

BITRIX: Final = json.loads((SPECS / "bitrix24.json").read_text(encoding="utf-8"))["methods"]
BASES: Final = MappingProxyType({"integer": int, "string": str, "array": list, "object": dict})
DYNAMICS_TOKEN: Final = "dynamics-access-1"
PHONECALL: Final = frozenset(
    {
        *("subject", "description", "phonenumber", "directioncode", "actualstart", "actualend"),
        *("actualdurationminutes", "phonecall_activity_parties", "ownerid@odata.bind"),
        *(f"regardingobjectid_{table}@odata.bind" for table in ("contact", "lead", "account")),
    }
)


@dataclass(slots=True)
class DynamicsRig(ProfileRig):
    """Dataverse's Web API: PATCH makes what is not there."""

    tasks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def table(self) -> dict[str, Any]:
        """Return what an administrator writes, and the address of the fake."""
        scope = f"{self.front.url}/.default"
        sign_in = {"client_id": "app-1", "token_path": f"{self.front.url}/token", "scope": scope}
        return self.table_of(profile="dynamics365", url=self.front.url, sign_in=sign_in)

    def is_write(self, request: Received) -> bool:
        """Return whether it makes or changes a record."""
        return request.method in {"POST", "PATCH"} and request.path != "/token"

    def handle(self, request: Received) -> Answer:
        """Judge a request and do what it asks."""
        parts = urlsplit(request.path)
        if parts.path == "/token":
            form = parse_qs(request.body.decode())
            good = form.get("client_secret") == [SECRET] and "scope" in form
            token = {"token_type": "Bearer", "expires_in": 3599, "access_token": DYNAMICS_TOKEN}
            return (200, token) if good else (401, {"error": "invalid_client"})
        if request.headers.get("authorization") != f"Bearer {DYNAMICS_TOKEN}":
            return 401, {"error": {"code": "0x80072560"}}
        path = parts.path.removeprefix("/api/data/v9.2/")
        keyed = re.fullmatch(r"(phonecalls|tasks)\(([0-9a-f-]{36})\)", path)
        if keyed is not None:
            return self._record(request, *keyed.groups())
        if request.method == "GET" and path in {"contacts", "leads", "accounts", "WhoAmI"}:
            return 200, {"value": self._found(path, parse_qs(parts.query))}
        self.violations.append(f"{request.method} {path}")
        return 404, {"error": {"code": "0x8006088a"}}

    def _found(self, path: str, query: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        if "$orderby" in query:
            return self.people if path == "contacts" else []
        asked = re.findall(r"contains\((\w+),'([^']*)'\)", query.get("$filter", [""])[0])
        return [
            one
            for one in self.people
            if path == "contacts" and any(like(text, one.get(name) or "") for name, text in asked)
        ]

    def _record(self, request: Received, table: str, number: str) -> Answer:
        shelf = self.made if table == "phonecalls" else self.tasks
        kept = next((one for one in shelf if one["id"] == str(UUID(number))), None)
        if request.method == "GET":
            return (200, kept) if kept else (404, {"error": {"code": "0x80040217"}})
        sent = json.loads(request.body)
        if table == "phonecalls":
            self.violations += [f"column {name}" for name in sent if name not in PHONECALL]
            if not isinstance(sent.get("directioncode", True), bool):
                self.violations.append("directioncode is a boolean")
        if kept is None and request.headers.get("if-match") == "*":
            return 404, {"error": {"code": "0x80040217"}}
        if kept is None:
            kept = {"id": number}
            shelf.append(kept)
        kept.update(sent)
        return 204, None


@dataclass(slots=True)
class BitrixRig(ProfileRig):
    """Bitrix24 as its method descriptions have it; a call counts once it is finished."""

    registered: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def table(self) -> dict[str, Any]:
        """Return what an administrator writes, and the address of the fake."""
        lag = {"search_lag_s": 0}
        keys: dict[str, Any] = {"url": self.front.url, "users": {"1002": 7}}
        return self.table_of(profile="bitrix24", call=lag, task=lag, **keys)

    def is_write(self, request: Received) -> bool:
        """Return whether it makes or changes a record."""
        return (
            re.search(r"\.(register|finish|attachRecord|add|update)\.json", request.path)
            is not None
        )

    def handle(self, request: Received) -> Answer:
        """Judge a request by the method's description and do what it asks."""
        found = re.fullmatch(r"/rest/1/([^/]+)/([\w.]+)\.json", request.path)
        if found is None or found.group(1) != SECRET:
            return 401, {"error": "INVALID_CREDENTIALS", "error_description": "Invalid request"}
        method, sent = found.group(2), json.loads(request.body or b"{}")
        self._judge(method, sent)
        return 200, {"result": self._result(method, sent), "time": {}}

    def _judge(self, method: str, sent: Mapping[str, Any]) -> None:
        described = BITRIX.get(method)
        if described is None:
            self.violations.append(f"{method} is not described")
            return
        params = described["params"]
        for name, value in sent.items():
            base = BASES.get(params.get(name, {}).get("base", ""))
            known = name in params and (base is None or isinstance(value, base | int))
            # a list is how PHP sees a table
            if not known and not (base is list and isinstance(value, dict)):
                self.violations.append(f"{method}: {name}")
        inner = "USER_PHONE_INNER"  # one of the two is enough, says the text
        self.violations += [
            f"{method}: {name} is missing"
            for name, one in params.items()
            if one["required"] and name not in sent and name != inner
        ]
        fields = sent.get("fields")
        if isinstance(fields, dict) and "fields" in described:
            self.violations += [
                f"{method}: {one}" for one in fields if one not in described["fields"]
            ]

    def _result(self, method: str, sent: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as answered
        if method == "crm.duplicate.findbycomm":
            ids = [one["ID"] for one in self.people if sent["entity_type"] == "CONTACT"]
            return {"CONTACT": ids} if ids else []
        if method == "crm.contact.get":
            return next(one for one in self.people if one["ID"] == sent["id"])
        if method.endswith(".list") and method != "crm.activity.list":
            return self.people if method == "crm.contact.list" else []
        if method.startswith("telephony."):
            return self._telephony(method, sent)
        if method == "voximplant.statistic.get":
            key = sent["FILTER"]["EXTERNAL_CALL_ID"]
            return [one for one in self.made if one["EXTERNAL_CALL_ID"] == key]
        return self._activity(method, sent)

    def _telephony(self, method: str, sent: Mapping[str, Any]) -> object:
        if method == "telephony.externalCall.register":
            key = sent["EXTERNAL_CALL_ID"]
            call = self.registered.setdefault(
                key, {**sent, "CALL_ID": f"externalCall.{len(self.registered)}"}
            )
            return {"CALL_ID": call["CALL_ID"]}
        call = next(one for one in self.registered.values() if one["CALL_ID"] == sent["CALL_ID"])
        if method.endswith("finish") and call not in self.made:
            call |= {**sent, "id": call["CALL_ID"], "CRM_ACTIVITY_ID": str(70 + len(self.made))}
            self.made.append(call)
        return {"CALL_ID": call["CALL_ID"]}

    def _activity(self, method: str, sent: Mapping[str, Any]) -> object:
        if method == "crm.activity.todo.add":
            self.tasks.append({"ID": str(len(self.tasks) + 1), **sent})
            return {"id": len(self.tasks)}
        if method == "crm.activity.list":
            return [{"ID": one["ID"], "DESCRIPTION": one["description"]} for one in self.tasks]
        if method in {"crm.activity.get", "crm.activity.update"}:
            call = next(one for one in self.made if int(one["CRM_ACTIVITY_ID"]) == sent["id"])
            call.update(sent.get("fields", {}))
            return {"SUBJECT": call.get("SUBJECT"), "DESCRIPTION": call.get("DESCRIPTION", "")}
        return []
