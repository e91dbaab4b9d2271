"""Places calls through a running lab and knows what the far ends saw of them."""

import asyncio
from collections.abc import Coroutine, Mapping
from types import TracebackType
from typing import Self

from support.asterisk_lab.ami import Frame
from support.asterisk_lab.call import Call
from support.asterisk_lab.far_end import FarEnd
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.leg import Leg
from support.asterisk_lab.phones import Phone
from support.asterisk_lab.settings import PEOPLE, PHONES
from support.asterisk_lab.truth import Truth

QUIET_S = 20.0
POLL_S = 0.02
# A phone lets go of the line once the PBX reports (NOTIFY) that the transfer is under way.
REFER_S = 0.3
Plan = Mapping[str, Phone]
WITHHELD, ANONYMOUS = "anonymous", "Anonymous"


class Driver:
    """The hands of everybody in the lab: callers, agents, and people called outside.

    `async with Driver(lab) as driver:`. At the end every call is hung up and the telephone system
    is empty again.
    """

    def __init__(self, lab: AsteriskLab, *, media: bool = True) -> None:
        self.lab = lab
        self.phones = {number: Phone(device=number) for number in PHONES}
        self.calls: list[Call] = []
        self._outside: dict[str, Phone] = {}
        self._hidden: set[Call] = set()
        self._plans: dict[Call, Plan] = {}
        self._carrier = FarEnd(lab.addresses.carrier, on_incoming=self._incoming, media=media)
        self._desks = FarEnd(lab.addresses.phones, on_incoming=self._incoming, media=media)
        self._tasks: set[asyncio.Task[None]] = set()
        self._clicks = 0

    async def __aenter__(self) -> Self:
        await self._carrier.__aenter__()
        await self._desks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._carrier.__aexit__(kind, error, trace)
        await self._desks.__aexit__(kind, error, trace)
        if self.lab.pbx.pid:
            await self.quiet()

    @property
    def desks(self) -> FarEnd:
        """Where the desk phones are."""
        return self._desks

    def outside(self, number: str) -> Phone:
        """Return the phone of a number in the world outside."""
        return self._outside.setdefault(number, Phone(device=number))

    async def call_in(
        self,
        *,
        did: str,
        caller: str | None,
        name: str | None = None,
        queue: str | None = None,
        asserted: bool = False,
        plan: Plan | None = None,
        said: Mapping[str, str] | None = None,
    ) -> Call:
        """Let somebody outside call the company; `caller` None withholds the number.

        `queue` says which queue the DID leads to. A caller who withholds the number is named
        Anonymous in the From header (RFC 3323). With `asserted` the carrier tells the PBX the
        withheld number `caller` all the same (P-Asserted-Identity, Privacy: id). `plan` says what
        single phones do with this call alone, `said` what else the carrier says of it: variables
        of its channel.
        """
        withheld = asserted or caller is None
        # What an INVITE shows is the connected line's identity, not the caller's.
        variables = dict(said or {}) | ({"CALLERID(pres)": "prohib"} if withheld else {})
        if asserted:
            variables["CONNECTEDLINE(pres,i)"] = "prohib"

        def begin(leg: Leg) -> None:
            call = Call(
                direction="inbound",
                caller=caller or WITHHELD,
                caller_name=ANONYMOUS if caller is None else name,
                called=did,
                queue=queue,
                initiator=leg,
            )
            if withheld:
                self._hidden.add(call)
            self._track(call, plan)

        leg = await self._carrier.dial(
            endpoint="pbx-asserted" if asserted else "pbx",
            device=caller or WITHHELD,
            number=did,
            caller_id=f'"{name or ""}" <{caller or ""}>',
            variables=variables,
            announce=begin,
        )
        return self._placed(leg)

    async def call_from(
        self,
        phone: str,
        number: str,
        *,
        queue: str | None = None,
        plan: Plan | None = None,
        expects: tuple[str, ...] = (),
    ) -> Call:
        """Let a desk phone dial a colleague, a service or a number outside.

        `expects` are phones that no other call reaches meanwhile.
        """
        outside = number.removeprefix("+").isdigit() and len(number) > len(phone)

        def begin(leg: Leg) -> None:
            call = Call(
                direction="outbound" if outside else "internal",
                caller=phone,
                caller_name=PEOPLE[phone],
                called=number,
                queue=queue,
                initiator=leg,
            )
            call.expects(*expects)
            self._track(call, plan)

        leg = await self._desks.dial(
            endpoint=f"line-{phone}",
            device=phone,
            number=number,
            caller_id=f'"{PEOPLE[phone]}" <{phone}>',
            announce=begin,
        )
        return self._placed(leg)

    async def click(
        self,
        phone: str,
        number: str,
        *,
        patience_s: float = 4.0,
        plan: Plan | None = None,
        through: str = "",
    ) -> Call:
        """Let the PBX call a desk phone and then, for it, a number (AMI Originate).

        `through` is the channel to call where that is not the phone itself: `Local/1001@…`.
        """
        now = asyncio.get_running_loop().time()
        waiting = Leg(self._desks, channel="", device=phone, caller=phone, started_at=now)
        call = Call(
            direction="outbound" if len(number) > len(phone) else "internal",
            caller=phone,
            caller_name=PEOPLE[phone],
            called=number,
            initiator=waiting,
            clicked=True,
        )
        call.expects(phone)
        self._track(call, plan)
        self._clicks += 1
        await self.ami(
            "Originate",
            Channel=through or f"PJSIP/{phone}",
            Context="from-phones",
            Exten=number,
            Priority="1",
            CallerID=f'"{PEOPLE[phone]}" <{phone}>',
            Timeout=str(int(patience_s * 1000)),
            Async="true",
            ChannelId=f"lab-click-{self._clicks}-{id(self):x}",
        )
        await call.ringing(phone)
        return call

    async def channel_of(self, leg: Leg, *, caller: str = "") -> str:
        """Return the PBX's name of a leg's channel; `caller` tells apart those of the trunk."""
        start = f"PJSIP/{leg.device}-" if leg.is_phone else "PJSIP/carrier-"
        found = [
            frame["Channel"]
            for frame in await self.ami("CoreShowChannels")
            if frame.get("Channel", "").startswith(start)
            and (not caller or caller in {frame["CallerIDNum"], frame["ConnectedLineNum"]})
        ]
        if len(found) != 1:
            raise LookupError(f"{leg.device} has the channels {found}")
        return found[0]

    async def consult(self, by: Leg, to: str) -> Call:
        """Let a phone hold its call and call somebody else on its second line."""
        await by.hold()
        return await self.call_from(by.device, to)

    async def join(self, call: Call, by: Leg, consultation: Call, *, kind: str) -> None:
        """Let a phone join its two calls with its transfer key (REFER with Replaces)."""
        call.absorbs(consultation, kind=kind, by=by)
        replaces = await consultation.initiator.replaces()
        to = consultation.called
        await by.redirect(f"sip:{to}@{self.lab.addresses.pbx}?Replaces={replaces}")
        await asyncio.sleep(REFER_S)
        await by.release()
        await consultation.initiator.release()

    async def truths(self) -> tuple[Truth, ...]:
        """Wait until all calls are over and return each one's truth, the earliest first."""
        for call in self.calls:
            await call.ended()
        taken = [leg for call in self.calls for leg in call.takers]
        own = [call for call in self.calls if call.initiator not in taken and not call.merged]
        return tuple(call.truth() for call in sorted(own, key=lambda call: call.began_at))

    async def blind_transfer(self, call: Call, by: Leg, to: str) -> None:
        """Let `by` send the call to `to` with the phone's own transfer key (REFER)."""
        call.note_transfer("blind", by, to)
        await by.redirect(f"sip:{to}@{self.lab.addresses.pbx}")
        await asyncio.sleep(REFER_S)
        await by.release()

    async def restart_pbx(self, *, kill: bool = False) -> None:
        """Restart the telephone system; the far ends notice only that nobody answers them."""
        await asyncio.to_thread(self.lab.restart_pbx, kill=kill)

    async def forget(self, call: Call) -> None:
        """Let the far ends drop a call of which the telephone system knows nothing any more."""
        for leg in (call.initiator, *call.legs):
            await leg.release()
        self.forgets(call)

    def forgets(self, call: Call) -> None:
        """Think no more of a call that is over."""
        self.calls.remove(call)
        del self._plans[call]
        self._hidden.discard(call)

    async def ami(self, name: str, **fields: str) -> list[Frame]:
        """Send an AMI action as the lab's own user."""

        def send() -> list[Frame]:
            with self.lab.ami() as ami:
                return ami.action(name, **fields)

        return await asyncio.to_thread(send)

    async def quiet(self, timeout_s: float = QUIET_S) -> None:
        """Wait until the telephone system has no channel left."""
        for _ in range(round(timeout_s / POLL_S)):
            answer = await self.ami("CoreShowChannels")
            if answer[-1]["ListItems"] == "0":
                return
            await asyncio.sleep(POLL_S)
        raise TimeoutError("the telephone system still has channels")

    def _track(self, call: Call, plan: Plan | None) -> None:
        self.calls.append(call)
        self._plans[call] = plan or {}

    def _placed(self, leg: Leg) -> Call:
        return next(call for call in reversed(self.calls) if call.initiator is leg)

    def _incoming(self, leg: Leg) -> None:
        """Give a leg to its call: known by the caller or colleague it shows, or by its number."""
        call = self._call_of(leg)
        phone = self._plans[call].get(leg.device) if call is not None else None
        phone = phone or self.phones.get(leg.device) or self.outside(leg.device)
        if call is not None:
            if call.clicked and call.initiator.channel == "" and leg.device == call.caller:
                call.initiator = leg
            self._start(call.add_leg(leg))
        self._start(phone.receive(leg, self.lab.addresses.pbx))

    def _call_of(self, leg: Leg) -> Call | None:
        now = asyncio.get_running_loop().time()
        live = [call for call in reversed(self.calls) if call.may_still_ring(now)]
        for belongs in (self._is_expected, self._shows_caller, self._shows_colleague):
            for call in live:
                if belongs(call, leg):
                    return call
        return None

    @staticmethod
    def _is_expected(call: Call, leg: Leg) -> bool:
        return leg.device in call.expected

    def _shows_caller(self, call: Call, leg: Leg) -> bool:
        return leg.caller == call.caller or (leg.caller == WITHHELD and call in self._hidden)

    @staticmethod
    def _shows_colleague(call: Call, leg: Leg) -> bool:
        colleagues = {one.device for one in call.legs if not one.ended.is_set()}
        if leg.caller in {call.called, *colleagues}:
            return True
        return leg.device == call.called and not leg.is_phone

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
