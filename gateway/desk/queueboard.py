"""Queues and phones as pages see them: told by frames, at most one a second for each."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from gateway.core.attendance import DeviceState, Member
from gateway.core.ids import CallId, call_id
from gateway.core.inputs import Input
from gateway.core.ports import Clock
from gateway.core.queues import PhoneView, QueueBoard, QueueChanged, QueueView, Waiting
from gateway.core.record import CallRecord, time_json, to_json
from gateway.desk.frames import Frame, encode_data, encode_frame
from gateway.desk.hub import Hub
from gateway.desk.roster import SEES_OWN_CALLS, Roster
from gateway.desk.shown import masked

PAUSE_S: Final = 1.0
AT_ONCE: Final = 8
REST_S: Final = 0.004
# Five hundred agents who each see two hundred phones change every second would cost more than all
# their calls: beyond this many lines a second, phones are told less often.
ITEMS_A_SECOND: Final = 20_000

RecordOf = Callable[[CallId], CallRecord | None]
Json = dict[str, object]
News = tuple[tuple[str, ...], str, Json]


class QueueDesk:
    """Keeps a `QueueBoard` for each PBX and tells pages what changed.

    Supervisors see their teams' queues with their callers, agents the queues they serve, without
    who waits.
    """

    def __init__(self, hub: Hub, roster: Roster, clock: Clock) -> None:
        self._hub = hub
        self._roster = roster
        self._clock = clock
        self._boards: dict[str, QueueBoard] = {}
        self._records: dict[str, RecordOf] = {}
        self._dirty_queues: dict[tuple[str, str], None] = {}
        self._dirty_phones: dict[tuple[str, str], None] = {}
        self._phones_due = 0.0
        self._wanted = asyncio.Event()
        hub.add_snapshot(self._snapshot)

    def open(self, pbx: str, record: RecordOf) -> Callable[[Input], None]:
        """Follow one more PBX; returns what is to be told `hears`. `record` asks for a call."""
        board = self._boards[pbx] = QueueBoard()
        self._records[pbx] = record

        def take(item: Input) -> None:
            for change in board.apply(item):
                if isinstance(change, QueueChanged):
                    self._dirty_queues[pbx, change.queue] = None
                else:
                    self._dirty_phones[pbx, change.extension] = None
                self._wanted.set()

        return take

    @property
    def hears(self) -> frozenset[type[Input]]:
        """Which inputs of a PBX are to be told."""
        return QueueBoard().hears

    def board(self, pbx: str) -> QueueBoard | None:
        """Return the board of a PBX."""
        return self._boards.get(pbx)

    def pbxs(self) -> tuple[str, ...]:
        """Return the PBXs that are followed."""
        return tuple(self._boards)

    async def run(self) -> None:
        """Tell changes until cancelled: the first at once, more of them a second later."""
        while True:
            await self._wanted.wait()
            for users, event_type, data in self._news():
                # hundreds of pages at once must not hold a pop up
                encoded, now = encode_data(data), self._clock.now()
                for begin in range(0, len(users), AT_ONCE):
                    part = users[begin : begin + AT_ONCE]
                    self._hub.publish_encoded(part, event_type, encoded, now)
                    await asyncio.sleep(REST_S if len(users) > AT_ONCE else 0)
            await asyncio.sleep(PAUSE_S)

    def flush(self) -> None:
        """Tell at once what changed since the last time."""
        self._phones_due = 0.0
        for users, event_type, data in self._news():
            self._hub.publish_many(users, event_type, data, self._clock.now())

    def _news(self) -> list[News]:
        """Return what changed, for whom; phones wait longer where many people watch many."""
        self._wanted.clear()
        here = frozenset(self._hub.users())
        queues, self._dirty_queues = self._dirty_queues, {}
        news = [one for pbx, name in queues for one in self._queue_news(pbx, name, here)]
        now = self._clock.monotonic()
        if self._dirty_phones and now < self._phones_due:
            self._wanted.set()
        elif self._dirty_phones:
            phones, self._dirty_phones = self._dirty_phones, {}
            items = [self._phone_json(pbx, extension) for pbx, extension in phones]
            users = tuple(here & self._colleagues())
            self._phones_due = now + PAUSE_S * (len(users) * len(items) // ITEMS_A_SECOND)
            news.append((users, "presence", {"items": items}))
        return news

    def _queue_news(self, pbx: str, name: str, here: frozenset[str]) -> Iterator[News]:
        view = self._boards[pbx].queue(name)
        if view is None:
            gone: Json = {"pbx": pbx, "queue": name, "gone": True}
            yield tuple(here & self._colleagues()), "queue.updated", gone
            return
        overseers = here & self._roster.overseers_of_queue(pbx, name)
        serving = (here & self._serving(pbx, view)) - overseers
        if overseers:
            yield tuple(overseers), "queue.updated", self.queue_json(pbx, view, callers=True)
        if serving:
            yield tuple(serving), "queue.updated", self.queue_json(pbx, view, callers=False)

    def _serving(self, pbx: str, view: QueueView) -> frozenset[str]:
        return frozenset(
            login
            for member in view.members
            if member.extension
            for login in self._roster.who_has(pbx, member.extension)
        )

    def _colleagues(self) -> frozenset[str]:
        return frozenset(user.login for user in self._roster.users() if user.role in SEES_OWN_CALLS)

    def _snapshot(self, user: str) -> Iterable[Frame]:
        """Describe this moment to a page that comes without history."""
        seq, now = self._hub.seq(user), self._clock.now()
        frames = [
            encode_frame(seq, "queue.updated", now, encode_data(data))
            for data in self.queues_json(user)
        ]
        if user in self._colleagues():
            items = [
                self._phone_json(pbx, phone.extension)
                for pbx, board in self._boards.items()
                for phone in board.phones()
            ]
            if items:
                frames.append(encode_frame(seq, "presence", now, encode_data({"items": items})))
        return frames

    # JSON

    def queues_json(self, user: str) -> list[Json]:
        """Return the queues that somebody may see, by PBX and name."""
        return [
            self.queue_json(pbx, view, callers=oversees)
            for pbx in sorted(self._boards)
            for view in self._boards[pbx].queues()
            if (oversees := user in self._roster.overseers_of_queue(pbx, view.name))
            or user in self._serving(pbx, view)
        ]

    def queue_json(self, pbx: str, view: QueueView, *, callers: bool) -> Json:
        """Return the public JSON object of a queue; who waits only with `callers`."""
        return {
            "pbx": pbx,
            "queue": view.name,
            "stale": view.stale,
            "waiting": [self._waiting_json(pbx, one, callers=callers) for one in view.waiting],
            "members": [self._member_json(pbx, member) for member in view.members],
        }

    def _waiting_json(self, pbx: str, waiting: Waiting, *, callers: bool) -> Json:
        data: Json = {"position": waiting.position, "since": time_json(waiting.since)}
        if callers:
            call = call_id(pbx, waiting.linkedid)
            record = self._records[pbx](call)
            data["call_id"] = str(call)
            data["caller"] = to_json(masked(record))["caller"] if record is not None else None
        return data

    def _member_json(self, pbx: str, member: Member) -> Json:
        return {
            "interface": member.interface,
            "extension": member.extension or None,
            "name": member.name or None,
            "logins": list(self._roster.who_has(pbx, member.extension)),
            "state": member.state.value,
            "paused": member.paused,
            "pause_reason": member.pause_reason or None,
            "paused_since": time_json(member.paused_since),
            "in_call": member.in_call,
            "calls_taken": member.calls_taken,
            "last_call_at": time_json(member.last_call_at),
            "penalty": member.penalty,
            "dynamic": member.dynamic,
        }

    def _phone_json(self, pbx: str, extension: str) -> Json:
        view = self._boards[pbx].phone(extension)
        return {"pbx": pbx, "extension": extension, **phone_json(view)}

    def extension_json(self, pbx: str, extension: str) -> Json:
        """Return what the phone of an extension does, and the queues it serves; pbx "" is any."""
        for name in self._homes(pbx, extension):
            board = self._boards[name]
            view, served = board.phone(extension), self._served(name, extension)
            if view is not None or served:
                devices = [
                    {"device": device, "registered": reachable(state, stale=board.stale)}
                    for device, state in board.devices(extension)
                ]
                return {**phone_json(view), "on": name, "devices": devices, "queues": served}
        return {**phone_json(None), "on": None, "devices": [], "queues": []}

    def registered(self, pbx: str, extension: str) -> bool | None:
        """Tell whether a PBX can reach the phone of an extension; pbx "" is any."""
        views = (self._boards[name].phone(extension) for name in self._homes(pbx, extension))
        return next((registered(view) for view in views if view is not None), None)

    def _homes(self, pbx: str, extension: str) -> list[str]:
        """Return where an extension may be, first where a phone of it is registered."""
        known = [name for name in ((pbx,) if pbx else self._boards) if name in self._boards]
        views = {name: self._boards[name].phone(extension) for name in known}
        return sorted(
            known, key=lambda name: (view := views[name]) is None or registered(view) is not True
        )

    def _served(self, pbx: str, extension: str) -> list[Json]:
        board = self._boards.get(pbx)
        return [
            {
                "pbx": pbx,
                "queue": view.name,
                "paused": member.paused,
                "pause_reason": member.pause_reason or None,
            }
            for view in (board.queues() if board is not None else ())
            for member in view.members
            if member.extension == extension
        ]


def phone_json(view: PhoneView | None) -> Mapping[str, object]:
    """Return the public JSON object of a phone's state; unknown if nothing was told."""
    if view is None:
        return {
            "state": "unknown",
            "registered": None,
            "since": None,
            "presence": None,
            "stale": True,
        }
    said = view.presence
    return {
        "state": view.state.value,
        "registered": registered(view),
        "since": time_json(view.since),
        "presence": None if said is None else {"status": said.status, "message": said.message},
        "stale": view.stale,
    }


def registered(view: PhoneView) -> bool | None:
    """Tell whether the PBX can reach the phone; None if it does not know.

    A device without a registration (or whose qualify failed) is UNAVAILABLE for Asterisk's
    device states, a hint without a device INVALID.
    """
    return reachable(view.state, stale=view.stale)


def reachable(state: DeviceState, *, stale: bool) -> bool | None:
    """Tell the same of one device."""
    if stale or state is DeviceState.UNKNOWN:
        return None
    return state not in {DeviceState.UNAVAILABLE, DeviceState.INVALID}
