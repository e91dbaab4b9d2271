"""Everything that can stand on a link, in Italian too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import adapters.asterisk
from adapters.asterisk import faults
from adapters.asterisk.italian import ITALIAN, in_italian

FOLDER = Path(adapters.asterisk.__file__).parent
# What is said of call control and of back-fill is no state of a link.
CONTROL_ONLY = {
    "unanswered", "control_starting", "no_control", "no_answer", "not_installed", "unknown_phone",
    "refused_action", "no_test_context",
}  # fmt: skip


def sentences(module: str, *, without: set[str] = frozenset()) -> Iterator[str]:  # type: ignore[assignment]
    """Yield the texts of a module that end like a sentence, those of some functions left out."""
    tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
    for part in tree.body:
        target = part.targets[0] if isinstance(part, ast.Assign) else getattr(part, "target", None)
        name = getattr(part, "name", getattr(target, "id", ""))
        if name in {*without, "_GONE", "_REFUSALS"} or isinstance(part, ast.Expr):
            continue
        docs = {
            id(node.body[0].value)
            for node in ast.walk(part)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(part):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in docs
                and node.value.endswith(".")
                and " " in node.value
            ):
                yield node.value.strip()


@pytest.mark.parametrize(
    ("module", "without"),
    [("faults", CONTROL_ONLY), ("rights", set()), ("link", set()), ("codec", set())],
)
def test_every_cause_and_remedy_of_a_link_is_told_in_italian(
    module: str, without: set[str]
) -> None:
    """An Italian page must not show half an English sentence to whoever has to mend it."""
    texts = [text for text in sentences(module, without=without) if text[0].isupper()]
    assert len(texts) > 1
    for text in texts:
        told = in_italian(text)
        assert told != text, text
        assert not any(one in told for one in ITALIAN), text


@pytest.mark.parametrize("late", [True, False])
def test_remedy_of_several_sentences_is_told_whole(*, late: bool) -> None:
    """A pause is part of the remedy: who waits must know for how long."""
    error = faults.refused(late=late)
    assert in_italian(error.message).startswith("Il centralino ha rifiutato")
    assert ("10 minuti" in in_italian(error.remedy)) is late
    assert "Compare" not in in_italian(error.remedy)
