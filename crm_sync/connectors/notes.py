"""Our block in a note that people edit too, as plain text or as HTML."""

import html
import re
from bisect import bisect_right
from typing import Final, Literal

from crm_sync.connectors import texts

Format = Literal["text", "html"]
_BREAK: Final = re.compile(r"<br\s*/?>|</p>|</div>", re.IGNORECASE)
# room for the mark and a title
_SHORTEST: Final = 250
_TAG: Final = re.compile(r"<[^>]{0,1000}>")


def written(block: str, form: Format) -> str:
    """Return a block in the note's own format."""
    return block if form == "text" else "<br>".join(map(html.escape, block.split("\n")))


def merged(existing: str, block: str, form: Format) -> str:
    """Return the note with our block replaced; what people wrote around it stays."""
    ours = written(block, form)
    if form == "html" and existing.strip() and texts.START not in existing:
        return f"{existing}<br><br>{ours}"
    return texts.put_block(existing, ours)


def fitting(existing: str, block: str, form: Format, *, most: int) -> str | None:
    """Return the note as `merged` does, our block shortened to `most` characters in all.

    None if what people wrote leaves no room for it: their text is never cut.
    """
    whole = merged(existing, block, form)
    if len(whole) <= most:
        return whole
    inside = block.removesuffix(texts.END)

    def cut(left: int) -> str:
        return merged(existing, f"{inside[:left].rstrip()}\n{texts.END}", form)

    if len(cut(_SHORTEST)) > most:
        return None
    # escaping lengthens some characters and not others, so the place to cut is searched for
    return cut(bisect_right(range(len(inside)), most, lo=_SHORTEST, key=lambda n: len(cut(n))) - 1)


def heading(existing: str, form: Format) -> str | None:
    """Return the title our block was written with, None without a block."""
    if form == "html":
        existing = html.unescape(_TAG.sub("", _BREAK.sub("\n", existing)))
    return texts.heading_of(existing)
