"""Trunks as people see them: how they are, since when, what to do; told when one changes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.core.ports import Clock
from gateway.core.record import time_json
from gateway.core.trunks import (
    TrunkAlarm,
    TrunkContact,
    TrunkFailure,
    TrunkKind,
    TrunkRef,
    TrunkRegistration,
    TrunkState,
    Words,
)
from gateway.desk.frames import Frame, encode_data, encode_frame
from gateway.desk.hub import Hub
from gateway.desk.roster import Roster
from gateway.store.people import Role

READERS: Final = frozenset({Role.SUPERVISOR, Role.PBX_ADMIN, Role.ADMIN})
UPDATED: Final = "trunk.state"
Json = dict[str, object]
NO_TESTS: Final[Mapping[str, object]] = {
    "possible": False,
    "why_not": "No test is configured for this trunk.",
    "words": {"it": "Per questo trunk non è configurata nessuna prova."},
    "running": False,
    "number": None,
    "tests": [],
    "last": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkView:
    """A trunk at this moment; `limit` is how many calls at once the provider allows."""

    ref: TrunkRef
    kind: TrunkKind
    state: TrunkState
    since: datetime
    words: Words
    registration: TrunkRegistration | None = None
    contacts: tuple[TrunkContact, ...] = ()
    channels: int = 0
    peak_today: int = 0
    limit: int | None = None
    last_call_at: datetime | None = None
    failure: TrunkFailure | None = None
    alarms: tuple[TrunkAlarm, ...] = ()


class TrunkDesk:
    """Keeps each trunk as it is and tells the pages of who may read trunks (`trunk.state`)."""

    def __init__(self, hub: Hub, roster: Roster, clock: Clock) -> None:
        self._hub = hub
        self._roster = roster
        self._clock = clock
        self._views: dict[TrunkRef, TrunkView] = {}
        self._test_of: Callable[[TrunkRef], Mapping[str, object]] = lambda _ref: NO_TESTS
        hub.add_snapshot(self._snapshot)

    def tested_by(self, test_of: Callable[[TrunkRef], Mapping[str, object]]) -> None:
        """Let another part say how a trunk can be tested, and what the last test met."""
        self._test_of = test_of

    def show(self, view: TrunkView) -> None:
        """Take over how a trunk is; the same again tells nobody."""
        if self._views.get(view.ref) != view:
            self._views[view.ref] = view
            self.tell(view.ref)

    def drop(self, ref: TrunkRef) -> None:
        """Forget a trunk that is no more."""
        self._views.pop(ref, None)

    def tell(self, ref: TrunkRef) -> None:
        """Send a trunk to the pages as it is, also because its test has changed."""
        view = self._views.get(ref)
        if view is not None:
            self.publish(UPDATED, lambda: self.trunk_json(view), self._clock.now())

    def publish(self, event_type: str, data: Callable[[], Json], at: datetime) -> None:
        """Send something about trunks to the pages of who may read trunks."""
        users = frozenset(self._hub.users()) & self._readers()
        if users:
            self._hub.publish_many(users, event_type, data(), at)

    def trunks(self) -> tuple[TrunkView, ...]:
        """Return the trunks, by PBX and name."""
        return tuple(self._views[ref] for ref in sorted(self._views))

    def find(self, name: str) -> TrunkView | None:
        """Return the trunk that is called `PBX:NAME`, or NAME if only one is."""
        exact = [view for ref, view in self._views.items() if str(ref) == name]
        bare = [view for ref, view in self._views.items() if ref.name == name]
        return exact[0] if exact else bare[0] if len(bare) == 1 else None

    def trunk_json(self, view: TrunkView) -> Json:
        """Return the public JSON object of a trunk."""
        return {
            "name": view.ref.name,
            "pbx": view.ref.pbx,
            "kind": view.kind.value,
            "state": view.state.value,
            "since": time_json(view.since),
            **words_json(view.words),
            "registration": _registration_json(view.registration),
            "contacts": [
                {"address": one.address, "status": one.status.value, "rtt_ms": one.rtt_ms}
                for one in view.contacts
            ],
            "channels": {
                "now": view.channels,
                "peak_today": view.peak_today,
                "limit": view.limit,
            },
            "last_call_at": time_json(view.last_call_at),
            "failure": _failure_json(view.failure),
            "alarms": [alarm_json(alarm) for alarm in view.alarms],
            "test": dict(self._test_of(view.ref)),
        }

    def _readers(self) -> frozenset[str]:
        return frozenset(user.login for user in self._roster.users() if user.role in READERS)

    def _snapshot(self, user: str) -> Iterable[Frame]:
        if not self._views or user not in self._readers():
            return ()
        seq, now = self._hub.seq(user), self._clock.now()
        return [
            encode_frame(seq, UPDATED, now, encode_data(self.trunk_json(view)))
            for view in self.trunks()
        ]


def words_json(words: Words) -> Json:
    """Return what is said: English, and by language in `words`."""
    return {
        "cause": words.cause or None,
        "remedy": words.remedy or None,
        "words": {
            language: {"cause": cause or None, "remedy": remedy or None}
            for language, cause, remedy in (("en", words.cause, words.remedy), *words.translated)
        },
    }


def alarm_json(alarm: TrunkAlarm) -> Json:
    """Return the public JSON object of an alarm."""
    return {
        "kind": alarm.kind.value,
        "since": time_json(alarm.since),
        **words_json(alarm.words),
    }


def _registration_json(registration: TrunkRegistration | None) -> Json | None:
    if registration is None:
        return None
    return {
        "state": registration.state.value,
        "server": registration.server or None,
        "since": time_json(registration.since),
        "expires_at": time_json(registration.expires_at),
    }


def _failure_json(failure: TrunkFailure | None) -> Json | None:
    if failure is None:
        return None
    return {"at": time_json(failure.at), "code": failure.code, **words_json(failure.words)}
