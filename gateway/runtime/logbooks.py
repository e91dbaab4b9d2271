"""Dry runs, retroactive logging and contacts on demand, for the command line and the API."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from crm_sync import intake
from crm_sync.connectors.settings import ConnectorSettings
from crm_sync.dryrun import DryCall, DryRun, DryRunner
from crm_sync.http import GuardedHttp
from crm_sync.logbook import Half, Logbook, Relogged, Span
from crm_sync.policies import contact_asked
from crm_sync.policy import Create
from crm_sync.policy_words import described
from gateway.core.errors import UsageError
from gateway.core.ids import CallId, EffectKey
from gateway.core.ports import Clock
from gateway.core.record import CallState, Direction, MatchKind, time_json
from gateway.runtime.crms import Site, planner_of, writer_of
from gateway.runtime.junction import open_junction
from gateway.runtime.loading import Loaded
from gateway.runtime.plans import ours_of
from gateway.store.calls import get_call
from gateway.store.database import Connection, Database
from gateway.store.relogged import Progress
from gateway.store.sight import Sight

MOST_CALLS: Final = 1_000
LONGEST: Final = timedelta(days=366)


class Logbooks:
    """Every linked CRM's view of the calls that were. `https` are the CRMs' own clients."""

    def __init__(
        self, loaded: Loaded, db: Database, clock: Clock, https: Mapping[str, GuardedHttp]
    ) -> None:
        self._crms = {crm.name: crm for crm in loaded.crms}
        self._db = db
        self._clock = clock
        self._https = https
        self._zone = ZoneInfo(loaded.settings.gateway.timezone)
        self._site = Site(own=ours_of(loaded).name_of, zone=self._zone)
        junction = open_junction(loaded.pbxs)
        self._is_half: Half = (lambda _record: False) if junction is None else junction.came_over

    def span(self, first: date | None, last: date | None) -> Span:
        """Return the days from `first` to `last`, both whole and local; default: yesterday.

        Raises UsageError for a range that ends before it begins, or is longer than a year.
        """
        first = first or last or self._clock.now().astimezone(self._zone).date() - _DAY
        last = last or first
        since = datetime.combine(first, time(), self._zone)
        until = datetime.combine(last + _DAY, time(), self._zone)
        if not since < until <= since + LONGEST:
            raise UsageError(
                "This is no range of days, or it is longer than a year.",
                remedy="Name a first and a last day, like 2026-10-01 and 2026-10-31.",
            )
        return Span(since=since, until=until)

    async def dry_run(
        self,
        name: str,
        first: date | None,
        last: date | None,
        *,
        limit: int,
        masked: bool,
        visible_to: Sight | None = None,
    ) -> Mapping[str, object]:
        """Return what a CRM would get of the calls of some days; nothing is written.

        Raises UsageError for a CRM that is not linked or no range, StoreError.
        """
        crm, span = self._crm(name), self.span(first, last)
        planner = planner_of(crm, self._site)
        _capabilities, writer = writer_of(crm, self._https[name], self._clock)
        runner = DryRunner(
            self._db,
            self._logbook(crm),
            planner,
            writer,
            language=crm.language,
            own=self._site.own,
        )
        found = await runner.run(
            span, limit=min(limit, MOST_CALLS), masked=masked, visible_to=visible_to
        )
        policy = described(planner.policy, crm.language)
        return {"name": name, **span_json(span), "policy": list(policy), **run_json(found)}

    async def log(
        self, name: str, first: date | None, last: date | None, *, per_s: float
    ) -> Mapping[str, object]:
        """Put the calls of some days into a CRM's outbox; raises like `dry_run`."""
        crm, span = self._crm(name), self.span(first, last)
        done = await self._logbook(crm).log(span, now=self._clock.now(), per_s=per_s)
        return {"name": name, **span_json(span), **relogged_json(done)}

    async def progress(
        self, name: str, first: date | None, last: date | None
    ) -> Mapping[str, object]:
        """Return how far a CRM is with the calls of some days; raises like `dry_run`."""
        crm, span = self._crm(name), self.span(first, last)
        found = await self._logbook(crm).progress(span)
        return {"name": name, **span_json(span), **progress_json(found)}

    async def ask_contact(self, name: str, call_id: CallId, visible_to: Sight | None) -> EffectKey:
        """Have the caller of a call made a contact in a CRM, because a person says so.

        Raises UsageError if the CRM is not linked, its policy does not leave it to people, or the
        call is not over, is not there or may not be seen.
        """
        crm = self._crm(name)
        if crm.policy.create is Create.NEVER:
            raise UsageError(
                "This CRM's policy creates nobody.",
                remedy='Set create = "ask" in its policy.',
            )
        work = partial(
            _ask_contact, name=name, call_id=call_id, visible_to=visible_to, now=self._clock.now()
        )
        return await self._db.write(work)

    def _logbook(self, crm: ConnectorSettings) -> Logbook:
        policy = planner_of(crm, self._site).policy
        return Logbook(self._db, crm.name, policy, is_half=self._is_half)

    def _crm(self, name: str) -> ConnectorSettings:
        crm = self._crms.get(name)
        if crm is None:
            known = ", ".join(self._crms) or "none is linked"
            raise UsageError("There is no CRM of this name.", remedy=f"Known: {known}.")
        return crm


def logbooks_of(
    loaded: Loaded, db: Database, clock: Clock, https: Mapping[str, GuardedHttp]
) -> Logbooks | None:
    """Return the logbooks of the linked CRMs, None if none is."""
    return Logbooks(loaded, db, clock, https) if loaded.crms else None


def _ask_contact(
    conn: Connection, name: str, call_id: CallId, visible_to: Sight | None, now: datetime
) -> EffectKey:
    record = get_call(conn, call_id, visible_to=visible_to)
    if record is None or record.state is not CallState.ENDED:
        raise UsageError(
            "There is no such call, it is not over, or it is not yours to see.",
            remedy="Take one from the list of calls.",
        )
    effect = contact_asked(record, name, now)
    intake.put(conn, effect)
    return effect.key


_DAY: Final = timedelta(days=1)


def span_json(span: Span) -> dict[str, object]:
    """Return a range as it is shown."""
    return {"from": time_json(span.since), "to": time_json(span.until)}


def run_json(found: DryRun) -> dict[str, object]:
    """Return a dry run as it is shown."""
    return {
        "asked_crm": found.asked_crm,
        "cause": found.cause or None,
        "remedy": found.remedy or None,
        "calls": [call_json(call) for call in found.calls],
        "unwanted": found.unwanted,
        "more": found.more,
        "rates": [
            {
                "direction": direction.value,
                **{kind.value: found.rates.get((direction, kind), 0) for kind in MatchKind},
            }
            for direction in Direction
            if any(found.rates.get((direction, kind)) for kind in MatchKind)
        ],
        "unmatched": [
            {"number": one.number or None, "calls": one.calls} for one in found.unmatched
        ],
    }


def call_json(call: DryCall) -> dict[str, object]:
    """Return one call of a dry run as it is shown."""
    return {
        "call_id": str(call.call_id),
        "at": time_json(call.at),
        "direction": call.direction.value,
        "outcome": call.outcome.value if call.outcome is not None else None,
        "title": call.title,
        "match": call.match.value,
        "person": call.person,
        "assignee": call.assignee,
        "task": call.task,
        "creates": call.creates,
        "state": call.state.value if call.state is not None else None,
    }


def relogged_json(done: Relogged) -> dict[str, object]:
    """Return what a retroactive logging did, as it is shown."""
    return {
        "put": done.put,
        "there": done.there,
        "unwanted": done.unwanted,
        "ends_at": time_json(done.ends_at),
    }


def progress_json(found: Progress) -> dict[str, object]:
    """Return how far it is, as it is shown."""
    return {
        "states": {state.value: count for state, count in found.states.items()},
        "last_due_at": time_json(found.last_due_at),
    }
