"""The OpenAPI document as an answer."""

from pydantic import JsonValue, RootModel


class OpenApi(RootModel[dict[str, JsonValue]]):
    """An OpenAPI 3.1 document."""
