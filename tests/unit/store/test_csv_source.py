"""Awkward files: encodings, delimiters, quotes, and what is no CSV at all."""

from pathlib import Path

import pytest

from gateway.core.errors import UsageError
from gateway.store.csv_columns import known_names
from gateway.store.csv_source import STRAY_QUOTE, TOO_MANY_CELLS, UNREADABLE, CsvSource, Row


def read(source: Path | bytes) -> tuple[CsvSource, list[str], list[Row]]:
    """Return the file, its header and its rows."""
    file = CsvSource(source)
    header = list(file.header(known_names).cells)
    rows = list(file.rows(len(header)))
    file.close()
    return file, header, rows


def cells(source: bytes) -> list[list[str]]:
    """Return the cells of the rows that can be read."""
    return [list(row.cells) for row in read(source)[2] if not row.refused]


@pytest.mark.parametrize(
    ("encoding", "reported"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_delimiter_and_line_ends_are_found(
    encoding: str, reported: str, delimiter: str, line_end: str
) -> None:
    """Excel writes Windows-1252 with semicolons, a Mac UTF-16, others anything."""
    text = "name,phone,città\nNicolò Però,06 12345678,Forlì\n\nAnna,1,\n"
    data = text.replace(",", delimiter).replace("\n", line_end).encode(encoding)
    file, header, rows = read(data)
    assert (file.encoding, file.delimiter) == (reported, delimiter)
    assert header == ["name", "phone", "città"]
    assert rows == [
        Row(line=2, cells=["Nicolò Però", "06 12345678", "Forlì"]),
        Row(line=4, cells=["Anna", "1", ""]),
    ]


def test_an_accent_far_behind_the_first_block_decides_the_encoding() -> None:
    """A sample is not enough: the first accent may come after a megabyte."""
    rows = b"Anna,0612345678\n" * 100_000
    assert CsvSource(b"name,phone\n" + rows + "Però,1\n".encode()).encoding == "utf-8"
    assert CsvSource(b"name,phone\n" + rows + "Però,1\n".encode("cp1252")).encoding == "cp1252"


def test_a_torn_character_does_not_cost_all_others_their_accents() -> None:
    """Exports cut cells after so many bytes, and files are put together from several."""
    torn = b"Cit\xc3,2\nPer\xf9,3\nCaff\xc3\xa8,4\n"
    file, _header, rows = read("name,phone\nNicolò Però,1\n".encode() + torn)
    assert file.encoding == "utf-8"
    assert [row.cells[0] for row in rows] == ["Nicolò Però", "Cit\ufffd", "Per\ufffd", "Caffè"]
    plain = "name,phone\nNicolò Però,1\nÃ¨,2\n".encode("cp1252")
    assert CsvSource(plain).encoding == "cp1252"


def test_excels_sep_line_is_followed() -> None:
    """Excel writes `sep=;` before the names of the columns."""
    file, header, rows = read(b"sep=;\r\nname;phone\r\nAnna, Verdi;0612345678\r\n")
    assert (file.delimiter, header) == (";", ["name", "phone"])
    assert rows == [Row(line=3, cells=["Anna, Verdi", "0612345678"])]


def test_the_known_names_decide_the_delimiter() -> None:
    """More commas than semicolons in a header do not make it a comma file."""
    file, header, _ = read(b"name;phone;notes, remarks, and, so, on\n")
    assert (file.delimiter, len(header)) == (";", 3)


@pytest.mark.parametrize("place", [0, 20, 48])
def test_a_stray_quote_costs_one_row_and_not_the_rest(place: int) -> None:
    """One forgotten quote would otherwise swallow the file up to its end."""
    rows = [f"Name {number},33312345{number:02}\n" for number in range(50)]
    rows[place] = '"Forgotten,3331234999\n'
    found = read(("name,phone\n" + "".join(rows)).encode())[2]
    assert [row for row in found if row.refused] == [Row(line=place + 2, refused=STRAY_QUOTE)]
    assert [row.cells[0] for row in found if not row.refused] == [
        f"Name {number}" for number in range(50) if number != place
    ]


def test_two_stray_quotes_cost_two_rows() -> None:
    """The second quote closes the first one: what lies between must not become one name."""
    text = 'name,phone\n"A,1\nB,2\nC,3\n"D,4\nE,5\n'
    found = read(text.encode())[2]
    assert [(row.line, row.refused) for row in found if row.refused] == [
        (2, STRAY_QUOTE),
        (5, STRAY_QUOTE),
    ]
    assert cells(text.encode()) == [["B", "2"], ["C", "3"], ["E", "5"]]


def test_a_quote_left_open_in_a_large_file_is_survived() -> None:
    """The reader gives up a cell at 128 KiB; the rows in it are read again."""
    rows = "".join(f"Name {number},33312{number:05}\n" for number in range(20_000))
    found = read(('name,phone\n"Open,1\n' + rows).encode())[2]
    assert [(row.line, row.refused) for row in found if row.refused] == [(2, UNREADABLE)]
    assert len(found) == 20_001


def test_quoted_cells_may_have_line_ends_delimiters_and_quotes() -> None:
    """Addresses have lines, and Italian firms have quotes in their names."""
    text = 'company,phone,address\n"Bar ""Roma""",1,"Via Roma, 1\n00100 Roma"\nBar "Sport" Srl,2,\n'
    assert read(text.encode())[2] == [
        Row(line=2, cells=['Bar "Roma"', "1", "Via Roma, 1\n00100 Roma"]),
        Row(line=4, cells=['Bar "Sport" Srl', "2", ""]),
    ]


def test_a_row_with_too_many_cells_is_refused() -> None:
    """A delimiter inside a name shifts every cell: the number would land in the wrong column."""
    found = read(b"name,phone\nVerdi, Anna,0612345678\nBruno,3331234567,,\nCarla\n")[2]
    assert found == [
        Row(line=2, refused=TOO_MANY_CELLS),
        Row(line=3, cells=["Bruno", "3331234567", "", ""]),
        Row(line=4, cells=["Carla"]),
    ]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "empty"),
        (b"\r\n\r\n  \r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b";;;;\n", "empty"),
        (b"PK\x03\x04" + bytes(200), "workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(200), "old Excel"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x1f\x8b\x08" + bytes(50), "gzip"),
        (bytes(range(256)) * 20, "binary"),
        (b"name,phone\n" + b"\x01\x02\x03" * 500, "binary"),
        (b"\x00" * 1_000, "binary"),
    ],
)
def test_what_is_no_csv_is_refused_with_cause_and_remedy(data: bytes, cause: str) -> None:
    """The wrong file is the commonest mistake."""
    with pytest.raises(UsageError) as caught:
        read(data)
    assert cause in caught.value.message
    assert caught.value.remedy


def test_a_path_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """A typo in the path is not a traceback."""
    for path, cause in [
        (tmp_path / "missing.csv", "no such file"),
        (tmp_path, "folder"),
    ]:
        with pytest.raises(UsageError) as caught:
            read(path)
        assert cause in caught.value.message
        assert caught.value.remedy
