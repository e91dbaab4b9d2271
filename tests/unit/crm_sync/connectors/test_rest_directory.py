"""Everybody in a CRM by configuration alone: pages, changes, who is gone, odd answers."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.crm_records import HandClock
from support.peer_http import PeerServer, Received
from support.rest_rig import MemoryHttp, RestRig

from crm_sync.connectors.rest.directory import RestDirectory
from crm_sync.connectors.rest.plugin import plugin
from gateway.core.contact import ContactKind
from gateway.core.crm import DirectoryEntry, DirectoryPage
from gateway.core.errors import RejectedError, TransientError

COMPANIES = {
    "entity": "company",
    "path": "/accounts",
    "items": "rows",
    "phones": "tel",
    "page_parameter": "page",
    "page_size": 2,
}
PEOPLE = {
    "path": "/people",
    "query": {"changed_after": "{{ since | utc }}"},
    "items": "rows",
    "display": "join(' ', [first, last])",
    "phones": "[tel, others[].number]",
    "company": "account.id",
    "company_name": "account.name",
    "email": "mail",
    "owner": "owner",
    "gone": "archived",
    "record_url": "/people/{{ id }}/view",
    "next_url": "next",
}
BODIED = {
    "path": "/people/query",
    "method": "POST",
    "body": {"filter": {"after": "{{ since | unix }}"}, "size": 2},
    "items": "rows",
    "phones": "tel",
    "next_cursor": "more",
    "cursor_parameter": "page.cursor",
    "paging_in": "body",
}


class Crm:
    """A CRM with three companies and three people, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.people: list[dict[str, Any]] = [
            {"id": 1, "first": "Anna", "last": "Verdi", "tel": "06 1234 5678"}
            | {"account": {"id": 8, "name": "Studio Verdi"}, "mail": "a@verdi.example"},
            {"id": 2, "first": "Bruno", "last": "Neri", "others": [{"number": "333 123 4567"}]},
            {"id": 3, "first": "Carla", "last": "Blu", "tel": "06 9", "archived": True},
        ]

    def handle(self, request: Received) -> tuple[int, object]:
        """Answer a request."""
        self.asked.append(request.path)
        if request.path.startswith("/accounts"):
            rows = [
                {"id": at, "name": f"Ditta {at}", "tel": f"02 5550 000{at}"} for at in (7, 8, 9)
            ]
            page = int(request.path.rpartition("page=")[2])
            return 200, {"rows": rows[page * 2 - 2 : page * 2]}
        if request.path == "/people/query":
            sent = json.loads(request.body)
            at = int(sent.get("page", {}).get("cursor", "0"))
            more = str(at + 2) if at + 2 < len(self.people) else None
            return 200, {"rows": self.people[at : at + 2], "more": more}
        at = int(request.path.rpartition("from=")[2]) if "from=" in request.path else 0
        following = f"/people?from={at + 2}" if at + 2 < len(self.people) else None
        return 200, {"rows": self.people[at : at + 2], "next": following}


def opened(handle: Any, *lists: dict[str, Any]) -> RestDirectory:  # noqa: ANN401 - a function
    """Return the directory of a description with these lists."""
    table = rig().table | {"mirror": {"list": list(lists)}}
    settings = plugin.settings_model.model_validate(table)
    return RestDirectory(settings, MemoryHttp(handle), HandClock())


def rig() -> RestRig:
    """Return a CRM of which only the description is used, or what it answers without sockets."""
    return RestRig(front=PeerServer(port=9))


async def walk(directory: RestDirectory) -> list[DirectoryPage]:
    """Return all pages; each is asked for as after a restart."""
    pages = [await directory.everyone("")]
    while pages[-1].more and len(pages) < 9:
        pages.append(await directory.everyone(pages[-1].cursor))
    return pages


def entries(pages: list[DirectoryPage]) -> list[DirectoryEntry]:
    """Return the entries of pages."""
    return [entry for page in pages for entry in page.entries]


async def test_lists_are_walked_page_by_page_one_after_the_other() -> None:
    """Companies come first, so that people find theirs."""
    crm = Crm()
    pages = await walk(opened(crm.handle, COMPANIES, PEOPLE))
    found = entries(pages)
    assert [one.ref for one in found] == [
        "company:7",
        "company:8",
        "company:9",
        "person:1",
        "person:2",
    ]
    assert [one.kind for one in found[2:4]] == [ContactKind.COMPANY, ContactKind.PERSON]
    assert crm.asked == ["/accounts?page=1", "/accounts?page=2", "/people", "/people?from=2"]


async def test_an_item_is_read_as_the_description_says() -> None:
    """Nested numbers, the company by name and id, and the address people open."""
    anna, bruno = entries(await walk(opened(Crm().handle, PEOPLE)))
    assert (anna.name, anna.company, anna.company_ref) == (
        "Anna Verdi",
        "Studio Verdi",
        "company:8",
    )
    assert anna.email == "a@verdi.example"
    assert anna.url == "http://127.0.0.1:9/people/1/view"
    assert [one.raw for one in bruno.numbers] == ["333 123 4567"]


async def test_paging_inside_a_body_goes_on_after_a_restart() -> None:
    """The cursor holds the whole next request, also where it is no address."""
    crm = Crm()
    found = entries(await walk(opened(crm.handle, BODIED)))
    assert [one.ref for one in found] == ["person:1", "person:2", "person:3"]


async def test_changes_are_asked_for_since_the_mark_less_an_overlap() -> None:
    """Clocks differ: what is told twice does no harm, what is not told does."""
    crm = Crm()
    directory = opened(crm.handle, COMPANIES, PEOPLE)
    page = await directory.changed(await directory.mark())
    since = (HandClock().now() - timedelta(minutes=5)).astimezone(UTC)
    assert crm.asked == [f"/people?changed_after={since:%Y-%m-%dT%H}%3A{since:%M}%3A{since:%S}Z"]
    last = await directory.changed(page.cursor)
    assert [page.more, last.more] == [True, False]
    assert [one.ref for one in (*page.entries, *last.entries)] == ["person:1", "person:2"]
    assert last.gone == ("person:3",)
    assert datetime.fromisoformat(json.loads(last.cursor)["since"]) == since


async def test_a_sweep_does_not_name_a_time() -> None:
    """An absent value leaves its parameter out, so one description serves both."""
    crm = Crm()
    await walk(opened(crm.handle, PEOPLE))
    assert crm.asked[0] == "/people"


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ({"result": "ok"}, "items"),
        ({"rows": None}, "items"),
        ({"rows": [{"first": "Anna", "last": "Verdi"}]}, "id"),
    ],
)
async def test_an_answer_without_the_list_is_no_empty_list(answer: object, detail: str) -> None:
    """What a sweep does not see is deleted: a login page with 200 must not empty the directory."""
    directory = opened(lambda _request: (200, answer), PEOPLE)
    with pytest.raises(RejectedError) as caught:
        await directory.everyone("")
    assert caught.value.detail == f"[[crm.mirror.list]] 1 (/people), {detail}"
    assert f"Check {detail} of [[crm.mirror.list]] 1 (/people)" in caught.value.remedy


async def test_a_crm_that_ignores_paging_is_noticed() -> None:
    """It would give its first page for ever."""
    rows = {"rows": [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]}
    directory = opened(lambda _request: (200, rows), COMPANIES)
    page = await directory.everyone("")
    with pytest.raises(RejectedError, match="same page"):
        await directory.everyone(page.cursor)


async def test_a_crm_that_cannot_now_is_asked_again() -> None:
    """The mirror then waits, and goes on at the same page."""
    with pytest.raises(TransientError):
        await opened(lambda _request: (503, {}), PEOPLE).everyone("")


async def test_without_lists_there_are_only_look_ups() -> None:
    """A description of a search alone still names callers beside the pop."""
    crm = rig()
    crm.people += [{"id": 5, "name": "Anna Verdi", "phone": "06 1234 5678"}]
    directory = RestDirectory(
        plugin.settings_model.model_validate(crm.table), MemoryHttp(crm.handle), HandClock()
    )
    assert (directory.capabilities.lists, directory.capabilities.finds) == (False, True)
    (found,) = await directory.find("+390612345678")
    assert (found.ref, found.name, found.numbers[0].raw) == (
        "person:5",
        "Anna Verdi",
        "06 1234 5678",
    )


def test_a_list_with_details_is_refused() -> None:
    """One request for each of a hundred thousand people every night would be nobody's wish."""
    table = rig().table
    table["mirror"] = {"list": [PEOPLE | {"detail": {"path": "/people/{{ id }}"}}]}
    with pytest.raises(ValueError, match="detail is for searches"):
        plugin.settings_model.model_validate(table)


def test_a_name_that_a_list_does_not_have_is_a_mistake() -> None:
    """`check` says so before the first night."""
    table = rig().table
    table["mirror"] = {"list": [PEOPLE | {"query": {"after": "{{ sinse }}"}}]}
    with pytest.raises(ValueError, match="did you mean since"):
        plugin.settings_model.model_validate(table)
