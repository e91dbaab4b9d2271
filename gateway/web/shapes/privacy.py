"""Erasing people, and what is kept of them."""

from pydantic import Field, JsonValue

from gateway.web.shapes.base import Body, Shape, Stamp


class ErasureBody(Body):
    """Whom to erase: an entry of the directory, or whose number it is."""

    contact: str | None = Field(default=None, min_length=1, max_length=200)
    number: str | None = Field(default=None, min_length=1, max_length=80)
    preview: bool = Field(default=False, description="Say what would go, erase nothing.")
    keep_away: bool = Field(
        default=False,
        description="No file and no CRM brings them back: a keyed hash of id and numbers is kept "
        "(`filodiretto privacy readmit` lifts it).",
    )


class ExportBody(Body):
    """Whose data: an entry of the directory, or whose number it is."""

    contact: str | None = Field(default=None, min_length=1, max_length=200)
    number: str | None = Field(default=None, min_length=1, max_length=80)


class ExportedPerson(Shape):
    """Whom an export is about."""

    contact: str | None
    numbers: list[str]
    email: str | None


class PersonExport(Shape):
    """What is kept: rows by table. `left_out` gives reasons, `elsewhere` what no table holds."""

    format: str
    made_at: Stamp
    person: ExportedPerson
    kept: dict[str, list[dict[str, JsonValue]]]
    left_out: dict[str, str]
    elsewhere: dict[str, str]


class Erasure(Shape):
    """What was erased, or would be.

    `others` are promises, contacts by other channels and open items. `told` counts the calls that
    each CRM was told of: there they have to be erased too.
    """

    preview: bool
    contacts: int
    calls: int
    others: int
    told: dict[str, int]
