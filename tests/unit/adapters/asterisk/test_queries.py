"""Questions about callers: many at once wait their turn, and each gets one answer."""

import asyncio
from collections.abc import Mapping
from typing import cast

from adapters.asterisk.actions import Action
from adapters.asterisk.codec import Frame
from adapters.asterisk.intake import Intake, Stamper
from adapters.asterisk.queries import MAX_OPEN, Questions
from adapters.asterisk.session import Session
from gateway.core.errors import TransientError
from gateway.core.events import Query
from gateway.core.inputs import QueryAnswer
from gateway.runtime.clock import SystemClock

ASKED = MAX_OPEN * 3


class Pbx:
    """A session that keeps what it is asked and answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, asyncio.Future[list[Frame]]]] = []

    def send(self, action: Action, fields: Mapping[str, str]) -> asyncio.Future[list[Frame]]:
        """Take a question."""
        assert action is Action.GETVAR
        future: asyncio.Future[list[Frame]] = asyncio.get_running_loop().create_future()
        self.asked.append((fields["Channel"], future))
        return future

    def answer(self, value: str) -> None:
        """Answer the oldest question."""
        _, future = self.asked.pop(0)
        raw = f"Response: Success\r\nVariable: CALLERID(pres)\r\nValue: {value}".encode()
        future.set_result([Frame("", raw, 0)])

    def cut(self) -> None:
        """Lose the link with every question open."""
        for _, future in self.asked:
            future.set_exception(TransientError("The link is gone.", adapter="asterisk"))
        self.asked.clear()


def ask(questions: Questions, pbx: Pbx, intake: Intake, count: int = ASKED) -> None:
    """Ask for so many calls, as a snapshot of a busy PBX does."""
    for number in range(count):
        query = Query(id=f"1.{number}", channel=f"PJSIP/carrier-{number}", variable="x")
        questions.ask(cast("Session", pbx), query, intake)


async def answers(intake: Intake, count: int) -> list[QueryAnswer]:
    """Return the next answers."""
    found = [await intake.get() for _ in range(count)]
    assert all(isinstance(item, QueryAnswer) for item in found)
    return cast("list[QueryAnswer]", found)


def questioner(timeout_s: float = 10.0) -> tuple[Questions, Pbx, Intake]:
    """Return who asks, who answers and where the answers go."""
    stamper = Stamper(SystemClock())
    stamper.anchor()
    intake = Intake(max_frames=10, max_bytes=1_000)
    return Questions(timeout_s, stamper), Pbx(), intake


async def test_more_questions_than_may_be_open_wait_and_are_all_answered() -> None:
    """After a lost link a busy PBX is asked for a thousand callers: none stays masked for that."""
    questions, pbx, intake = questioner()
    ask(questions, pbx, intake)
    assert len(pbx.asked) == MAX_OPEN
    for _ in range(ASKED):
        pbx.answer("allowed")
        await asyncio.sleep(0)
    found = await answers(intake, ASKED)
    assert {one.query_id for one in found} == {f"1.{number}" for number in range(ASKED)}
    assert {one.value for one in found} == {"allowed"}


async def test_lost_link_answers_open_and_waiting_questions_with_nothing() -> None:
    """The callers stay masked; the next snapshot asks again."""
    questions, pbx, intake = questioner()
    ask(questions, pbx, intake)
    pbx.cut()
    await asyncio.sleep(0)
    found = await answers(intake, ASKED)
    assert {one.value for one in found} == {None}
    ask(questions, pbx, intake, count=1)
    assert len(pbx.asked) == 1


async def test_late_answer_is_no_second_one() -> None:
    """What was not told in time stays masked."""
    questions, pbx, intake = questioner(timeout_s=0.0)
    ask(questions, pbx, intake, count=1)
    (late,) = await answers(intake, 1)
    assert late.value is None
    pbx.answer("allowed")
    await asyncio.sleep(0)
    ask(questions, pbx, intake, count=1)
    (other,) = await answers(intake, 1)
    assert other.value is None
