"""What to say first, in the customer's language and form of address.

Italian has a formal (Lei) and an informal (tu) form; English has one. A customer of another
language is addressed in English.
"""

from collections.abc import Mapping
from typing import Final

# sentence -> language -> (formal, informal)
_SENTENCES: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "promise_broken": {
        "it": (
            "Ci scusi: dovevamo richiamarla e non l’abbiamo fatto. Me ne occupo io adesso.",
            "Scusaci: dovevamo richiamarti e non l’abbiamo fatto. Me ne occupo io adesso.",
        ),
        "en": ("I am sorry: we promised to call you back and did not. I will take care of it now.",)
        * 2,
    },
    "bounced": {
        "it": (
            "Ci scusi per tutti questi passaggi: da adesso la seguo io.",
            "Scusaci per tutti questi passaggi: da adesso ti seguo io.",
        ),
        "en": ("I am sorry you were passed around. I will stay with you until this is solved.",)
        * 2,
    },
    "gave_up": {
        "it": (
            "Ci scusi per prima: ha atteso e nessuno ha risposto. Me ne occupo io adesso.",
            "Scusaci per prima: hai atteso e nessuno ha risposto. Me ne occupo io adesso.",
        ),
        "en": ("I am sorry you waited earlier and nobody answered. I will take care of it now.",)
        * 2,
    },
    "not_answered": {
        "it": (
            "Ci scusi se non abbiamo risposto quando ha chiamato. Me ne occupo io adesso.",
            "Scusaci se non abbiamo risposto quando hai chiamato. Me ne occupo io adesso.",
        ),
        "en": ("I am sorry we missed your call. I will take care of it now.",) * 2,
    },
    "several_calls": {
        "it": (
            "Ci scusi se ha dovuto chiamare più volte. Vediamo di chiuderla adesso.",
            "Scusaci se hai dovuto chiamare più volte. Vediamo di chiuderla adesso.",
        ),
        "en": ("I am sorry you have had to call again. Let us settle it now.",) * 2,
    },
    "long_wait": {
        "it": (
            "Ci scusi per l’attesa. Come posso aiutarla?",
            "Scusaci per l’attesa. Come posso aiutarti?",
        ),
        "en": ("I am sorry you had to wait. How can I help you?",) * 2,
    },
    "listen": {
        "it": (
            "Mi racconti, la ascolto.",
            "Raccontami, ti ascolto.",
        ),
        "en": ("Please tell me, I am listening.",) * 2,
    },
    "handoff": {
        "it": (
            "Buongiorno, so già di che cosa si tratta: non deve ripetere nulla.",
            "Ciao, so già di che cosa si tratta: non devi ripetere nulla.",
        ),
        "en": ("Hello, I know what this is about: you need not repeat anything.",) * 2,
    },
    "promise_due": {
        "it": (
            "Buongiorno, stavamo per richiamarla, come promesso.",
            "Ciao, stavamo per richiamarti, come promesso.",
        ),
        "en": ("Hello, we were about to call you back, as promised.",) * 2,
    },
    "who": {
        "it": (
            "Buongiorno, con chi parlo?",
            "Buongiorno, con chi parlo?",
        ),
        "en": ("Hello, who am I speaking with?",) * 2,
    },
}

_TITLES: Final[Mapping[str, Mapping[str, str]]] = {
    "apologise": {"it": "Prima cosa: scusarsi", "en": "First: apologise"},
    "listen": {"it": "Prima cosa: ascoltare", "en": "First: listen"},
    "handoff": {"it": "Passata da un collega", "en": "Handed over by a colleague"},
    "promise": {"it": "Richiamata promessa", "en": "A call-back was promised"},
    "who": {
        "it": "Prima cosa: chiedere con chi si parla",
        "en": "First: ask who is speaking",
    },
    "vip": {"it": "Cliente VIP", "en": "VIP customer"},
    "nothing": {"it": "Niente da sapere prima", "en": "Nothing to know first"},
}
_AT_RISK: Final[Mapping[str, str]] = {"it": "A rischio. ", "en": "At risk. "}


def sentence(name: str, language: str, *, informal: bool) -> tuple[str, str]:
    """Return what to say and the language it is in (`it` or `en`)."""
    said = _SENTENCES[name]
    spoken = language if language in said else "en"
    return said[spoken][informal], spoken


def title(kind: str, language: str, *, at_risk: bool = False) -> str:
    """Return the imperative of a band in the house's language; English where it is another."""
    words = _TITLES[kind]
    spoken = language if language in words else "en"
    return (_AT_RISK[spoken] if at_risk else "") + words[spoken]
