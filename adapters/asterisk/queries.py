"""Questions about a channel while it rings: sent at once, answered in time or not at all."""

import asyncio
from collections import deque
from typing import Final

from adapters.asterisk.actions import Action
from adapters.asterisk.codec import Frame
from adapters.asterisk.intake import Intake, Stamper
from adapters.asterisk.session import Session
from gateway.core.errors import FilodirettoError
from gateway.core.events import Query
from gateway.core.inputs import QueryAnswer

MAX_OPEN: Final = 200
MAX_WAITING: Final = 10_000  # a resync asks for every call at once


class Questions:
    """Sends Getvar and puts a `QueryAnswer` behind the events that came before it."""

    def __init__(self, timeout_s: float, stamper: Stamper) -> None:
        self._timeout_s = timeout_s
        self._stamper = stamper
        self._open = 0
        self._waiting: deque[Query] = deque()

    def ask(self, session: Session | None, query: Query, intake: Intake) -> None:
        """Ask without waiting; without a link, or with too many questions, answer None.

        So many are asked at a time; the others wait their turn, and their time limit with them.
        """
        if session is None or len(self._waiting) >= MAX_WAITING:
            self._answer(query, None, intake)
        elif self._open >= MAX_OPEN:
            self._waiting.append(query)
        else:
            self._send(session, query, intake)

    def _send(self, session: Session, query: Query, intake: Intake) -> None:
        try:
            answer = session.send(
                Action.GETVAR, {"Channel": query.channel, "Variable": query.variable}
            )
        except FilodirettoError:
            self._answer(query, None, intake)
            return
        self._open += 1
        told: list[bool] = []

        def tell() -> None:
            if not told:
                told.append(True)
                self._answer(query, _value(answer), intake)

        timer = asyncio.get_running_loop().call_later(self._timeout_s, tell)

        def close(answer: "asyncio.Future[list[Frame]]") -> None:
            self._open -= 1
            timer.cancel()
            tell()
            if answer.cancelled() or answer.exception() is not None:
                while self._waiting:  # the link is gone; the next snapshot asks again
                    self._answer(self._waiting.popleft(), None, intake)
            elif self._waiting:
                self._send(session, self._waiting.popleft(), intake)

        answer.add_done_callback(close)

    def _answer(self, query: Query, value: str | None, intake: Intake) -> None:
        intake.add(QueryAnswer(at=self._stamper.now(), query_id=query.id, value=value))


def _value(answer: "asyncio.Future[list[Frame]]") -> str | None:
    if not answer.done() or answer.cancelled() or answer.exception() is not None:
        return None
    frame = answer.result()[0]
    return frame.get("Value") if frame.get("Response") == "Success" else None
