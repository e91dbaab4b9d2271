"""What all shapes share: closed on the way in, complete on the way out, one way to write a page."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

MAX_LIMIT: Final = 500
_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_WHOLE: Final = re.compile(r"-?\d{1,19}", re.ASCII)

Item = TypeVar("Item")


def _open(schema: dict[str, Any]) -> None:
    """Publish an answer as open: a later version may add members, and clients must not mind."""
    schema.pop("additionalProperties", None)


class Shape(BaseModel):
    """What we answer: every member is always there, absent is null. Tests hold answers to it."""

    # only the published description and tests need their validators; a start need not wait for them
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        json_schema_extra=_open,
        defer_build=True,
    )


class Body(BaseModel):
    """What we are sent: unknown members are refused, so that a typing mistake is not silent."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )


class Params(BaseModel):
    """Parameters of a path or a query, read from text; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _read_time(value: object) -> object:
    """Read RFC 3339 only: pydantic would also take numbers, dates and times without a zone."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        # a plus sign that was not percent-encoded arrives as a space
        text = value[:11] + value[11:].replace(" ", "+")
        try:
            if _RFC_3339.fullmatch(text):
                return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise PydanticCustomError("time", "must be a time like 2026-11-21T14:02:00Z (RFC 3339)")


def _read_whole(value: object) -> object:
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value):
            raise PydanticCustomError("whole", "must be a whole number")
        return int(value)
    return value


def _read_flag(value: object) -> object:
    if isinstance(value, str):
        if value not in {"true", "false"}:
            raise PydanticCustomError("flag", "must be true or false")
        return value == "true"
    return value


# A time that a request carries, as aware UTC.
Time = Annotated[
    datetime,
    BeforeValidator(_read_time),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
# A time in an answer, as `time_json` writes it.
Stamp = Annotated[
    datetime,
    PlainSerializer(lambda at: at.isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
# A whole number and a yes or no in a query.
Whole = Annotated[int, BeforeValidator(_read_whole)]
Flag = Annotated[bool, BeforeValidator(_read_flag)]

Cursor = Annotated[
    str, Field(min_length=1, max_length=400, description="The `next` of the page before.")
]


class PageParams(Params):
    """The query of a list; add its filters in a class derived from this."""

    limit: Whole = Field(default=50, ge=1, le=MAX_LIMIT, description="How many items at most.")
    cursor: Cursor | None = None


class WholePageParams(PageParams):
    """The query of a list that is short nearly everywhere: all of it fits on one page."""

    limit: Whole = Field(
        default=MAX_LIMIT, ge=1, le=MAX_LIMIT, description="How many items at most."
    )


class Page(Shape, Generic[Item]):
    """One page of a list; `next` is the cursor of the following one, null on the last page."""

    items: list[Item]
    next: str | None

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Name pages after what they list."""
        return "".join(param.__name__ for param in params) + "Page"
