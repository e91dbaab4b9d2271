"""Where values stand in an answer: JMESPath, checked when the configuration is read."""

from typing import Annotated, Final

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator

MOST_TEXT: Final = 1000


def _readable(text: str) -> str:
    try:
        jmespath.compile(text)
    except JMESPathError as error:
        raise ValueError(f'"{text}" is not a JMESPath: {str(error).splitlines()[0]}') from error
    return text


JmesPath = Annotated[str, AfterValidator(_readable)]


def found(path: str, answer: object) -> object:
    """Return what stands at `path`, None if nothing does or it cannot be applied there."""
    try:
        return jmespath.search(path, answer)
    except JMESPathError:
        return None


def found_text(path: str, answer: object) -> str | None:
    """Return a text or number at `path` as text, None if there is none."""
    value = found(path, answer)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value)[:MOST_TEXT] or None


WHOLE: Final = "@"


def typed(number: str) -> str | int:
    """Return an id that came without its type: bare digits are a number."""
    plain = number.isascii() and number.isdigit() and not number.startswith("0")
    return int(number) if plain else number


def found_id(path: str, answer: object) -> str | int | None:
    """Return an id as the CRM types it: some refuse "17" where they gave 17.

    An answer that is nothing but an id is a number if it reads so, also as text.
    """
    value = found(path, answer)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if path == WHOLE and isinstance(value, str):
        return typed(value[:MOST_TEXT]) or None
    return value if isinstance(value, int) else value[:MOST_TEXT] or None


def found_texts(path: str, answer: object) -> tuple[str, ...]:
    """Return every text at `path`, however lists are nested there."""
    return tuple(_texts(found(path, answer)))


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    if isinstance(value, bool) or not isinstance(value, str | int):
        return []
    return [str(value)[:MOST_TEXT]]
