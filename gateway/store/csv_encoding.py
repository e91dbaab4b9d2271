"""Which encoding a file of text has, and whether it is text at all."""

import codecs
from typing import BinaryIO, Final

from gateway.core.errors import UsageError

_SAMPLE: Final = 64 * 1024
_CHUNK: Final = 1024 * 1024
_HEAD: Final = 64
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the BOM of UTF-16, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The first bytes of what people take for a CSV file.
_MAGIC: Final = (
    (b"PK\x03\x04", "The file is an Excel or OpenDocument workbook or a ZIP archive, not CSV."),
    (b"\xd0\xcf\x11\xe0", "The file is an old Excel workbook, not CSV."),
    (b"%PDF", "The file is a PDF document, not CSV."),
    (b"\x1f\x8b", "The file is a gzip archive, not CSV."),
    (b"SQLite format 3", "The file is a database, not CSV."),
)
# C0 controls that no text has (tabs, line ends and Ctrl-Z are in many).
_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1a"))


def encoding_of(binary: BinaryIO) -> str:
    """Return the encoding by BOM, by the places of NULs, or by trying UTF-8, else Windows-1252.

    Reads the whole file and goes back to its beginning. Raises UsageError for a binary file.
    """
    sample = binary.read(_SAMPLE)
    binary.seek(0)
    for magic, cause in _MAGIC:
        if sample.startswith(magic):
            raise _no_csv(cause)
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    if b"\x00" in sample:
        return _utf16_without_bom(sample)
    if len(sample) - len(sample.translate(None, _CONTROLS)) > len(sample) // 50:
        raise _no_csv("The file is binary, not CSV.")
    return "utf-8" if _is_utf8(binary) else "cp1252"


def is_vcard(binary: BinaryIO) -> bool:
    """Whether the file begins as cards do, in any encoding; goes back to its beginning."""
    sample = binary.read(_HEAD).replace(b"\x00", b"")
    binary.seek(0)
    for bom, _ in _BOMS:
        sample = sample.removeprefix(bom)
    return sample.lstrip()[:11].upper() == b"BEGIN:VCARD"


def _utf16_without_bom(sample: bytes) -> str:
    """Tell the byte order: a letter of ASCII has a NUL beside it; raises UsageError."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even + odd < len(sample) // 4 or min(even, odd) * 10 > max(even, odd):
        raise _no_csv("The file is binary, not CSV.")
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_utf8(binary: BinaryIO) -> bool:
    """Whether it is UTF-8, but for a few torn characters: one must not cost all others' accents."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := binary.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        binary.seek(0)
        return _is_mostly_utf8(binary)
    finally:
        binary.seek(0)
    return True


def _is_mostly_utf8(binary: BinaryIO) -> bool:
    """Whether more of its accents are UTF-8 than not: in Windows-1252 nearly none look like it."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    whole = torn = 0
    while chunk := binary.read(_CHUNK):
        text = decoder.decode(chunk)
        if not text.isascii():
            odd = text.count("\ufffd")
            torn += odd
            whole += len(text) - len(text.encode("ascii", "ignore")) - odd
    return whole > torn


def _no_csv(cause: str) -> UsageError:
    return UsageError(
        cause, remedy='Open it in a spreadsheet and save it as "CSV UTF-8 (delimited)".'
    )
