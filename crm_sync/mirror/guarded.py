"""A connector's directory as the mirror uses it: what a CRM answers must not end the daemon."""

from collections.abc import Awaitable
from typing import TypeVar

from gateway.core.crm import CrmDirectory, DirectoryCapabilities, DirectoryEntry, DirectoryPage
from gateway.core.errors import RejectedError

T = TypeVar("T")


class Guarded:
    """Implements `gateway.core.crm.CrmDirectory` over another one."""

    def __init__(self, inner: CrmDirectory, *, crm: str) -> None:
        self._inner = inner
        self._crm = crm

    @property
    def capabilities(self) -> DirectoryCapabilities:
        """What the CRM can be asked for."""
        return self._inner.capabilities

    async def mark(self) -> str:
        """Return a cursor of now."""
        return await self._asked(self._inner.mark())

    async def changed(self, cursor: str) -> DirectoryPage:
        """Return what changed."""
        return await self._asked(self._inner.changed(cursor))

    async def everyone(self, cursor: str) -> DirectoryPage:
        """Return the next of everybody."""
        return await self._asked(self._inner.everyone(cursor))

    async def find(self, e164: str) -> tuple[DirectoryEntry, ...]:
        """Return who may have the number."""
        return await self._asked(self._inner.find(e164))

    async def _asked(self, question: Awaitable[T]) -> T:
        try:
            return await question
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise RejectedError(
                "The CRM's list of people is not as we expect it.",
                adapter=self._crm,
                remedy="Check that this version of the CRM is supported, and report it if it is.",
                detail=type(error).__name__,
            ) from error
