"""What is left of hostile text."""

import pytest

from gateway.core.text import clean_text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Studio Verdi", "Studio Verdi"),
        ("  Studio\t Verdi \r\n", "Studio Verdi"),
        ("José Núñez", "José Núñez"),
        ("Jose\u0301", "José"),
        ("山田 太郎", "山田 太郎"),
        ("Mar\u0000io\u001b[31m", "Mario[31m"),
        ("Ann\u0085a", "Ann a"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("\u2066x\u2069\u200f\u061c", "x"),
        ("a\u2028b\u2029c", "a b c"),
        ("\ud800lone", "lone"),
        ("👩\u200d🔧 Carla", "👩\u200d🔧 Carla"),
        ("<unknown>", None),
        (" <Unknown> ", None),
        ("", None),
        ("\u200e\u0007", None),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_text_is_cleaned_for_one_line(text: str, cleaned: str | None) -> None:
    """A caller's name is an input of a stranger (RELIABILITY rule 18)."""
    assert clean_text(text) == cleaned


def test_long_text_is_cut_with_an_ellipsis() -> None:
    """The reader sees that there was more."""
    assert clean_text("x" * 100) == "x" * 79 + "…"
    assert clean_text("x" * 80) == "x" * 80
    assert clean_text("abcdef", limit=4) == "abc…"
