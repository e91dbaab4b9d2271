"""A trunk's configuration for a PBX: the form somebody fills in, and what is made of it.

The core knows no vendor's options. An adapter describes the fields of its form, the providers that
it has templates for, and renders text that a person installs; nothing here is written to a PBX.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.errors import UsageError
from gateway.core.findings import Verdict

FieldValue = str | int | bool | tuple[str, ...]
Filled = Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One thing said in both languages."""

    en: str
    it: str


class FieldKind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"
    LIST = "list"


class FieldGroup(StrEnum):
    """Which fields belong together on a page."""

    TRUNK = "trunk"
    SERVER = "server"
    ACCOUNT = "account"
    NUMBERS = "numbers"
    IDENTITY = "identity"
    MEDIA = "media"
    WATCH = "watch"
    NETWORK = "network"
    DIALPLAN = "dialplan"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field: `what` it does, `when` to change it, what happens `otherwise`.

    `option` names the vendor's own setting. `least` and `most` bound a number.
    """

    name: str
    kind: FieldKind
    group: FieldGroup
    label: Words
    what: Words
    when: Words
    otherwise: Words
    option: str
    default: FieldValue
    required: bool = False
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    example: str = ""


class Admission(StrEnum):
    """How a provider knows who calls: an account that registers, or the caller's address."""

    REGISTRATION = "registration"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A template: what a provider has published of its trunks, and nothing that it has not.

    `values` are filled in, `asks` are the fields that only the customer knows. `sources` are the
    pages that say so. No template was ever tried with the provider itself unless `tried`.
    """

    id: str
    label: str
    country: str
    admission: Admission
    values: Filled
    asks: tuple[str, ...]
    notes: tuple[Words, ...]
    sources: tuple[str, ...]
    tried: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormMistake:
    """What is wrong with one field of a form; never the value itself."""

    field: str
    cause: Words


class FormError(UsageError):
    """A form that cannot be rendered; `mistakes` has each field with its reason."""

    def __init__(self, mistakes: tuple[FormMistake, ...]) -> None:
        words = "; ".join(f"{one.field}: {one.cause.en}" for one in mistakes)
        super().__init__(
            f"The trunk's form cannot be used: {words}", remedy="Correct the fields named."
        )
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedFile:
    """One file's part: `name` on a plain PBX, `instead` where a front end writes `name` itself."""

    name: str
    instead: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something to know or to do about a rendered trunk; `field` if one field is concerned."""

    words: Words
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedTrunk:
    """A trunk's configuration as text. `placeholder` stands where the password goes, if it does."""

    name: str
    provider: str
    admission: Admission
    files: tuple[RenderedFile, ...]
    placeholder: str | None
    steps: tuple[Words, ...]
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One option that differs: None is "not there"."""

    section: str
    option: str
    before: str | None
    after: str | None
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A rendered trunk beside what there is; `diff` is unified, empty if nothing differs."""

    source: str
    diff: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkFinding:
    """What a look at the PBX says about one point of an installed trunk."""

    subject: str
    verdict: Verdict
    cause: Words
    remedy: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkLook:
    """What a PBX has of a trunk: how it differs from the form, and whether it works."""

    comparison: Comparison | None
    findings: tuple[TrunkFinding, ...]
