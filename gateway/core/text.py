"""Text that strangers wrote: caller names, CRM fields, CSV cells."""

import re
import unicodedata
from typing import Final

# C0, DEL and C1 controls, line and paragraph separators, bidi marks, embeddings, overrides and
# isolates (Unicode TR 9), invisible joiners that only serve to disguise, BOM, lone surrogates and
# the tag characters. U+200C and U+200D stay: Persian, Hindi and emoji need them.
_FORBIDDEN: Final = (
    "\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f"
)
_CONTROLS: Final = re.compile(f"[{_FORBIDDEN}]")
_BREAKS: Final = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]")
_SPACES: Final = re.compile(r"\s{2,}|[^\S ]")
# chan_pjsip and app_queue write this literally for a name or number that is absent.
_ABSENT: Final = frozenset({"<unknown>"})


def clean_text(text: str, *, limit: int = 80) -> str | None:
    """Return `text` fit to be shown on one line, or None if nothing is left of it.

    Controls and bidi characters go, white space is folded, Asterisk's `<unknown>` counts as absent
    and what is longer than `limit` characters is cut with an ellipsis. Encoding for HTML, a log or
    a URL is still the output's own duty. Source: RELIABILITY rule 18.
    """
    if text.isascii() and text.isprintable():
        if "  " in text:
            text = _SPACES.sub(" ", text)
    else:
        text = _CONTROLS.sub("", _BREAKS.sub(" ", text))
        text = _CONTROLS.sub("", unicodedata.normalize("NFC", text))
        text = _SPACES.sub(" ", text)
    text = text.strip()
    if not text or text.lower() in _ABSENT:
        return None
    if len(text) > limit:
        text = text[: max(limit - 1, 0)].rstrip() + "…"
    return text


def clean_lines(text: str, *, limit: int) -> str | None:
    """Return text of several lines, each as `clean_text` leaves it; None if nothing is left.

    Not more than one empty line stays in a row, and none around.
    """
    lines = [clean_text(line, limit=limit) or "" for line in text.splitlines()]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    whole = "\n".join(kept).strip()
    if len(whole) > limit:
        whole = whole[: max(limit - 1, 0)].rstrip() + "…"
    return whole or None


# What a spreadsheet takes for a formula (OWASP, CSV injection); a number may begin with a plus.
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9 ()./-]*")


def spreadsheet_cell(text: str) -> str:
    """Return a cell that no spreadsheet computes: what begins like a formula gets a quote."""
    if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text
