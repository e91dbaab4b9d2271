"""The links to the telephone systems as people see them: what is up, since when, what to do."""

from collections.abc import Iterable

from gateway.core.ports import LinkState
from gateway.core.record import time_json
from gateway.desk.frames import Frame, encode_data, encode_frame
from gateway.desk.hub import Hub


def link_json(state: LinkState) -> dict[str, object]:
    """Return the public JSON object of a link, in words a person can act on.

    `cause` and `remedy` are English; `words` has them by language, for whoever reads them.
    """
    return {
        "pbx": state.pbx,
        "phase": state.phase.value,
        "since": time_json(state.since),
        "cause": state.cause or None,
        "remedy": state.remedy or None,
        "next_try_at": time_json(state.next_try_at),
        "words": {
            language: {"cause": cause or None, "remedy": remedy or None}
            for language, cause, remedy in (
                ("en", state.cause, state.remedy),
                *state.translated,
            )
        },
    }


class LinkBoard:
    """Keeps the last state of each link and tells every page when one changes (`link.state`)."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._states: dict[str, LinkState] = {}
        hub.add_snapshot(self._snapshot)

    def report(self, state: LinkState) -> None:
        """Take over a new state; the same one again tells nobody."""
        if self._states.get(state.pbx) == state:
            return
        self._states[state.pbx] = state
        self._hub.publish_many(self._hub.users(), "link.state", link_json(state), state.since)

    def states(self) -> tuple[LinkState, ...]:
        """Return the links, by name."""
        return tuple(self._states[pbx] for pbx in sorted(self._states))

    def _snapshot(self, user: str) -> Iterable[Frame]:
        seq = self._hub.seq(user)
        return [
            encode_frame(seq, "link.state", state.since, encode_data(link_json(state)))
            for state in self.states()
        ]
