"""How somebody wants their pages, the same on every machine they sign in at."""

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from gateway.store.schema_preferences import preferences

FULL: Final = 100


class Theme(StrEnum):
    """Light or dark; none of them is as the browser says."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a page may ask; None is as the browser says. `volume` is in percent."""

    language: str | None = None
    theme: Theme | None = None
    sound: bool = True
    volume: int = FULL
    notifications: bool = False
    single_keys: bool = True


def preferences_of(conn: Connection, login: str) -> Preferences:
    """Return what somebody chose, the defaults before."""
    row = conn.execute(select(preferences).where(preferences.c.login == login)).first()
    if row is None:
        return Preferences()
    known = {field.name: getattr(row, field.name) for field in fields(Preferences)}
    return Preferences(**known | {"theme": Theme(row.theme) if row.theme else None})


def put_preferences(conn: Connection, login: str, wanted: Preferences) -> None:
    """Keep what somebody chose."""
    conn.execute(delete(preferences).where(preferences.c.login == login))
    conn.execute(insert(preferences).values(login=login, **asdict(wanted)))
