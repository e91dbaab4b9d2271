"""Whether requests make sense yet, and which parts are not well."""

from collections.abc import Callable, Sequence

from gateway.core.ports import Clock, LinkPhase
from gateway.runtime.pipeline import Pipeline
from gateway.runtime.recorder import Recorder
from gateway.web.services import Degraded


class Health:
    """Answers `/readyz` from the parts' own states (DESIGN section 6)."""

    def __init__(
        self,
        pipelines: Sequence[Pipeline],
        recorder: Recorder,
        clock: Clock,
        *,
        paused: Callable[[], Sequence[Degraded]] = tuple,
    ) -> None:
        self._pipelines = pipelines
        self._recorder = recorder
        self._clock = clock
        self._paused = paused
        self.stopping = False

    def missing(self) -> Sequence[str]:
        """Return what must be up before requests make sense, in words."""
        if self.stopping:
            return ("the process is stopping",)
        if self._recorder.trouble is not None:
            return (f"store: {self._recorder.trouble.message}",)
        return tuple(
            f"pbx {pipeline.pbx}: first snapshot"
            for pipeline in self._pipelines
            if not pipeline.settled
        )

    def degraded(self) -> Sequence[Degraded]:
        """Return the parts that are not well while the rest goes on."""
        links = tuple(
            Degraded(part=f"pbx {link.pbx}", cause=link.cause, since=link.since, remedy=link.remedy)
            for pipeline in self._pipelines
            if (link := pipeline.link) is not None and link.phase is not LinkPhase.UP
        )
        return links + tuple(self._paused())
