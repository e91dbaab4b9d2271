"""AMI events to the core's vendor-neutral inputs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from adapters.asterisk.codec import Frame
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.inputs import Input, Snapshot

WANTED: Final[Mapping[bytes, tuple[bytes, ...]]] = MappingProxyType({b"Newchannel": ()})


class Translator:
    """Turns the frames of one PBX into inputs; `seq` counts what was translated."""

    def __init__(self, settings: AsteriskSettings) -> None:
        self._settings = settings
        self.seq = 0

    def translate(self, frame: Frame, at: datetime) -> Sequence[Input]:
        """Return what an event means, nothing for one that does not matter."""
        return ()

    def snapshot(self, at: datetime, requested_seq: int, frames: Iterable[Frame]) -> Snapshot:
        """Return the lists taken after a login as one input."""
        return Snapshot(at=at, requested_seq=requested_seq, channels=())
