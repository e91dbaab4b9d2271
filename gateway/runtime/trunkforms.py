"""The configuration of trunks: which PBX's adapter renders a form, and what the API shows of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.errors import UsageError
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
from gateway.runtime import plugins
from gateway.runtime.configured_forms import values_of
from gateway.runtime.loading import Loaded
from gateway.runtime.settings import PbxSettings
from gateway.runtime.settings_trunks import TrunkSettings

Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Whose form it is: the PBX, who renders for it, the template and the fields."""

    pbx: PbxSettings
    kit: plugins.TrunkFormKit
    provider: str | None
    values: Filled

    def rendered(self, *, secret: str | None = None) -> RenderedTrunk:
        """Return the text; see `TrunkFormKit.render`."""
        return self.kit.render(self.values, provider=self.provider, secret=secret)

    async def look(self, clock: Clock) -> TrunkLook:
        """Ask the PBX what it has of the trunk."""
        return await self.kit.look(self.pbx, clock, self.values, provider=self.provider)


class TrunkFormSide:
    """What the routes and the command about the configuration of trunks ask."""

    def __init__(self, loaded: Loaded, clock: Clock) -> None:
        self._clock = clock
        self._trunks = [trunk for trunk in loaded.settings.trunk if trunk.pjsip is not None]
        kits = [(pbx, plugins.trunk_forms(pbx.kind)) for pbx in loaded.pbxs]
        self._kits = {pbx.name: (pbx, kit) for pbx, kit in kits if kit is not None}

    def choose(
        self, *, pbx: str | None, trunk: str | None, provider: str | None, values: Filled
    ) -> Chosen:
        """Return what to render: `values` over the configured form, if `trunk` names one.

        Raises UsageError for a PBX or a trunk that is not there.
        """
        configured = self.configured(trunk, pbx) if trunk is not None else None
        wanted = configured.pbx if configured is not None else pbx
        if wanted is None and len(self._kits) == 1:
            wanted = next(iter(self._kits))
        if wanted not in self._kits:
            raise UsageError(
                "It is not said for which PBX, or there is none of this name with such trunks.",
                remedy=f"Name one of: {', '.join(self._kits)}.",
            )
        settings, kit = self._kits[wanted]
        kept = values_of(configured) if configured is not None else {}
        template = configured.pjsip.provider if configured and configured.pjsip else None
        return Chosen(
            pbx=settings, kit=kit, provider=provider or template, values={**kept, **values}
        )

    def configured(self, name: str, pbx: str | None) -> TrunkSettings:
        """Return a trunk that has a form, by `NAME` or `PBX:NAME`; UsageError without one."""
        found = [
            trunk
            for trunk in self._trunks
            if name in {trunk.name, f"{trunk.pbx}:{trunk.name}"} and pbx in {None, trunk.pbx}
        ]
        if len(found) != 1:
            raise UsageError(
                "There is no form of this trunk in the configuration, or more than one.",
                remedy="Add [trunk.pjsip] to its [[trunk]], or write PBX:NAME.",
            )
        return found[0]

    async def described(self) -> Mapping[str, object]:
        """Return the templates (`items`), the form's `fields`, `configured` forms and `pbxs`."""
        return await asyncio.to_thread(self._described)

    def _described(self) -> Mapping[str, object]:
        kits = {pbx.kind: kit for pbx, kit in self._kits.values()}
        return {
            "items": [provider_json(one) for kit in kits.values() for one in kit.providers()],
            "fields": [_field(one) for kit in kits.values() for one in kit.fields()],
            "configured": [
                {
                    "name": trunk.name,
                    "pbx": trunk.pbx,
                    "provider": (trunk.pjsip.provider if trunk.pjsip else None) or "",
                    "values": _values(values_of(trunk)),
                }
                for trunk in self._trunks
            ],
            "pbxs": list(self._kits),
        }

    async def render(
        self,
        *,
        pbx: str | None,
        trunk: str | None,
        provider: str | None,
        values: Filled,
        look: bool,
    ) -> Mapping[str, object]:
        """Return a trunk's configuration as text, never with its password."""
        chosen = self.choose(pbx=pbx, trunk=trunk, provider=provider, values=values)
        text = await asyncio.to_thread(chosen.rendered)  # it reads templates from files
        seen = await chosen.look(self._clock) if look else None
        return rendered_json(text, chosen.pbx.name, seen)


def trunk_forms_of(loaded: Loaded, clock: Clock) -> TrunkFormSide | None:
    """Return who renders trunks, None where no PBX has trunks that can be rendered."""
    possible = any(plugins.trunk_forms(pbx.kind) is not None for pbx in loaded.pbxs)
    return TrunkFormSide(loaded, clock) if possible else None


def rendered_json(text: RenderedTrunk, pbx: str, seen: TrunkLook | None) -> Json:
    """Return a rendered trunk as the API shows it."""
    comparison = seen.comparison if seen is not None else None
    return {
        "name": text.name,
        "pbx": pbx,
        "provider": text.provider,
        "admission": text.admission.value,
        "files": [
            {"name": one.name, "instead": one.instead, "text": one.text} for one in text.files
        ],
        "placeholder": text.placeholder,
        "steps": [_words(one) for one in text.steps],
        "advice": [{"field": one.field, "words": _words(one.words)} for one in text.advice],
        "comparison": comparison_json(comparison) if comparison is not None else None,
        "checks": [_check(one) for one in seen.findings] if seen is not None else None,
    }


def comparison_json(comparison: Comparison) -> Json:
    """Return a comparison as the API shows it."""
    return {
        "source": comparison.source,
        "diff": comparison.diff,
        "changes": [
            {
                "section": one.section,
                "option": one.option,
                "before": one.before,
                "after": one.after,
                "words": _words(one.words),
            }
            for one in comparison.changes
        ],
    }


def _check(one: TrunkFinding) -> Json:
    return {
        "subject": one.subject,
        "verdict": one.verdict.value,
        "cause": _words(one.cause),
        "remedy": _words(one.remedy),
    }


def _words(words: Words) -> Json:
    return {"en": words.en, "it": words.it}


def _values(values: Filled) -> Json:
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
    }


_EXPLAINED: Final[Sequence[str]] = ("label", "what", "when", "otherwise")


def _field(one: FormField) -> Json:
    return {
        "name": one.name,
        "kind": one.kind.value,
        "group": one.group.value,
        **{name: _words(getattr(one, name)) for name in _EXPLAINED},
        "option": one.option,
        "default": list(one.default) if isinstance(one.default, tuple) else one.default,
        "required": one.required,
        "choices": list(one.choices),
        "least": one.least,
        "most": one.most,
        "example": one.example,
    }


def provider_json(one: Provider) -> Json:
    """Return a template as the API shows it."""
    return {
        "id": one.id,
        "label": one.label,
        "country": one.country,
        "admission": one.admission.value,
        "values": _values(one.values),
        "asks": list(one.asks),
        "notes": [_words(note) for note in one.notes],
        "sources": list(one.sources),
        "tried": one.tried,
    }
