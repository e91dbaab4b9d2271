"""A small blocking AMI client for the lab's own user: drives the PBX, and asks what it holds.

It shares nothing with the adapter under test and never asks for events.
"""

import socket
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from support.asterisk_lab.settings import LAB_SECRET

AMI_PORT = 5038
Frame = dict[str, str]


class AmiRefusedError(RuntimeError):
    """The PBX answered an action with an error; the message is the PBX's."""


class Ami:
    """One AMI session; every action waits for its answer."""

    def __init__(self, address: str, *, timeout_s: float = 5.0) -> None:
        self._socket = socket.create_connection((address, AMI_PORT), timeout=timeout_s)
        self._lines = self._socket.makefile("r", encoding="utf-8", errors="replace", newline="\r\n")
        self._next_id = 0
        try:
            self._lines.readline()
            self.action("Login", Username="lab", Secret=LAB_SECRET, Events="off")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._lines.close()
        self._socket.close()

    def action(self, name: str, **fields: str) -> list[Frame]:
        """Send an action and return its response frame, followed by the frames of its list.

        Raises AmiRefusedError if the PBX refuses it.
        """
        self._next_id += 1
        action_id = f"lab-{self._next_id}"
        lines = [f"Action: {name}", f"ActionID: {action_id}"]
        lines += [f"{key}: {value}" for key, value in fields.items()]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer: list[Frame] = []
        for frame in self._frames():
            if frame.get("ActionID") != action_id:
                continue
            answer.append(frame)
            if frame.get("Response") == "Error":
                raise AmiRefusedError(f"{name}: {frame.get('Message', '')}")
            if frame.get("EventList", "") in ("", "Complete") and not _in_list(answer):
                return answer
        raise AmiRefusedError(f"{name}: the PBX closed the connection")

    def command(self, text: str) -> str:
        """Return what the Asterisk console prints for a command."""
        return self.action("Command", Command=text)[0].get("Output", "")

    def _frames(self) -> Iterator[Frame]:
        frame: Frame = {}
        while line := self._lines.readline():
            text = line.rstrip("\r\n")
            if text:
                key, _, value = text.partition(": ")
                frame[key] = f"{frame[key]}\n{value}" if key in frame else value
            elif frame:
                yield frame
                frame = {}


def _in_list(answer: list[Frame]) -> bool:
    started = answer[0].get("EventList", "").lower() == "start"
    return started and answer[-1].get("EventList") != "Complete"
