"""The forms of Asterisk trunks, as the rest of the product sees them (`WithTrunkForms`)."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Final

from adapters.asterisk.italian_control import ITALIAN
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.trunkforms import conf
from adapters.asterisk.trunkforms.checks import Resolved, findings_of
from adapters.asterisk.trunkforms.compare import compared, from_file
from adapters.asterisk.trunkforms.fields import described
from adapters.asterisk.trunkforms.form import TrunkForm, read_form
from adapters.asterisk.trunkforms.looking import look
from adapters.asterisk.trunkforms.providers import GENERIC, filled, provider_of, providers
from adapters.asterisk.trunkforms.render import rendered
from adapters.asterisk.trunkforms.rules import is_network
from gateway.core.errors import FilodirettoError
from gateway.core.findings import Verdict
from gateway.core.ports import Clock
from gateway.core.trunkforms import (
    Comparison,
    Filled,
    FormField,
    Provider,
    RenderedTrunk,
    TrunkFinding,
    TrunkLook,
    Words,
)
from gateway.core.wording import told

RESOLVE_S: Final = 3.0


class AsteriskTrunkForms:
    """Fields, templates, text, comparison and checks; nothing here writes to a PBX."""

    def fields(self) -> Sequence[FormField]:
        """Return the form's fields in their order."""
        return tuple(one.field for one in described().values())

    def providers(self) -> Sequence[Provider]:
        """Return the templates, the generic ones first."""
        return tuple(providers().values())

    def render(
        self, values: Filled, *, provider: str | None = None, secret: str | None = None
    ) -> RenderedTrunk:
        """Return a trunk as text, with a placeholder unless `secret` is given.

        Raises FormError for a form that cannot be rendered, UsageError for an unknown template or
        a password that a file cannot hold.
        """
        template = provider_of(provider or GENERIC)
        return rendered(_form(template, values), template, secret=secret)

    def compare(
        self, values: Filled, *, text: str, source: str, provider: str | None = None
    ) -> Comparison:
        """Return how a file's `text` differs from the form; raises as `render` does."""
        form = _form(provider_of(provider or GENERIC), values)
        return compared(form, from_file(form, conf.parse(text)), source)

    async def look(
        self,
        settings: AsteriskSettings,
        clock: Clock,
        values: Filled,
        *,
        provider: str | None = None,
    ) -> TrunkLook:
        """Ask a PBX what it has of the trunk; one that cannot be asked is a finding.

        Raises FormError and UsageError as `render` does.
        """
        form = _form(provider_of(provider or GENERIC), values)
        try:
            seen = await look(settings, clock, form)
        except FilodirettoError as error:
            return TrunkLook(comparison=None, findings=(_unasked(error),))
        comparison = None
        if seen.readable:
            comparison = compared(form, seen.found, f"PBX {settings.name}", resolved=True)
        findings = findings_of(form, seen, await _resolved(form))
        return TrunkLook(comparison=comparison, findings=findings)


def _form(provider: Provider, values: Filled) -> TrunkForm:
    return read_form(filled(provider, values))


def _unasked(error: FilodirettoError) -> TrunkFinding:
    return TrunkFinding(
        subject="pbx",
        verdict=Verdict.FAILED,
        cause=Words(en=error.message, it=told(error.message, ITALIAN)),
        remedy=Words(en=error.remedy, it=told(error.remedy, ITALIAN)),
    )


async def _resolved(form: TrunkForm) -> Resolved:
    """Return the addresses of the names in match, none for a name that is not found here."""
    names = [place for place in form.matches if not is_network(place)]
    found = await asyncio.gather(*map(_addresses, names))
    return dict(zip(names, found, strict=True))


async def _addresses(name: str) -> tuple[str, ...]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_S):
            found = await loop.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except OSError:  # not found, or no answer in time
        return ()
    return tuple(sorted({str(address[0]) for *_, address in found}))
