"""What numbers mean, country by country.

The right-hand side comes from the national numbering plans (ITU-T E.164 national notifications;
AGCOM, Bundesnetzagentur, ARCEP, Ofcom, BAKOM, RTR, CNMC, ANACOM, BIPT, ACM, NANPA, ANATEL, ACMA,
…), never from running the code.
"""

import re

import pytest

from gateway.core.numbers import NumberPlan

# country: (written, E.164 or None)
TABLE: dict[str, list[tuple[str, str | None]]] = {
    # Closed plan since 1998: the 0 belongs to the number, mobiles begin with 3, no trunk prefix.
    "IT": [
        ("+390612345678", "+390612345678"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+39 (0)6 12345678", "+390612345678"),
        ("0612345678", "+390612345678"),
        ("06 1234.5678", "+390612345678"),
        ("06/12345678", "+390612345678"),
        ("06-12345678", "+390612345678"),
        ("00390612345678", "+390612345678"),
        ("390612345678", "+390612345678"),
        ("0299991007", "+390299991007"),
        ("390299991007", "+390299991007"),
        ("+390299991007", "+390299991007"),
        ("0444 123456", "+390444123456"),
        ("3331234567", "+393331234567"),
        ("333 123 4567", "+393331234567"),
        ("393331234567", "+393331234567"),
        ("00393331234567", "+393331234567"),
        ("+393331234567", "+393331234567"),
        ("393 123 4567", "+393931234567"),  # a mobile of the 393 range, not +39 3123 4567
        ("3924567890", "+393924567890"),
        ("3902123477", "+393902123477"),  # mobile 390 2123477, not Milan 02 123477
        ("00393902123477", "+393902123477"),
        ("393902123477", "+393902123477"),
        ("800123456", "+39800123456"),  # free numbers are no short codes
        ("+39 800 123 456", "+39800123456"),
        ("39800123456", "+39800123456"),
        ("0041446681800", "+41446681800"),
        ("+41 44 668 18 00", "+41446681800"),
        ("41446681800", "+41446681800"),  # a trunk that sends E.164 without its plus
        ("4930901820", None),  # too short to be sure that it is one
        ("06 12345678 int. 12", "+390612345678"),
        ("06 12345678 x12", "+390612345678"),
        ("06 12345678, ext 12", "+390612345678"),
        ("112", None),
        ("113", None),
        ("117", None),
        ("118", None),
        ("1522", None),
        ("1254", None),
        ("4004", None),
        ("114", None),
        ("116000", None),
        ("+39112", None),
        ("0039112", None),
        ("+391522", None),
        ("201", None),
        ("1001", None),
        ("91201", None),
        ("123456", None),
        ("0", None),
        ("00", None),
        ("+", None),
        ("+39", None),
        ("0039", None),
        ("*8", None),
        ("**1001", None),
        ("#31#3331234567", None),
        ("1234567890123456789012345", None),
        ("+999123456789", None),  # no such country
        ("anna", None),
        ("asterisk", None),
        ("1-800-FLOWERS", None),  # letters are a name, not a vanity number
        ("٠٦١٢٣٤٥٦٧٨", None),  # Arabic-Indic digits
        ("+３９０６１２３４５６７８", None),  # noqa: RUF001 - full-width digits
        ("sip:+390612345678@carrier.example;user=phone", "+390612345678"),
        ("sip:0612345678@10.0.0.1:5060", "+390612345678"),
        ('"Studio Verdi" <sip:0612345678@carrier.example>', "+390612345678"),
        ("sips:%2B390612345678@carrier.example", "+390612345678"),
        ("0612345678@carrier.example", "+390612345678"),
        ("tel:+39-06-1234-5678", "+390612345678"),
        ("tel:0612345678;phone-context=+39", "+390612345678"),
        ("TEL:+390612345678;ext=12", "+390612345678"),
        ("\u202a+39 06 1234 5678\u202c", "+390612345678"),  # pasted from Windows
        ("06\u00a01234\u20115678", "+390612345678"),
    ],
    # Open plan, trunk prefix 0, lengths vary.
    "DE": [
        ("030 901820", "+4930901820"),
        ("+49 30 901820", "+4930901820"),
        ("+49 (0)30 901820", "+4930901820"),
        ("(+49) 30 901820", "+4930901820"),
        ("004930901820", "+4930901820"),
        ("0151 23456789", "+4915123456789"),
        ("15123456789", "+4915123456789"),
        ("4915123456789", "+4915123456789"),
        ("0800 3301000", "+498003301000"),
        ("110", None),
        ("115", None),
        ("116117", None),
        ("1234567", None),  # a subscriber number of an unknown town
    ],
    # Trunk prefix 0, nine digits.
    "FR": [
        ("01 42 68 53 00", "+33142685300"),
        ("+33 1 42 68 53 00", "+33142685300"),
        ("+33 (0)1 42 68 53 00", "+33142685300"),
        ("0033142685300", "+33142685300"),
        ("33142685300", "+33142685300"),
        ("06 12 34 56 78", "+33612345678"),
        ("0 800 123 456", "+33800123456"),
        ("17", None),
        ("3646", None),
        ("118218", None),
    ],
    "GB": [
        ("020 7946 0018", "+442079460018"),
        ("+44 20 7946 0018", "+442079460018"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("00442079460018", "+442079460018"),
        ("442079460018", "+442079460018"),
        ("07400 123456", "+447400123456"),
        ("0800 123 4567", "+448001234567"),
        ("999", None),
        ("111", None),
        ("116123", None),
    ],
    "CH": [
        ("044 668 18 00", "+41446681800"),
        ("0041446681800", "+41446681800"),
        ("41446681800", "+41446681800"),
        ("078 123 45 67", "+41781234567"),
        ("0800 000 000", "+41800000000"),
        ("117", None),
        ("1414", None),
        ("0390612345678", None),  # not 039…, and no 00 before 39
        ("00390612345678", "+390612345678"),
    ],
    "AT": [
        ("01 514 33 0", "+431514330"),
        ("+43 1 51433 0", "+431514330"),
        ("0664 1234567", "+436641234567"),
        ("00436641234567", "+436641234567"),
        ("133", None),
        ("1450", None),
    ],
    # Closed plans without trunk prefix.
    "ES": [
        ("912 345 678", "+34912345678"),
        ("+34 912 345 678", "+34912345678"),
        ("0034912345678", "+34912345678"),
        ("34912345678", "+34912345678"),
        ("612 34 56 78", "+34612345678"),
        ("900 123 456", "+34900123456"),
        ("091", None),
        ("061", None),
    ],
    "PT": [
        ("213 456 789", "+351213456789"),
        ("912 345 678", "+351912345678"),
        ("351213456789", "+351213456789"),
        ("808 200 204", "+351808200204"),
        ("117", None),
    ],
    "BE": [
        ("02 501 02 11", "+3225010211"),
        ("+32 2 501 02 11", "+3225010211"),
        ("0470 12 34 56", "+32470123456"),
        ("100", None),
        ("1733", None),
    ],
    "NL": [
        ("020 624 1111", "+31206241111"),
        ("06 12345678", "+31612345678"),
        ("0031612345678", "+31612345678"),
        ("0800 1234", "+318001234"),
        ("144", None),
    ],
    "US": [
        ("(212) 736-5000", "+12127365000"),
        ("1-212-736-5000", "+12127365000"),
        ("12127365000", "+12127365000"),
        ("011 39 06 12345678", "+390612345678"),
        ("00390612345678", "+390612345678"),
        ("+39 06 12345678", "+390612345678"),
        ("800 275 2273", "+18002752273"),
        ("911", None),
        ("411", None),
        ("736-5000", None),  # seven digits and no area code
    ],
    "BR": [
        ("(11) 98765-4321", "+5511987654321"),
        ("011 98765-4321", "+5511987654321"),
        ("0 15 11 98765-4321", "+5511987654321"),  # with the carrier's code
        ("+55 11 3003-1234", "+551130031234"),
        ("190", None),
    ],
    "AU": [
        ("(02) 9374 4000", "+61293744000"),
        ("0412 345 678", "+61412345678"),
        ("0011 39 06 12345678", "+390612345678"),
        ("000", None),
    ],
    # The trunk prefix is 8, abroad 8 10.
    "RU": [
        ("8 (495) 123-45-67", "+74951234567"),
        ("+7 912 345-67-89", "+79123456789"),
        ("8 10 39 06 12345678", "+390612345678"),
        ("102", None),
    ],
    "PL": [("22 123 45 67", "+48221234567"), ("512 345 678", "+48512345678"), ("997", None)],
    "SE": [("08-123 456 78", "+46812345678"), ("070-123 45 67", "+46701234567"), ("90000", None)],
    "GR": [("21 0123 4567", "+302101234567"), ("691 234 5678", "+306912345678"), ("166", None)],
    "DK": [("32 12 34 56", "+4532123456"), ("004532123456", "+4532123456"), ("114", None)],
    "HU": [("06 1 234 5678", "+3612345678"), ("06 20 123 4567", "+36201234567"), ("107", None)],
    # The whole country has six-digit numbers.
    "AD": [("712 345", "+376712345"), ("+376 712 345", "+376712345"), ("116", None)],
    # The 0 belongs to the numbers, as in Italy, whose neighbour it is.
    "SM": [("0549 886377", "+3780549886377"), ("+378 0549 886377", "+3780549886377")],
    "SI": [("01 425 14 00", "+38614251400"), ("031 234 567", "+38631234567"), ("113", None)],
    "JP": [("03-1234-5678", "+81312345678"), ("010 39 06 12345678", "+390612345678")],
    "AR": [("011 15-2345-6789", "+5491123456789"), ("+54 9 11 2345-6789", "+5491123456789")],
}
CASES = [(country, written, e164) for country, rows in TABLE.items() for written, e164 in rows]


@pytest.mark.parametrize(("country", "written", "e164"), CASES)
def test_a_written_number_has_the_e164_of_its_national_plan(
    country: str, written: str, e164: str | None
) -> None:
    """The pop shows the right customer only if both sides arrive at the same E.164."""
    assert NumberPlan(country).parse(written).e164 == e164


def test_the_table_covers_what_was_promised() -> None:
    """Fifteen countries and 120 cases are the least that guard a European installation."""
    assert len(TABLE) >= 15
    assert len(CASES) >= 120


# country, area code, what extensions dial before outside numbers, dialled?, written, E.164
SITES: list[tuple[str, str | None, str | None, bool, str, str | None]] = [
    # A local number is completed with the town's area code.
    ("DE", "089", None, False, "12345678", "+498912345678"),
    ("DE", "89", None, False, "1234567", "+49891234567"),
    ("DE", "089", None, False, "030901820", "+4930901820"),
    ("DE", "089", None, False, "8912345678", "+498912345678"),
    ("US", "212", None, False, "736-5000", "+12127365000"),
    ("US", "212", None, False, "(650) 253-0000", "+16502530000"),
    ("GB", "020", None, False, "7946 0018", "+442079460018"),
    ("AU", "02", None, False, "9374 4000", "+61293744000"),
    ("AT", "0732", None, False, "7720", None),  # four digits are an extension
    # The prefix for outside lines goes only if a number remains.
    ("IT", None, "0", True, "00612345678", "+390612345678"),
    ("IT", None, "0", True, "03331234567", "+393331234567"),
    ("IT", None, "0", True, "00041446681800", "+41446681800"),
    ("IT", None, "0", True, "0112", None),
    ("IT", None, "0", True, "01522", None),
    ("IT", None, "0", True, "0201", None),
    ("IT", None, "9", True, "90612345678", "+390612345678"),
    ("IT", None, "9", False, "90612345678", "+390612345678"),
    ("IT", None, "9", True, "0612345678", "+390612345678"),
    ("IT", None, "9", True, "9112", None),
    # 00432… is an Austrian number unless an extension dialled 0 and then Udine.
    ("IT", None, "0", True, "00432123456", "+390432123456"),
    ("IT", None, "0", False, "00436641234567", "+436641234567"),
    ("US", None, "9", True, "9-1-212-736-5000", "+12127365000"),
    ("GB", None, "9", True, "9 020 7946 0018", "+442079460018"),
]


@pytest.mark.parametrize("site", SITES)
def test_area_code_and_outside_prefix_are_applied_where_a_number_results(
    site: tuple[str, str | None, str | None, bool, str, str | None],
) -> None:
    """What people dial at their desks must lead to the same customer as what carriers send."""
    country, area, prefix, dialled, written, e164 = site
    assert NumberPlan(country, area, prefix).parse(written, dialled=dialled).e164 == e164


@pytest.mark.parametrize("pattern", [r"\d{3}|0[0-9]{8}", r"^(?:PJSIP|SIP|IAX2)/(\d{3}|0[0-9]{8})$"])
def test_what_the_extension_pattern_matches_is_never_e164(pattern: str) -> None:
    """An extension that looks like a customer's number would pop the customer's card."""
    plan = NumberPlan("IT", extensions=re.compile(pattern))
    assert plan.parse("021234567").e164 is None
    assert plan.parse("0612345678").e164 == "+390612345678"


def test_six_local_digits_outside_the_extension_pattern_get_the_area_code() -> None:
    """A town with short numbers is reachable once the administrator says what extensions are."""
    plan = NumberPlan("DE", "0871", extensions=re.compile(r"\d{3}"))
    assert plan.parse("881234").e164 == "+49871881234"
    assert plan.parse("201").e164 is None
    assert plan.parse("116117").e164 is None
