"""A sign-in at Odoo that is kept, and renewed once when it is refused."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from crm_sync.connectors.odoo.codec import SessionError, decode, encode
from crm_sync.connectors.odoo.settings import OdooSettings
from gateway.core.ports import Clock, HttpClient

_OLDEST: Final = 14
_HAS_ACCESS: Final = 18
_JSON: Final = {"Content-Type": "application/json"}
# Dates are read in the *user's* zone by `load`, labels in the user's language; and where the field
# `user_id` is tracked, whoever is assigned would get a mail for every call. So they would for every
# task, which fails where the writing account has no address; Odoo's bell tells them anyway.
CONTEXT: Final = {
    "tz": "UTC",
    "lang": "en_US",
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_quick_update": True,
}


class OdooSession:
    """Calls model methods as one account; signing in is done once and shared."""

    def __init__(self, settings: OdooSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._secret = settings.read_secret()
        self._url = f"{settings.url.rstrip('/')}/jsonrpc"
        self._http = http
        self._clock = clock
        self._uid: int | None = None
        self._major: int | None = None
        self._signing_in = asyncio.Lock()
        self.server_time: datetime | None = None
        """Odoo's own clock at its last answer, None if it does not say."""

    async def ask(self, model: str, method: str, *arguments: object, **named: object) -> Any:  # noqa: ANN401
        """Return what a model's method answers. Raises AdapterError.

        A user that was signed in and is refused (renamed, database restored) signs in once more.
        """
        kept = self._uid
        uid = kept if kept is not None else await self.sign_in()
        try:
            return await self._execute(uid, model, method, arguments, named)
        except SessionError:
            if kept is None:
                raise
            if self._uid == kept:
                self._uid = None
        return await self._execute(await self.sign_in(), model, method, arguments, named)

    async def sign_in(self) -> int:
        """Return our user's number; AuthError if Odoo does not know the account."""
        async with self._signing_in:
            if self._uid is None:
                settings = self._settings
                account = [settings.database, settings.username, self._secret, {}]
                uid = await self._call("common", "authenticate", account)
                if not isinstance(uid, int) or uid is False:
                    raise SessionError(
                        "Odoo does not know this account, or its password is another.",
                        adapter=settings.name,
                        remedy="Check username, secret and database in its [[crm]] table.",
                    )
                self._uid = uid
            return self._uid

    async def version(self) -> str:
        """Return the server's version, as it says itself; needs no sign-in."""
        told = await self._call("common", "version", [])
        return str(told.get("server_version", "?")) if isinstance(told, dict) else "?"

    async def may(self, model: str, operation: str) -> bool:
        """Return whether our account may do this with a model's records at all.

        `check_access_rights` gave way to `has_access` in Odoo 18.
        """
        if self._major is None:
            found = re.search(r"\d+", await self.version())
            self._major = int(found.group()) if found is not None else _OLDEST
        if self._major >= _HAS_ACCESS:
            return bool(await self.ask(model, "has_access", [], operation))
        return bool(await self.ask(model, "check_access_rights", operation, False))  # noqa: FBT003

    async def _execute(
        self,
        uid: int,
        model: str,
        method: str,
        arguments: tuple[object, ...],
        named: dict[str, object],
    ) -> Any:  # noqa: ANN401 - whatever the method answers
        head = [self._settings.database, uid, self._secret, model, method]
        return await self._call("object", "execute_kw", [*head, list(arguments), named])

    async def _call(self, service: str, method: str, arguments: Sequence[object]) -> Any:  # noqa: ANN401
        body = encode(service, method, arguments)
        answer = await self._http.request("POST", self._url, headers=_JSON, body=body)
        self.server_time = _date(answer.headers.get("date"))
        return decode(answer, adapter=self._settings.name, now=self._clock.now())


def _date(text: str | None) -> datetime | None:
    """Read a Date header (RFC 9110 6.6.1)."""
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None
