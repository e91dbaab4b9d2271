"""How the installation stands: people, phones, queues, links, times without a link."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from gateway.core.attendance import DeviceState
from gateway.core.ports import LinkPhase
from gateway.web.shapes.base import Page, PageParams, Shape, Stamp, Time, WholePageParams
from gateway.web.shapes.call import Caller


class PhonePresence(Shape):
    """What somebody says about themselves."""

    status: str
    message: str


class ServedQueue(Shape):
    """A queue that a phone serves."""

    pbx: str
    queue: str
    paused: bool
    pause_reason: str | None


class Device(Shape):
    """A telephone as the PBX names it, and whether the PBX can reach it."""

    device: str = Field(examples=["PJSIP/91201"])
    registered: bool | None


class AgentPhone(Shape):
    """One extension of a person; what it does is absent where no PBX is followed.

    `on` is the PBX it speaks of, one where a phone of the extension is registered before others;
    `devices` are the extension's phones there.
    """

    pbx: str | None
    extension: str
    state: DeviceState | None = None
    registered: bool | None = None
    since: Stamp | None = None
    presence: PhonePresence | None = None
    stale: bool | None = None
    on: str | None = None
    devices: list[Device] | None = None
    queues: list[ServedQueue] | None = None


class Agent(Shape):
    """A person and their phones."""

    login: str
    name: str
    extensions: list[AgentPhone]


class AgentPage(Page[Agent]):
    """People, by login."""


class AgentsQuery(WholePageParams):
    """A page of the people."""


class Waiting(Shape):
    """A caller in a queue; who it is only for those who oversee it."""

    position: int
    since: Stamp
    call_id: UUID | None = None
    caller: Caller | None = None


class QueueMember(Shape):
    """Somebody who serves a queue."""

    interface: str
    extension: str | None
    name: str | None
    logins: list[str]
    state: DeviceState
    paused: bool
    pause_reason: str | None
    paused_since: Stamp | None
    in_call: bool
    calls_taken: int
    last_call_at: Stamp | None
    penalty: int
    dynamic: bool


class Queue(Shape):
    """A queue at this moment; `stale`: the link is down, it may be otherwise by now."""

    pbx: str
    queue: str
    stale: bool
    waiting: list[Waiting]
    members: list[QueueMember]


class QueueGone(Shape):
    """A queue that the PBX has no more."""

    pbx: str
    queue: str
    gone: Literal[True]


class QueuePage(Page[Queue]):
    """Queues, by PBX and name."""


class QueuesQuery(WholePageParams):
    """A page of the queues."""


class Phone(Shape):
    """What a phone does."""

    pbx: str
    extension: str
    state: DeviceState
    registered: bool | None
    since: Stamp | None
    presence: PhonePresence | None
    stale: bool


class LinkWords(Shape):
    """Why a link is as it is, and what to do."""

    cause: str | None
    remedy: str | None


class Link(Shape):
    """The link to a PBX, in words a person can act on: English, and by language in `words`."""

    pbx: str
    phase: LinkPhase
    since: Stamp
    cause: str | None
    remedy: str | None
    next_try_at: Stamp | None
    words: dict[str, LinkWords] = Field(examples=[{"it": {"cause": "…", "remedy": "…"}}])


class LinkPage(Page[Link]):
    """Links, by name."""


class LinksQuery(WholePageParams):
    """A page of the links."""


class Gap(Shape):
    """A time without a link; `unknown`: calls in it may never become known."""

    id: str
    pbx: str
    from_at: Stamp = Field(alias="from")
    to: Stamp | None
    source: str | None
    recovered: int
    unknown: bool


class GapPage(Page[Gap]):
    """Gaps, newest first."""


class GapsQuery(PageParams):
    """Which gaps."""

    pbx: str | None = Field(default=None, min_length=1, max_length=200)
    since: Time | None = Field(default=None, alias="from")
