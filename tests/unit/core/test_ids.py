"""Identities are those that anybody can make again from the same facts."""

from uuid import UUID, uuid5

from gateway.core.ids import NAMESPACE, call_id, effect_key, pop_id


def test_ids_are_version_5_uuids_of_their_names() -> None:
    """A CRM or a report may compute them; stored ones must stay what they are."""
    call = call_id("hq", "1700000000.1")
    assert call == uuid5(NAMESPACE, "hq\n1700000000.1")
    assert call_id("hq", "1700000000.1", "PJSIP/1001-2") == uuid5(
        NAMESPACE, "hq\n1700000000.1\nPJSIP/1001-2"
    )
    assert pop_id(call, "1001", 2) == uuid5(call, "1001\n2")
    assert effect_key(call, "odoo", "log", 0) == uuid5(call, "odoo\nlog\n0")
    assert (call.version, type(call)) == (5, UUID)
