"""Salesforce in memory, built from its REST API guide and object reference (Task, Contact, Lead).

There is no published schema to check against: fields, types and errors are read from those pages.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from support.peer_http import Received
from support.salesforce_query import QueryError, run_soql, run_sosl
from support.vendor_rigs import Answer, VendorRig, given

APP: Final = "3MVG9consumerkey"
USER: Final = "filodiretto@example.com"
OURS: Final = "005000000000001AAA"
ANNA: Final = "005000000000002AAA"
EXTERNAL: Final = "Filodiretto_Id__c"
AUDIENCE: Final = "https://login.salesforce.com"
_ROOT: Final = "/services/data/v62.0"
# of each field the type, the most characters, and whether it may be updated
TASK: Final[Mapping[str, tuple[type, int | None, bool]]] = MappingProxyType(
    {
        EXTERNAL: (str, 36, True),
        "Subject": (str, 255, True),
        "Description": (str, 32_000, True),
        "Status": (str, 255, True),
        "TaskSubtype": (str, 40, False),
        "CallType": (str, 40, True),
        "CallDurationInSeconds": (int, None, True),
        "CallDisposition": (str, 255, True),
        "CallObject": (str, 255, True),
        "ActivityDate": (str, 10, True),
        "WhoId": (str, 18, True),
        "WhatId": (str, 18, True),
        "OwnerId": (str, 18, True),
    }
)
STATUSES: Final = ("Not Started", "In Progress", "Completed")
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Contact": ("Id", "Name", "Phone", "MobilePhone", "Email", "AccountId", "OwnerId"),
        "Lead": ("Id", "Name", "Phone", "MobilePhone", "Email", "Company", "OwnerId"),
        "Account": ("Id", "Name", "Phone", "OwnerId"),
    }
)
PREFIXES: Final = MappingProxyType(
    {"Contact": "003", "Lead": "00Q", "Account": "001", "Opportunity": "006", "Task": "00T"}
)


@cache
def private_key() -> RSAKey:
    """Return the key whose certificate the connected app holds."""
    return RSAKey.generate_key(2048)


@dataclass(slots=True)
class SalesforceRig(VendorRig):
    """One org, with the field for our id on Activity."""

    tokens: int = 0
    limit_reached: bool = False

    @property
    def table(self) -> dict[str, Any]:
        """Return what an administrator writes, and the address of the fake."""
        pem = private_key().as_pem(private=True).decode()
        keys = {"client_id": APP, "username": USER, "secret": pem}
        return self.table_of("salesforce", users={"1002": "anna@example.com"}, **keys)

    @property
    def wrong_sign_in(self) -> Mapping[str, str]:
        """Return a user whom the app does not admit."""
        return MappingProxyType({"username": "somebody@example.com"})

    def is_write(self, request: Received) -> bool:
        """Return whether it makes or changes a record."""
        return "/sobjects/" in request.path and request.method in {"POST", "PATCH"}

    async def calls(self) -> list[str]:
        """Return the calls people see, if all that was asked was allowed."""
        assert self.violations == []
        return [one["Id"] for one in self._subtype("Call")]

    def handle(self, request: Received) -> Answer:
        """Judge a request by the guide and do what it asks."""
        parts = urlsplit(request.path)
        if parts.path == "/services/oauth2/token":
            return self._token(dict(parse_qsl(request.body.decode())))
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        given_out = {f"00D!{number + 1}" for number in range(self.tokens)}
        if token not in given_out - self.refused_tokens:
            return 401, problem("INVALID_SESSION_ID")
        if self.limit_reached:
            return 403, problem("REQUEST_LIMIT_EXCEEDED")
        path = parts.path.removeprefix(_ROOT)
        query = dict(parse_qsl(parts.query))
        if "q" in query:
            return self._asked(path, query["q"])
        body = json.loads(request.body) if request.body else {}
        names = [unquote(one) for one in path.removeprefix("/sobjects/").split("/")]
        return self._object(request.method, names, query, body)

    def _asked(self, path: str, text: str) -> Answer:
        try:
            if path == "/search/":
                return 200, {"searchRecords": run_sosl(text, self._seen())}
            seen = self.rows if path == "/queryAll/" else self._seen()
            rows = run_soql(text, {**seen, "User": USERS})
        except QueryError:
            self.violations.append(f"query {text}")
            return 400, problem("MALFORMED_QUERY")
        return 200, {"totalSize": len(rows), "done": True, "records": rows}

    def _object(
        self, method: str, names: list[str], query: Mapping[str, str], body: dict[str, Any]
    ) -> Answer:
        if names == ["Task", "describe"]:
            return 200, {"fields": described()}
        if names[1:] == ["describe"]:
            return 200, {"fields": [{"name": name} for name in COLUMNS[names[0]]]}
        if method == "POST" and len(names) == 1:
            return self._person(names[0], body)
        self.judge(names[:2] == ["Task", EXTERNAL], f"unknown path {names}")
        row = next((one for one in self._seen()["Task"] if one[EXTERNAL] == names[2]), None)
        if method == "GET":
            if row is None:
                return 404, problem("NOT_FOUND")
            return 200, {"attributes": {"type": "Task"}, **given(row, query["fields"].split(","))}
        return self._upsert(row, names[2], body)

    def _token(self, form: Mapping[str, str]) -> Answer:
        refused = {"error": "invalid_grant", "error_description": "user hasn't approved"}
        try:
            claims = jwt.decode(form["assertion"], private_key(), algorithms=["RS256"]).claims
        except JoseError:
            return 400, refused
        fresh = 0 < claims["exp"] - time.time() <= 181
        if (claims["iss"], claims["sub"], claims["aud"]) != (APP, USER, AUDIENCE) or not fresh:
            return 400, refused
        self.judge("jwt-bearer" in form["grant_type"], "grant type")
        self.tokens += 1
        told = {"access_token": f"00D!{self.tokens}", "instance_url": self.front.url}
        return 200, {**told, "id": f"{AUDIENCE}/id/00D/{OURS}", "token_type": "Bearer"}

    def _upsert(self, row: dict[str, Any] | None, key: str, body: dict[str, Any]) -> Answer:
        for name, value in body.items():
            kind, longest, changeable = TASK.get(name, (type(None), None, False))
            if not isinstance(value, kind) or (longest and len(str(value)) > longest):
                self.violations.append(f"field {name}")
            if row is not None and not changeable:
                return 400, problem("INVALID_FIELD_FOR_INSERT_UPDATE", name)
        if "poison" in body.get("Subject", ""):
            return 400, problem("FIELD_CUSTOM_VALIDATION_EXCEPTION")
        who = body.get("WhoId", "")
        self.judge(not (who.startswith("00Q") and "WhatId" in body), "a lead with WhatId")
        self.judge(body.get("Status", STATUSES[0]) in STATUSES, "status")
        ends = [body[name] for name in ("WhoId", "WhatId") if name in body]
        live = {one["Id"] for rows in self._seen().values() for one in rows}
        if not set(ends) <= live:
            return 400, problem("INVALID_CROSS_REFERENCE_KEY")
        made = row is None
        if row is None:
            row = {"Id": self._id("Task"), EXTERNAL: key, "OwnerId": OURS, "IsDeleted": False}
            self.of("Task").append(row)
        row.update(body)
        return (201 if made else 200), {"id": row["Id"], "success": True, "created": made}

    def _person(self, name: str, body: dict[str, Any]) -> Answer:
        self.judge(name in {"Contact", "Lead"} and body.get("LastName"), "LastName is required")
        self.judge(name != "Lead" or body.get("Company"), "a lead needs Company")
        row = {"Id": self._id(name), "Name": body["LastName"], "IsDeleted": False, **body}
        self.of(name).append(row)
        return 201, {"id": row["Id"], "success": True, "errors": []}

    def _id(self, name: str) -> str:
        return f"{PREFIXES[name]}{len(self.of(name)) + 1:012d}AAA"

    def _seen(self) -> dict[str, list[dict[str, Any]]]:
        """Return what is not in the recycle bin."""
        kinds = {kind: self.of(kind) for kind in (*PREFIXES, "Case")}
        return {
            kind: [row for row in rows if not row.get("IsDeleted")] for kind, rows in kinds.items()
        }

    def _subtype(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self._seen()["Task"] if one["TaskSubtype"] == name]

    # what people see and do

    async def add_person(self, *, name: str, phone: str, company: str | None = None) -> str:
        """Make a contact as people do."""
        row = {"Id": self._id("Contact"), "Name": name, "Phone": phone, "AccountId": company}
        self.of("Contact").append(row)
        return str(row["Id"])

    async def add_company(self, *, name: str, phone: str) -> str:
        """Make an account as people do."""
        row = {"Id": self._id("Account"), "Name": name, "Phone": phone}
        self.of("Account").append(row)
        return str(row["Id"])

    def touch(self, number: str, at: datetime) -> None:
        """Say when a contact was changed last."""
        row = next(one for one in self.of("Contact") if one["Id"] == number)
        row["SystemModstamp"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")

    async def persons(self) -> list[str | None]:
        """Return whom each call belongs to."""
        return [one.get("WhoId") or one.get("WhatId") for one in self._subtype("Call")]

    async def tasks(self) -> list[str]:
        """Return the follow-ups people see."""
        assert self.violations == []
        return [one["Subject"] for one in self._subtype("Task")]

    async def strangers(self) -> int:
        """Return how many contacts there are."""
        return len(self._seen()["Contact"])

    async def edit(self, text: str) -> None:
        """Let a person write a subject and into the comments of the last call."""
        call = self._subtype("Call")[-1]
        call["Subject"] = text
        call["Description"] = f"{text}\n{call['Description']}"

    async def shown(self) -> str:
        """Return subject and comments of the last call."""
        call = self._subtype("Call")[-1]
        return f"{call['Subject']}\n{call['Description']}"


USERS: Final[list[dict[str, Any]]] = [
    {"Id": OURS, "Username": USER, "IsActive": True},
    {"Id": ANNA, "Username": "anna@example.com", "IsActive": True},
]


def described() -> list[dict[str, Any]]:
    """Return Task's fields as `describe` has them."""
    return [
        {
            "name": name,
            "createable": True,
            "updateable": changeable,
            "externalId": name == EXTERNAL,
            "unique": name == EXTERNAL,
            "picklistValues": [{"value": one, "active": True} for one in STATUSES]
            if name == "Status"
            else [],
        }
        for name, (_, _, changeable) in TASK.items()
    ]


def problem(code: str, field: str | None = None) -> list[dict[str, object]]:
    """Return an error as the guide has it."""
    return [{"errorCode": code, "message": "no", "fields": [field] if field else []}]
