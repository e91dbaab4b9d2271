"""What the house says of itself: its language and the lines on which it is called."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledLine:
    """`[[line]]`: one of our numbers; empty texts are not configured.

    `greeting` is how it is answered, `office` and `label` what it stands for.
    """

    label: str
    did: str = ""
    office: str = ""
    language: str = ""
    greeting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The desk's own facts; `lines` by label, as a record names them.

    `suppress_ignored`: a call from a number on the ignore list pops nowhere.
    """

    language: str = "it"
    suppress_ignored: bool = False
    lines: Mapping[str, CalledLine] = field(default_factory=dict)
