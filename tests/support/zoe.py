"""A person of whom everything is kept that can be kept, and somebody else."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from support.store import CUSTOMER, NOON, an_effect, an_ended_call

from gateway.core.contact import Contact, ContactNumber
from gateway.core.handoff import Handoff
from gateway.core.history import Channel, Interaction, Promise
from gateway.core.marks import Mark, MarkKind
from gateway.core.record import CallRecord, Direction, Party, Presentation, WrapUp
from gateway.store.calls import save_call
from gateway.store.contacts import save_contacts
from gateway.store.database import Connection
from gateway.store.handoffs import put_handoff
from gateway.store.interactions import save_interaction
from gateway.store.marks import set_mark
from gateway.store.outbox import enqueue
from gateway.store.promises import add_promise
from gateway.store.ticks import Tick, put_tick
from gateway.store.wrapups import save_wrap_up

LATER: Final = NOON + timedelta(days=1)
OTHER: Final = "+393471112223"
SECRET: Final = "Quercetta-7391"
ZOE: Final = Contact(
    id="0b0e6a3e-0000-5000-8000-000000000001",
    name=f"Zoe {SECRET}",
    email=f"{SECRET}@example.com",
    fields={"note": SECRET},
    numbers=(ContactNumber(raw=CUSTOMER, e164=CUSTOMER),),
)


def fill(conn: Connection) -> None:
    """Store everything that can be known of Zoe, and of somebody else."""
    ivo = Contact(id="ivo", name="Ivo", numbers=(ContactNumber(raw=OTHER, e164=OTHER),))
    save_contacts(conn, [ZOE, ivo])
    for number in range(3):
        save_call(conn, an_ended_call(number), state=None)
    hidden = an_ended_call(
        3, caller=Party(number=CUSTOMER, e164=CUSTOMER, presentation=Presentation.WITHHELD)
    )
    save_call(conn, hidden, state=None)
    save_call(conn, of_ivo(), state=None)
    for record in (an_ended_call(0), of_ivo()):
        save_wrap_up(conn, record.id, WrapUp(agent="anna", disposition=None, note=SECRET, at=NOON))
        put_handoff(conn, record.id, Handoff(at=NOON, by="anna", reason=SECRET))
        enqueue(conn, an_effect(record))
    tick = Tick(kind="apologise", by="anna", at=NOON, contact_id=ZOE.id, e164=CUSTOMER)
    put_tick(conn, an_ended_call(0).id, tick)
    for whose, e164 in ((ZOE.id, CUSTOMER), (None, CUSTOMER), (None, OTHER)):
        add_promise(
            conn,
            Promise(
                id=str(uuid5(NAMESPACE_OID, f"{whose} {e164}")),
                contact_id=whose,
                e164=e164,
                text=f"To {e164}",
                due_at=LATER,
                made_by="anna",
                made_at=NOON,
            ),
        )
    mail = Interaction(
        id="i-1", channel=Channel.MAIL, direction=Direction.INBOUND, at=NOON, email=ZOE.email
    )
    save_interaction(conn, replace(mail, subject=SECRET))
    mark = Mark(kind=MarkKind.IGNORED, e164=CUSTOMER, by="anna", at=NOON, reason=SECRET)
    set_mark(conn, mark)


def of_ivo() -> CallRecord:
    """Return the call of somebody else."""
    return an_ended_call(9, caller=Party(number=OTHER, e164=OTHER))
