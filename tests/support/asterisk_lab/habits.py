"""What people do on the telephone, and how often: the steps of the random walk."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from support.asterisk_lab.call import Call
from support.asterisk_lab.deal import Deal
from support.asterisk_lab.leg import Leg
from support.asterisk_lab.phones import Phone
from support.asterisk_lab.plays.moments import now, taken

# Number, name and members of each queue that is called.
QUEUES = (
    ("2001", "support", ("1001", "1002")),
    ("2002", "sales", ("1003", "1004")),
    ("2005", "desk", ("1005", "1006")),
    ("2007", "hotline", ("1007", "1008")),
    ("2008", "info", ("1009",)),
    ("2010", "team", ("1005", "1006", "1007")),
)
PATIENCE_S = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """One kind of call and its share among all."""

    weight: int
    act: Callable[[Deal], Awaitable[Call]]


HABITS: dict[str, Habit] = {}


def habit(weight: int) -> Callable[[Callable[[Deal], Awaitable[Call]]], Habit]:
    """Add a kind of call to the walk."""

    def keep(act: Callable[[Deal], Awaitable[Call]]) -> Habit:
        return HABITS.setdefault(getattr(act, "__name__", ""), Habit(weight=weight, act=act))

    return keep


async def somebody_hangs_up(deal: Deal, call: Call, leg: Leg) -> Call:
    """End a call by either side."""
    await (call.hang_up() if deal.chance.random() < 0.5 else leg.hang_up())
    return call


async def begun(deal: Deal) -> tuple[Call, Leg]:
    """Let a customer and a desk phone talk."""
    phone = deal.desk()
    call = await deal.call_in(phone, {phone: deal.answering()})
    leg = await call.answered()
    await deal.talk()
    return call, leg


@habit(28)
async def answered(deal: Deal) -> Call:
    """Call, talk, say goodbye."""
    return await somebody_hangs_up(deal, *await begun(deal))


@habit(8)
async def missed(deal: Deal) -> Call:
    """Ring in vain."""
    phone = deal.desk()
    return await deal.call_in(phone, {phone: Phone(device=phone)})


@habit(8)
async def refused(deal: Deal) -> Call:
    """Meet a phone that is busy or not to be disturbed."""
    phone = deal.desk()
    return await deal.call_in(phone, {phone: deal.refusing()})


@habit(6)
async def abandoned(deal: Deal) -> Call:
    """Lose patience while it rings."""
    phone = deal.desk()
    call = await deal.call_in(phone, {phone: Phone(device=phone)})
    await call.ringing(phone)
    await asyncio.sleep(deal.after(0.5, 2.0))
    await call.hang_up()
    return call


@habit(12)
async def queue(deal: Deal) -> Call:
    """Wait for an agent, with some patience."""
    number, name, members = deal.chance.choice(QUEUES)
    plan = {member: deal.answering(most_s=1.2) for member in members}
    if len(members) > 1 and deal.chance.random() < 0.3:
        plan[members[0]] = Phone(device=members[0])
    call = await deal.call_in(number, plan, queue=name)
    try:
        leg = await call.answered(timeout_s=PATIENCE_S)
    except TimeoutError:
        await call.hang_up()
        return call
    await deal.talk()
    return await somebody_hangs_up(deal, call, leg)


@habit(4)
async def queue_abandoned(deal: Deal) -> Call:
    """Leave a queue whose agents do not come."""
    number, name, members = deal.chance.choice(QUEUES)
    call = await deal.call_in(
        number, {member: Phone(device=member) for member in members}, queue=name
    )
    await asyncio.sleep(deal.after(1.0, 4.0))
    await call.hang_up()
    return call


@habit(5)
async def group(deal: Deal) -> Call:
    """Ring three phones at once; one, another or none is answered."""
    plan = {phone: Phone(device=phone) for phone in ("1001", "1002", "1003")}
    if deal.chance.random() < 0.75:
        plan[deal.chance.choice(("1001", "1002", "1003"))] = deal.answering()
        call = await deal.call_in("2003", plan)
        leg = await call.answered()
        await deal.talk()
        return await somebody_hangs_up(deal, call, leg)
    return await deal.call_in("2003", plan)


@habit(4)
async def menu(deal: Deal) -> Call:
    """Choose a queue, or nothing, in a menu."""
    members = ("1003", "1004")
    call = await deal.call_in("3000", {member: deal.answering() for member in members})
    await call.initiator.wait_up()
    await asyncio.sleep(deal.after(0.5, 1.0))
    if deal.chance.random() < 0.25:
        await call.hang_up()
        return call
    await call.initiator.press("3")
    leg = await call.answered()
    await deal.talk()
    return await somebody_hangs_up(deal, call, leg)


@habit(3)
async def voicemail(deal: Deal) -> Call:
    """Speak to the voicemail of somebody who does not come."""
    phone = deal.desk()
    call = await deal.call_in(f"50{phone[-2:]}", {phone: Phone(device=phone)})
    await call.initiator.wait_up()
    call.voicemail_answers()
    await deal.talk()
    await call.hang_up()
    return call


@habit(5)
async def held(deal: Deal) -> Call:
    """Be put on hold, and perhaps not wait for the end of it."""
    call, leg = await begun(deal)
    await leg.hold()
    await deal.talk()
    if deal.chance.random() < 0.7:
        await leg.unhold()
        await deal.talk()
        return await somebody_hangs_up(deal, call, leg)
    await call.hang_up()
    return call


@habit(5)
async def handed_over(deal: Deal) -> Call:
    """Be handed to a colleague who comes, does not come, or refuses."""
    fate = deal.chance.random()
    to = deal.own(deal.pools.targets)
    phone = deal.desk()
    target = deal.answering() if fate < 0.6 else Phone(device=to)
    if fate > 0.8:
        target.rejects(after_s=0.6)
    call = await deal.call_in(phone, {phone: deal.answering(), to: target})
    leg = await call.answered()
    await deal.talk()
    await deal.driver.blind_transfer(call, leg, to)
    if fate < 0.6:
        colleague = await taken(call, to)
        await deal.talk()
        await somebody_hangs_up(deal, call, colleague)
    return call


@habit(4)
async def consulted(deal: Deal) -> Call:
    """Be handed to a colleague who was asked first."""
    to = deal.own(deal.pools.targets)
    call, leg = await begun(deal)
    await leg.hold()
    asking = await deal.call_from(leg.device, to, {to: deal.answering()}, expects=(to,))
    colleague = await asking.answered()
    await deal.talk()
    await deal.driver.join(call, leg, asking, kind="attended")
    since, _ = leg.held[-1]
    leg.held[-1] = (since, now())
    await deal.talk()
    return await somebody_hangs_up(deal, call, colleague)


@habit(10)
async def called_out(deal: Deal) -> Call:
    """Call a customer who comes, does not come, or refuses."""
    fate = deal.chance.random()
    phone = deal.answering() if fate < 0.65 else Phone(device="")
    if fate > 0.85:
        phone = deal.refusing()
    call = await deal.call_from(deal.desk(), deal.customer, {deal.customer: phone})
    if fate < 0.65:
        leg = await call.answered()
        await deal.talk()
        await somebody_hangs_up(deal, call, leg)
    elif fate < 0.75:
        await call.ringing(deal.customer)
        await deal.talk()
        await call.hang_up()
    return call


@habit(6)
async def colleague(deal: Deal) -> Call:
    """Call a colleague who comes, does not come, or refuses."""
    fate = deal.chance.random()
    caller, to = deal.own(deal.pools.callers), deal.desk()
    phone = deal.answering() if fate < 0.7 else Phone(device=to)
    if fate > 0.85:
        phone = deal.refusing()
    call = await deal.call_from(caller, to, {to: phone})
    if fate < 0.7:
        leg = await call.answered()
        await deal.talk()
        await somebody_hangs_up(deal, call, leg)
    return call


@habit(2)
async def sent_on(deal: Deal) -> Call:
    """Call a phone that sends its callers to a colleague (302)."""
    phone, to = deal.desk(), deal.own(deal.pools.targets)
    forwarding = Phone(device=phone)
    forwarding.forwards(to)
    call = await deal.call_in(phone, {phone: forwarding, to: deal.answering()})
    call.note_transfer("forward", await call.rung_by(phone), to)
    leg = await call.answered()
    await deal.talk()
    return await somebody_hangs_up(deal, call, leg)


@habit(3)
async def clicked(deal: Deal) -> Call:
    """Let the PBX place the call."""
    phone = deal.own(deal.pools.callers)
    customer = deal.answering() if deal.chance.random() < 0.7 else deal.refusing()
    call = await deal.driver.click(
        phone, deal.customer, plan={phone: deal.answering(), deal.customer: customer}
    )
    deal.calls.append(call)
    if customer.act == "answer":
        leg = await call.answered()
        await deal.talk()
        await somebody_hangs_up(deal, call, leg)
    return call
