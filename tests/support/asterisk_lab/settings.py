"""What a lab can be told, and the invented people who sit in it."""

from dataclasses import dataclass

PEOPLE = {
    "1001": "Anna Rossi",
    "1002": "Bruno Conti",
    "1003": "Carla Neri",
    "1004": "Dario Villa",
    "1005": "Elena Ferri",
    "1006": "Fabio Galli",
    "1007": "Giulia Costa",
    "1008": "Hugo Weiss",
    "1009": "Irene Fontana",
    "1010": "Jacopo Moro",
    "1011": "Katia Bruni",
    "1012": "Luca De Santis",
    "1013": "Marta D'Angelo",
    "1014": "Nicolò Però",
    "1015": "Olga Riva",
    "1016": "Paolo Serra",
    "1017": "Quinto Leone",
    "1018": "Rita Müller",
    "1019": "Sara Gatti",
    "1020": "Tito Basso",
}
PHONES = tuple(PEOPLE)
# This phone has an account and a desk, but the PBX knows no address of it.
UNPLUGGED = "1020"

COMPANY_NUMBER = "+390299990000"
OBSERVER = "filodiretto"
CONTROL = "filodiretto-control"
LAB_SECRET = "lab-only-secret"
OBSERVER_SECRET = "observer-secret-of-the-lab"
CONTROL_SECRET = "control-secret-of-the-lab"


def did(last_four: str) -> str:
    """Return the company's outside number that ends with these digits."""
    return f"+39029999{last_four}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the PBX rings and waits, in whole seconds: short in tests, natural in recordings."""

    ring_s: int = 4
    agent_s: int = 2
    queue_wait_s: int = 20
    menu_s: int = 3
    outside_ring_s: int = 8
