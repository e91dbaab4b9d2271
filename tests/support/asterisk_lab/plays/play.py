"""What a play is: one situation on the telephone, acted by the far ends, of a certain family."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from support.asterisk_lab.driver import Driver

Act = Callable[[Driver], Awaitable[object]]

CATALOGUE: dict[str, "Play"] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One situation; `driver.truths()` tells afterwards what really happened.

    `brief`: played by `make test` on Asterisk 22; `brief_16`: on Asterisk 16 as well. `on_16`:
    whether that release has what it needs. `media`, `stamped`: with RTP, with `timestampevents`.
    `settings` are keys of the `[[pbx]]` table that the situation is about.
    """

    name: str
    family: str
    act: Act
    brief: bool = False
    brief_16: bool = False
    on_16: bool = True
    media: bool = True
    stamped: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)


def play(  # one keyword for each way in which a situation can differ
    family: str,
    *,
    brief: bool = False,
    brief_16: bool = False,
    on_16: bool = True,
    media: bool = True,
    stamped: bool = False,
    settings: Mapping[str, object] | None = None,
    name: str = "",
) -> Callable[[Act], Act]:
    """Add the decorated function to the catalogue, once for each decoration."""

    def keep(act: Act) -> Act:
        key = name or getattr(act, "__name__", "")
        if key in CATALOGUE:
            raise ValueError(f"two plays are called {key}")
        CATALOGUE[key] = Play(
            name=key,
            family=family,
            act=act,
            brief=brief,
            brief_16=brief_16,
            on_16=on_16,
            media=media,
            stamped=stamped,
            settings=settings or {},
        )
        return act

    return keep
