"""What `check` says of our own numbers: one that is written wrongly names no line and no call."""

from collections.abc import Sequence

from gateway.core.findings import Finding, Verdict
from gateway.runtime.loading import Loaded
from gateway.runtime.plans import plans_of


def number_findings(loaded: Loaded) -> Sequence[Finding]:
    """Return a warning for each number in `[[line]]` and `[directory]` that means nothing."""
    plans, found, named = plans_of(loaded), [], dict[str, str]()
    for line in loaded.settings.line:
        read = {plan.parse(line.did).e164 for plan in plans} - {None}
        if not read:
            found.append(_warning("line", f'"{line.did}" is read as no telephone number.', _LINE))
        first = next((named[one] for one in read if one in named), None)
        if first is not None:
            cause = f'"{line.did}" stands in two tables; the first, "{first}", counts.'
            found.append(_warning("line", cause, "Take one of them out."))
        named |= {one: named.get(one, line.label) for one in read if one is not None}
    for written in loaded.settings.directory.own_numbers:
        if all((plan.parse(written).e164 or plan.prefix(written)) is None for plan in plans):
            cause = f'own_numbers: "{written}" is read as no telephone number.'
            found.append(_warning("directory", cause, _OWN))
    return found


_LINE = "Write it in international form, or exactly as the trunk sends it if that is no number."
_OWN = 'Write a whole number, or the beginning of one with * behind it: "02 1234*"'


def _warning(subject: str, cause: str, remedy: str) -> Finding:
    return Finding(subject=subject, verdict=Verdict.WARNING, cause=cause, remedy=remedy)
