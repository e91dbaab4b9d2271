"""Lists in answers: one is where it should be, or the CRM has said that there is nobody."""

from crm_sync.connectors.rest.paths import found, found_id
from gateway.core.errors import RejectedError


def items_of(items: str, number: str, body: object) -> list[object] | None:
    """Return the entries at `items`; one object with an id at `number` counts as a list of one.

    None if no list is there: a wrong path must not pass for "nobody found". An empty object hides
    nobody: some CRMs write their empty lists so.
    """
    here = found(items, body)
    if isinstance(here, list):
        return here
    if isinstance(here, dict) and (not here or found_id(number, here) is not None):
        return [here] if here else []
    return None


def no_list(adapter: str, place: str) -> RejectedError:
    """Return what is wrong with an answer that has no list at `items` of the table `place`."""
    return RejectedError(
        "The CRM's answer has no list where one should be.",
        adapter=adapter,
        remedy=f"Check items of {place}. If such an answer means that nobody was found, say so:"
        ' with empty_statuses there, with empty in [crm.errors], or items = "… || `[]`".',
        detail=f"{place}, items",
    )


def no_entry(adapter: str, place: str, key: str) -> RejectedError:
    """Return what is wrong with entries that have nothing at `key` of the table `place`."""
    return RejectedError(
        "The entries of the CRM's list have nothing where one is known by.",
        adapter=adapter,
        remedy=f"Check {key} of {place}: it says where that stands in an entry.",
        detail=f"{place}, {key}",
    )
