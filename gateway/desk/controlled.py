"""One PBX as call control sees it, and who asks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.core.control import Command
from gateway.core.dialable import Destination, DialRules, destination
from gateway.core.errors import NotPossibleError
from gateway.core.ids import CallId
from gateway.core.lines import Line
from gateway.core.numbers import NumberPlan
from gateway.core.ports import PbxControl
from gateway.core.record import CallRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks. `extensions` are (pbx, extension) pairs, pbx "" means on every PBX.

    `oversees_call` and `oversees_phone(pbx, extension)` tell what is within their teams.
    """

    login: str
    name: str
    extensions: tuple[tuple[str, str], ...]
    oversees: bool = False
    oversees_call: Callable[[CallRecord], bool] = lambda _record: False
    oversees_phone: Callable[[str, str], bool] = lambda _pbx, _extension: False

    def has(self, pbx: str, extension: str) -> bool:
        """Whether an extension is this person's."""
        return bool(extension) and bool({(pbx, extension), ("", extension)} & set(self.extensions))


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlledPbx:
    """One PBX. `hands` is None where no control user is configured.

    `record` and `lines` ask the call table, `followed_since` tells since when the observer's link
    has been up without a break (None: it is down).
    """

    name: str
    plan: NumberPlan
    rules: DialRules
    hands: PbxControl | None
    record: Callable[[CallId], CallRecord | None]
    lines: Callable[[CallId], tuple[Line, ...]]
    followed_since: Callable[[], datetime | None]

    def destination(self, text: str) -> Destination:
        """Return what to dial; raises UsageError or DeniedError."""
        return destination(text, self.plan, self.rules)

    def control(self) -> PbxControl:
        """Return the hands; NotPossibleError if there are none."""
        if self.hands is None:
            raise not_controlled(self.name)
        return self.hands

    async def perform(self, command: Command) -> None:
        """Have one thing done; raises what the port raises."""
        await self.control().perform(command)

    async def perform_all(self, commands: Iterable[Command]) -> None:
        """Have several things done, in order."""
        for command in commands:
            await self.perform(command)


Pbxs = Mapping[str, ControlledPbx]


def not_controlled(pbx: str) -> NotPossibleError:
    """Return: nothing can be asked of this PBX; "" where there is none at all."""
    return NotPossibleError(
        "Call control is not configured for this PBX."
        if pbx
        else "Call control is not configured.",
        adapter=pbx,
        remedy="Install the control user of config/asterisk and set pbx.control.",
    )


def cannot(pbx: str, what: str, reason: str) -> NotPossibleError:
    """Return: PBX or phone lacks a capability."""
    return NotPossibleError(what, adapter=pbx, remedy=reason)
