"""Asterisk's configuration grammar, as administrators write it."""

from adapters.asterisk.trunkforms.conf import Section, parse


def test_templates_additions_and_comments_are_read_as_asterisk_does() -> None:
    """A file to compare with is somebody's own, with all that the grammar allows."""
    text = """
#include pjsip_other.conf
stray = before any section
[base](!)          ; a template
type = endpoint
allow => alaw
[carrier](base)
context=from-carrier ; a remark
outbound_proxy = sip:proxy.example\\;lr
;-- all of this
[commented]
type = endpoint
--;
[carrier]
type=aor
contact = sip:carrier.example
[carrier](+)
qualify_frequency = 60
[untyped]
a = b
"""
    assert parse(text) == (
        Section(
            name="carrier",
            type="endpoint",
            options=(
                ("allow", "alaw"),
                ("context", "from-carrier"),
                ("outbound_proxy", "sip:proxy.example;lr"),
            ),
        ),
        Section(
            name="carrier",
            type="aor",
            options=(("contact", "sip:carrier.example"), ("qualify_frequency", "60")),
        ),
    )
