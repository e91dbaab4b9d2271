"""Every route against its own description: no 5xx, no answer that is not as described."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.desk import MARTA
from support.hands import FakeHands, FakePbx, line
from support.schema_run import FATAL, run_schemathesis
from support.store import an_ended_call
from support.web import WebBench, running_web

from gateway.core.record import CallRecord
from gateway.core.trunks import NO_WORDS, TrunkKind, TrunkRef, TrunkState
from gateway.desk.callcontrol import CallControl
from gateway.desk.controls import Controls
from gateway.desk.dialling import ClickToCall
from gateway.desk.members import QueueControl
from gateway.desk.once import Once
from gateway.desk.queueboard import QueueDesk
from gateway.desk.trunks import TrunkDesk, TrunkView
from gateway.store.calls import save_call
from gateway.store.contacts import save_contacts
from gateway.store.credentials import create_token
from gateway.store.database import Connection
from gateway.store.mirror import Mirror
from gateway.store.people import Role, User, add_user
from gateway.web.services import Services

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

MORE = (
    User(login="piero", name="Piero", role=Role.PRIVACY),
    User(login="ada", name="Ada", role=Role.ADMIN),
)
CARRIER = TrunkView(
    ref=TrunkRef(pbx="hq", name="carrier"),
    kind=TrunkKind.ASTERISK,
    state=TrunkState.UP,
    since=datetime(2026, 11, 22, tzinfo=UTC),
    words=NO_WORDS,
)
# The whole walk of every boundary takes 20 s, so only who may do most goes it; the others, what
# chance brings in a few seconds.
BRIEF = ("fuzzing", 4)
WHOLE = ("examples,coverage,fuzzing", 20)
LONG = ("examples,coverage,fuzzing", 100)


@asynccontextmanager
async def everything(folder: Path) -> AsyncIterator[WebBench]:
    """Run the application with a PBX that does as told, a directory, a call, and all roles."""
    mirrors: list[Mirror] = []
    pbx = FakePbx(hands=FakeHands())
    pbx.up("1.1", line("1.1", initiator=True), line("1.2", "1001"))

    def extend(services: Services) -> Services:
        mirror = Mirror(folder / "mirror.db", services.db)
        mirrors.append(mirror)
        pbxs = {"hq": pbx.view}
        queues = QueueDesk(services.hub, services.roster, services.clock)
        queues.open("hq", pbx.records.get)
        trunks = TrunkDesk(services.hub, services.roster, services.clock)
        trunks.show(CARRIER)
        return replace(
            services,
            trunks=trunks,
            directory=mirror,
            find=mirror.match,
            queues=queues,
            controls=Controls(
                dialling=ClickToCall(services.db, services.clock, pbxs, node="a"),
                calls=CallControl(pbxs),
                members=QueueControl(pbxs, queues),
                once=Once(services.db, services.clock, node="a"),
            ),
        )

    async with running_web(folder, extend=extend) as bench:
        bench.tokens |= await bench.db.write(lambda conn: _fill(conn, an_ended_call()))
        await mirrors[0].refresh()
        yield bench
        await mirrors[0].close()


def _fill(conn: Connection, record: CallRecord) -> dict[str, str]:
    now = datetime.now(UTC)
    save_contacts(conn, [MARTA])
    save_call(conn, record, state=None)
    for user in MORE:
        add_user(conn, user, password_hash=None, now=now)
    return {user.login: create_token(conn, user.login, now=now)[1] for user in MORE}


@pytest.mark.parametrize(
    ("login", "amount"),
    [(None, BRIEF), ("anna", BRIEF), ("sara", WHOLE), ("paula", BRIEF), ("piero", BRIEF)],
)
async def test_answers_are_as_described(
    tmp_path: Path, login: str | None, amount: tuple[str, int], request: pytest.FixtureRequest
) -> None:
    """Whatever is sent, by anybody: what comes back is in the description."""
    phases, seconds = LONG if request.config.getoption("--all") else amount
    async with everything(tmp_path) as bench:
        found = await run_schemathesis(
            bench.url,
            tmp_path,
            token=None if login is None else bench.tokens[login],
            seconds=seconds,
            phases=phases,
            without=FATAL,
        )
    assert found is None, found


async def test_answers_to_an_administrator_are_as_described(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """People and rights: what only an administrator may reach."""
    phases, seconds = LONG if request.config.getoption("--all") else BRIEF
    async with everything(tmp_path) as bench:
        token = bench.tokens["ada"]
        found = await run_schemathesis(
            bench.url, tmp_path, token=token, seconds=seconds, phases=phases, without=FATAL
        )
        assert found is None, found
        # last, because it may end the token that it uses
        found = await run_schemathesis(
            bench.url, tmp_path, token=token, seconds=4, phases="coverage", only=FATAL
        )
    assert found is None, found


async def test_answer_that_is_not_as_described_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search itself works."""
    async with everything(tmp_path) as bench:
        monkeypatch.setattr(QueueDesk, "queues_json", lambda _board, _login: [{"pbx": 17}])
        found = await run_schemathesis(
            bench.url,
            tmp_path,
            token=bench.tokens["sara"],
            seconds=20,
            phases="coverage",
            only=("/api/v1/queues",),
        )
    assert found is not None
    assert "GET /api/v1/queues" in found
