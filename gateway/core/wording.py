"""What people read, in another language: sentence by sentence, as causes and remedies are put."""

import re
from collections.abc import Mapping
from typing import Final

_BETWEEN: Final = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_GAP: Final = "{}"


def told(text: str, sentences: Mapping[str, str]) -> str:
    """Return `text` with each sentence that is known replaced; any other stays as it is.

    A known sentence may have one gap (`{}`), which is taken over as it stands.
    """
    return " ".join(_one(sentence, sentences) for sentence in _BETWEEN.split(text))


def _one(sentence: str, sentences: Mapping[str, str]) -> str:
    known = sentences.get(sentence)
    if known is not None:
        return known
    for pattern, words in sentences.items():
        head, gap, tail = pattern.partition(_GAP)
        if gap and sentence.startswith(head) and sentence.endswith(tail):
            return words.replace(_GAP, sentence[len(head) : len(sentence) - len(tail)])
    return sentence
