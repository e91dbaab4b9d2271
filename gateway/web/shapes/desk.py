"""What a page needs to know of the house, and how somebody wants their pages."""

from typing import Literal

from pydantic import Field

from gateway.store.preferences import Theme
from gateway.web.shapes.base import Body, Shape, Stamp

Language = Literal["it", "en"]


class LinkedCrm(Shape):
    """A CRM; `ask_contact`: unknown callers become contacts there when a person says so."""

    name: str
    label: str
    ask_contact: bool


class Desk(Shape):
    """The house as pages need it; what changes with the moment comes by the event stream.

    `wrap_up_s`: how long after a call an agent is asked what it was, 0 without a timer.
    `after_call`: the pause reason of that time. `embed_origins`: the sites that
    may show the page in a frame, as configured.
    """

    now: Stamp
    version: str
    language: Language
    country: str
    timezone: str
    dispositions: list[str]
    pause_reasons: list[str]
    after_call: str
    wrap_up_s: int
    crms: list[LinkedCrm]
    embed_origins: list[str]


class Preferences(Shape):
    """How somebody wants their pages; `language` and `theme` null: as the browser says."""

    language: Language | None
    theme: Theme | None
    sound: bool
    volume: int
    notifications: bool
    single_keys: bool


class PreferencesChange(Body):
    """What is to be otherwise; what is left out stays."""

    language: Language | None = None
    theme: Theme | None = Field(default=None, strict=False)
    sound: bool | None = None
    volume: int | None = Field(default=None, ge=0, le=100)
    notifications: bool | None = None
    single_keys: bool | None = None


class SessionsEnded(Shape):
    """How many other sessions ended."""

    ended: int
