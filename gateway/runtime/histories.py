"""The back-fills of all PBXs that keep a history we may read."""

from collections.abc import Sequence

from gateway.core.numbers import NumberPlan
from gateway.core.ports import Clock
from gateway.runtime import plugins
from gateway.runtime.backfill import BackFill
from gateway.runtime.crms import CrmSide
from gateway.runtime.gaps import GapRecorder
from gateway.runtime.keeping import Keeper
from gateway.runtime.settings import PbxSettings
from gateway.store.database import Database
from gateway.web.services import Degraded


class Histories:
    """Makes each PBX's back-fill and knows which do not work."""

    def __init__(self, db: Database, clock: Clock, *, crm: CrmSide, gaps: GapRecorder) -> None:
        self._db = db
        self._clock = clock
        self._crm = crm
        self._gaps = gaps
        self.parts: dict[str, BackFill] = {}

    def open(self, pbx: PbxSettings, plan: NumberPlan) -> BackFill | None:
        """Return the back-fill of a PBX, None if its history is not configured."""
        history = plugins.adapter(pbx.kind).history(pbx, plan)
        if history is None:
            return None
        keeper = Keeper(self._db, effects=self._crm.effects, on_effects=self._crm.worker.wake)
        part = self.parts[pbx.name] = BackFill(
            pbx.name,
            history,
            self._db,
            self._clock,
            keeper=keeper,
            gap_log=self._gaps,
            flush_gaps=self._gaps.flush,
        )
        return part

    def degraded(self) -> Sequence[Degraded]:
        """Return the histories that cannot be read, and what to do."""
        return tuple(part.trouble for part in self.parts.values() if part.trouble is not None)
