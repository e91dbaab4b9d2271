"""Which fields this org has and lets us read or write: asked once, again after a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_sync.connectors.salesforce.session import SalesforceSession
from crm_sync.connectors.salesforce.settings import SalesforceSettings
from gateway.core.errors import AuthError


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFields:
    """What `describe` says of Task."""

    create: frozenset[str]
    update: frozenset[str]
    statuses: frozenset[str]


class Describing:
    """Knows the fields of objects; `forget` after Salesforce refused one."""

    def __init__(self, settings: SalesforceSettings, session: SalesforceSession) -> None:
        self._settings = settings
        self._session = session
        self._known: TaskFields | None = None
        self._readable: dict[str, frozenset[str]] = {}

    def forget(self) -> None:
        """Ask again next time."""
        self._known = None
        self._readable.clear()

    async def readable(self, name: str) -> frozenset[str]:
        """Return the fields of an object that the integration user sees."""
        if name not in self._readable:
            described = await self._session.ask(f"/sobjects/{name}/describe")
            told = described.get("fields", ())
            self._readable[name] = frozenset(str(one["name"]) for one in told)
        return self._readable[name]

    async def task(self) -> TaskFields:
        """Return Task's fields; AuthError if the external id field is not what tier A needs."""
        if self._known is None:
            described = await self._session.ask("/sobjects/Task/describe")
            fields = {str(one["name"]): one for one in described.get("fields", ())}
            self._check_id(fields.get(self._settings.external_id_field))
            picks = fields.get("Status", {}).get("picklistValues", ())
            self._known = TaskFields(
                create=frozenset(name for name, one in fields.items() if one.get("createable")),
                update=frozenset(name for name, one in fields.items() if one.get("updateable")),
                statuses=frozenset(str(one["value"]) for one in picks if one.get("active", True)),
            )
        return self._known

    def _check_id(self, field: Mapping[str, object] | None) -> None:
        name = self._settings.external_id_field
        if field is None:
            raise AuthError(
                "Task has no field for our id, or the integration user may not see it.",
                adapter=self._settings.name,
                remedy=(
                    "Setup > Object Manager > Activity > Fields & Relationships > New: Text,"
                    " length 36, unique, External ID; then give the user access to it."
                ),
                detail=name,
            )
        lacking = [flag for flag in ("externalId", "unique", "createable") if not field.get(flag)]
        if lacking:
            raise AuthError(
                "The field for our id cannot keep a call from being written twice.",
                adapter=self._settings.name,
                remedy=(
                    'Tick "Unique" and "External ID" in its definition (Setup > Object Manager >'
                    " Activity), and give the integration user edit access to it."
                ),
                detail=f"{name}: not {', '.join(lacking)}",
            )
