"""Signing in, and who one is."""

from pydantic import Field

from gateway.store.people import Role
from gateway.web.shapes.base import Body, Shape


class SignInBody(Body):
    """Name and password; neither is needed with a Bearer token."""

    username: str | None = Field(default=None, min_length=1, max_length=200)
    password: str | None = Field(default=None, min_length=1, max_length=1024)


class Extension(Shape):
    """One's extension; `pbx` null is any."""

    pbx: str | None
    extension: str


class Me(Shape):
    """Who one is and what one may."""

    login: str
    name: str
    role: Role
    extensions: list[Extension]
    scopes: list[str]
