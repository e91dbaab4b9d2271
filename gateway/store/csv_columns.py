"""Which column of a CSV file means what."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.core.numbers import NumberPlan
from gateway.core.text import clean_text
from gateway.store.contact_merge import Told
from gateway.store.drafts import Entry, draft

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": (
        *("ref", "codice", "codice cliente", "cod. cliente", "id cliente", "id contatto"),
        "contact id",
    ),
    "name": (
        *("nome", "nominativo", "nome e cognome", "nome completo", "nome cliente"),
        *("full name", "first name", "given name"),
    ),
    "surname": ("cognome", "last name", "family name"),
    "company": (
        *("azienda", "società", "societa", "ditta", "impresa", "ragione sociale"),
        *("denominazione", "organizzazione", "organization", "organization name"),
        *("organization 1 - name", "company name"),
    ),
    "company_id": ("company id", "codice azienda", "id azienda"),
    "email": (),
    "language": ("lingua",),
    "formality": ("formalità", "formalita"),
    "owner": ("responsabile", "referente", "assegnato a", "commerciale", "account manager"),
    "tags": ("tag", "etichette", "categorie", "categories"),
    "vip": (),
    "at_risk": ("at risk", "a rischio"),
    "url": ("link", "scheda"),
}
# Telephone and e-mail by the words of a title, as Outlook ("Telefono (uff.) 2", "Business Phone"),
# Google ("Phone 1 - Value") and people write them. One word that is in no list ("Phone 1 - Type",
# "Company Main Phone", "Fax") and the column is a free field.
_MOBILE: Final = frozenset({"mobile", "cellulare", "cell", "cel", "gsm"})
_PHONE: Final = frozenset({"phone", "telephone", "telefono", "telefonico", "tel"})
_MAIL: Final = frozenset({"email", "mail", "elettronica", "e"})
_WHICH: Final = frozenset(
    (
        *("work", "business", "office", "home", "private", "personal", "direct", "other", "main"),
        *("primary", "number", "value", "address", "ufficio", "uff", "lavoro", "aziendale"),
        *("casa", "abitazione", "ab", "privato", "personale", "diretto", "fisso", "altro"),
        *("principale", "recapito", "numero", "num", "nr", "n", "di", "posta", "indirizzo"),
    )
)
_KNOWN: Final = {alias: name for name, aliases in _NAMES.items() for alias in (name, *aliases)}
_WORDS: Final = re.compile(r"[^\W\d_]+|[0-9]+")
_LIMIT: Final = 200


def known_names(cells: Sequence[str]) -> int:
    """Return how many cells of a header are names that we know."""
    return sum(_meaning(cell) is not None for cell in cells)


class Columns:
    """The columns of one file, by their names in the first line."""

    def __init__(self, header: Sequence[str], plan: NumberPlan, *, crm: str = "") -> None:
        self._plan: Final = plan
        self._crm: Final = crm
        self._texts: Final[dict[str, int]] = {}
        self._fields: Final[list[tuple[str, int]]] = []
        self.width: Final = len(header)
        numbers: list[tuple[int, str, int]] = []
        # a column named exactly as documented wins over one that only means the same
        order = sorted(range(len(header)), key=lambda place: _normal(header[place]) not in _NAMES)
        for place in order:
            meaning = _meaning(header[place])
            if meaning is not None and meaning.startswith(("phone", "mobile")):
                numbers.append((_rank(meaning), meaning, place))
            elif meaning is not None and meaning not in self._texts:
                self._texts[meaning] = place
            else:
                title = clean_text(header[place].lstrip("\ufeff"), limit=_LIMIT)
                if title is not None:
                    self._fields.append((title, place))
        self._fields.sort(key=lambda field: field[1])
        self._numbers: Final = [(label, place) for _, label, place in sorted(numbers)]

    @property
    def has_number(self) -> bool:
        """Whether any column holds telephone numbers."""
        return bool(self._numbers)

    @property
    def known(self) -> int:
        """How many columns we know."""
        return len(self._texts) + len(self._numbers)

    @property
    def told(self) -> Told:
        """What the file tells of an entry; the rest stays as it was."""
        labels = frozenset(label for label, _ in self._numbers)
        fields = frozenset(title for title, _ in self._fields)
        return Told(attributes=frozenset(self._texts), labels=labels, fields=fields)

    def entry(self, cells: Sequence[str]) -> Entry:
        """Return what a row says."""
        written = ((label, _cell(cells, place)) for label, place in self._numbers)
        return draft(
            {name: _cell(cells, place) for name, place in self._texts.items()},
            ((label, text) for label, text in written if text),
            ((name, _cell(cells, place)) for name, place in self._fields),
            plan=self._plan,
            crm=self._crm,
        )


def _normal(title: str) -> str:
    return " ".join(title.replace("\ufeff", "").replace("_", " ").split()).casefold()


def _meaning(title: str) -> str | None:
    """Return `name`, `phone2`, `mobile`, …; None for a free field."""
    normal = _normal(title)
    known = _KNOWN.get(normal)
    if known is not None:
        return known
    found = _WORDS.findall(normal)
    words = frozenset(word for word in found if not word.isdecimal())
    if words <= _MAIL | _WHICH and words & {"email", "mail", "elettronica"}:
        return "email"
    if words == {"numero"}:
        words = _PHONE
    if not (words <= _MOBILE | _PHONE | _WHICH and words & (_MOBILE | _PHONE)):
        return None
    number = next((word for word in found if word.isdecimal()), "")[:3]
    suffix = "" if number in {"", "1"} else str(int(number))
    return f"mobile{suffix}" if words & _MOBILE else f"phone{suffix}"


def _rank(label: str) -> int:
    """Order as in the documentation: phone, phone2 …, then the mobiles."""
    digits = re.sub(r"[^0-9]", "", label)
    return int(digits or 1) + (0 if label.startswith("phone") else 1_000)


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""
