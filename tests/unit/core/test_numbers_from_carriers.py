"""Callers' numbers in every form in which carriers send them, Italy and sixteen other countries.

The E.164 forms come from the national numbering plans (ITU-T E.164 national notifications; AGCOM,
Bundesnetzagentur, ARCEP, Ofcom, BAKOM, RTR, CNMC, ANACOM, BIPT, ACM, NANPA, UKE, PTS, EETT,
ComReg, ČTÚ, ANCOM), never from running the code. A number stands once, as its plan writes it; the
forms are what trunks make of it: with and without plus, behind the international prefix, national.
"""

from dataclasses import dataclass

import pytest

from gateway.core.numbers import WITHHELD, NumberPlan
from gateway.core.record import Presentation


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One country: calling code, trunk prefix, international prefix, significant numbers."""

    code: str
    trunk: str
    abroad: str
    numbers: tuple[str, ...]

    def forms(self, number: str) -> tuple[str, ...]:
        """Return what a carrier may send for a national significant number."""
        return (
            f"+{self.code}{number}",
            f"{self.code}{number}",
            f"{self.abroad}{self.code}{number}",
            f"{self.trunk}{number}",
            f"sip:+{self.code}{number}@carrier.example;user=phone",
        )


PLANS: dict[str, Plan] = {
    # The leading 0 belongs to fixed numbers (6 to 11 digits), mobiles have 9 or 10 digits.
    "IT": Plan(
        code="39",
        trunk="",
        abroad="00",
        numbers=(
            "0612345678",  # Rome
            "066982",  # Rome, a switchboard with six digits
            "0299991007",  # Milan
            "0276110000",
            "02123456789",  # Milan with eleven digits, direct dialling
            "0116789012",  # Turin
            "0105671234",  # Genoa
            "0412345678",  # Venice
            "0498765432",  # Padua
            "0512345678",  # Bologna
            "0552345678",  # Florence
            "0701234567",  # Cagliari
            "0802345678",  # Bari
            "0812345678",  # Naples
            "0901234567",  # Messina
            "0912345678",  # Palermo
            "0952345678",  # Catania
            "0165231111",  # Aosta
            "0471987654",  # Bolzano
            "0432123456",  # Udine
            "0444123456",  # Vicenza
            "0789123456",  # Olbia
            "0832123456",  # Lecce
            "3201234567",
            "3281234567",
            "3331234567",
            "3351234567",
            "335123456",  # an old mobile with nine digits
            "3471234567",
            "3501234567",
            "3711234567",
            "3801234567",
            "3881234567",
            "3924567890",  # ranges that begin as the calling code does
            "3931234567",
            "800123456",  # free of charge
            "840123456",  # shared charge
            "199123456",
        ),
    ),
    "DE": Plan(
        code="49",
        trunk="0",
        abroad="00",
        numbers=("30901820", "8923396500", "40428280", "15123456789", "1711234567", "8003301000"),
    ),
    "FR": Plan(
        code="33",
        trunk="0",
        abroad="00",
        numbers=("142685300", "491123456", "612345678", "756123456", "800123456", "970123456"),
    ),
    "GB": Plan(
        code="44",
        trunk="0",
        abroad="00",
        numbers=(
            "2079460018",
            "1159123456",
            "1184960123",
            "7400123456",
            "7911123456",
            "3001234567",
        ),
    ),
    "CH": Plan(
        code="41",
        trunk="0",
        abroad="00",
        numbers=("446681800", "223456789", "916781234", "781234567", "763334455", "848123456"),
    ),
    "AT": Plan(
        code="43",
        trunk="0",
        abroad="00",
        numbers=("1514330", "512123456", "73277200", "6641234567", "6761234567", "800123456"),
    ),
    "ES": Plan(
        code="34",
        trunk="",
        abroad="00",
        numbers=("912345678", "932345678", "954123456", "612345678", "722345678", "900123456"),
    ),
    "PT": Plan(
        code="351",
        trunk="",
        abroad="00",
        numbers=("213456789", "225456789", "912345678", "962345678", "800123456"),
    ),
    "BE": Plan(
        code="32",
        trunk="0",
        abroad="00",
        numbers=("25010211", "32012345", "92101010", "470123456", "495123456", "80012345"),
    ),
    "NL": Plan(
        code="31",
        trunk="0",
        abroad="00",
        numbers=("206241111", "701234567", "101234567", "612345678", "858881234"),
    ),
    "US": Plan(
        code="1",
        trunk="",
        abroad="011",
        numbers=("2127365000", "6502530000", "3127445000", "4157012311", "8002752273"),
    ),
    "PL": Plan(
        code="48",
        trunk="",
        abroad="00",
        numbers=("221234567", "126161234", "512345678", "601234567", "800123456"),
    ),
    "SE": Plan(
        code="46",
        trunk="0",
        abroad="00",
        numbers=("812345678", "313680000", "40341000", "701234567", "20123456"),
    ),
    "GR": Plan(
        code="30",
        trunk="",
        abroad="00",
        numbers=("2101234567", "2310123456", "6912345678", "6971234567", "8001234567"),
    ),
    "IE": Plan(
        code="353",
        trunk="0",
        abroad="00",
        numbers=("16761111", "214924000", "851234567", "871234567"),
    ),
    "CZ": Plan(
        code="420",
        trunk="",
        abroad="00",
        numbers=("224391111", "541123456", "601123456", "777123456", "800123456"),
    ),
    "RO": Plan(
        code="40",
        trunk="0",
        abroad="00",
        numbers=("211234567", "264123456", "712034567", "721234567", "800123456"),
    ),
}
CASES = [
    (country, written, f"+{plan.code}{number}")
    for country, plan in PLANS.items()
    for number in plan.numbers
    for written in plan.forms(number)
]


@pytest.mark.parametrize(("country", "written", "e164"), CASES)
def test_every_form_of_a_caller_leads_to_the_same_e164(
    country: str, written: str, e164: str
) -> None:
    """One customer has one card, whichever carrier brings the call."""
    assert NumberPlan(country).parse(written).e164 == e164


def test_the_table_holds_300_cases_for_italy_and_fifteen_others() -> None:
    """A case that is taken out must be missed by somebody."""
    assert len(CASES) >= 300
    assert len(PLANS) >= 16
    assert sum(country == "IT" for country, _, _ in CASES) >= 150


@pytest.mark.parametrize("country", sorted(PLANS))
def test_a_caller_from_abroad_is_told_from_a_local_one(country: str) -> None:
    """Where an Italian trunk sends 41…, a Swiss one sends 39…: the plus decides, or its prefix."""
    plan = NumberPlan(country)
    for code, number in (("39", "0612345678"), ("41", "446681800"), ("44", "2079460018")):
        assert plan.parse(f"+{code}{number}").e164 == f"+{code}{number}"
        assert plan.parse(f"{PLANS[country].abroad}{code}{number}").e164 == f"+{code}{number}"


@pytest.mark.parametrize("country", sorted(PLANS))
@pytest.mark.parametrize(
    "written", ["anonymous", "Restricted", "unavailable", "anonymous@x.invalid"]
)
def test_a_restricted_caller_is_withheld_in_every_country(country: str, written: str) -> None:
    """The words are the carriers', not the country's."""
    assert NumberPlan(country).parse(written) == WITHHELD


@pytest.mark.parametrize(
    ("country", "written", "e164"),
    [
        ("IT", "+0612345678", "+390612345678"),
        ("IT", "+00390612345678", "+390612345678"),
        ("IT", "+0039 333 1234567", "+393331234567"),
        ("DE", "+030901820", "+4930901820"),
        ("CH", "+0446681800", "+41446681800"),
        ("CH", "+00390612345678", "+390612345678"),
        ("FR", "+0142685300", "+33142685300"),
        ("IT", "+0", None),
        ("IT", "+0112", None),
    ],
)
def test_a_plus_before_a_zero_is_a_carrier_s_mistake(
    country: str, written: str, e164: str | None
) -> None:
    """No calling code begins with 0, so a gateway put its plus before a national number."""
    assert NumberPlan(country).parse(written).e164 == e164


@pytest.mark.parametrize("country", sorted(PLANS))
def test_an_asserted_number_keeps_its_e164_whatever_its_presentation(country: str) -> None:
    """What the trunk asserts is a number; that it is withheld is said beside it."""
    plan = PLANS[country]
    parsed = NumberPlan(country).parse(f"+{plan.code}{plan.numbers[0]}")
    assert parsed.presentation is Presentation.ALLOWED
    assert parsed.e164 == f"+{plan.code}{plan.numbers[0]}"
