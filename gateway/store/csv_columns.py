"""Which column of a CSV file means what."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.core.numbers import NumberPlan
from gateway.core.text import clean_text
from gateway.store.contact_merge import Told
from gateway.store.drafts import Entry, draft

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("ref", "codice", "codice cliente", "id contatto", "contact id"),
    "name": ("nome", "nominativo", "nome e cognome", "nome completo", "full name", "first name"),
    "surname": ("cognome", "last name", "family name"),
    "company": (
        *("azienda", "società", "societa", "ditta", "impresa", "ragione sociale"),
        *("organizzazione", "organization", "company name"),
    ),
    "company_id": ("company id", "codice azienda", "id azienda"),
    "email": ("e-mail", "mail", "posta elettronica", "indirizzo email", "email address"),
    "language": ("lingua",),
    "formality": ("formalità", "formalita"),
    "owner": ("responsabile", "referente", "assegnato a", "commerciale", "account manager"),
    "tags": ("tag", "etichette", "categorie"),
    "vip": (),
    "at_risk": ("at risk", "a rischio"),
    "url": ("link", "scheda"),
}
_PHONES: Final = ("telefono", "tel", "tel.", "phone number", "numero", "numero di telefono")
_MOBILES: Final = ("cellulare", "cell", "cell.", "mobile phone", "telefono cellulare")
_KNOWN: Final = {alias: name for name, aliases in _NAMES.items() for alias in (name, *aliases)}
_NUMBERED: Final = re.compile(r"(.+?)[ _]?(\d{1,3})?", re.ASCII)
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
        return Told(attributes=frozenset(self._texts), labels=labels)

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
    found = _NUMBERED.fullmatch(normal)
    if found is None:
        return None
    word, number = found.group(1), found.group(2) or ""
    suffix = "" if number in {"", "1"} else str(int(number))
    if word == "phone" or word in _PHONES:
        return f"phone{suffix}"
    return f"mobile{suffix}" if word == "mobile" or word in _MOBILES else None


def _rank(label: str) -> int:
    """Order as in the documentation: phone, phone2 …, then the mobiles."""
    digits = re.sub(r"[^0-9]", "", label)
    return int(digits or 1) + (0 if label.startswith("phone") else 1_000)


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""
