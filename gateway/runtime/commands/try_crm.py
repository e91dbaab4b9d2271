"""`filodiretto check --crm NAME --try NUMBER`: a CRM's own words, and what we would write."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from crm_sync.connectors.settings import ConnectorSettings
from crm_sync.connectors.trial import Sample, Triable, Trial
from crm_sync.planning import Planner
from crm_sync.policy import Moment
from gateway.core.errors import ConfigError, UsageError
from gateway.core.ids import call_id, effect_key
from gateway.core.numbers import NumberPlan
from gateway.core.ports import Clock, Effect
from gateway.core.record import (
    CallRecord,
    CallState,
    Direction,
    EndedBy,
    EndKind,
    Outcome,
    Party,
    Seconds,
)
from gateway.core.writing import EffectKind
from gateway.runtime import loading, plugins
from gateway.runtime.clock import SystemClock
from gateway.runtime.commands.common import FAILURE, OK, say, show
from gateway.runtime.crms import Site, open_http, planner_of

RING_S = 4.0
TALK_S = 60.0


def run(path: Path | None, *, crm: str, number: str, json_output: bool) -> int:
    """Sign in, search for `number` and show the request for a call from it; write nothing.

    Raises ConfigError for an unknown CRM, UsageError for a number that is none.
    """
    loaded = loading.load(path)
    chosen = next((one for one in loaded.crms if one.name == crm), None)
    if chosen is None:
        known = ", ".join(one.name for one in loaded.crms) or "none is configured"
        raise ConfigError(
            f'There is no [[crm]] with name = "{crm}".', where="--crm", remedy=f"Known: {known}."
        )
    trial = asyncio.run(
        _tried(chosen, number, Site(zone=ZoneInfo(loaded.settings.gateway.timezone)))
    )
    rows = [
        {"step": one.step, "request": one.request, "answer": one.answer or None}
        for one in trial.exchanges
    ]
    if json_output:
        rows.append({"step": "result", "request": trial.result, "answer": trial.cause or None})
        show(rows, {}, json_output=True)
    else:
        _print(trial)
    return FAILURE if trial.cause else OK


async def _tried(crm: ConnectorSettings, number: str, site: Site) -> Trial:
    plugin, clock = plugins.connector(crm.kind), SystemClock()
    if not isinstance(plugin, Triable):
        raise UsageError(
            f'kind = "{crm.kind}" has nothing to try out beyond `filodiretto check`.',
            remedy='Leave out --try; it is for kind = "rest".',
        )
    record = example_call(crm, number, clock)
    tasks = plugin.capabilities_of(crm).tasks
    samples = samples_of(crm.name, planner_of(crm, site), record, at=clock.now(), tasks=tasks)
    async with AsyncExitStack() as stack:
        return await plugin.try_out(crm, open_http(crm, clock, stack), clock, record, samples)


def example_call(crm: ConnectorSettings, number: str, clock: Clock) -> CallRecord:
    """Return a minute's call from `number` that has just ended; UsageError if it is no number."""
    parsed = NumberPlan(crm.country).parse(number)
    if parsed.e164 is None:
        raise UsageError(
            "This is no telephone number of the world.",
            remedy='Write it with country code, like --try "+39 06 1234 5678".',
        )
    ended_at = clock.now()
    answered_at = ended_at - timedelta(seconds=TALK_S)
    users = getattr(crm, "users", {})
    agent = next(iter(users), "").rpartition(":")[2] or None
    return CallRecord(
        id=call_id("try", parsed.e164),
        pbx="try",
        linkedid="try",
        direction=Direction.INBOUND,
        state=CallState.ENDED,
        end=EndKind.SEEN,
        caller=Party(number=parsed.e164, e164=parsed.e164),
        answered_by=agent,
        final_talker=agent,
        outcome=Outcome.ANSWERED,
        ended_by=EndedBy.CALLER,
        started_at=answered_at - timedelta(seconds=RING_S),
        answered_at=answered_at,
        ended_at=ended_at,
        seconds=Seconds(ring=RING_S, talk=TALK_S, hold=0.0),
    )


def samples_of(
    crm: str, planner: Planner, answered: CallRecord, *, at: datetime, tasks: bool
) -> tuple[Sample, ...]:
    """Return what else would be written: the call while it is live, and a missed one's task."""
    kinds = {Moment.RING: EffectKind.STARTED, Moment.ANSWER: EffectKind.ANSWERED}
    live = kinds.get(planner.policy.when)
    effects: list[tuple[str, Effect]] = []
    if live is not None:
        step = f"would be sent while it is live: {live}"
        effects.append((step, _effect(crm, live, _live(answered, live), at)))
    if tasks:
        step = "would be sent for a missed call"
        effects.append((step, _effect(crm, EffectKind.TASK, _missed(answered), at)))
    planned = [(step, planner.plan(effect)) for step, effect in effects]
    return tuple(
        Sample(step=step, record=one.record, plan=replace(one.plan, creates=None))
        for step, one in planned
    )


def _effect(crm: str, kind: EffectKind, record: CallRecord, at: datetime) -> Effect:
    return Effect(
        key=effect_key(record.id, crm, kind, 0),
        connector=crm,
        kind=kind,
        ordinal=0,
        record=record,
        occurred_at=at,
        not_before=at,
    )


def _live(answered: CallRecord, kind: EffectKind) -> CallRecord:
    """Return the call as it stood when it rang, or when it was answered."""
    live = replace(
        answered,
        state=CallState.LIVE,
        end=None,
        outcome=None,
        ended_by=None,
        ended_at=None,
        seconds=Seconds(),
    )
    if kind is EffectKind.ANSWERED:
        return live
    return replace(live, answered_by=None, final_talker=None, answered_at=None)


def _missed(answered: CallRecord) -> CallRecord:
    """Return a call whose caller gave up."""
    return replace(
        answered,
        answered_by=None,
        final_talker=None,
        answered_at=None,
        outcome=Outcome.ABANDONED,
        seconds=Seconds(ring=RING_S, wait=RING_S),
    )


def _print(trial: Trial) -> None:
    for one in trial.exchanges:
        say(f"── {one.step}")
        say(one.request)
        if one.answer:
            say(f"\n{one.answer}")
        say("")
    if trial.result:
        say(trial.result)
    if trial.cause:
        say(f"failed: {trial.cause}\n{trial.remedy}")
