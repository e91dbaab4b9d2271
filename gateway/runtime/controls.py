"""Everything about call control, queues and presence that the composition root has to join."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Protocol

from gateway.core.dialable import DialRules, DialStyle
from gateway.core.numbers import NumberPlan
from gateway.core.ports import Clock, PbxControl
from gateway.desk.callcontrol import CallControl
from gateway.desk.controlled import ControlledPbx
from gateway.desk.controls import Controls
from gateway.desk.dialling import ClickToCall
from gateway.desk.hub import Hub
from gateway.desk.members import QueueControl
from gateway.desk.once import Once
from gateway.desk.queueboard import QueueDesk
from gateway.desk.roster import Roster
from gateway.runtime import plugins
from gateway.runtime.pipeline import Pipeline
from gateway.runtime.settings import PbxSettings
from gateway.store.database import Database

Part = Callable[[], Awaitable[None]]


class ControlSettings(Protocol):
    """The keys of `pbx.control` that every adapter's model has."""

    @property
    def allow(self) -> tuple[str, ...]:
        """What may be dialled beside national numbers."""

    @property
    def dial(self) -> DialStyle:
        """How the dialplan wants outside numbers."""


class ControlSide:
    """Joins each PBX's hands, call table and queues to what people may ask for."""

    def __init__(self, db: Database, clock: Clock, *, hub: Hub, roster: Roster, node: str) -> None:
        self._clock = clock
        self._pbxs: dict[str, ControlledPbx] = {}
        self._italian: dict[str, str] = {}
        self.queues = QueueDesk(hub, roster, clock)
        self._dialling = ClickToCall(
            db, clock, self._pbxs, node=node, registered=self.queues.registered
        )
        self.controls = Controls(
            dialling=self._dialling,
            calls=CallControl(self._pbxs),
            members=QueueControl(self._pbxs, self.queues),
            once=Once(db, clock, node=node),
            italian=self._italian,
        )

    def open(self, pbx: PbxSettings, plan: NumberPlan, pipeline: Pipeline) -> None:
        """Take one more PBX in; nothing is connected before the parts run."""
        plugin = plugins.adapter(pbx.kind)
        self._italian.update(plugin.italian)
        hands = plugin.control(pbx, self._clock, told=self._dialling.heard)
        self._pbxs[pbx.name] = _controlled(pbx, plan, pipeline, hands)
        listener = self.queues.open(pbx.name, pipeline.table.record)
        pipeline.attach(listener=listener, hears=self.queues.hears, observer=self._dialling.observe)

    def hands(self, pbx: str) -> PbxControl | None:
        """Return the hands at a PBX, None where no control user is configured."""
        return self._pbxs[pbx].hands

    def parts(self) -> Iterator[tuple[str, Part]]:
        """Yield what has to run, by name."""
        yield "dialling", self._dialling.run
        yield "queues", self.queues.run
        for name, pbx in self._pbxs.items():
            if pbx.hands is not None:
                yield f"control.{name}", pbx.hands.run

    def actions(self, pbx: str, extension: str, answered: bool) -> tuple[str, ...]:  # noqa: FBT001
        """Return what can be done with a call at a phone: the names of the routes.

        `consult` is a transfer of kind attended; nothing without a control user.
        """
        known = self._pbxs.get(pbx)
        if known is None or known.hands is None:
            return ()
        can = known.hands.capabilities
        if not answered:
            return ("decline",) if can.hang_up else ()
        able = {
            "hangup": can.hang_up,
            "hold": can.can_hold(extension),
            "transfer": can.blind_transfer,
            "consult": can.attended_transfer,
            "park": can.park,
        }
        return tuple(name for name, possible in able.items() if possible)


def _controlled(
    pbx: PbxSettings, plan: NumberPlan, pipeline: Pipeline, hands: PbxControl | None
) -> ControlledPbx:
    def followed_since() -> datetime | None:
        return pipeline.link.since if pipeline.link is not None and pipeline.is_up else None

    return ControlledPbx(
        name=pbx.name,
        plan=plan,
        rules=rules_of(pbx),
        hands=hands,
        record=pipeline.table.record,
        lines=pipeline.table.lines,
        followed_since=followed_since,
    )


def rules_of(pbx: PbxSettings) -> DialRules:
    """Return what may be dialled from here and how; nothing abroad or premium by default."""
    account: ControlSettings | None = getattr(pbx, "control", None)
    prefix = pbx.outside_prefix or ""
    if account is None:
        return DialRules(outside_prefix=prefix)
    return DialRules(allow=account.allow, style=account.dial, outside_prefix=prefix)
