"""What a PBX has of a trunk, asked with the rights of the observer (write = reporting) alone.

`Getvar` may ask dialplan functions without a channel: AST_SORCERY tells the options of any PJSIP
object, PJSIP_AOR and PJSIP_CONTACT whether the far end answers, DIALPLAN_EXISTS what is in the
dialplan. None of them changes anything, and the option `password` is never asked for. PJSIPShow…
actions would need write = system, GetConfigJSON that or write = config, which may also write files.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.asterisk.actions import Action
from adapters.asterisk.faults import UnknownError
from adapters.asterisk.session import Session, open_session
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.trunkforms.compare import Found, Key, canonical, key_of, options_of
from adapters.asterisk.trunkforms.form import TrunkForm
from adapters.asterisk.trunkforms.pjsip import sections_of
from gateway.core.ports import Clock

WANTED: Final[Mapping[bytes, tuple[bytes, ...]]] = {
    b"OutboundRegistrationDetail": (),
    b"OutboundRegistrationDetailComplete": (),
}
AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was found. `registration` and `contact` are Asterisk's own words, None if unknown.

    `contexts` maps a context, or `context,extension`, to whether it is there. `readable` is False
    if the PBX has the endpoint but cannot tell its options (func_sorcery is not loaded).
    """

    found: Found
    endpoint: bool
    readable: bool
    transport: bool
    registration: str | None
    contact: str | None
    contexts: Mapping[str, bool]


async def look(settings: AsteriskSettings, clock: Clock, form: TrunkForm) -> Seen:
    """Ask one PBX; AdapterError if it cannot be asked, ConfigError for a bad password file."""
    async with open_session(settings, clock, on_frames=lambda _: None, wanted=WANTED) as session:
        return await _Looking(session, settings.link.snapshot_timeout_s, form).run()


class _Looking:
    def __init__(self, session: Session, timeout_s: float, form: TrunkForm) -> None:
        self._session = session
        self._timeout_s = timeout_s
        self._form = form
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> Seen:
        form = self._form
        found = await self._options()
        endpoint = (form.name, "endpoint") in found
        context = "" if endpoint else await self._value(f"PJSIP_ENDPOINT({form.name},context)")
        transport = await self._sorcery("transport", form.transport_name, "protocol")
        return Seen(
            found=found,
            endpoint=endpoint or bool(context),
            readable=endpoint or not context,
            transport=bool(transport),
            registration=await self._registration() if form.registers else None,
            contact=await self._contact(),
            contexts=await self._contexts(),
        )

    async def _options(self) -> Found:
        wanted = {key_of(section): options_of(section) for section in sections_of(self._form)}
        asked = [(key, option) for key, options in wanted.items() for option in options]
        values = await asyncio.gather(
            *(self._sorcery(kind, name, option) for (name, kind), option in asked)
        )
        found: dict[Key, dict[str, str]] = {}
        for (key, option), value in zip(asked, values, strict=True):
            if value:
                found.setdefault(key, {})[option] = canonical(option, value)
        return found

    async def _sorcery(self, kind: str, name: str, option: str) -> str:
        return await self._value(f"AST_SORCERY(res_pjsip,{kind},{name},{option})")

    async def _value(self, function: str) -> str:
        async with self._turns:
            frames = await self._session.ask(
                Action.GETVAR, {"Variable": function}, timeout_s=self._timeout_s
            )
        return frames[0].get("Value")

    async def _registration(self) -> str | None:
        """Return the state of our registration; the list also has passwords, which are dropped."""
        try:
            frames = await self._session.ask(
                Action.PJSIP_SHOW_REGISTRATIONS, timeout_s=self._timeout_s
            )
        except UnknownError:
            return None
        for frame in frames:
            named = frame.name == "OutboundRegistrationDetail"
            if named and frame.get("ObjectName") == self._form.name:
                return frame.get("Status")
        return ""

    async def _contact(self) -> str | None:
        contacts = await self._value(f"PJSIP_AOR({self._form.name},contact)")
        first = contacts.partition(",")[0]
        return await self._value(f"PJSIP_CONTACT({first},status)") if first else None

    async def _contexts(self) -> Mapping[str, bool]:
        form = self._form
        inside = f"{form.context}-to" if form.did_source == "to" else form.context
        numbers = form.dids or ((form.called_as,) if form.called_as else ())
        places = [form.context, form.outbound_context, *(f"{inside},{one}" for one in numbers)]
        answers = await asyncio.gather(*(self._value(f"DIALPLAN_EXISTS({one})") for one in places))
        told = zip(places, answers, strict=True)
        return {place: answer == "1" for place, answer in told if answer}
