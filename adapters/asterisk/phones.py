"""How an extension's phone is called and what it may dial, asked of the PBX itself."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from adapters.asterisk import faults
from adapters.asterisk.settings import AsteriskSettings, ControlAccount
from gateway.core.control import AddMember

# A call placed for a phone is dialled in the phone's own context: it may what the phone may.
_CONTEXTS: Final = (
    ("PJSIP", "PJSIP_ENDPOINT({device},context)"),
    ("SIP", "SIPPEER({device},context)"),
    ("IAX2", "IAXPEER({device},context)"),
)
_CACHED: Final = 2_000

Ask = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneOf:
    """How to reach a phone (`PJSIP/1001`), and the context that its calls begin in."""

    dial: str
    context: str


class Phones:
    """Finds the phones of extensions; what was found is remembered as long as the process."""

    def __init__(self, settings: AsteriskSettings, account: ControlAccount, ask: Ask) -> None:
        self._settings = settings
        self._account = account
        self._ask = ask
        self._found: dict[str, PhoneOf] = {}

    async def of(self, extension: str) -> PhoneOf:
        """Return the phone of an extension; RejectedError if the PBX knows none."""
        account = self._account
        if account.channel and account.context:
            dial = account.channel.replace("{extension}", extension)
            return PhoneOf(dial=dial, context=account.context)
        known = self._found.get(extension)
        if known is None:
            known = await self._look_for(extension)
            if len(self._found) >= _CACHED:
                self._found.clear()
            self._found[extension] = known
        return known

    async def _look_for(self, extension: str) -> PhoneOf:
        account = self._account
        for device in self._devices(extension):
            for technology, function in _CONTEXTS:
                context = await self._ask(function.replace("{device}", device))
                if context:
                    dial = account.channel.replace("{extension}", extension)
                    return PhoneOf(
                        dial=dial or f"{technology}/{device}", context=account.context or context
                    )
        raise faults.unknown_phone()

    def _devices(self, extension: str) -> Iterator[str]:
        """Yield what the phones of an extension may be called, the likeliest first."""
        yield extension
        yield from (
            device for device, owner in self._settings.devices.items() if owner == extension
        )
        yield from (prefix + extension for prefix in self._settings.device_prefixes)

    async def member(self, command: AddMember) -> dict[str, str]:
        """Return the headers that name a queue's new member in the way of its present ones."""
        extension = command.extension
        for interface in command.like:
            technology, slash, rest = interface.partition("/")
            target, at, context = rest.partition("@")
            if technology == "Local" and slash and at and target.isdigit():
                phone = await self.of(extension)
                return {
                    "Interface": f"Local/{extension}@{context}",
                    "StateInterface": phone.dial,
                }
        return {"Interface": (await self.of(extension)).dial}
