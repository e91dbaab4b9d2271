"""What requests for calls and queues are answered, in Italian too."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import adapters.asterisk
import gateway.core
import gateway.desk
import gateway.runtime
import gateway.store
import gateway.web
from adapters.asterisk import faults
from adapters.asterisk.italian_control import ITALIAN as OF_ASTERISK
from gateway.core.errors import StoreCause
from gateway.core.wording import told
from gateway.store.drafts import REMEDIES
from gateway.store.failures import store_error
from gateway.web import problems
from gateway.web.italian import ITALIAN
from gateway.web.italian_import import OF_ROWS
from gateway.web.refusals import PBX_PROBLEMS, TOO_MANY_CALLS

SAID_IN = (
    (gateway.core, "dialable"),
    (gateway.desk, "callcontrol"),
    (gateway.desk, "controlled"),
    (gateway.desk, "dialling"),
    (gateway.desk, "members"),
    (gateway.desk, "once"),
    (gateway.desk, "refusals"),
    (gateway.runtime, "mystery"),
    (gateway.runtime, "mystery_begin"),
    (gateway.runtime, "mystery_plans"),
    (gateway.web, "control"),
    (gateway.web, "refusals"),
)
SAID_OF_THE_DIRECTORY = (
    (gateway.store, "contact_edits"),
    (gateway.store, "csv_encoding"),
    (gateway.store, "csv_source"),
    (gateway.store, "import_rows"),
    (gateway.web, "callcontact"),
    (gateway.web, "contacts"),
    (gateway.web, "marks"),
)
SAID_OF_PEOPLE = (
    (gateway.desk, "missed"),
    (gateway.desk, "promises"),
    (gateway.store, "desks"),
    (gateway.store, "second_factors"),
    (gateway.web, "account"),
    (gateway.web, "handoffs"),
    (gateway.web, "promises"),
    (gateway.web, "second_factor"),
    (gateway.web, "session"),
    (gateway.web, "setup"),
    (gateway.web, "typed"),
)
# What describes a route, for programmers, is English.
DESCRIBING = ("Route", "Upload")
SAID_BY_ASTERISK = ((adapters.asterisk, "control"), (adapters.asterisk, "faults"))


def sentences(package: object, module: str) -> Iterator[str]:
    """Yield the texts of a module that begin and end as a sentence does."""
    path = Path(str(getattr(package, "__file__", ""))).with_name(f"{module}.py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in DESCRIBING:
            docs.update(id(word.value) for word in call.keywords)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        text = node.value.strip()
        if id(node) not in docs and text.endswith(".") and " " in text and text[0].isupper():
            yield text


@pytest.mark.parametrize(
    ("package", "module"), SAID_IN, ids=lambda one: getattr(one, "__name__", one)
)
def test_every_cause_and_remedy_of_call_control_is_told_in_italian(
    package: object, module: str
) -> None:
    """An agent must not be told half in English why a call cannot be parked."""
    texts = list(sentences(package, module))
    assert texts
    _all_known(texts, ITALIAN)


@pytest.mark.parametrize(
    ("package", "module"), SAID_OF_THE_DIRECTORY, ids=lambda one: getattr(one, "__name__", one)
)
def test_every_refusal_of_the_directory_is_told_in_italian(package: object, module: str) -> None:
    """Whoever makes a contact that is there already reads why on the page."""
    texts = list(sentences(package, module))
    assert texts
    _all_known(texts, ITALIAN)


def test_every_reason_to_refuse_a_row_of_a_file_is_told_in_italian() -> None:
    """Whoever imports an address book reads which rows are left out, and why."""
    assert set(OF_ROWS) == {*REMEDIES, *REMEDIES.values()}


@pytest.mark.parametrize(
    ("package", "module"), SAID_OF_PEOPLE, ids=lambda one: getattr(one, "__name__", one)
)
def test_every_refusal_about_customers_phones_and_sign_in_is_told_in_italian(
    package: object, module: str
) -> None:
    """Whoever is second to take a customer reads on the page that a colleague was first."""
    texts = list(sentences(package, module))
    assert texts
    _all_known(texts, ITALIAN)


def test_what_any_page_is_told_is_told_in_italian() -> None:
    """A page that cannot be served shows what the gateway says."""
    kinds = [one for one in vars(problems).values() if isinstance(one, problems.ProblemKind)]
    _all_known([kind.detail for kind in kinds], ITALIAN)
    _all_known([store_error(cause).message for cause in StoreCause], ITALIAN)
    again = "Change the one that is there. Its id: 4711"
    assert told(again, ITALIAN) == "Modificare quella che c'è. Il suo id: 4711"


@pytest.mark.parametrize(
    ("package", "module"), SAID_BY_ASTERISK, ids=lambda one: getattr(one, "__name__", one)
)
def test_every_refusal_of_asterisk_is_told_in_italian(package: object, module: str) -> None:
    """What the PBX refuses reaches the same agent."""
    _all_known(list(sentences(package, module)), OF_ASTERISK)


def test_every_kind_of_problem_of_call_control_is_told_in_italian() -> None:
    """A handler that knows no better leaves the kind's own words."""
    _all_known([kind.detail for kind in (*PBX_PROBLEMS, TOO_MANY_CALLS)], ITALIAN)


def _all_known(texts: list[str], italian: Mapping[str, str]) -> None:
    for text in texts:
        for sentence in re.split(r"(?<=[.!?]) (?=[A-Z])", text):
            assert told(sentence, italian) != sentence, sentence


def test_reason_that_names_an_action_keeps_its_name() -> None:
    """Whoever mends the PBX looks for exactly this word."""
    error = faults.not_installed("Park is not among this user's actions.")
    assert told(error.message, OF_ASTERISK) == (
        "Questo centralino non ci permette di farlo. Park non è tra le azioni di questo utente."
    )


def test_sentence_that_nobody_has_translated_stays_as_it_is() -> None:
    """Better half in English than half unsaid."""
    assert told("Try again. Nobody knows this one.", OF_ASTERISK) == (
        "Riprovare. Nobody knows this one."
    )
