"""vCards as phones, Outlook, Google and Apple write them."""

import pytest

from gateway.core.contact import Contact, ContactKind
from gateway.core.numbers import NumberPlan
from gateway.store.drafts import GROUP, NOBODY, REMEDIES, UNCLOSED
from gateway.store.import_rows import ReadRow
from gateway.store.vcard_source import VcardSource

PLAN = NumberPlan("IT")
VERDI = "+390612345678"


def rows(text: str | bytes) -> list[ReadRow]:
    """Return the cards of a file."""
    source = VcardSource(text.encode() if isinstance(text, str) else text, PLAN, "")
    try:
        return list(source.rows())
    finally:
        source.close()


def card(*lines: str, version: str = "3.0") -> Contact:
    """Return the entry of one card with these lines."""
    text = "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])
    (row,) = rows(text)
    assert row.entry.contact is not None
    return row.entry.contact


def test_a_card_of_each_version_gives_name_company_and_numbers() -> None:
    """Three versions are in use at once, and nobody knows which one a phone exports."""
    old = card(
        "N:Verdi;Anna", "ORG:Studio Verdi;Legal", "TEL;WORK;VOICE:06 12345678", version="2.1"
    )
    middle = card("FN:Anna Verdi", "ORG:Studio Verdi", "item1.TEL;type=CELL;type=pref:333 1234567")
    new = card(
        "FN:Anna Verdi",
        'TEL;VALUE=uri;TYPE="work,voice":tel:+39-06-12345678;ext=12',
        "LANG:it",
        version="4.0",
    )
    assert (old.name, old.company) == ("Anna Verdi", "Studio Verdi")
    assert [(one.label, one.e164) for one in old.numbers] == [("phone", VERDI)]
    assert [(one.label, one.e164) for one in middle.numbers] == [("mobile", "+393331234567")]
    assert [(one.e164, one.extension) for one in new.numbers] == [(VERDI, "12")]
    assert new.language == "it"


def test_quoted_printable_goes_over_lines_in_its_own_charset() -> None:
    """Nokia and Outlook write 2.1 so, and an accent must not cost the name."""
    text = (
        b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
        b"FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Jos=E9 =\r\nNicol=F2\r\n"
        b"TEL;CELL:3331234567\r\nEND:VCARD\r\n"
    )
    (row,) = rows(text)
    assert row.entry.contact is not None
    assert row.entry.contact.name == "José Nicolò"
    assert row.entry.contact.numbers[0].label == "mobile"


def test_folded_lines_and_escapes_are_undone() -> None:
    """A line is folded after 75 bytes wherever that falls, even inside a character (RFC 6350)."""
    name = "Società".encode()
    text = (
        b"BEGIN:VCARD\nVERSION:3.0\nORG:" + name[:7] + b"\n " + name[7:] + b" A\\; B\\, C;Sales\n"
        b"N:Verdi;Anna;;;\nTEL:06 123\n 45678\nNOTE:one\\ntwo\nEND:VCARD\n"
    )
    (row,) = rows(text)
    found = row.entry.contact
    assert found is not None
    assert (found.name, found.company) == ("Anna Verdi", "Società A; B, C")
    assert found.numbers[0].e164 == VERDI
    assert found.fields == {"note": "one two"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_any_encoding_is_read(encoding: str) -> None:
    """Windows exports in all of them."""
    text = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Nicolò\r\nTEL:0612345678\r\nEND:VCARD\r\n"
    (row,) = rows(text.encode(encoding))
    assert row.entry.contact is not None
    assert (row.entry.contact.name, row.line) == ("Nicolò", 1)


def test_a_company_card_is_a_company() -> None:
    """Apple marks them, others repeat the name."""
    for lines in (
        ("FN:Verdi Spa", "ORG:Verdi Spa", "TEL:0612345678"),
        ("N:;;;;", "FN:Verdi Spa", "ORG:Verdi Spa", "X-ABShowAs:COMPANY"),
    ):
        firm = card(*lines)
        assert (firm.kind, firm.company, firm.name) == (ContactKind.COMPANY, "Verdi Spa", None)


def test_bad_cards_are_refused_alone_with_their_line() -> None:
    """One torn card in an address book must not cost the others."""
    text = (
        "BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nTEL:0612345678\nEND:VCARD\n"  # 1
        "BEGIN:VCARD\nVERSION:3.0\nTEL:0612345678\nEND:VCARD\n"  # 6
        "BEGIN:VCARD\nFN:torn\n"  # 10
        "BEGIN:VCARD\nVERSION:3.0\nFN:Bruno\nthis is no line\nPHOTO;ENCODING=b:AAAA\n"  # 12
        "TEL:3331234567\nEND:VCARD\n"
    )
    found = rows(text)
    assert [(row.line, row.entry.refused) for row in found] == [
        (1, ""),
        (6, NOBODY),
        (10, UNCLOSED),
        (12, ""),
    ]


@pytest.mark.parametrize(
    "photo",
    [
        "PHOTO;ENCODING=b;TYPE=JPEG:" + "\r\n ".join(["A" * 74] * 5_000),
        "PHOTO;ENCODING=BASE64;JPEG:" + "\r\n".join(["A" * 74] * 5_000) + "\r\n",
        "NOTE;ENCODING=QUOTED-PRINTABLE:" + "=\r\n".join(["=C3=A0TEL:0299991001"] * 5_000),
    ],
)
def test_what_stands_behind_a_large_photo_counts(photo: str) -> None:
    """Phones write pictures of hundreds of kilobytes, and often before the numbers."""
    anna = card("FN:Anna", photo, "TEL:0612345678")
    assert [number.e164 for number in anna.numbers] == [VERDI]


@pytest.mark.parametrize("line", ["KIND:group", "X-ADDRESSBOOKSERVER-KIND:group"])
def test_a_group_of_people_is_nobody(line: str) -> None:
    """Apple exports its groups as cards, whose members are cards of their own."""
    (row,) = rows(f"BEGIN:VCARD\nVERSION:4.0\n{line}\nFN:Famiglia\nEND:VCARD\n")
    assert (row.entry.contact, row.entry.refused) == (None, GROUP)
    assert REMEDIES[GROUP]


def test_the_uid_makes_the_next_import_an_update() -> None:
    """An address book is exported again and again."""
    first = card("UID:urn:uuid:1f", "FN:Anna", "TEL:0612345678")
    second = card("UID:urn:uuid:1f", "FN:Anna Verdi", "TEL:3331234567")
    assert first.id == second.id
    assert first.ref == "1f"
