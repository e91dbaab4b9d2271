"""How an entry of the directory is shown and how a request describes one."""

from dataclasses import replace

from gateway.core.contact import Contact, ContactKind, ContactNumber, CrmReference
from gateway.core.numbers import NumberPlan
from gateway.core.text import clean_text
from gateway.desk.composition import contact_json
from gateway.store.contacts import Stored
from gateway.store.drafts import read_numbers
from gateway.web.shapes.contacts import ContactBody, ContactPatch, NumberBody, ReferenceBody

_SHORT = 200
_LONG = 2_000
_TEXTS = ("name", "company", "email", "language", "formality", "owner", "url", "ref", "crm")


def entry_json(contact: Contact, change: int | None = None) -> dict[str, object]:
    """Return the public JSON object of a whole entry; `change` where it was read with it."""
    return {
        **contact_json(contact),
        "company_id": contact.company_id,
        "numbers": [
            {
                "number": one.raw,
                "e164": one.e164,
                "label": one.label,
                "extension": one.extension,
            }
            for one in contact.numbers
        ],
        "references": [
            {"crm": one.crm, "ref": one.ref, "url": one.url} for one in contact.references
        ],
        "fields": dict(contact.fields),
        "change": change,
    }


def stored_json(stored: Stored) -> dict[str, object]:
    """Return the public JSON object of an entry with its change number."""
    return entry_json(stored.contact, stored.change)


def contact_from(body: ContactBody, plan: NumberPlan) -> Contact:
    """Return a new entry as a request describes it, without an id."""
    return patched(Contact(id="", kind=body.kind), body, plan)


def patched(contact: Contact, body: ContactBody | ContactPatch, plan: NumberPlan) -> Contact:
    """Return an entry with what a request tells; what it does not tell stays."""
    told = {name: getattr(body, name) for name in body.model_fields_set}
    values: dict[str, object] = {
        name: clean_text(told[name], limit=_SHORT) if told[name] else None
        for name in _TEXTS
        if name in told
    }
    for name in ("kind", "company_id", "vip", "at_risk"):
        if name in told and (told[name] is not None or name == "company_id"):
            values[name] = told[name]
    if told.get("tags") is not None:
        cleaned = (clean_text(tag, limit=_SHORT) for tag in told["tags"])
        values["tags"] = tuple(dict.fromkeys(tag for tag in cleaned if tag))
    if told.get("fields") is not None:
        values["fields"] = _fields(told["fields"])
    if told.get("numbers") is not None:
        values["numbers"] = _numbers(told["numbers"], plan)
    if told.get("references") is not None:
        values["references"] = _references(told["references"])
    changed = replace(contact, **values)  # type: ignore[arg-type] # the names are those of fields
    if changed.kind is ContactKind.COMPANY:
        return replace(changed, name=None, company=changed.company or changed.name, company_id=None)
    return changed


def _fields(told: dict[str, str]) -> dict[str, str]:
    read = (
        (clean_text(name, limit=_SHORT), clean_text(text, limit=_LONG))
        for name, text in told.items()
    )
    return {name: text for name, text in read if name is not None and text is not None}


def _numbers(told: list[NumberBody], plan: NumberPlan) -> tuple[ContactNumber, ...]:
    numbers: list[ContactNumber] = []
    for one in told:
        label = clean_text(one.label, limit=_SHORT) or "phone"
        found, _warnings = read_numbers([(label, one.number)], plan)
        numbers += [
            replace(number, extension=one.extension or number.extension) for number in found
        ]
    return tuple({(one.e164 or one.raw, one.extension): one for one in numbers}.values())


def _references(told: list[ReferenceBody]) -> tuple[CrmReference, ...]:
    return tuple(CrmReference(crm=one.crm, ref=one.ref, url=one.url) for one in told)
