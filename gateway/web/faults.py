"""What pydantic finds wrong, in words for people, without the value that was wrong."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from gateway.web.problems import FieldError

SHOWN: Final = 20
MAX_NAME: Final = 80

Context = Mapping[str, Any]
_WORDS: Final[Mapping[str, Callable[[Context], str]]] = {
    "missing": lambda _: "is missing",
    "extra_forbidden": lambda _: "does not exist here; see the documentation for what does",
    "string_type": lambda _: "must be a text",
    "string_too_short": lambda about: f"must have at least {about['min_length']} characters",
    "string_too_long": lambda about: f"must have at most {about['max_length']} characters",
    "string_pattern_mismatch": lambda about: f"must match {about['pattern']}",
    "int_type": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "finite_number": lambda _: "must be a number",
    "bool_type": lambda _: "must be true or false",
    "greater_than_equal": lambda about: f"must be at least {about['ge']}",
    "greater_than": lambda about: f"must be more than {about['gt']}",
    "less_than_equal": lambda about: f"must be at most {about['le']}",
    "less_than": lambda about: f"must be less than {about['lt']}",
    "enum": lambda about: f"must be one of: {about['expected']}",
    "literal_error": lambda about: f"must be one of: {about['expected']}",
    "list_type": lambda _: "must be a list",
    "tuple_type": lambda _: "must be a list",
    "too_long": lambda about: f"must have at most {about['max_length']} items",
    "too_short": lambda about: f"must have at least {about['min_length']} items",
    "dict_type": lambda _: "must be an object",
    "model_type": lambda _: "must be an object",
    "uuid_parsing": lambda _: "must be a UUID",
    "uuid_type": lambda _: "must be a UUID",
}


def field_errors(error: ValidationError, *, in_body: bool) -> list[FieldError]:
    """Return the first twenty errors; names come from the model, or are cut if they do not."""
    found = error.errors(include_url=False, include_input=False)
    return [_field_error(item, in_body=in_body) for item in found[:SHOWN]]


def _field_error(item: Any, *, in_body: bool) -> FieldError:  # noqa: ANN401 - pydantic's own dict
    names = [str(part)[:MAX_NAME] for part in item["loc"]]
    words = _WORDS.get(item["type"])
    detail = words(item.get("ctx", {})) if words is not None else _own_words(item["msg"])
    if in_body:
        pointer = "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)
        return FieldError(detail=detail, pointer="#" + pointer)
    return FieldError(detail=detail, parameter=names[0] if names else "")


def _own_words(message: str) -> str:
    """Return a message as a part of a sentence: our own types already speak like that."""
    plain = message.removeprefix("Value error, ").rstrip(".")
    return plain.replace("Input should be", "must be").replace("'", "")
