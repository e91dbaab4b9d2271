"""What the columns of a file mean, and what a row says about a contact."""

import pytest

from gateway.core.matching import Contact, ContactKind
from gateway.core.numbers import NumberPlan
from gateway.store.csv_columns import Columns
from gateway.store.drafts import (
    ABROAD,
    LETTERS,
    NO_NUMBER,
    NO_WEB_ADDRESS,
    NO_ZERO,
    NOBODY,
    NOT_IN_PLAN,
    NOT_YES_OR_NO,
    OTHER_DIGITS,
    REMEDIES,
    ROUNDED,
    TOO_LONG,
    TOO_SHORT,
    TORN,
    WIDE_RANGE,
    Entry,
)

PLAN = NumberPlan("IT")
VERDI = "+390612345678"
FULLWIDTH = "".join(chr(0xFF10 + int(digit)) for digit in "0612345678")


def entry(header: str, row: str) -> Entry:
    """Return what a row says; cells are parted by semicolons."""
    return Columns(header.split(";"), PLAN).entry(row.split(";"))


def contact(header: str, row: str) -> Contact:
    """Return the contact of a row."""
    found = entry(header, row).contact
    assert found is not None
    return found


def test_every_documented_column_is_read() -> None:
    """DESIGN section 4 names the columns; anything else is a free field."""
    anna = contact(
        "id;name;company;phone;phone10;phone2;mobile;email;language;formality;owner;tags;vip;"
        "at_risk;url;Città",
        "C-1;Anna Verdi;Studio Verdi;06 12345678;201;02 99991001;333 1234567;anna@verdi.example;"
        "IT;Lei;bruno;gold, 2026,gold;sì;no;https://crm.example/1;Roma",
    )
    assert (anna.ref, anna.kind, anna.name) == ("C-1", ContactKind.PERSON, "Anna Verdi")
    assert (anna.company, anna.email) == ("Studio Verdi", "anna@verdi.example")
    assert (anna.language, anna.formality, anna.owner) == ("it", "formal", "bruno")
    assert (anna.tags, anna.vip, anna.at_risk) == (("gold", "2026"), True, False)
    assert (anna.url, anna.fields) == ("https://crm.example/1", {"Città": "Roma"})
    assert [(number.label, number.raw, number.e164) for number in anna.numbers] == [
        ("phone", "06 12345678", VERDI),
        ("phone2", "02 99991001", "+390299991001"),
        ("phone10", "201", None),
        ("mobile", "333 1234567", "+393331234567"),
    ]


def test_a_row_without_name_is_a_company() -> None:
    """A switchboard number belongs to the firm."""
    firm = contact("name;company;phone", ";Studio Verdi;0612345678")
    assert (firm.kind, firm.name, firm.company) == (ContactKind.COMPANY, None, "Studio Verdi")


@pytest.mark.parametrize(
    "header",
    [
        "Nome;Azienda;Telefono;Cellulare",
        "NOMINATIVO; ragione sociale ;Tel.;cell.",
        "\ufeffNome e cognome;Società;Numero di telefono;Telefono cellulare",
        "full name;company name;Phone Number;Mobile Phone",
        "name;company;PHONE;phone_2",
        "name;company;Telefono 1;Telefono 2",
        "Name;Company;Business Phone;Mobile Phone",
        "Nome;Società;Telefono (uff.);Telefono (ab.) 2",
        "Name;Organization Name;Phone 1 - Value;Phone 2 - Value",
        "Given Name;Organization 1 - Name;N. telefono;Tel. cellulare",
        "Nome cliente;Denominazione;Recapito telefonico;Cell. aziendale",
    ],
)
def test_header_names_are_known_in_both_languages(header: str) -> None:
    """Nobody renames columns before an import."""
    anna = contact(header, "Anna Verdi;Studio Verdi;0612345678;3331234567")
    assert (anna.name, anna.company, anna.fields) == ("Anna Verdi", "Studio Verdi", {})
    assert [number.e164 for number in anna.numbers] == [VERDI, "+393331234567"]


@pytest.mark.parametrize(
    "title",
    [
        "Phone 1 - Type",
        "Company Main Phone",
        "Telefono principale società",
        "Fax (uff.)",
        "Tel\u00b2",
    ],
)
def test_a_column_beside_numbers_is_a_free_field(title: str) -> None:
    """The word for a telephone in a title does not make its cells numbers of this person."""
    anna = contact(f"name;phone;{title}", "Anna;0612345678;Work")
    assert (len(anna.numbers), anna.fields) == (1, {title: "Work"})


@pytest.mark.parametrize(
    "title",
    ["E-mail Address", "E-mail 1 - Value", "Indirizzo posta elettronica", "mail", "Email"],
)
def test_an_address_for_mail_is_known_by_its_words(title: str) -> None:
    """Outlook and Google each have their own title for it."""
    assert contact(f"name;phone;{title}", "Anna;333;a@verdi.example").email == "a@verdi.example"


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        ("Nome;Cognome;Cellulare", "Giulia;Li;333", "Giulia Li"),
        ("Nome;Cognome;Cellulare", "Angelo;D'Angelo;333", "Angelo D'Angelo"),
        ("Cognome;Nome;Cellulare", "Verdi;Anna;333", "Anna Verdi"),
        ("Cognome;Nome;Cellulare", "Verdi;;333", "Verdi"),
        ("name;last name;phone", "Anna Verdi;Verdi;333", "Anna Verdi"),
        ("nominativo;name;phone", "wrong;Anna;333", "Anna"),
    ],
)
def test_the_name_is_put_together(header: str, row: str, name: str) -> None:
    """Address books keep first and last name apart, and exports repeat them."""
    assert contact(header, row).name == name


@pytest.mark.parametrize(
    ("cell", "e164s"),
    [
        ("06 12345678 / 333 1234567", [VERDI, "+393331234567"]),
        ("0612345678, 3331234567", [VERDI, "+393331234567"]),
        ("0612345678\n3331234567", [VERDI, "+393331234567"]),
        ("06/12345678", [VERDI]),
        ("+39 (0)6 12345678", [VERDI]),
        ("\u202a+39 06 12345678\u202c", [VERDI]),
        ("06 12345678 int. 12", [VERDI]),
        ("+39 06 12345678 ::: 333 1234567", [VERDI, "+393331234567"]),
        ("06 12345678 /", [VERDI]),
        ('="0612345678"', [VERDI]),
        ("=+390612345678", [VERDI]),
        ("'0612345678", [VERDI]),
        ("3331234567.0", ["+393331234567"]),
        ("3331234567,00", ["+393331234567"]),
        ('=HYPERLINK("0612345678")', [None]),
        ("see notes", [None]),
        ("n/a", [None]),
        ("anonymous", []),
        ("", []),
    ],
)
def test_a_cell_gives_its_numbers(cell: str, e164s: list[str | None]) -> None:
    """Cells hold two numbers, extensions and words; what cannot be read is kept as written."""
    anna = contact("name;phone", f"Anna;{cell}")
    assert [number.e164 for number in anna.numbers] == e164s


def test_a_number_written_twice_is_kept_once() -> None:
    """Exports repeat the mobile in the column of the telephone."""
    anna = contact("name;phone;mobile", "Anna;3331234567;+39 333 1234567")
    assert [(number.label, number.e164) for number in anna.numbers] == [("phone", "+393331234567")]


def test_a_row_of_nobody_is_refused() -> None:
    """A number without any name would pop an empty card."""
    refused = entry("name;company;phone", " ;\u202e;0612345678")
    assert (refused.contact, refused.refused) == (None, NOBODY)


@pytest.mark.parametrize(
    ("header", "row", "warning"),
    [
        ("name;phone", "Anna;", NO_NUMBER),
        ("name;phone", "Anna;201", TOO_SHORT),
        ("name;phone", "Anna;800 VERDE", LETTERS),
        ("name;phone", f"Anna;{FULLWIDTH}", OTHER_DIGITS),
        ("name;phone", f"Anna;{'7' * 64}", TOO_LONG),
        ("name;phone", "Anna;044 668 18 00 11", NOT_IN_PLAN),
        ("name;phone", "Anna;612345678", NO_ZERO),
        ("name;phone", "Anna;49 30 1234567", ABROAD),
        ("name;phone", "Anna;3,93331E+11", ROUNDED),
        ("name;phone", "Anna;3.93331e+11", ROUNDED),
        ("name;phone", "Anna;+39*", WIDE_RANGE),
        ("name;phone", "Cit\ufffd;0612345678", TORN),
        ("name;phone;vip", "Anna;0612345678;maybe", NOT_YES_OR_NO),
        ("name;phone;url", "Anna;0612345678;javascript:alert(1)", NO_WEB_ADDRESS),
        ("name;phone;url", "Anna;0612345678;https://a b", NO_WEB_ADDRESS),
    ],
)
def test_an_odd_cell_is_a_warning_and_the_row_is_taken(header: str, row: str, warning: str) -> None:
    """One odd cell must not cost the customer's card."""
    found = entry(header, row)
    assert found.warnings == (warning,)
    assert REMEDIES[warning]
    assert found.contact is not None
    assert (found.contact.url, found.contact.vip) == (None, False)


@pytest.mark.parametrize(
    "written",
    ["+49 30 1234567", "0049 30 1234567", "39 333 1234567", "0612345678", "(+49) 30 1234567"],
)
def test_a_number_whose_country_is_said_is_no_warning(written: str) -> None:
    """A list of warnings about good rows hides the bad ones."""
    assert entry("name;phone", f"Anna;{written}").warnings == ()


@pytest.mark.parametrize(
    ("cell", "language"),
    [
        ("it", "it"),
        ("IT", "it"),
        ("it-IT", "it"),
        ("Italiano", "it"),
        ("deutsch", "de"),
        ("", None),
    ],
)
def test_languages_are_codes(cell: str, language: str | None) -> None:
    """The desk chooses the customer's sentences by it."""
    assert contact("name;phone;lingua", f"Anna;1;{cell}").language == language


def test_hostile_cells_are_cleaned() -> None:
    """What reaches the page has no controls, no bidi override and no endless text."""
    anna = contact("name;phone;no\u202ete", f"An\u202ena\x07;0612345678;{'x' * 10_000}")
    assert anna.name == "Anna"
    assert len(anna.fields["note"]) == 2_000


def test_the_id_comes_from_ref_else_from_who_and_number() -> None:
    """Importing again must find the same entry."""
    by_ref = contact("id;name;phone", "C-1;Anna;0612345678")
    assert contact("id;name;phone", "C-1;Bruno;3331234567").id == by_ref.id
    by_who = contact("name;phone", "Anna;0612345678")
    assert by_who.id != by_ref.id
    assert contact("name;phone;email", "Anna;+39 06 12345678;a@x.example").id == by_who.id
    assert contact("name;phone", "Anna;3331234567").id != by_who.id


def test_a_header_without_a_number_column_is_noticed() -> None:
    """A directory without numbers matches nobody."""
    assert Columns(["name", "phone"], PLAN).has_number
    assert not Columns(["name", "fax", "email"], PLAN).has_number
    assert Columns(["foo", "bar"], PLAN).known == 0


def test_an_extension_behind_a_number_is_kept() -> None:
    """Colleagues of one company share its switchboard, and only the extension tells them apart."""
    anna = contact("name;phone", "Anna;06 12345678 int. 12")
    assert [(one.e164, one.extension) for one in anna.numbers] == [(VERDI, "12")]


def test_a_range_is_a_number_of_its_own() -> None:
    """A company calls from any of its direct lines."""
    firm = contact("company;phone", "Verdi Spa;02 1234*")
    assert [(one.e164, one.raw) for one in firm.numbers] == [("+39021234*", "02 1234*")]


def test_a_person_belongs_to_the_company_with_that_id() -> None:
    """The file names companies by its own ids."""
    firm = contact("id;company;phone", "A-1;Verdi Spa;06 12345678")
    anna = contact("id;name;company_id;phone", "C-1;Anna;A-1;3331234567")
    assert anna.company_id == firm.id
    assert firm.kind is ContactKind.COMPANY
