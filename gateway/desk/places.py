"""Extensions of other PBXs of ours, written `branch:201` (DESIGN section 5)."""

from collections.abc import Callable, Sequence

WhoHas = Callable[[str, str], Sequence[str]]


def place_of(pbx: str, extension: str) -> tuple[str, str]:
    """Return the PBX that an extension of a call's record belongs to, and its number there."""
    peer, colon, number = extension.rpartition(":")
    return (peer, number) if colon and peer else (pbx, extension)


def across(who_has: WhoHas) -> WhoHas:
    """Return `who_has` so that it also finds whose `branch:201` is."""

    def found(pbx: str, extension: str) -> Sequence[str]:
        if ":" not in extension:
            return who_has(pbx, extension)
        return who_has(*place_of(pbx, extension))

    return found
