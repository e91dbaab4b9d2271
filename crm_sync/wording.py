"""The administrator's own title and note of a call, and the words of a task for a missed one."""

from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from jinja2 import TemplateError

from crm_sync.connectors import texts
from crm_sync.connectors.parties import TITLE_LIMIT, known_number, outside_number, said_last
from crm_sync.connectors.rest.facts import CALL_KEYS, NUMBER_KEYS, call_facts, number_facts
from crm_sync.connectors.rest.templates import TemplateMistakeError, Templates
from crm_sync.policy import Policy
from gateway.core.errors import ConfigError, RejectedError
from gateway.core.record import CallRecord, MatchKind
from gateway.core.text import clean_text

CONTACT_KEYS: Final = frozenset({"id", "name", "match"})
NAMES: Final = MappingProxyType(
    {
        "call": CALL_KEYS,
        "number": NUMBER_KEYS,
        "contact": CONTACT_KEYS,
        "disposition": None,
        "facts": None,
    }
)
_SURE: Final = frozenset({MatchKind.EXACT, MatchKind.COMPANY})
_CALL_BACK: Final = MappingProxyType({"it": "Richiamare", "en": "Call back"})
# what an expression may do to values it did not expect; a call is written all the same
_MISTAKES: Final = (
    TemplateError,
    RejectedError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
)

log = structlog.get_logger(__name__)


class Wording:
    """The templates of one CRM, compiled; ConfigError names the one that cannot be read."""

    def __init__(self, crm: str, policy: Policy, *, zone: ZoneInfo, language: str) -> None:
        self._crm = crm
        self._zone = zone
        self._language = language
        self._words = texts.LANGUAGES[language]
        templates = Templates(NAMES, zone=zone, adapter=crm)
        self._sources = {"title": policy.title, "note": policy.note}
        self._render = {}
        for key, source in self._sources.items():
            try:
                self._render[key] = None if source is None else templates.text(source)
            except TemplateMistakeError as error:
                where = f"crm.{crm}.policy.{key}"
                raise ConfigError(str(error), where=where, remedy=_REMEDY) from error

    def title(self, record: CallRecord, at: datetime) -> str | None:
        """Return the title of a call, None where the connector's own words are wanted."""
        text = self._rendered("title", record, at)
        return clean_text(text, limit=TITLE_LIMIT) if text else None

    def note(self, record: CallRecord, at: datetime) -> str | None:
        """Return our part of the note without its marks, None as above."""
        return texts.contained(self._rendered("note", record, at) or "") or None

    def task_title(self, record: CallRecord) -> str:
        """Return who is to be called back, in one line."""
        contact = record.contact
        known = contact is not None and contact.match in _SURE
        name = contact.name if contact is not None and known else record.caller.name
        number, name = outside_number(record) or "", texts.harmless(name)
        who = f"{name} ({number})" if name and name != number else number
        return f"{_CALL_BACK[self._language]} {who}"[:TITLE_LIMIT]

    def task_note(self, record: CallRecord) -> str:
        """Return what happened, line by line."""
        return texts.facts_text(record, self._words)

    def _rendered(self, key: str, record: CallRecord, at: datetime) -> str | None:
        render = self._render[key]
        if render is None:
            return None
        try:
            return render(self._facts(record, at))
        except _MISTAKES as error:
            log.warning("crm.template_failed", crm=self._crm, key=key, error=type(error).__name__)
            return None

    def _facts(self, record: CallRecord, at: datetime) -> dict[str, object]:
        contact = record.contact
        number = number_facts(record) if known_number(record) is not None else {}
        shown = outside_number(record)
        return {
            "call": call_facts(record, self._zone, at),
            "number": number or ({"shown": shown} if shown is not None else {}),
            "contact": {"id": contact.id, "name": contact.name, "match": contact.match.value}
            if contact is not None
            else {},
            "disposition": said_last(record),
            "facts": texts.facts_text(record, self._words),
        }


_REMEDY: Final = "Correct the template; docs/policies.md lists what it may name."
