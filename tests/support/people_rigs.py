"""CRMs with people in them: what those who use one do and see, whatever its kind."""

from typing import Protocol

from support.connector_rigs import ConnectorRig

SEARCHED = ("odoo", "hubspot", "hubspot:unique", "salesforce", "rest")
"""Rigs that have people with numbers."""
TASKED = ("odoo", "hubspot", "hubspot:unique", "salesforce")
"""Rigs that also make tasks and contacts."""


class PeopleRig(Protocol):
    """What a rig in `SEARCHED` offers beside `ConnectorRig`."""

    async def add_person(self, *, name: str, phone: str, company: str | None = None) -> str:
        """Make a person as people do, and return the id."""

    async def persons(self) -> list[str | None]:
        """Return whom each call belongs to, oldest first; None is nobody."""

    async def edit(self, text: str) -> None:
        """Let a person write a title and into the note of the last call."""

    async def shown(self) -> str:
        """Return title and note of the last call."""


class TaskRig(PeopleRig, Protocol):
    """What a rig in `TASKED` offers as well."""

    async def tasks(self) -> list[str]:
        """Return the titles of the follow-ups people see."""

    async def strangers(self) -> int:
        """Return how many people there are."""


def people_of(rig: ConnectorRig) -> PeopleRig:
    """Return a rig as one with people."""
    assert hasattr(rig, "add_person"), "this rig is in SEARCHED and has no people"
    return rig  # type: ignore[return-value]  # as said: the rig's class has the methods


def tasks_of(rig: ConnectorRig) -> TaskRig:
    """Return a rig as one with tasks."""
    assert hasattr(rig, "tasks"), "this rig is in TASKED and has no tasks"
    return rig  # type: ignore[return-value]  # as said
