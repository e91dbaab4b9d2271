"""The templates of a description, compiled once; mistakes name the key they stand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from crm_sync.connectors.rest.facts import (
    CALL_KEYS,
    CONTACT_KEYS,
    NUMBER_KEYS,
    PAGE_NAMES,
    TASK_KEYS,
)
from crm_sync.connectors.rest.request import Request, compiled, condition_at, text_at
from crm_sync.connectors.rest.templates import Templates

if TYPE_CHECKING:
    from crm_sync.connectors.rest.record_tables import SearchTable, ThenTable, WrittenTable
    from crm_sync.connectors.rest.settings import RestSettings
    from crm_sync.connectors.rest.tables import ExtractTable

Names = Mapping[str, frozenset[str] | None]
COMMON_NAMES: Final[Names] = {"null": None}
NUMBER_NAMES: Final[Names] = {
    **COMMON_NAMES,
    "number": None,
    "numbers": NUMBER_KEYS,
    "id": None,
    "item": None,
}
LIST_NAMES: Final[Names] = {
    **COMMON_NAMES,
    "since": None,
    "number": None,
    "id": None,
    "item": None,
}
CALL_NAMES: Final[Names] = {
    **COMMON_NAMES,
    "call": CALL_KEYS,
    "contact": CONTACT_KEYS,
    "number": NUMBER_KEYS,
    "task": TASK_KEYS,
    "person": None,
    "company": None,
    "lead": None,
    "deal": None,
    "user": None,
    "disposition": None,
    "title": None,
    "note": None,
    "key": None,
    "id": None,
    "answer": None,
    "adopts": None,
}
LOGIN_NAMES: Final[Names] = {
    "secret": None,
    "secrets": None,
    "username": None,
    "now": None,
    "null": None,
}


def place_of(where: str, at: int, path: str) -> str:
    """Return how failures name one of several tables `where`, the first being 0."""
    return f"[[crm.{where}]] {at + 1} ({path})"


class Written:
    """The requests of a record that is made of a call."""

    def __init__(self, table: WrittenTable, templates: Templates, where: str) -> None:
        self.table = table
        self.find_place = f"[crm.{where}.find]"
        self.only_if = condition_at(f"{where}.only_if", table.only_if, templates)
        self.create = Request(table.create, templates, f"{where}.create")
        self.then = tuple(
            Then(one, templates, f"{where}.then[{at}]") for at, one in enumerate(table.then)
        )
        paged = templates.naming(PAGE_NAMES)
        self.find = Request(table.find, paged, f"{where}.find") if table.find else None
        mark = table.find.mark if table.find else ""
        self.mark = text_at(f"{where}.find.mark", mark, templates)
        self.read = Request(table.read, templates, f"{where}.read") if table.read else None
        self.update = Request(table.update, templates, f"{where}.update") if table.update else None
        self.record_url = text_at(f"{where}.record_url", table.record_url, templates, path=True)


class Then:
    """One more request for a record that was made."""

    def __init__(self, table: ThenTable, templates: Templates, where: str) -> None:
        self.table = table
        self.request = Request(table, templates, where)
        self.only_if = condition_at(f"{where}.only_if", table.only_if, templates)


class Search:
    """One search, compiled."""

    def __init__(self, table: SearchTable, templates: Templates, where: str, at: int) -> None:
        self.table = table
        self.place = place_of(where, at, table.path)
        where = f"{where}[{at}]"
        self.request = Request(table, templates.naming(PAGE_NAMES), where)
        self.detail = Request(table.detail, templates, f"{where}.detail") if table.detail else None
        self.record_url = text_at(f"{where}.record_url", table.record_url, templates, path=True)


class Compiled:
    """All requests of one description; TemplateMistakeError says which key is wrong."""

    def __init__(self, settings: RestSettings) -> None:
        templates = partial(
            Templates, maps=settings.maps, zone=ZoneInfo(settings.timezone), adapter=settings.name
        )
        sign_in = settings.sign_in
        gained = _gained(sign_in.steps if sign_in.type == "steps" else ())
        learnt = _gained(settings.constants)
        whole: Names = {"login": gained[-1], "constant": learnt[-1]}
        about_calls = templates({**CALL_NAMES, **whole})
        about_numbers = templates({**NUMBER_NAMES, **whole})
        about_login = templates({**LOGIN_NAMES, "login": gained[-1]})
        self.searches = tuple(
            Search(table, about_numbers, "search", index)
            for index, table in enumerate(settings.search)
        )
        about_lists = templates({**LIST_NAMES, **whole})
        self.lists = tuple(
            Search(table, about_lists, "mirror.list", index)
            for index, table in enumerate(settings.mirror.list)
        )
        self.call = Written(settings.call, about_calls, "call")
        self.task = Written(settings.task, about_calls, "task") if settings.task else None
        self.contact = (
            Request(settings.contact.create, about_calls, "contact.create")
            if settings.contact
            else None
        )
        self.lead = (
            Request(settings.lead.create, about_calls, "lead.create") if settings.lead else None
        )
        self.deal = (
            Request(settings.deal, about_calls.naming(PAGE_NAMES), "deal")
            if settings.deal
            else None
        )
        self.probe = Request(settings.probe, about_numbers, "probe") if settings.probe else None
        self.constants = tuple(
            (table, Request(table, templates({**NUMBER_NAMES, **names}), f"constants[{index}]"))
            for index, table in enumerate(settings.constants)
            for names in [{"login": gained[-1], "constant": learnt[index]}]
        )
        self.steps = tuple(
            (step, Request(step, templates({**LOGIN_NAMES, **names}), f"sign_in.steps[{index}]"))
            for index, step in enumerate(sign_in.steps if sign_in.type == "steps" else ())
            for names in [{"login": gained[index]}]
        )
        self.login_headers = compiled(sign_in.headers, about_login, "sign_in.headers")
        self.login_query = compiled(sign_in.query, about_login, "sign_in.query")
        self.login_path = text_at("sign_in.path", sign_in.path, about_login, path=True)
        self.login_body = compiled(sign_in.body, about_login, "sign_in.body")


def _gained(tables: Sequence[ExtractTable]) -> list[frozenset[str]]:
    """Return the names that are known before each of the tables, and after the last."""
    none: frozenset[str] = frozenset()
    return list(accumulate((table.names for table in tables), frozenset.union, initial=none))
