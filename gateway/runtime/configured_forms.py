"""The forms of trunks that the configuration keeps: fields, passwords, mistakes."""

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.core.errors import ConfigError, UsageError
from gateway.core.trunkforms import Filled, FormError
from gateway.runtime import plugins
from gateway.runtime.settings import PbxSettings
from gateway.runtime.settings_trunkforms import TrunkFormSettings
from gateway.runtime.settings_trunks import TrunkSettings

TABLE: Final = "pjsip"


def values_of(trunk: TrunkSettings) -> Filled:
    """Return the form's fields; the trunk's name is what the PBX calls it too."""
    form = trunk.pjsip or TrunkFormSettings()
    return {**form.values, "name": trunk.name}


def form_problems(trunks: Sequence[TrunkSettings], pbxs: Sequence[PbxSettings]) -> Iterator[str]:
    """Say what is wrong with the forms of the configuration, a line for each field."""
    kinds = {pbx.name: pbx.kind for pbx in pbxs}
    for index, trunk in enumerate(trunks):
        if trunk.pjsip is None or trunk.pbx not in kinds:
            continue
        where = f"trunk[{index}].{TABLE}"
        kit = plugins.trunk_forms(kinds[trunk.pbx])
        if kit is None:
            yield f"{where}: trunks of this kind of PBX have no form"
            continue
        if "name" in trunk.pjsip.values:
            yield f"{where}.name: take it out; the trunk's own name is used"
        try:
            kit.render(values_of(trunk), provider=trunk.pjsip.provider)
        except FormError as error:
            yield from (f"{where}.{one.field}: {one.cause.en}" for one in error.mistakes)
        except UsageError as error:
            yield f"{where}.provider: {error.message} {error.remedy}"


def secret_of(trunk: TrunkSettings) -> str:
    """Return the trunk's password; ConfigError if none is configured or its file is no use."""
    form, where = trunk.pjsip or TrunkFormSettings(), f"trunk.{trunk.name}.{TABLE}.secret_file"
    if form.secret is not None:
        return form.secret.get_secret_value()
    if form.secret_file is None:
        raise ConfigError(
            "The trunk's password is not configured.",
            where=where,
            remedy="Name a file that holds the password alone, or leave out --with-secret.",
        )
    try:
        return form.secret_file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "The file of the trunk's password cannot be read.",
            where=where,
            remedy="Create it, readable for you, with the password alone.",
        ) from error
