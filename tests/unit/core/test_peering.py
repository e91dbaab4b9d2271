"""Calls between two PBXs of ours, told by two tables whose ids clash, are one call."""

import shlex
from typing import Self

import pytest
from support.recorded import at
from support.story import Story

from gateway.core import inputs
from gateway.core.events import (
    CallAmended,
    CallEnded,
    CallEvent,
    CallMerged,
    CallStarted,
    LegAlerting,
    LegAnswered,
    LegDialled,
)
from gateway.core.ids import CallId
from gateway.core.numbers import NumberPlan
from gateway.core.peering import HOLD_S, REMEMBERED_S, Peering, Said
from gateway.core.peerview import PeerTable
from gateway.core.phones import PhoneDoes
from gateway.core.record import CallRecord, Direction, Outcome

PEERS = {"hq": {"to-branch": "branch"}, "branch": {"to-hq": "hq"}}

# 1001 of headquarters dials 201 of the branch, whose phone is dialled.
OVER = """
hq 0.0 new A PJSIP/1001-1 Ring num=1001 exten=8201
hq 0.1 new L PJSIP/to-branch-2 Down of=A
hq 0.1 dial A L exten=8201 number=201
branch 0.1 new R PJSIP/to-hq-1 Ring num=1001 exten=201
branch 0.2 new P PJSIP/201-2 Down of=R
branch 0.2 dial R P exten=201 number=201
"""
# A customer of headquarters, put through to 201 of the branch.
CUSTOMER = OVER.replace("PJSIP/1001-1", "PJSIP/carrier-1").replace("num=1001", "num=+393331234567")
TALKING = """
branch 2.0 enter Y P
branch 2.0 enter Y R
hq 2.0 enter X L
hq 2.0 enter X A
"""
HUNG_UP_THERE = """
branch 9.0 bye P
branch 9.0 gone P
branch 9.0 gone R
hq 9.0 bye L
hq 9.0 gone L
hq 9.0 gone A
"""


class Pair:
    """Headquarters and a branch, both heard; a line of a text begins with the PBX it is about.

    `hq 0.2 dialog L abc` is the answer that channel L has the Call-ID `abc`, `dialog L unknown`
    that it was gone before it could be asked.
    """

    def __init__(self, text: str = "", *, keepers: frozenset[str] = frozenset()) -> None:
        self.stories = {name: Story("", peers=peers) for name, peers in PEERS.items()}
        self.tables = {name: PeerTable(name, NumberPlan("IT")) for name in PEERS}
        for name, story in self.stories.items():
            story.table = self.tables[name]
        self.peering = Peering(self.tables, keepers=keepers)
        for name in PEERS:
            self.peering.link(name, up=True)
        self.said: list[Said] = []
        self.play(text)

    def play(self, text: str) -> Self:
        """Tell what happened, in order."""
        for line in text.strip().splitlines():
            pbx, *words = shlex.split(line) or [""]
            if not words:
                continue
            if words[1] == "dialog":
                self._dialog(pbx, words)
            else:
                self._tell(pbx, self.stories[pbx].read(words), float(words[0]))
        return self

    def later(self, now: float) -> Self:
        """Let time pass."""
        self.said += self.peering.tick(now)
        return self

    def _dialog(self, pbx: str, words: list[str]) -> None:
        seconds, _, channel, dialog = words
        uid = self.stories[pbx].uid(channel)
        now = float(seconds)
        if dialog == "unknown":
            self.said += self.peering.untold(pbx, uid, at=at(now), now=now)
            return
        self.said += self.peering.told(pbx, uid, dialog, at=at(now), now=now)

    def _tell(self, pbx: str, item: inputs.Input, now: float) -> None:
        created = item if isinstance(item, inputs.ChannelCreated) else None
        peer = created.identity.prefix if created is not None else ""
        if created is not None and peer:
            self.peering.met(
                pbx,
                created.channel,
                name=created.identity.name,
                peer=peer,
                root=created.channel == created.linkedid,
                now=now,
            )
        for output in self.tables[pbx].apply(item):
            if isinstance(output, CallEvent):
                self.said += self.peering.take(output, now)
        if created is not None and peer:
            self.said += self.peering.placed(pbx, created.channel, at=item.at, now=now)

    @property
    def events(self) -> list[CallEvent]:
        """What desks and CRMs were told."""
        return [one.event for one in self.said if not one.aside]

    def records(self) -> list[CallRecord]:
        """Return the newest record of each call that was told as one of its own."""
        found: dict[CallId, CallRecord] = {}
        for event in (one.event for one in self.said):
            found[event.record.id] = event.record
        return [record for record in found.values() if record.merged_into is None]

    def record(self) -> CallRecord:
        """Return the record of the only call."""
        (record,) = self.records()
        return record

    def of_type(self, *types: type[CallEvent]) -> list[CallEvent]:
        """Return what was told of these kinds."""
        return [event for event in self.events if isinstance(event, types)]


JOINED = "branch 0.3 dialog R abc\nhq 0.3 dialog L abc\n"


def test_two_halves_of_a_dialog_are_one_internal_call() -> None:
    """Who was rung and who answered is known over there, who called and hung up here."""
    pair = Pair(OVER + JOINED + TALKING + HUNG_UP_THERE).later(20)
    record = pair.record()
    assert (record.pbx, record.direction) == ("hq", Direction.INTERNAL)
    assert record.rung == (("branch:201",),)
    assert (record.answered_by, record.outcome) == ("branch:201", Outcome.ANSWERED)
    assert (record.ended_by, record.seconds.ring, record.seconds.talk) == ("callee", 2.0, 7.0)
    assert record.complete
    assert len(pair.of_type(CallStarted)) == len(pair.of_type(CallEnded)) == 1


def test_pop_over_there_is_of_the_call_that_dialled() -> None:
    """The colleague sees the customer whom headquarters know, under the id that stays."""
    pair = Pair(CUSTOMER + "branch 0.25 rings P\n" + JOINED)
    (dialled,) = pair.of_type(LegDialled)
    (alerting,) = pair.of_type(LegAlerting)
    for leg in (dialled, alerting):
        assert isinstance(leg, LegDialled | LegAlerting)
        assert (leg.extension, leg.ring_no) == ("branch:201", 1)
        assert leg.record.caller.e164 == "+393331234567"
    assert {event.record.id for event in pair.events} == {pair.record().id}


def test_half_that_came_in_is_stored_as_part_of_the_other() -> None:
    """Back-fill finds its row and leaves it alone; nobody was told of it."""
    pair = Pair(OVER + JOINED)
    (merged,) = [one for one in pair.said if isinstance(one.event, CallMerged)]
    assert merged.aside
    assert merged.event.record.pbx == "branch"
    assert merged.event.record.merged_into == pair.record().id


@pytest.mark.parametrize("order", ["hq", "branch"])
def test_order_in_which_the_links_tell_does_not_matter(order: str) -> None:
    """Two connections know nothing of each other's pace."""
    lines = (OVER + JOINED + TALKING + HUNG_UP_THERE).strip().splitlines()
    whole = Pair("\n".join(sorted(lines, key=lambda line: not line.startswith(order)))).later(20)
    usual = Pair("\n".join(lines)).later(20)
    assert whole.record().answered_by == usual.record().answered_by
    assert whole.record().rung == usual.record().rung
    assert whole.record().complete
    assert whole.record().id == usual.record().id


def test_call_whose_dialog_stays_unknown_is_told_alone_after_a_moment() -> None:
    """Better two calls than none; but it is incomplete, and no CRM is told of it twice."""
    pair = Pair(OVER)
    assert [event.record.pbx for event in pair.events] == ["hq"]
    pair.later(0.1 + HOLD_S).play(TALKING + HUNG_UP_THERE)
    by_pbx = {record.pbx: record for record in pair.records()}
    assert set(by_pbx) == {"hq", "branch"}
    assert not by_pbx["branch"].complete
    assert not by_pbx["hq"].complete
    alone = [one for one in pair.said if one.event.record.pbx == "branch"]
    assert all(one.alone for one in alone)
    assert not any(one.alone for one in pair.said if one not in alone)


def test_call_already_told_alone_moves_its_pop_when_it_is_joined() -> None:
    """After a gap the Call-ID may come late: what rings shows the right call from then on."""
    pair = Pair(OVER + "branch 0.25 rings P\n").later(0.1 + HOLD_S)
    alone = [event for event in pair.events if event.record.pbx == "branch"]
    assert [type(event) for event in alone] == [CallStarted, LegDialled, LegAlerting]
    told = len(pair.events)
    pair.play("branch 1.0 dialog R abc\nhq 1.0 dialog L abc\n")
    merged, again = pair.events[told : told + 2]
    assert isinstance(merged, CallMerged)
    assert merged.record.id == alone[0].record.id
    assert isinstance(again, LegAlerting)
    assert (again.extension, again.record.id) == ("branch:201", merged.into)


def test_end_waits_for_what_the_other_half_has_to_say() -> None:
    """The two hang-ups come over two links; one record is told once, whole."""
    pair = Pair(OVER + JOINED + TALKING + "hq 9.0 bye A\nhq 9.0 gone L\nhq 9.0 gone A\n")
    assert not pair.of_type(CallEnded)
    pair.play("branch 9.1 gone R\nbranch 9.1 gone P\n")
    (ended,) = pair.of_type(CallEnded)
    assert (ended.record.complete, ended.record.revision) == (True, 0)


def test_half_that_never_ends_does_not_hold_up_the_other() -> None:
    """The other link may hang: the end is told as incomplete and amended if it comes."""
    pair = Pair(OVER + JOINED + TALKING + "hq 9.0 bye A\nhq 9.0 gone L\nhq 9.0 gone A\n")
    pair.later(9.0 + HOLD_S)
    (ended,) = pair.of_type(CallEnded)
    assert not ended.record.complete
    pair.play("branch 10.0 gone R\nbranch 10.0 gone P\n")
    (amended,) = pair.of_type(CallAmended)
    assert (amended.record.complete, amended.record.revision) == (True, 1)
    assert pair.later(10.0 + REMEMBERED_S).peering.next_due() is None


def test_leg_of_which_the_other_pbx_was_not_heard_makes_the_call_incomplete() -> None:
    """Somebody answered the trunk; who, nobody can say."""
    pair = Pair()
    pair.peering.link("branch", up=False)
    only_here = "\n".join(
        line for line in (OVER + TALKING + HUNG_UP_THERE).splitlines() if line.startswith("hq")
    )
    record = pair.play(only_here).record()
    assert (record.answered_by, record.complete) == ("branch:201", False)


def test_trunk_that_never_reached_the_other_pbx_is_no_gap() -> None:
    """Refused before a channel was made there: both links were up, so this is all there was."""
    refused = "\n".join(line for line in OVER.splitlines() if line.startswith("hq"))
    pair = Pair(refused + "\nhq 0.2 bye L\nhq 0.2 gone L cause=1\nhq 0.2 gone A\n").later(9)
    assert (pair.record().outcome, pair.record().complete) == (Outcome.FAILED, True)


def test_queue_over_there_that_gives_up_is_not_an_answer() -> None:
    """The trunk is up while the queue plays music: nobody has spoken."""
    pair = Pair(
        OVER.split("branch 0.2 new", maxsplit=1)[0]
        + JOINED
        + """
        branch 0.4 app R queue subject=support
        branch 0.4 join R support
        branch 0.5 state R up
        hq 0.5 enter X L
        hq 0.5 enter X A
        """
    )
    assert (pair.record().outcome, pair.record().answered_by) == (None, None)
    pair.play(
        """
        branch 8.0 quit R support
        branch 8.1 bye R soft
        branch 8.1 gone R
        hq 8.1 bye L
        hq 8.1 gone L
        """
    )
    pair.play("hq 8.2 gone A\n").later(20)
    record = pair.record()
    assert (record.outcome, record.queue) == (Outcome.MISSED, "branch:support")
    assert (record.answered_at, record.seconds.talk, record.ended_by) == (None, None, "pbx")


def test_consultation_that_is_joined_gives_the_pop_of_the_customer() -> None:
    """1001 asks 201 over there, then joins the two: the colleague now talks with the customer."""
    pair = Pair(
        """
        hq 0.0 new C PJSIP/carrier-1 Ring num=+393331234567 exten=+390299991001
        hq 0.1 new B PJSIP/1001-9 Down of=C
        hq 0.1 dial C B exten=1001 number=1001
        hq 0.2 enter Z C
        hq 0.2 enter Z B
        """
        + OVER
        + JOINED
        + TALKING
        + """
        hq 5.0 leave Z B
        hq 5.0 leave X A
        hq 5.0 enter X C
        hq 5.1 gone A
        hq 5.1 gone B
        """
    )
    record = pair.record()
    assert (record.direction, record.final_talker) == (Direction.INBOUND, "branch:201")
    assert [(move.to_party, move.completed) for move in record.transfers] == [("branch:201", True)]
    answered = pair.of_type(LegAnswered)[-1]
    assert answered.record.id == record.id


def test_colleague_over_there_joins_the_caller_to_a_customer() -> None:
    """The customer called the branch: that call goes on, the one that dialled is part of it."""
    pair = Pair(
        """
        branch 0.0 new C PJSIP/carrier-1 Ring num=+393331234567 exten=+390299991201
        branch 0.1 new B PJSIP/201-9 Down of=C
        branch 0.1 dial C B exten=201 number=201
        branch 0.2 enter Z C
        branch 0.2 enter Z B
        """
        + OVER
        + JOINED
        + TALKING
        + """
        branch 5.0 leave Z B
        branch 5.0 leave Y P
        branch 5.0 enter Y C
        branch 5.1 gone P
        branch 5.1 gone B
        """
    )
    record = pair.record()
    assert (record.pbx, record.direction) == ("branch", Direction.INBOUND)
    assert record.final_talker == "hq:1001"
    pair.play("branch 9.0 gone C\nbranch 9.0 gone R\nhq 9.0 bye L\nhq 9.0 gone L\nhq 9.0 gone A\n")
    ended = pair.later(20).of_type(CallEnded)
    assert [event.record.id for event in ended] == [record.id]


BUSY = """
branch 0.2 bye P cause=17
branch 0.2 gone P cause=17
branch 0.2 gone R cause=17
hq 0.2 bye L cause=17
hq 0.2 gone L cause=17
hq 0.2 gone A cause=17
"""


@pytest.mark.parametrize(
    "told",
    [
        "hq 0.3 dialog L abc\nbranch 0.3 dialog R unknown\n",
        "hq 0.3 dialog L unknown\nbranch 0.3 dialog R abc\n",
        "branch 0.3 dialog R unknown\nhq 0.3 dialog L unknown\n",
    ],
)
def test_call_over_before_its_dialog_could_be_asked_is_joined_by_number(told: str) -> None:
    """A busy phone answers in milliseconds; trunk, moment and number leave no doubt."""
    pair = Pair(OVER + BUSY + told).later(0.1 + HOLD_S)
    record = pair.record()
    assert (record.outcome, record.rung) == (Outcome.BUSY, (("branch:201",),))
    assert (record.ended_by, record.complete) == ("callee", True)


def test_two_such_calls_at_once_are_left_apart() -> None:
    """Which half belongs to which nobody can say: incomplete is better than wrong."""
    again = OVER.replace(" A ", " B ").replace(" L ", " M ").replace(" R ", " S ")
    again = again.replace("A L", "B M").replace("of=A", "of=B").replace(" P ", " Q ")
    again = again.replace("R P", "S Q").replace("of=R", "of=S").replace("-1 ", "-8 ")
    pair = Pair(OVER + again + BUSY + "branch 0.3 dialog R unknown\nhq 0.3 dialog L unknown\n")
    pair.later(0.2 + HOLD_S)
    halves = [record for record in pair.records() if record.pbx == "branch"]
    assert len(halves) == 2


def test_phone_over_there_is_known_by_its_place_in_the_whole_call() -> None:
    """After a restart it is shown the card it had: the caller's, of the call that dialled it."""
    pair = Pair(CUSTOMER + JOINED)
    (rings,) = pair.peering.phones(pair.record())
    assert (rings.extension, rings.ring_no, rings.does) == ("branch:201", 1, PhoneDoes.DIALLED)
    pair.play(TALKING)
    (talks,) = pair.peering.phones(pair.record())
    assert (talks.extension, talks.ring_no, talks.does) == ("branch:201", 1, PhoneDoes.TALKS)
