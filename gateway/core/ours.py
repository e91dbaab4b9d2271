"""Which numbers are our own: a call from one of them is no customer's."""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.core.contact import PREFIX_MARK


class OurNumbers:
    """Our numbers in E.164 with the names of their lines; ranges end in `*`."""

    def __init__(self, lines: Mapping[str, str], others: Iterable[str] = ()) -> None:
        names = {**dict.fromkeys(others, ""), **lines}
        self._names: Final = {
            e164: name for e164, name in names.items() if not e164.endswith(PREFIX_MARK)
        }
        self._ranges: Final = tuple(
            (e164.removesuffix(PREFIX_MARK), name)
            for e164, name in sorted(names.items(), key=lambda pair: -len(pair[0]))
            if e164.endswith(PREFIX_MARK)
        )

    def name_of(self, e164: str) -> str | None:
        """Return the name of our line with this number ("" without one), None for a stranger's."""
        name = self._names.get(e164)
        if name is not None:
            return name
        return next((name for prefix, name in self._ranges if e164.startswith(prefix)), None)
