"""What the desk asks of the daemon beside calls: the house, preferences, sessions elsewhere."""

from functools import partial
from pathlib import Path

from aiohttp import WSMsgType
from support.desk import MARTA, dialled, inbound
from support.web import PASSWORD, WebBench, frame, running_web

from gateway.core.record import CallRecord, Party, Presentation
from gateway.desk.subscription import CloseCode
from gateway.store.calls import save_call
from gateway.store.contacts import save_contacts
from gateway.web.services import DeskOptions, LinkedCrm, WebOptions

PREFERENCES = "/api/v1/me/preferences"
SITE = WebOptions(
    version="0.0.0-test",
    frame_ancestors=("https://crm.example.com",),
    desk=DeskOptions(
        pause_reasons=("Pranzo",),
        wrap_up_s=45,
        crms=(LinkedCrm(name="odoo", label="Odoo", ask_contact=True),),
    ),
)


async def test_page_learns_the_words_and_the_time_of_the_house(tmp_path: Path) -> None:
    """Pause reasons, the time for the outcome and the CRMs are configuration, not page."""
    async with running_web(tmp_path, options=SITE) as bench:
        told = await (await bench.get("/api/v1/desk")).json()
    assert told.pop("now")
    assert told.pop("dispositions")
    assert told == {
        "version": "0.0.0-test",
        "language": "it",
        "country": "IT",
        "timezone": "Europe/Rome",
        "pause_reasons": ["Pranzo"],
        "after_call": "Dopo chiamata",
        "wrap_up_s": 45,
        "crms": [{"name": "odoo", "label": "Odoo", "ask_contact": True}],
        "embed_origins": ["https://crm.example.com"],
    }


async def test_preferences_are_kept_for_each_person_and_changed_one_by_one(
    bench: WebBench,
) -> None:
    """The next machine looks the same; a colleague's looks as before."""
    before = await (await bench.get(PREFERENCES)).json()
    assert before["language"] is None

    async def change(**wanted: object) -> int:
        headers = bench.bearer("anna")
        answer = await bench.client.patch(bench.url + PREFERENCES, headers=headers, json=wanted)
        return answer.status

    assert await change(theme="dark", volume=20) == 200
    assert await change(language="en", theme=None) == 200
    assert await change(volume=101) == 422
    assert await change(sound=None) == 422
    after = await (await bench.get(PREFERENCES)).json()
    assert after == before | {"language": "en", "volume": 20}
    assert await (await bench.get(PREFERENCES, "luca")).json() == before


async def test_signing_out_elsewhere_closes_those_pages_at_once_and_keeps_this_one(
    bench: WebBench,
) -> None:
    """Who left a page open at another desk shuts it from here; colleagues notice nothing."""
    here, there = await bench.cookie(), await bench.cookie()
    colleague = await bench.cookie("luca")
    sockets = [
        await bench.client.ws_connect(
            bench.url + "/api/v1/events", headers=cookie | {"Origin": bench.url}
        )
        for cookie in (here, there, colleague)
    ]
    for socket in sockets:
        await socket.receive(timeout=30)
    guarded = here | {"Origin": bench.url, "X-Filodiretto": "1"}
    answer = await bench.client.delete(bench.url + "/api/v1/me/sessions", headers=guarded)
    assert await answer.json() == {"ended": 1}
    closed = await sockets[1].receive(timeout=30)
    while closed.type is WSMsgType.TEXT:
        closed = await sockets[1].receive(timeout=30)
    assert closed.data == CloseCode.SIGNED_OUT
    assert (await bench.client.get(bench.url + "/api/v1/me", headers=there)).status == 401
    assert (await bench.client.get(bench.url + "/api/v1/me", headers=here)).status == 200
    assert not sockets[0].closed
    assert not sockets[2].closed


async def test_page_within_another_site_has_a_session_of_its_own(tmp_path: Path) -> None:
    """Browsers send it only below that site, and neither session ends the other."""
    async with running_web(tmp_path, options=SITE) as bench:
        own = await bench.cookie()
        answer = await bench.client.post(
            bench.url + "/api/v1/session",
            json={"username": "anna", "password": PASSWORD, "embed": True},
            headers=own | {"Origin": bench.url},
        )
        assert answer.status == 200, await answer.text()
        header = answer.headers["Set-Cookie"]
        for attribute in ("HttpOnly", "SameSite=None", "Secure", "Partitioned", "Path=/"):
            assert attribute in header
        value = answer.cookies["filodiretto-embedded"].value
        embedded = {"Cookie": f"filodiretto-embedded={value}"}
        for cookie in (own, embedded):
            me = await bench.client.get(bench.url + "/api/v1/me", headers=cookie)
            assert me.status == 200
        guarded = embedded | {"Origin": bench.url, "X-Filodiretto": "1"}
        out = await bench.client.delete(bench.url + "/api/v1/session", headers=guarded)
        assert "Partitioned" in out.headers["Set-Cookie"]
        gone = await bench.client.get(bench.url + "/api/v1/me", headers=embedded)
        assert gone.status == 401
        assert (await bench.client.get(bench.url + "/api/v1/me", headers=own)).status == 200


async def test_page_within_another_site_needs_that_site_to_be_named(bench: WebBench) -> None:
    """A cookie for other sites is given only where the configuration lets a site show the page."""
    answer = await bench.client.post(
        bench.url + "/api/v1/session",
        json={"username": "anna", "password": PASSWORD, "embed": True},
        headers={"Origin": bench.url},
    )
    assert answer.status == 403
    assert (await answer.json(content_type=None))["type"].endswith("not-embedded")


async def test_caller_who_withholds_the_number_is_named_for_this_call_only(
    bench: WebBench,
) -> None:
    """The agent hears who it is; the next withheld caller is somebody else."""
    await bench.db.write(lambda conn: save_contacts(conn, [MARTA]))
    withheld = Party(number="anonymous", presentation=Presentation.WITHHELD)
    for root in ("1.1", "2.1"):
        record = inbound(root, caller=withheld, rung=(("1001",),))
        await bench.db.write(partial(save_call, record=record, state=None))
        bench.services.desk.handle(dialled(record, "1001"))
    socket = await bench.socket()
    first, path = inbound("1.1").id, f"/api/v1/calls/{inbound('1.1').id}/contact"

    async def link(contact: str) -> int:
        headers, body = bench.bearer("anna"), {"contact": contact}
        return (await bench.client.put(bench.url + path, headers=headers, json=body)).status

    assert await link("nobody") == 404
    assert await link(MARTA.id) == 200
    told = await frame(socket)
    while told["type"] != "pop.updated":
        told = await frame(socket)
    assert told["data"]["call_id"] == str(first)
    assert told["data"]["contact"]["name"] == "Marta Bellandi"
    named = {record.id: bench.services.desk.contact_for(record) for record in _live(bench)}
    assert [one.name if one else None for one in named.values()] == ["Marta Bellandi", None]


def _live(bench: WebBench) -> tuple[CallRecord, ...]:
    return bench.services.desk.live_calls()
