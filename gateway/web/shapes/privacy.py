"""Erasing people."""

from pydantic import Field

from gateway.web.shapes.base import Body, Shape


class ErasureBody(Body):
    """Whom to erase: an entry of the directory, or whose number it is."""

    contact: str | None = Field(default=None, min_length=1, max_length=200)
    number: str | None = Field(default=None, min_length=1, max_length=80)
    preview: bool = Field(default=False, description="Say what would go, erase nothing.")


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
