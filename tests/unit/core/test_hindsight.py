"""Late events: told at once, put right afterwards, and no burden once the line is good again."""

from datetime import timedelta

from support.maltreated import Heard, heard, out_of_order, stamp
from support.recorded import PLAN, settings

from adapters.asterisk.translate import Translator
from gateway.core.events import CallAmended, CallEnded, LegDialled, Output
from gateway.core.inputs import Tick
from gateway.core.table import CallTable

CALL = "attended_transfer"
# In this order the customer seems to be held for a shorter time.
SEED = 1


def told(table: CallTable, events: list[Heard]) -> list[list[Output]]:
    """Return what a table says of each event."""
    translator = Translator(settings())
    return [
        [said for item in translator.translate(frame, at) for said in table.apply(item)]
        for at, frame in events
    ]


def later(events: list[Heard], seconds: float) -> list[Heard]:
    """Return events as they would come later, with other Uniqueids."""
    after = timedelta(seconds=seconds)
    found: list[Heard] = []
    for at, frame in events:
        again = stamp(frame, at + after)
        again.raw = again.raw.replace(b"id: 17952", b"id: 27952")
        found.append((at + after, again))
    return found


def test_pop_waits_for_no_order() -> None:
    """A phone that is dialled is told with the very event that says so."""
    events = out_of_order(heard(CALL, stamped=True), SEED)
    plain = out_of_order(heard(CALL), SEED)
    spoken, expected = told(CallTable("pbx", PLAN), events), told(CallTable("pbx", PLAN), plain)
    assert [any(isinstance(one, LegDialled) for one in said) for said in spoken] == [
        any(isinstance(one, LegDialled) for one in said) for said in expected
    ]


def test_record_is_put_right_two_seconds_after_the_last_event() -> None:
    """The table asks for that moment itself; nothing else need happen on the line."""
    table = CallTable("pbx", PLAN)
    told(table, out_of_order(heard(CALL, stamped=True), SEED))
    amended = []
    while (due := table.next_deadline()) is not None:
        amended += [said for said in table.apply(Tick(at=due)) if isinstance(said, CallAmended)]
    assert len(amended) == 1
    good = [one for said in told(CallTable("pbx", PLAN), heard(CALL, stamped=True)) for one in said]
    (right,) = [one.record.seconds for one in good if isinstance(one, CallEnded)]
    assert amended[0].record.seconds == right


def test_good_line_is_followed_once_again_after_a_minute() -> None:
    """Twice the work is for lines that need it."""
    table = CallTable("pbx", PLAN)
    events = heard(CALL, stamped=True)
    told(table, out_of_order(events, SEED))
    assert table._hindsight._again is not None
    told(table, later(heard(CALL), 120))
    assert table._hindsight._again is None
