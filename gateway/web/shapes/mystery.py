"""Mystery calls: calls through a trunk to a number of one's own, and what they met."""

from uuid import UUID

from pydantic import Field

from gateway.core.mystery import Mark, RunState
from gateway.web.shapes.base import Body, Page, PageParams, Shape, Stamp
from gateway.web.shapes.operations import LinkWords


class TrunkTestSeconds(Shape):
    """What was measured, null where it did not come to that.

    From dialling, but for `ring` (from ringing to the answer) and `talk` (from the person's first
    word to the end).
    """

    post_dial_delay: float | None
    ring: float | None
    to_answer: float | None
    to_person: float | None
    talk: float | None


class TrunkTestStep(Shape):
    """One line of the report; `ok` null: nothing was expected, or nobody could see it.

    `text` is English, `words` has it by language.
    """

    at: Stamp
    kind: Mark
    text: str
    words: dict[str, str] = Field(examples=[{"it": "squilla dopo 0.4 s"}])
    ok: bool | None


class TrunkTestChange(Shape):
    """Something that is not as in the runs before."""

    what: str
    before: str
    now: str


class TrunkTest(Shape):
    """One mystery call; `test` names the script, `by` is null for the schedule.

    `changed`: everything came as the script wants it, but not as it used to. `path` is where the
    caller got to. Texts are English; `words` has them by language.
    """

    id: UUID
    trunk: str
    pbx: str
    test: str
    number: str
    state: RunState
    by: str | None
    started_at: Stamp
    ended_at: Stamp | None
    seconds: TrunkTestSeconds
    steps: list[TrunkTestStep]
    path: list[str]
    cause: str | None
    remedy: str | None
    words: dict[str, LinkWords]
    changes: list[TrunkTestChange]


class TrunkTestPage(Page[TrunkTest]):
    """Mystery calls through one trunk, the latest first."""


class TrunkTestsQuery(PageParams):
    """A page of the mystery calls."""


class TrunkTestBody(Body):
    """Which of a trunk's scripts is to be run; without it the first."""

    test: str | None = Field(default=None, min_length=1, max_length=32)
