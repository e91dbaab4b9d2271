"""Which channel an order means, who may give it, and when it cannot be."""

import pytest
from support.hands import EVERYTHING, FakeHands, FakePbx, line

from gateway.core.control import (
    AttendedTransfer,
    BlindTransfer,
    CancelTransfer,
    Command,
    ControlCapabilities,
    HangUp,
    Hold,
    Park,
)
from gateway.core.dialable import DeniedError
from gateway.core.errors import FilodirettoError, NotPossibleError, UsageError
from gateway.core.ids import CallId
from gateway.core.inputs import ChannelState
from gateway.core.record import CallState
from gateway.desk.callcontrol import CallAction, CallControl, CallOrder, TransferKind
from gateway.desk.controlled import Person
from gateway.desk.refusals import NotFoundError, NotNowError

ANNA = Person(login="anna", name="Anna", extensions=(("hq", "1001"),))
LUCA = Person(login="luca", name="Luca", extensions=(("", "1002"),))
SARA = Person(login="sara", name="Sara", extensions=(), oversees_call=lambda _record: True)

CUSTOMER = line("1.1", initiator=True, partners=("1.2",))
TALKING = line("1.2", "1001", partners=("1.1",))
RINGING = ChannelState.RINGING


async def act(
    pbx: FakePbx, person: Person, call: CallId, action: CallAction, **more: object
) -> list[Command]:
    """Give an order and return what the PBX was told."""
    order = CallOrder(action=action, **more)  # type: ignore[arg-type]
    _, work = CallControl({pbx.name: pbx.view}).prepare(person, call, order)
    assert pbx.hands is not None
    assert pbx.hands.done == []
    await work()
    return pbx.hands.done


async def refusal(
    pbx: FakePbx, person: Person, call: CallId, action: CallAction, **more: object
) -> type[FilodirettoError]:
    """Give an order that is refused and return how; nothing may have been sent."""
    with pytest.raises(FilodirettoError) as caught:
        await act(pbx, person, call, action, **more)
    assert pbx.hands is None or pbx.hands.done == []
    assert caught.value.message
    assert caught.value.remedy
    return type(caught.value)


async def test_agent_hangs_up_their_own_line() -> None:
    """Not the customer's: the PBX may still have plans for that."""
    pbx = FakePbx()
    call = pbx.up("1.1", CUSTOMER, TALKING).id
    assert await act(pbx, ANNA, call, CallAction.HANG_UP) == [HangUp(channel="1.2")]


async def test_supervisor_hangs_up_an_extensions_line_or_what_there_is() -> None:
    """Also a caller who waits in a queue, where no extension is on the line."""
    pbx = FakePbx()
    call = pbx.up("1.1", CUSTOMER, TALKING).id
    assert await act(pbx, SARA, call, CallAction.HANG_UP) == [HangUp(channel="1.2")]
    waiting = FakePbx()
    call = waiting.up("2.1", line("2.1", initiator=True)).id
    assert await act(waiting, SARA, call, CallAction.HANG_UP) == [HangUp(channel="2.1")]


async def test_declining_is_for_a_phone_that_rings() -> None:
    """Each of one's ringing phones stops; a phone called by click-to-call is no incoming call."""
    pbx = FakePbx()
    twins = (line("1.2", "1001", state=RINGING), line("1.3", "1001", state=RINGING))
    call = pbx.up("1.1", CUSTOMER, *twins, line("1.4", "1002", state=RINGING)).id
    assert await act(pbx, ANNA, call, CallAction.DECLINE) == [
        HangUp(channel="1.2", reject=True),
        HangUp(channel="1.3", reject=True),
    ]
    talking = FakePbx()
    call = talking.up("1.1", CUSTOMER, TALKING).id
    assert await refusal(talking, ANNA, call, CallAction.DECLINE) is NotNowError
    placed = FakePbx()
    own = line("fd-1.1", "1001", state=RINGING, placed=True)
    call = placed.up("fd-1.1", own).id
    assert await refusal(placed, ANNA, call, CallAction.DECLINE) is NotNowError


async def test_transfers_are_for_who_talks() -> None:
    """Blind as typed, attended in tones, and back from a consultation."""
    to = {"to": "+390299991002"}
    pbx = FakePbx()
    call = pbx.up("1.1", CUSTOMER, TALKING).id
    assert await act(pbx, ANNA, call, CallAction.TRANSFER, **to) == [
        BlindTransfer(channel="1.2", extension="1001", to="+390299991002")
    ]
    pbx.hands = FakeHands()
    assert await act(pbx, ANNA, call, CallAction.TRANSFER, kind=TransferKind.ATTENDED, **to) == [
        AttendedTransfer(channel="1.2", extension="1001", to="0299991002")
    ]
    pbx.hands = FakeHands()
    back = await act(pbx, ANNA, call, CallAction.TRANSFER, kind=TransferKind.CANCEL)
    assert back == [CancelTransfer(channel="1.2")]
    ringing = FakePbx()
    call = ringing.up("1.1", CUSTOMER, line("1.2", "1001", state=RINGING)).id
    assert await refusal(ringing, ANNA, call, CallAction.TRANSFER, to="1002") is NotNowError


async def test_transfer_to_a_denied_number_is_denied() -> None:
    """A transfer abroad costs as much as a call."""
    pbx = FakePbx()
    call = pbx.up("1.1", CUSTOMER, TALKING).id
    assert await refusal(pbx, ANNA, call, CallAction.TRANSFER, to="+41446681800") is DeniedError
    assert await refusal(pbx, ANNA, call, CallAction.TRANSFER, to="*72") is UsageError


async def test_parking_parks_the_other_side() -> None:
    """The customer is parked, by name of who parks, so that the PBX can ring back."""
    pbx = FakePbx()
    call = pbx.up("1.1", CUSTOMER, TALKING).id
    assert await act(pbx, ANNA, call, CallAction.PARK) == [
        Park(channel="1.1", parker="PJSIP/1001-1.2")
    ]


async def test_hold_is_for_phones_that_obey() -> None:
    """AMI cannot hold a call: without such a phone the answer says why."""
    pbx = FakePbx()
    call = pbx.up("1.1", CUSTOMER, TALKING).id
    assert await refusal(pbx, ANNA, call, CallAction.HOLD) is NotPossibleError
    obeying = FakePbx(hands=FakeHands(capabilities=ControlCapabilities(hold=("10*",))))
    call = obeying.up("1.1", CUSTOMER, TALKING).id
    assert await act(obeying, ANNA, call, CallAction.HOLD) == [
        Hold(channel="1.2", extension="1001", held=True)
    ]
    obeying.hands = FakeHands(capabilities=ControlCapabilities(hold=("10*",)))
    assert await refusal(obeying, ANNA, call, CallAction.UNHOLD) is NotNowError


@pytest.mark.parametrize("action", list(CallAction))
async def test_colleagues_calls_do_not_exist_for_agents(action: CallAction) -> None:
    """An agent acts on calls in which their own extension takes part, and on no other."""
    pbx = FakePbx()
    call = pbx.up("1.1", CUSTOMER, TALKING).id
    assert await refusal(pbx, LUCA, call, action, to="1003") is NotFoundError


async def test_who_has_left_a_call_cannot_act_on_it_any_more() -> None:
    """After a transfer the call is the colleague's."""
    pbx = FakePbx()
    record = pbx.up("1.1", CUSTOMER, TALKING)
    pbx.lines[record.id] = (CUSTOMER, line("1.5", "1002", partners=("1.1",)))
    assert await refusal(pbx, ANNA, record.id, CallAction.HANG_UP) is NotNowError


async def test_call_that_is_over_cannot_be_acted_upon() -> None:
    """Also in the two seconds in which the table still remembers it."""
    pbx = FakePbx()
    call = pbx.up("1.1", state=CallState.ENDED).id
    assert await refusal(pbx, ANNA, call, CallAction.HANG_UP) is NotFoundError


async def test_what_the_pbx_cannot_is_said_before_anything_is_sent() -> None:
    """501 with the reason, not an error from the wire."""
    pbx = FakePbx(hands=FakeHands(capabilities=ControlCapabilities(reason="No right.")))
    call = pbx.up("1.1", CUSTOMER, TALKING).id
    for action in CallAction:
        assert await refusal(pbx, ANNA, call, action, to="1002") is NotPossibleError
    assert EVERYTHING.hold == ()
    bare = FakePbx(hands=None)
    call = bare.up("1.1", CUSTOMER, TALKING).id
    assert await refusal(bare, ANNA, call, CallAction.HANG_UP) is NotPossibleError
