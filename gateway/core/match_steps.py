"""Every decision that a match takes, in words for people and as codes for programs."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Self


class StepCode(StrEnum):
    """Every decision a match can take, for the catalogues of other languages."""

    NO_NUMBER = "no_number"
    WITHHELD = "withheld"
    NOT_E164 = "not_e164"
    OWN_NUMBER = "own_number"
    IGNORED = "ignored"
    E164 = "e164"
    CHOSEN = "chosen"
    HITS = "hits"
    NO_HIT = "no_hit"
    ONE_PERSON = "one_person"
    PERSON_OVER_COMPANY = "person_over_company"
    BY_EXTENSION = "by_extension"
    SEVERAL_PEOPLE = "several_people"
    ONE_COMPANY = "one_company"
    SEVERAL_COMPANIES = "several_companies"
    BEHIND_SWITCHBOARD = "behind_switchboard"
    IN_RANGE = "in_range"
    SEVERAL_RANGES = "several_ranges"
    WRITTEN_OTHERWISE = "written_otherwise"
    FORMS = "forms"
    NOT_IN_RANGES = "not_in_ranges"
    ENDS_ALIKE = "ends_alike"
    NOTHING_ALIKE = "nothing_alike"


ENGLISH: Final[Mapping[StepCode, str]] = {
    StepCode.NO_NUMBER: "No number was sent, so nobody is looked up.",
    StepCode.WITHHELD: "The caller withheld the number: withheld numbers match nobody.",
    StepCode.NOT_E164: "{raw} is an extension, a short code or no telephone number here: "
    "it is never looked up in the directory.",
    StepCode.OWN_NUMBER: "{e164} is one of our own numbers ({name}): it is no customer's.",
    StepCode.IGNORED: "{e164} is on the ignore list since {date}: {reason}",
    StepCode.E164: "{raw} is {e164} in international form.",
    StepCode.CHOSEN: "{name} was chosen for this number by {by} on {date}.",
    StepCode.HITS: "The directory has {people} people and {companies} companies with {e164}.",
    StepCode.NO_HIT: "Nobody in the directory has {e164}.",
    StepCode.ONE_PERSON: "{name} is the only entry with this number.",
    StepCode.PERSON_OVER_COMPANY: "{name} is the only person with this number: a person goes "
    "before a company.",
    StepCode.BY_EXTENSION: "{name} has extension {extension} behind this number.",
    StepCode.SEVERAL_PEOPLE: "{people} people share this number: none of them is chosen.",
    StepCode.ONE_COMPANY: "Only a company has this number: {name}.",
    StepCode.SEVERAL_COMPANIES: "{companies} companies share this number: none of them is chosen.",
    StepCode.BEHIND_SWITCHBOARD: "{people} people have an extension behind this switchboard: "
    "the number does not tell which of them calls.",
    StepCode.IN_RANGE: "{e164} lies in the range {range} of {name}.",
    StepCode.SEVERAL_RANGES: "{e164} lies in ranges of {companies} companies: none is chosen.",
    StepCode.WRITTEN_OTHERWISE: "{count} entries have this number written in another way: "
    "perhaps one of them, nobody is chosen.",
    StepCode.FORMS: "Also looked for, in case it is written wrongly: {forms}.",
    StepCode.NOT_IN_RANGES: "No range of a company covers it.",
    StepCode.ENDS_ALIKE: "{count} entries have a number that ends in {digits}, such as {written}: "
    "correct it there if it is the same.",
    StepCode.NOTHING_ALIKE: "No number in the directory ends in {digits}.",
}

ITALIAN: Final[Mapping[StepCode, str]] = {
    StepCode.NO_NUMBER: "Non è arrivato nessun numero: non si cerca nessuno.",
    StepCode.WITHHELD: "Chi chiama nasconde il numero: un numero nascosto non è di nessuno.",
    StepCode.NOT_E164: "{raw} è un interno, un codice breve o qui non è un numero di telefono: "
    "non si cerca in rubrica.",
    StepCode.OWN_NUMBER: "{e164} è uno dei nostri numeri ({name}): non è di un cliente.",
    StepCode.IGNORED: "{e164} è nella lista dei numeri ignorati dal {date}: {reason}",
    StepCode.E164: "{raw} in forma internazionale è {e164}.",
    StepCode.CHOSEN: "{name} è la scelta di {by} per questo numero, del {date}.",
    StepCode.HITS: "In rubrica {e164}: persone {people}, aziende {companies}.",
    StepCode.NO_HIT: "In rubrica nessuno ha {e164}.",
    StepCode.ONE_PERSON: "{name} è l'unica voce con questo numero.",
    StepCode.PERSON_OVER_COMPANY: "{name} è l'unica persona con questo numero: una persona viene "
    "prima di un'azienda.",
    StepCode.BY_EXTENSION: "{name} ha l'interno {extension} dietro questo numero.",
    StepCode.SEVERAL_PEOPLE: "{people} persone usano questo numero: non se ne sceglie nessuna.",
    StepCode.ONE_COMPANY: "Solo un'azienda ha questo numero: {name}.",
    StepCode.SEVERAL_COMPANIES: "{companies} aziende usano questo numero: non se ne sceglie "
    "nessuna.",
    StepCode.BEHIND_SWITCHBOARD: "Persone con un interno dietro questo centralino: {people}. "
    "Il numero non dice chi di loro chiama.",
    StepCode.IN_RANGE: "{e164} è nell'arco di numeri {range} di {name}.",
    StepCode.SEVERAL_RANGES: "{e164} è negli archi di numeri di {companies} aziende: non se ne "
    "sceglie nessuna.",
    StepCode.WRITTEN_OTHERWISE: "Voci con questo numero scritto in altro modo: {count}. Forse una "
    "di queste, non se ne sceglie nessuna.",
    StepCode.FORMS: "Cercato anche, se fosse scritto male: {forms}.",
    StepCode.NOT_IN_RANGES: "Nessun arco di numeri di un'azienda lo comprende.",
    StepCode.ENDS_ALIKE: "Voci con un numero che finisce in {digits}: {count}, per esempio "
    "{written}. Se è lo stesso, correggerlo lì.",
    StepCode.NOTHING_ALIKE: "Nessun numero in rubrica finisce in {digits}.",
}
CATALOGUES: Final = {"en": ENGLISH, "it": ITALIAN}


class Step(str):
    """One decision as an English sentence, with its code and facts for other languages."""

    __slots__ = ("args", "code")

    code: StepCode
    args: Mapping[str, str | int]

    def __new__(cls, code: StepCode, **args: str | int) -> Self:
        """Write the sentence of `code` with its facts."""
        step = super().__new__(cls, ENGLISH[code].format(**args))
        step.code = code
        step.args = args
        return step


def say(step: str, language: str) -> str:
    """Return a step in Italian (`it`) or English (any other language)."""
    if not isinstance(step, Step):
        return step
    return CATALOGUES.get(language, ENGLISH)[step.code].format(**step.args)
