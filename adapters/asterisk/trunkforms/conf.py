"""Asterisk's configuration grammar, as far as pjsip.conf uses it: written and read back.

Source: `ast_config_text_file_load` and `process_text_line` in main/config.c. A semicolon begins a
comment unless a backslash stands before it; `;--` to `--;` is a block comment; `[name](!)` is a
template, `[name](a,b)` inherits, `[name](+)` goes on with the section before; `=` and `=>` are one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.errors import UsageError

_HEADER: Final = re.compile(r"\[([^\]]*)\](?:\(([^)]*)\))?")
_BROKEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
TYPE: Final = "type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of a type; `options` are in their order, `type` is not among them."""

    name: str
    type: str
    options: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        """Return what people call it: `[provider] endpoint`."""
        return f"[{self.name}] {self.type}"

    def all(self, option: str) -> tuple[str, ...]:
        """Return every value of an option."""
        return tuple(value for key, value in self.options if key == option)


def write(sections: Iterable[Section]) -> str:
    """Return the text of the sections.

    Raises UsageError for a value that a line cannot hold: a control character or line end (it
    would begin another option), or spaces at its ends (Asterisk drops them).
    """
    return "\n".join(_lines(section) for section in sections)


def _lines(section: Section) -> str:
    lines = [f"[{section.name}]", f"{TYPE} = {section.type}"]
    lines += [f"{option} = {escape(value)}" for option, value in section.options]
    return "\n".join(lines) + "\n"


def escape(value: str) -> str:
    """Return a value as a line holds it; see `write`."""
    if _BROKEN.search(value) or value != value.strip():
        raise UsageError(
            "A value holds a line end, a control character or spaces at its ends.",
            remedy="Write it in one line without them.",
        )
    return value.replace(";", "\\;")


def parse(text: str) -> tuple[Section, ...]:
    """Return the sections of a file, templates applied; included files are not read.

    What stands in no section, or in one without a type, is left out, as PJSIP does.
    """
    drafts: list[_Draft] = []
    for line in _bare_lines(text):
        header = _HEADER.match(line)
        if header is not None:
            _open(drafts, header.group(1).strip(), (header.group(2) or "").split(","))
        elif drafts and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            value = value.removeprefix(">")
            drafts[-1].options.append((key.strip().removesuffix("+").strip(), value.strip()))
    return tuple(draft.section() for draft in drafts if not draft.template and draft.type)


@dataclass(slots=True, kw_only=True)
class _Draft:
    name: str
    template: bool
    options: list[tuple[str, str]]

    @property
    def type(self) -> str:
        found = [value for key, value in self.options if key.lower() == TYPE]
        return found[-1] if found else ""

    def section(self) -> Section:
        options = tuple((key, value) for key, value in self.options if key.lower() != TYPE)
        return Section(name=self.name, type=self.type, options=options)


def _open(drafts: list[_Draft], name: str, marks: Sequence[str]) -> None:
    wanted = [mark.strip() for mark in marks if mark.strip()]
    if "+" in wanted:
        before = next((draft for draft in reversed(drafts) if draft.name == name), None)
        if before is not None:
            drafts.remove(before)
            drafts.append(before)
            return
    inherited = [
        option
        for mark in wanted
        for draft in drafts
        if draft.name == mark and draft.template
        for option in draft.options
    ]
    drafts.append(_Draft(name=name, template="!" in wanted, options=inherited))


def _bare_lines(text: str) -> Iterator[str]:
    """Yield the lines without comments, escaped semicolons as themselves."""
    within = False
    for raw in re.split(r"\r?\n", text):
        kept, within = _without_comments(raw, within=within)
        if kept.strip():
            yield kept.strip()


def _without_comments(line: str, *, within: bool) -> tuple[str, bool]:
    kept = ""
    while line:
        if within:
            end = line.find("--;")
            if end < 0:
                return kept, True
            line, within = line[end + 3 :], False
            continue
        at = line.find(";")
        if at < 0:
            return kept + line, False
        if at > 0 and line[at - 1] == "\\":
            kept, line = kept + line[: at - 1] + ";", line[at + 1 :]
        elif line.startswith(";--", at) and not line.startswith(";---", at):
            kept, line, within = kept + line[:at], line[at + 3 :], True
        else:
            return kept + line[:at], False
    return kept, within
