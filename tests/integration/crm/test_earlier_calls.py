"""Dry runs and retroactive logging over stored calls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from support.crm_records import MORNING, answered, ended, missed
from support.worker_rig import ScriptedWriter, worker_rig

from crm_sync import intake
from crm_sync.dryrun import DryRunner, masked_number
from crm_sync.logbook import Logbook, Span
from crm_sync.planning import Planner
from crm_sync.policies import effects
from crm_sync.policy import Policy, TaskPolicy
from crm_sync.wording import Wording
from gateway.core.contact import Contact, ContactNumber
from gateway.core.errors import AuthError
from gateway.core.ids import call_id
from gateway.core.ports import CrmWriter
from gateway.core.record import Called, CallRecord, Direction, MatchKind, Party
from gateway.core.writing import Preview, WritePlan
from gateway.store import calls, outbox
from gateway.store.contacts import save_contacts
from gateway.store.database import Database
from gateway.store.outbox import EffectState

ROME = ZoneInfo("Europe/Rome")
DAY = Span(since=MORNING - timedelta(hours=1), until=MORNING + timedelta(hours=1))
POLICY = Policy(task=TaskPolicy(wanted=True))
NOW = MORNING + timedelta(days=1)
STRANGER = Party(number="0039069999", e164="+39069999999")


@dataclass(slots=True)
class Previewer(ScriptedWriter):
    """A CRM that knows one person, or refuses to be asked."""

    error: AuthError | None = None
    asked: list[WritePlan] = field(default_factory=list)

    async def preview(self, record: CallRecord, *, plan: WritePlan) -> Preview:
        """Know Studio Verdi."""
        self.asked.append(plan)
        if self.error is not None:
            raise self.error
        known = record.outside_number == "+390612345678"
        match = MatchKind.EXACT if known else MatchKind.NONE
        return Preview(title="Call", match=match, person="Verdi" if known else None)


def planner(policy: Policy) -> Planner:
    """Return a planner in Italian."""
    wording = Wording("crm", policy, zone=ROME, language="it")
    return Planner(policy, wording, own=lambda _e164: None, zone=ROME)


def logbook(db: Database, policy: Policy = POLICY) -> Logbook:
    """Return a logbook in which no call is half."""
    return Logbook(db, "crm", policy, is_half=lambda _record: False)


def runner(db: Database, writer: CrmWriter, policy: Policy = POLICY) -> DryRunner:
    """Return what makes dry runs."""
    return DryRunner(
        db, logbook(db, policy), planner(policy), writer, language="it", own=lambda _e164: None
    )


async def keep(db: Database, *records: CallRecord) -> None:
    """Store calls, as if they had been before the CRM was linked."""
    await db.write(
        lambda conn: [calls.save_call(conn, one, state=None, channels=()) for one in records]
    )


async def rows(db: Database) -> Sequence[outbox.StoredEffect]:
    """Return what is in the outbox."""
    return (await db.read(lambda conn: outbox.list_effects(conn, limit=500))).items


def many(count: int) -> list[CallRecord]:
    """Return calls, a second between each two."""
    return [
        answered(f"9.{number}", started_at=MORNING + timedelta(seconds=number))
        for number in range(count)
    ]


async def test_range_is_written_once_however_often_it_is_asked_for(db: Database) -> None:
    """The keys are those of live calls, so what was written live is left alone too."""
    live, *others = many(205)
    part = answered("9.900", merged_into=call_id("hq", "9.1"))
    inner = answered("9.901", direction=Direction.INTERNAL)
    before = answered("9.902", started_at=DAY.since - timedelta(seconds=1))
    await keep(db, live, *others, part, inner, before)
    [told] = effects(ended(live), connector="crm", policy=POLICY)
    await db.write(lambda conn: intake.put(conn, told))
    first = await logbook(db).log(DAY, now=NOW, per_s=2.0)
    assert (first.put, first.there, first.unwanted) == (204, 1, 1)
    assert first.ends_at == NOW + timedelta(seconds=203 / 2)
    due = {one.key: one.due_at for one in await rows(db)}
    again = await logbook(db).log(DAY, now=NOW + timedelta(hours=1), per_s=2.0)
    assert (again.put, again.there) == (0, 205)
    assert {one.key: one.due_at for one in await rows(db)} == due
    assert len(due) == 205
    crm = ScriptedWriter()
    async with worker_rig(db, {"crm": crm}) as rig:
        rig.later(3 * 24 * 3600)
        await rig.until(
            lambda: rows(db), lambda all_: all(one.state is EffectState.DELIVERED for one in all_)
        )
    assert len({one.record.id for one in crm.ledger}) == len(crm.ledger) == 205
    progress = await logbook(db).progress(DAY)
    assert progress.states == {EffectState.DELIVERED: 205}


async def test_calls_of_the_past_make_no_tasks(db: Database) -> None:
    """Nobody wants to call back who was missed last month."""
    await keep(db, missed("8.1"))
    await logbook(db).log(DAY, now=NOW, per_s=2.0)
    assert [one.kind for one in await rows(db)] == ["call.ended"]


async def test_dry_run_tells_who_would_get_what_and_writes_nothing(db: Database) -> None:
    """An administrator sees the match rate and the numbers nobody has before the first write."""
    outbound = answered(
        "8.3",
        direction=Direction.OUTBOUND,
        caller=Party(number="1002"),
        called=Called(number="0039069999", e164="+39069999999"),
    )
    inner = answered("8.4", direction=Direction.INTERNAL)
    lost = missed("8.2", caller=STRANGER, started_at=MORNING + timedelta(seconds=50))
    await keep(db, answered("8.1"), lost, outbound, inner)
    crm = Previewer()
    found = await runner(db, crm).run(DAY, limit=10, masked=True)
    assert found.asked_crm
    assert (len(found.calls), found.unwanted, found.more) == (3, 1, False)
    assert found.rates == {
        (Direction.INBOUND, MatchKind.EXACT): 1,
        (Direction.INBOUND, MatchKind.NONE): 1,
        (Direction.OUTBOUND, MatchKind.NONE): 1,
    }
    assert [(one.number, one.calls) for one in found.unmatched] == [("003••••999", 2)]
    by_id = {one.call_id: one for one in found.calls}
    assert by_id[lost.id].task == "Richiamare +39069999999"
    assert by_id[answered("8.1").id].person == "Verdi"
    assert by_id[answered("8.1").id].assignee == "1002"
    assert crm.ledger == []
    assert await rows(db) == ()
    few = await runner(db, crm).run(DAY, limit=1, masked=False)
    assert few.more
    assert [one.call_id for one in few.calls] == [lost.id]


async def test_directory_stands_in_for_a_crm_that_does_not_answer(db: Database) -> None:
    """The dry run says why the CRM was not asked, and is of use all the same."""
    verdi = Contact(
        id="c1",
        name="Studio Verdi",
        numbers=(ContactNumber(raw="+390612345678", e164="+390612345678"),),
    )
    await db.write(lambda conn: save_contacts(conn, [verdi]))
    await keep(db, answered("8.1"), missed("8.2", caller=STRANGER))
    crm = Previewer(error=AuthError("refused", adapter="crm", remedy="Check the secret."))
    found = await runner(db, crm).run(DAY, limit=10, masked=False)
    assert not found.asked_crm
    assert (found.cause, found.remedy) == ("refused", "Check the secret.")
    assert {one.match for one in found.calls} == {MatchKind.EXACT, MatchKind.NONE}
    assert [one.number for one in found.unmatched] == ["0039069999"]


def test_masked_number_keeps_its_form() -> None:
    """The form tells the administrator what to correct; the number is nobody's business."""
    assert masked_number("+39 06 1234 5678") == "+39 0• •••• •678"
    assert masked_number("1234") == "1234"
    assert masked_number("") == ""
