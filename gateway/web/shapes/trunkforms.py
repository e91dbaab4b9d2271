"""The form of a trunk's configuration, and what is rendered from it."""

from typing import Annotated

from pydantic import Field

from gateway.core.findings import Verdict
from gateway.core.trunkforms import Admission, FieldGroup, FieldKind
from gateway.web.shapes.base import Body, Page, Shape, WholePageParams

Name = Annotated[str, Field(min_length=1, max_length=200)]
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(max_length=500)]
Value = bool | int | Text | Annotated[list[Text], Field(max_length=200)]


class BothWords(Shape):
    """One thing said in English and in Italian."""

    en: str
    it: str


class TrunkField(Shape):
    """One field of the form: what it does, when to change it, what goes wrong otherwise.

    `option` is the PBX's own name of it; `least` and `most` bound a number.
    """

    name: str = Field(examples=["registrar"])
    kind: FieldKind
    group: FieldGroup
    label: BothWords
    what: BothWords
    when: BothWords
    otherwise: BothWords
    option: str = Field(examples=["registration: server_uri"])
    default: bool | int | str | list[str]
    required: bool
    choices: list[str]
    least: int | None
    most: int | None
    example: str


class TrunkProvider(Shape):
    """A template: `values` are known, `asks` are the fields that only the customer can fill in.

    `sources` are the pages of the provider that say so; `tried`: whether it was ever tried there.
    """

    id: str = Field(examples=["messagenet"])
    label: str
    country: str = Field(examples=["IT"])
    admission: Admission
    values: dict[str, bool | int | str | list[str]]
    asks: list[str]
    notes: list[BothWords]
    sources: list[str]
    tried: bool


class ConfiguredTrunk(Shape):
    """A form that is kept in the configuration (`[trunk.pjsip]`), without its password."""

    name: str
    pbx: str
    provider: str
    values: dict[str, bool | int | str | list[str]]


class TrunkProviderPage(Page[TrunkProvider]):
    """Templates, with the form's fields in their order, and the forms of the configuration.

    `pbxs` are the telephone systems that a trunk can be rendered for.
    """

    fields: list[TrunkField]
    configured: list[ConfiguredTrunk]
    pbxs: list[str]


class TrunkProvidersQuery(WholePageParams):
    """A page of the templates."""


class TrunkFormBody(Body):
    """A form: a template, and the fields that differ from it; or the `trunk` of the configuration.

    With `look` the PBX is asked what it has of the trunk; nothing is changed there. A password is
    never sent: the rendered text has a placeholder for it.
    """

    pbx: Name | None = None
    trunk: Name | None = None
    provider: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] | None = None
    values: dict[FieldName, Value] = Field(default_factory=dict, max_length=60)
    look: bool = False


class TrunkFile(Shape):
    """One file's part: `name` on a plain PBX, `instead` where a front end writes `name` itself."""

    name: str = Field(examples=["pjsip.conf"])
    instead: str
    text: str


class TrunkAdvice(Shape):
    """Something to know about what was rendered; `field` if one field is concerned."""

    field: str | None
    words: BothWords


class TrunkChange(Shape):
    """One option that differs from what the PBX has; null is "not there"."""

    section: str
    option: str
    before: str | None
    after: str | None
    words: BothWords


class TrunkComparison(Shape):
    """What is rendered beside what the PBX has; `diff` is unified, empty if nothing differs."""

    source: str
    diff: str
    changes: list[TrunkChange]


class TrunkCheck(Shape):
    """What a look at the PBX says about one point of the installed trunk."""

    subject: str
    verdict: Verdict
    cause: BothWords
    remedy: BothWords


class RenderedTrunkForm(Shape):
    """A trunk's configuration as text to install, never with its password.

    `placeholder` stands where the password goes, null if the trunk needs none. `comparison` and
    `checks` are null unless a look was asked for; `comparison` also if the PBX could not be asked
    (`checks` then say why).
    """

    name: str
    pbx: str
    provider: str
    admission: Admission
    files: list[TrunkFile]
    placeholder: str | None
    steps: list[BothWords]
    advice: list[TrunkAdvice]
    comparison: TrunkComparison | None
    checks: list[TrunkCheck] | None
