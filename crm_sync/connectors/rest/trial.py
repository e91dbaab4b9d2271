"""Trying a description out: each request and answer as text, nothing written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from crm_sync.connectors.people import Entity
from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.login import TRY
from crm_sync.connectors.rest.people import Person
from crm_sync.connectors.rest.prepared import FORM, Prepared
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.connectors.trial import Exchange, Sample, Trial
from crm_sync.policy import Create
from gateway.core.errors import AdapterError
from gateway.core.ports import Clock, HttpAnswer, HttpClient
from gateway.core.record import CallRecord
from gateway.core.text import clean_lines
from gateway.core.writing import Creation, EffectKind, Link, plain_plan

MOST_SHOWN: Final = 4000
READ: Final = "Read the answers above."
# what a challenge is answered with, or a password's digest: whoever has it may guess the secret
_DIGEST: Final = re.compile(r"\b(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64,128})\b")
_TOKEN: Final = re.compile(
    r'("(?:access_token|refresh_token|id_token|token|session\w*|password)"\s*:\s*")[^"]+',
    re.IGNORECASE,
)
_COOKIE: Final = re.compile(r"(?mi)^((?:set-)?cookie:\s*[^=;]+=)[^;\n]+")
_SHOWN_HEADERS: Final = ("location", "link", "retry-after", "content-type")


class Overheard:
    """An HTTP client that remembers what passes through it."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self.heard: list[tuple[str, str]] = []

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpAnswer:
        """Pass it on; a failure is remembered as the answer."""
        asked = request_text(method, url, headers or {}, body)
        try:
            answer = await self._http.request(method, url, headers=headers, body=body)
        except AdapterError as error:
            self.heard.append((asked, f"{error.message} {error.detail}".strip()))
            raise
        told = answer.body[:MOST_SHOWN].decode("utf-8", "replace")
        shown = [
            f"{name}: {answer.headers[name]}" for name in _SHOWN_HEADERS if name in answer.headers
        ]
        lines = [f"HTTP {answer.status}", *shown, clean_lines(told, limit=MOST_SHOWN) or ""]
        self.heard.append((asked, "\n".join(lines)))
        return answer


def request_text(method: str, url: str, headers: Mapping[str, str], body: bytes) -> str:
    """Return a request as an administrator reads it in the CRM's own documentation."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target}", *(f"{name}: {value}" for name, value in headers.items())]
    text = body.decode("utf-8", "replace")
    if FORM in headers.values():
        fields = parse_qsl(text, keep_blank_values=True)
        text = "\n".join(f"{name} = {value}" for name, value in fields)
    return "\n".join([*lines, "", text[:MOST_SHOWN]]).strip()


async def try_out(
    settings: RestSettings,
    http: HttpClient,
    clock: Clock,
    record: CallRecord,
    samples: Sequence[Sample] = (),
) -> Trial:
    """Sign in, search, look for the call's mark, and show each request that would write it."""
    overheard = Overheard(http)
    writer = RestWriter(settings, overheard, clock)
    cause = remedy = result = ""
    signed_in: int | None = None
    searched: int | None = None
    planned: list[tuple[str, Prepared]] = []
    try:
        await writer.session.known()
        signed_in = len(overheard.heard)
        plan = plain_plan(record, EffectKind.ENDED)
        facts = await writer.facts(record, clock.now(), plan)
        searched = len(overheard.heard)
        rehearsal = Rehearsal(settings=settings, writer=writer, facts=facts, at=clock.now())
        planned = await rehearsal.planned(samples)
        await writer.calls.look(facts)
        found = bool(facts["contact"])
        result = "one record has this number" if found else "no single record has this number"
        if not any(step == "would be sent" for step, _ in planned):
            result += "; call.only_if leaves this call out"
        result = "; ".join([result, *writer.search.oddities.values()])
    except AdapterError as error:
        cause, remedy = f"{error.message} {error.detail}".strip(), error.remedy.replace(TRY, READ)
    mask = writer.session.masked
    exchanges = [
        Exchange(step=step, request=_hidden(mask(asked), step), answer=_hidden(mask(told), step))
        for at, (asked, told) in enumerate(overheard.heard)
        for step in [_step(at, signed_in, searched)]
    ]
    sent = [
        Exchange(step=step, request=mask(_text_of(request, settings.url)))
        for step, request in planned
    ]
    return Trial(exchanges=[*exchanges, *sent], result=result, cause=cause, remedy=remedy)


def _step(at: int, signed_in: int | None, searched: int | None) -> str:
    """Return what an exchange was for, by its place among all."""
    if signed_in is None or at < signed_in:
        return "sign-in"
    return "search" if searched is None or at < searched else "find"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What would be sent for one party, in its order."""

    settings: RestSettings
    writer: RestWriter
    facts: Mapping[str, object]
    at: datetime

    async def planned(self, samples: Sequence[Sample]) -> list[tuple[str, Prepared]]:
        """Return the contact of a stranger, the call, and the further effects."""
        create = self.settings.policy.create
        steps = await self._strangers(create)
        ended = self._with_stranger(self.facts, made=create is Create.ALWAYS)
        steps += await self.writer.calls.planned(ended)
        for one in samples:
            records = self.writer.calls if one.plan.task is None else self.writer.tasks
            if records is None:
                continue
            facts = self.writer.retold(self.facts, one.record, self.at, one.plan)
            made = one.plan.task is not None and create in {Create.MISSED, Create.ALWAYS}
            there = self._with_stranger(facts, made=made)
            steps += [(one.step, request) for _, request in await records.planned(there)]
        return steps

    async def _strangers(self, create: Create) -> list[tuple[str, Prepared]]:
        if self.facts["contact"]:
            return []
        wanted = self.settings.policy.create_as
        steps: list[tuple[str, Prepared]] = []
        for creation in (wanted, *(one for one in Creation if one is not wanted)):
            request = await self.writer.strangers.creation(creation, self.facts)
            if request is not None and create is Create.NEVER:
                steps.append((f"would make the {creation}, if the policy says so", request))
            elif request is not None and creation is wanted:
                steps.append((f"would make the {creation} first: create = {create}", request))
        return steps

    def _with_stranger(self, facts: Mapping[str, object], *, made: bool) -> Mapping[str, object]:
        """Return the facts as they are once the stranger is a contact whose id is "ID"."""
        policy = self.settings.policy
        if facts["contact"] or not made or Link.CONTACT not in policy.links:
            return facts
        entity = Entity.LEAD if policy.create_as is Creation.LEAD else Entity.PERSON
        person = Person(entity=entity, id="ID")
        return {**facts, "contact": asdict(person), entity.value: person.id}


def _text_of(request: Prepared, base: str) -> str:
    headers = dict(request.headers)
    if request.content_type is not None:
        headers = {"Content-Type": request.content_type, **headers}
    return request_text(request.method, request.target(base), headers, request.body())


def _hidden(text: str, step: str) -> str:
    """Return an exchange without tokens; in a sign-in also without digests and cookies."""
    text = _COOKIE.sub(r"\1•••", _TOKEN.sub(r"\1•••", text))
    return _DIGEST.sub("•••", text) if step == "sign-in" else text
