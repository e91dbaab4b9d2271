"""What is doubtful in a description that is valid: said by `filodiretto check`."""

from typing import Final

from jinja2 import nodes

from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.connectors.rest.templates import parsed
from crm_sync.connectors.trial import Caution
from crm_sync.policy import Moment

_UNKNOWN_WHILE_LIVE: Final = frozenset({"outcome", "ended_by"})


def live_words(settings: RestSettings) -> tuple[Caution, ...]:
    """Return the maps that a live call needs a word of, and that have no entry `none`."""
    if settings.policy.when is Moment.END:
        return ()
    create = settings.call.create
    tree = (create.path, create.query, create.headers, create.body, create.form)
    used = {
        str(call.args[0].value)
        for template in parsed(tree)
        for call in template.find_all(nodes.Filter)
        if call.name == "mapped" and call.args and isinstance(call.args[0], nodes.Const)
        if isinstance(call.node, nodes.Getattr) and call.node.attr in _UNKNOWN_WHILE_LIVE
    }
    return tuple(
        Caution(
            cause=(
                f'maps.{name} has no entry "none": a call that is still live has no outcome, so the'
                " record is made without it"
            ),
            remedy=f'add none = "…" to maps.{name}, or set policy.when = "end"',
        )
        for name in sorted(used)
        if "none" not in settings.maps.get(name, {})
    )
