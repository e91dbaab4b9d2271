"""No text makes the directory raise, and what it says holds when asked again."""

import unicodedata

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.numbering import is_listed
from gateway.core.numbers import NumberPlan
from gateway.core.text import clean_text

PLANS = {
    code: NumberPlan(code, area, prefix)
    for code, area, prefix in [
        ("IT", None, "0"),
        ("IT", None, None),
        ("DE", "089", "0"),
        ("US", "212", "9"),
        ("AR", None, None),
        ("GB", "020", "9"),
        ("AD", None, None),
    ]
}
NUMBERLIKE = st.text(alphabet="+0123456789 ()-./;ext*#sip:@<>", max_size=30)
ANYTHING = st.one_of(
    st.text(max_size=120), NUMBERLIKE, st.from_regex(r"\+?\d{0,17}", fullmatch=True)
)


@given(code=st.sampled_from(sorted(PLANS)), written=ANYTHING, dialled=st.booleans())
def test_any_text_parses_to_nothing_or_to_a_stable_e164(
    *, code: str, written: str, dialled: bool
) -> None:
    """The E.164 form is the key of the directory: reading it again must give the same key."""
    plan = PLANS[code]
    number = plan.parse(written, dialled=dialled)
    assert number == plan.parse(written, dialled=dialled)
    if number.e164 is not None:
        assert number.e164[0] == "+"
        assert number.e164[1:].isascii()
        assert number.e164[1:].isdigit()
        assert 8 <= len(number.e164) <= 18
        for other in PLANS.values():
            assert other.parse(number.e164).e164 == number.e164
            assert other.parse("00" + number.e164[1:]).e164 is not None


EXAMPLES = sorted(
    {
        (region, phonenumbers.national_significant_number(example))
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in phonenumbers.PhoneNumberType.values()
        if (example := phonenumbers.example_number_for_type(region, kind)) is not None
    }
)
WORLD = {region: NumberPlan(region) for region in phonenumbers.SUPPORTED_REGIONS}
CLOSED = {code: NumberPlan(code) for code in ("IT", "ES", "PT", "PL", "DK", "NO", "GR", "CZ", "AD")}


@st.composite
def nationals(draw: st.DrawFn) -> tuple[str, str]:
    """Return a country and digits that are a national number there, or nearly one."""
    region, digits = draw(st.sampled_from(EXAMPLES))
    kept = draw(st.integers(min_value=1, max_value=len(digits)))
    before = draw(st.sampled_from(["", "", "", "0", "1", "8", "00", "9"]))
    return region, before + digits[:kept] + draw(st.from_regex(r"[0-9]{0,9}", fullmatch=True))


@given(nationals())
def test_the_patterns_of_a_plan_list_what_libphonenumber_calls_valid(
    found: tuple[str, str],
) -> None:
    """The library decides what a number is; only its detours are left out."""
    region, national = found
    code = WORLD[region].calling_code
    zeros = min(len(national) - len(national.lstrip("0")), len(national) - 1)
    number = phonenumbers.PhoneNumber(
        country_code=int(code),
        national_number=int(national),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )
    assert is_listed(int(code), national) == phonenumbers.is_valid_number(number)


@given(found=nationals(), here=st.sampled_from(sorted(WORLD)))
def test_an_international_number_is_read_as_libphonenumber_does_whatever_its_country(
    *, found: tuple[str, str], here: str
) -> None:
    """Most callers come so; they are read without the library's parser, which must not show."""
    region, national = found
    written = f"+{WORLD[region].calling_code}{national}"
    try:
        parsed = phonenumbers.parse(written, here)
    except phonenumbers.NumberParseException:
        return
    if phonenumbers.is_valid_number(parsed):
        e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        assert WORLD[here].parse(written).e164 == e164


@given(
    code=st.sampled_from(sorted(CLOSED)),
    digits=st.one_of(
        st.from_regex(r"(?:39|34|351|45|376)?0?[0-9]{6,10}", fullmatch=True),
        nationals().map(lambda found: found[1]),
    ),
    form=st.sampled_from(["{digits}", "{cc}{digits}", "+{cc}{digits}", "00{cc}{digits}"]),
)
def test_a_number_that_libphonenumber_calls_valid_is_read_the_same_way(
    *, code: str, digits: str, form: str
) -> None:
    """Plans without trunk prefix are read without libphonenumber's parser; it must not show."""
    plan = CLOSED[code]
    written = form.format(digits=digits, cc=plan.calling_code)
    try:
        parsed = phonenumbers.parse(written, code)
    except phonenumbers.NumberParseException:
        return
    if phonenumbers.is_valid_number(parsed):
        e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        assert plan.parse(written).e164 == e164


@given(st.text(alphabet="0123456789", min_size=1, max_size=5))
def test_five_digits_are_never_a_number_of_the_world(digits: str) -> None:
    """Extensions, emergency and service codes pop nobody's card."""
    assert all(plan.parse(digits).e164 is None for plan in PLANS.values())


@given(st.text(max_size=300), st.integers(min_value=1, max_value=100))
def test_clean_text_has_no_control_and_no_bidi_and_is_stable(text: str, limit: int) -> None:
    """What was cleaned once needs no second thought at any output."""
    cleaned = clean_text(text, limit=limit)
    if cleaned is None:
        return
    assert 0 < len(cleaned) <= limit
    assert clean_text(cleaned, limit=limit) == cleaned
    for character in cleaned:
        assert unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
        assert unicodedata.bidirectional(character) not in {
            *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"),
        }
