"""Our block in a note that people edit too, as plain text or as HTML."""

import html
import re
from typing import Final, Literal

from crm_sync.connectors import texts

Format = Literal["text", "html"]
_BREAK: Final = re.compile(r"<br\s*/?>|</p>|</div>", re.IGNORECASE)
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


def heading(existing: str, form: Format) -> str | None:
    """Return the title our block was written with, None without a block."""
    if form == "html":
        existing = html.unescape(_TAG.sub("", _BREAK.sub("\n", existing)))
    return texts.heading_of(existing)
