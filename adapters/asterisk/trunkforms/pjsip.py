"""The sections of pjsip.conf that make up a trunk.

Source: `config show help res_pjsip` of Asterisk 16 and 22; no option is rendered that 16 does not
know. All sections have the trunk's name, as FreePBX's have: their types tell them apart.
"""

from typing import Final

from adapters.asterisk.trunkforms.conf import Section
from adapters.asterisk.trunkforms.form import TrunkForm, host_of

PLACEHOLDER: Final = "CHANGE_ME"
MAX_SECRET: Final = 256
# A password may have been corrected at the provider meanwhile; asking more often brings a ban.
REFUSED_RETRY_S: Final = 600
MANY: Final = 10_000

Options = list[tuple[str, str]]


def sections_of(form: TrunkForm, secret: str = PLACEHOLDER) -> tuple[Section, ...]:
    """Return the trunk's sections; `secret` stands in the auth section, if there is one."""
    parts = [("transport", _transport(form))] if form.own_transport else []
    if form.username:
        parts.append(("auth", _auth(form, secret)))
    parts += [("aor", _aor(form)), ("endpoint", _endpoint(form)), ("identify", _identify(form))]
    if form.registers:
        parts.append(("registration", _registration(form)))
    return tuple(
        Section(
            name=form.transport_name if kind == "transport" else form.name,
            type=kind,
            options=tuple(options),
        )
        for kind, options in parts
    )


def _transport(form: TrunkForm) -> Options:
    options = [("protocol", form.transport), ("bind", form.bind)]
    if form.transport == "tls":
        # without these the certificate of whoever answers is believed
        options += [
            ("method", "tlsv1_2"),
            ("verify_server", "yes"),
            ("ca_list_file", form.ca_file),
        ]
    options += [("local_net", net) for net in form.local_net]
    if form.external_address:
        options += [
            ("external_media_address", form.external_address),
            ("external_signaling_address", form.external_address),
        ]
    return options


def _auth(form: TrunkForm, secret: str) -> Options:
    return [
        ("auth_type", "userpass"),
        ("username", form.auth_user or form.username),
        ("password", secret),
    ]


def _aor(form: TrunkForm) -> Options:
    options = [("contact", _server(form))]
    if form.qualify_frequency:
        options.append(("qualify_frequency", str(form.qualify_frequency)))
    return options + _proxy(form)


def _endpoint(form: TrunkForm) -> Options:
    options = [
        ("transport", form.transport_name),
        ("context", form.context),
        ("disallow", "all"),
        ("allow", ",".join(form.codecs)),
        ("aors", form.name),
    ]
    if form.username:
        options.append(("outbound_auth", form.name))
    options += _proxy(form)
    if form.from_user:
        options.append(("from_user", form.from_user))
    options.append(("from_domain", form.from_domain or form.registrar))
    options += [
        ("trust_id_inbound", _yes(form.trust_inbound)),
        ("trust_id_outbound", _yes(form.send_pai or form.send_rpid)),
        ("send_pai", _yes(form.send_pai)),
        ("send_rpid", _yes(form.send_rpid)),
        ("direct_media", "no"),
        ("dtmf_mode", form.dtmf_mode),
        ("timers", form.timers),
        ("timers_sess_expires", str(form.timers_expires)),
    ]
    return options + _endpoint_extras(form)


def _endpoint_extras(form: TrunkForm) -> Options:
    options: Options = []
    if form.t38:
        options += [("t38_udptl", "yes"), ("t38_udptl_ec", "redundancy")]
    if form.media_encryption != "no":
        options.append(("media_encryption", form.media_encryption))
    if form.language:
        options.append(("language", form.language))
    if form.max_channels:
        options.append(("device_state_busy_at", str(form.max_channels)))
    if form.behind_nat:
        options += [("rtp_symmetric", "yes"), ("force_rport", "yes"), ("rewrite_contact", "yes")]
    return options


def _identify(form: TrunkForm) -> Options:
    return [("endpoint", form.name), *(("match", place) for place in form.matches)]


def _registration(form: TrunkForm) -> Options:
    return [
        ("transport", form.transport_name),
        ("outbound_auth", form.name),
        ("server_uri", _server(form)),
        ("client_uri", f"sip:{form.username}@{_in_uri(form.from_domain or form.registrar)}"),
        ("contact_user", form.called_as),
        *_proxy(form),
        ("expiration", str(form.expiration)),
        ("retry_interval", str(form.retry_interval)),
        # the default gives up for ever after one refusal
        ("auth_rejection_permanent", "no"),
        ("forbidden_retry_interval", str(REFUSED_RETRY_S)),
        ("fatal_retry_interval", str(REFUSED_RETRY_S)),
        ("max_retries", str(MANY)),
        # calls are known by a mark in our contact, whatever address they come from
        ("line", "yes"),
        ("endpoint", form.name),
    ]


def _proxy(form: TrunkForm) -> Options:
    if not form.outbound_proxy:
        return []
    host = host_of(form.outbound_proxy)
    rest = form.outbound_proxy.removeprefix(host)
    return [("outbound_proxy", f"sip:{_in_uri(host)}{rest}{_by(form)};lr")]


def _server(form: TrunkForm) -> str:
    port = f":{form.port}" if form.port else ""
    return f"sip:{_in_uri(form.registrar)}{port}{_by(form)}"


def _by(form: TrunkForm) -> str:
    """Return the parameter without which PJSIP takes UDP, whatever the transport section says."""
    return "" if form.transport == "udp" else f";transport={form.transport}"


def _in_uri(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _yes(flag: bool) -> str:  # noqa: FBT001
    return "yes" if flag else "no"
