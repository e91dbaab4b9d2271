"""Pages that a query language asks for inside its own text, and lists without any paging."""

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError
from support.crm_records import HandClock, answered
from support.peer_http import PeerServer, Received
from support.rest_peer import Asked, RestPeer, put, reply
from support.rest_rig import MemoryHttp, RestRig

from crm_sync.connectors.rest.directory import RestDirectory
from crm_sync.connectors.rest.mirror_tables import RestMirrorTable
from crm_sync.connectors.rest.plugin import plugin
from crm_sync.connectors.rest.profile import profile_names, profile_table
from crm_sync.connectors.rest.record_tables import SearchTable

PEOPLE = [{"id": f"12x{at}", "name": f"Anna {at}", "phone": f"02 5550 00{at}"} for at in (1, 2, 3)]
SQL = "SELECT * FROM Contacts LIMIT {{ offset }}, {{ limit }};"


def opened(handle: Any, *lists: dict[str, Any]) -> RestDirectory:  # noqa: ANN401 - a function
    """Return the directory of a description with these lists."""
    table = RestRig(front=PeerServer(port=9)).table | {"mirror": {"list": list(lists)}}
    settings = plugin.settings_model.model_validate(table)
    return RestDirectory(settings, MemoryHttp(handle), HandClock())


def answer_sql(request: Received) -> tuple[int, object]:
    """Answer the only question that is understood."""
    [text] = parse_qs(urlsplit(request.path).query)["query"]
    found = re.fullmatch(r"SELECT \* FROM Contacts LIMIT (\d+), (\d+);", text)
    assert found is not None
    start, count = map(int, found.groups())
    return 200, {"result": PEOPLE[start : start + count]}


async def test_query_language_is_walked_with_offset_and_limit() -> None:
    """Vtiger and its kin take the page in the question, also after a restart."""
    listing = {"path": "/q", "query": {"query": SQL}, "items": "result", "page_size": 2}
    pages = [await opened(answer_sql, listing).everyone("")]
    while pages[-1].more:
        pages.append(await opened(answer_sql, listing).everyone(pages[-1].cursor))
    assert [len(page.entries) for page in pages] == [2, 1]
    assert pages[-1].entries[0].ref == "person:12x3"


async def test_search_goes_on_after_the_last_id_of_the_page_before() -> None:
    """Keyset paging; at first there is no last one."""
    seen: list[str] = []

    def handle(asked: Asked) -> Any:  # noqa: ANN401 - an answer
        if asked.path == "/calls":
            return reply({})
        seen.append(f"{asked.one('after')} {asked.one('page')}")
        ids = [one["id"] for one in PEOPLE]
        after = asked.one("after")
        start = ids.index(after) + 1 if after is not None else 0
        return reply([{**one, "phone": "06 1234 5678"} for one in PEOPLE[start : start + 2]])

    search = {
        "path": "/people",
        "query": {"after": "{{ last.id }}", "page": "{{ page }}"},
        "page_size": 2,
        "first_page": 0,
    }
    await put(RestPeer(handle).writer(search=[search]), answered())
    assert seen == ["None 0", "12x2 1"]


def test_page_is_a_name_in_lists_alone() -> None:
    """Elsewhere it would be empty for ever."""
    create = {"path": "/calls", "body": {"n": "{{ offset }}"}}
    with pytest.raises(ValidationError, match="there is no offset"):
        RestPeer(lambda _asked: reply({})).writer(call={"create": create})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"offset_parameter": "start"}, "several ways of paging"),
        ({"query": {"q": "LIMIT {{ limit }}"}}, "limit in a template needs page_size"),
    ],
)
def test_paging_that_contradicts_itself_is_refused(more: dict[str, Any], said: str) -> None:
    """The first would skip entries, the second ask for none."""
    with pytest.raises(ValidationError, match=said):
        SearchTable.model_validate({"path": "/p", "query": {"q": "{{ offset }}"}, **more})


@pytest.mark.parametrize(
    ("more", "cut"),
    [
        ({}, True),
        ({"query": {"q": "{{ 'x' | last(1) }}"}}, True),
        ({"next_url": "next"}, False),
        ({"query": {"q": "{{ offset }}"}}, False),
        ({"most_pages": 1}, False),
    ],
)
def test_list_without_paging_says_that_it_may_be_cut(more: dict[str, Any], *, cut: bool) -> None:
    """A CRM that answers with the first hundred looks just like one with a hundred people."""
    directory = opened(answer_sql, {"path": "/people", **more})
    assert directory.capabilities.cut is cut


def test_lists_we_ship_are_read_to_their_end() -> None:
    """Profiles and examples have a way to everybody."""
    root = Path(__file__).parents[4]
    files = [one.read_text(encoding="utf-8") for one in (root / "config" / "crm").glob("*.toml")]
    tables = [profile_table(name) for name in profile_names()]
    tables += [tomllib.loads(text)["crm"][0] for text in files]
    lists = [
        one
        for table in tables
        for one in RestMirrorTable.model_validate(table.get("mirror", {})).list
    ]
    assert len(lists) >= 5
    assert not any(one.is_cut for one in lists)
