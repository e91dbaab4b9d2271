"""What a person is told of a trunk, as JSON text and back."""

import orjson

from gateway.core.trunks import Words


def encoded(words: Words) -> str:
    """Return the text to store."""
    lines = (("en", words.cause, words.remedy), *words.translated)
    return orjson.dumps(lines).decode()


def decoded(text: str) -> Words:
    """Read what `encoded` wrote."""
    (_language, cause, remedy), *others = orjson.loads(text)
    return Words(
        cause=cause,
        remedy=remedy,
        translated=tuple((language, said, what) for language, said, what in others),
    )
