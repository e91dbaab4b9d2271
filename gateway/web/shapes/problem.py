"""Problem details (RFC 9457)."""

from pydantic import Field

from gateway.web.shapes.base import Shape


class FieldProblem(Shape):
    """One wrong field: a JSON pointer into the body, or the name of a parameter or header."""

    detail: str
    pointer: str | None = Field(default=None, examples=["#/to"])
    parameter: str | None = Field(default=None, examples=["limit"])


class Problem(Shape):
    """Why a request was not done. `type` is stable; `/docs#problem-…` explains each."""

    type: str = Field(examples=["urn:filodiretto:problem:not-found"])
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default=[])
