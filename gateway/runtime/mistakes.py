"""What is wrong with a configuration, in the words of the file: key, mistake, what to write."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from pydantic import BaseModel, ValidationError

REPEATED: Final = ("pbx", "line", "crm", "team", "trunk", "calendar")
WORDS: Final = {
    "name": 'write one word of letters, digits, "-" and "_"',
    "node": 'write one word of small letters, digits, "-" and "_"',
    "country": 'not a country; write its two letters, like "IT"',
}


def explain(error: ValidationError, model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Turn pydantic's errors into lines `key: what is wrong: what to write`."""
    for item in error.errors(include_url=False, include_input=False):
        location = [str(part) for part in item["loc"]]
        where = _where(prefix, item["loc"]) or "file"
        if item["type"] == "extra_forbidden":
            known = _keys_at(model, item["loc"][:-1])
            yield f"{where}: unknown key: {suggestion(location[-1], known)}"
        elif item["type"] == "missing":
            yield f"{where}: missing: this key is required"
        elif item["type"] == "tuple_type" and location[0] in REPEATED:
            yield f"{where}: write [[{where}]], with two brackets: there may be several"
        elif item["type"] == "string_pattern_mismatch" and location[-1] in WORDS:
            yield f"{where}: {WORDS[location[-1]]}"
        else:
            yield f"{where}: {item['msg'].removeprefix('Value error, ')}"


def _where(prefix: str, location: Sequence[int | str]) -> str:
    """Return the key as the file has it; of several tables or entries by their place."""
    written = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return (prefix + written).removeprefix(".")


def suggestion(written: str, known: Sequence[str]) -> str:
    """Return the known name that was probably meant, else all of them."""
    close = get_close_matches(written, known, n=1)
    return f'did you mean "{close[0]}"?' if close else f"known: {', '.join(known)}"


def _keys_at(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    fields = model.model_fields
    for part in location:
        if isinstance(part, str) and part in fields:
            inner = fields[part].annotation
            found = next((t for t in _models_in(inner)), None)
            if found is None:
                return []
            fields = found.model_fields
    return sorted(fields)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models_in(inner)
