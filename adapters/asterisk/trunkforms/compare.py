"""A rendered trunk beside what there is: as a unified diff, and each difference in words."""

import difflib
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from adapters.asterisk.trunkforms.conf import Section
from adapters.asterisk.trunkforms.form import TrunkForm
from adapters.asterisk.trunkforms.pjsip import sections_of
from adapters.asterisk.trunkforms.rules import is_network
from gateway.core.trunkforms import Change, Comparison, Words

# A password is never read, and what is disallowed shows in what is allowed.
UNSEEN: Final = frozenset({"password", "disallow"})
_SAID_AS: Final = {"true": "yes", "false": "no", "on": "yes", "off": "no", "yes": "yes", "no": "no"}
_PLACES: Final = frozenset({"match", "local_net"})
_FLAGS: Final = frozenset({"yes", "no"})

Key = tuple[str, str]
Found = Mapping[Key, Mapping[str, str]]


def key_of(section: Section) -> Key:
    """Return what tells a section from others: its name and type."""
    return section.name, section.type


def options_of(section: Section) -> dict[str, str]:
    """Return a section's options, several of one name in one line, as the comparison sees them."""
    merged: dict[str, list[str]] = {}
    for option, value in section.options:
        if option not in UNSEEN:
            merged.setdefault(option, []).append(value)
    return {option: canonical(option, ",".join(values)) for option, values in merged.items()}


def canonical(option: str, value: str) -> str:
    """Return a value in the one form that Asterisk's own and an administrator's come to."""
    if option == "allow":
        names = value.strip("()").replace("|", ",").split(",")
        return ",".join(name.strip() for name in names if name.strip() not in {"!all", ""})
    if option in _PLACES:
        return ",".join(sorted(_place(item.strip()) for item in value.split(",") if item.strip()))
    return value


def _place(text: str) -> str:
    address, slash, mask = text.partition("/")
    try:
        if ":" in mask:  # Asterisk writes the mask of an IPv6 network as an address
            mask = str(int(ipaddress.IPv6Address(mask)).bit_count())
        network = ipaddress.ip_network(address + slash + mask, strict=False)
    except ValueError:
        return text
    whole = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if whole else str(network)


def from_file(form: TrunkForm, sections: Iterable[Section]) -> Found:
    """Return what a file has of the trunk's sections, all their options."""
    wanted = {key_of(section) for section in sections_of(form)}
    return {
        key_of(section): options_of(section) for section in sections if key_of(section) in wanted
    }


def compared(form: TrunkForm, found: Found, source: str, *, resolved: bool = False) -> Comparison:
    """Return how `found` differs from the form; `source` says where it was read.

    `resolved`: a PBX tells the addresses that it found for the names in match, not the names. Such
    a match is left out here; the checks look whether it covers what DNS says.
    """
    unseen = {"match"} if resolved and not all(map(is_network, form.matches)) else set()
    before: list[str] = []
    after: list[str] = []
    changes: list[Change] = []
    for section in sections_of(form):
        wanted = _without(unseen, options_of(section))
        there = _alike(_without(unseen, found.get(key_of(section), {})), wanted)
        if there:
            before += _lines(section, there, wanted)
        after += _lines(section, wanted, wanted)
        changes += _changes(section, there, wanted)
    diff = difflib.unified_diff(before, after, source, f"trunk {form.name}", lineterm="")
    return Comparison(source=source, diff="\n".join(diff), changes=tuple(changes))


def _without(unseen: set[str], options: Mapping[str, str]) -> dict[str, str]:
    return {option: value for option, value in options.items() if option not in unseen}


def _alike(there: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return what is there with yes and no in the words of the form."""
    return {
        option: _SAID_AS.get(value.lower(), value) if wanted.get(option) in _FLAGS else value
        for option, value in there.items()
    }


def _lines(section: Section, options: Mapping[str, str], order: Mapping[str, str]) -> Sequence[str]:
    names = [*(name for name in order if name in options), *sorted(set(options) - set(order))]
    return [
        f"[{section.name}]",
        f"type = {section.type}",
        *(f"{name} = {options[name]}" for name in names),
        "",
    ]


def _changes(
    section: Section, there: Mapping[str, str], wanted: Mapping[str, str]
) -> Iterable[Change]:
    if not there:
        yield _change(section, "type", None, section.type)
        return
    for option in (*wanted, *sorted(set(there) - set(wanted))):
        before, after = there.get(option), wanted.get(option)
        if before != after:
            yield _change(section, option, before, after)


def _change(section: Section, option: str, before: str | None, after: str | None) -> Change:
    title = section.title
    if option == "type":
        words = Words(en=f"{title} is not there.", it=f"{title} non c'è.")
    elif before is None:
        words = Words(
            en=f"{title}: {option} is not set; the form sets it to {after}.",
            it=f"{title}: {option} non è impostato; il modulo mette {after}.",
        )
    elif after is None:
        words = Words(
            en=f"{title}: {option} is {before}; the form does not set it.",
            it=f"{title}: {option} è {before}; il modulo non lo imposta.",
        )
    else:
        words = Words(
            en=f"{title}: {option} is {before}; the form says {after}.",
            it=f"{title}: {option} è {before}; il modulo dice {after}.",
        )
    return Change(section=title, option=option, before=before, after=after, words=words)
