"""`[trunk.pjsip]`: the form of a trunk's configuration, kept beside what else is said of it."""

from pathlib import Path
from typing import Self

from pydantic import ConfigDict, SecretStr, model_validator

from gateway.core.trunkforms import FieldValue, Filled
from gateway.runtime.settings_people import Section


class TrunkFormSettings(Section):
    """A template, the password or its file, and the fields that differ from the template.

    Which fields there are is the adapter's affair: they are checked when its PBX is known.
    """

    model_config = ConfigDict(extra="allow")

    provider: str | None = None
    """The template (`filodiretto trunks providers`); none: any provider, by registration."""
    secret: SecretStr | None = None
    secret_file: Path | None = None
    """The password's file; it is read only for `trunks render --with-secret`."""

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if self.secret is not None and self.secret_file is not None:
            raise ValueError("needs at most one of secret and secret_file")
        return self

    @property
    def values(self) -> Filled:
        """The fields as they are written."""
        found: dict[str, FieldValue] = {}
        for name, value in (self.model_extra or {}).items():
            found[name] = tuple(map(str, value)) if isinstance(value, list) else value
        return found
