"""The excerpt of extensions.conf: our numbers on the trunk, and the way out through it."""

from adapters.asterisk.trunkforms.form import TrunkForm


def dialplan_of(form: TrunkForm) -> str:
    """Return both contexts; every value was checked to be no expression and no separator."""
    return "\n".join((*_inbound(form), "", *_outbound(form), ""))


def _inbound(form: TrunkForm) -> list[str]:
    lines = ["; Calls from the provider: a line for each number, written as the provider sends it."]
    lines.append(f"[{form.context}]")
    if form.did_source == "to":
        # The number is FILTERed: what a stranger writes into To must not become dialplan.
        lines += [
            f"exten => {form.called_as},1,Set(TO=${{PJSIP_HEADER(read,To)}})",
            " same => n,Set(CALLED=${FILTER(+0-9,${CUT(CUT(TO,@,1),:,2)})})",
            f" same => n,Goto({form.context}-to,${{CALLED}},1)",
            "",
            f"[{form.context}-to]",
        ]
    for did in form.dids or ((form.called_as,) if form.did_source == "request" else ()):
        if did:
            lines += _one(form, did)
    return lines


def _one(form: TrunkForm, did: str) -> list[str]:
    first = f"exten => {did},1,"
    if not form.target:
        return [f"{first}NoOp(Say here where calls to this number go.)", " same => n,Hangup(1)"]
    goto = f"Goto({form.target if form.target.count(',') > 1 else form.target + ',1'})"
    if not form.max_channels:
        return [first + goto]
    return [f"{first}Set(GROUP(trunk)={form.name})", f" same => n,{goto}"]


def _outbound(form: TrunkForm) -> list[str]:
    lines = [
        "; Include this context only where your own phones dial from, never in the one above.",
        f"[{form.outbound_context}]",
    ]
    for pattern in ("X.", "+X."):
        steps = _steps(form)
        lines.append(f"exten => _{form.dial_prefix}{pattern},1,{steps[0]}")
        lines += [f" same => {step}" for step in steps[1:]]
    return lines


def _steps(form: TrunkForm) -> list[str]:
    number = f"${{EXTEN:{len(form.dial_prefix)}}}" if form.dial_prefix else "${EXTEN}"
    steps = []
    if form.max_channels:
        steps += [
            f"Set(GROUP(trunk)={form.name})",
            f"GotoIf($[${{GROUP_COUNT({form.name}@trunk)}} > {form.max_channels}]?full)",
        ]
    if form.caller_id:
        steps.append(f"Set(CALLERID(num)={form.caller_id})")
    steps += [f"Dial(PJSIP/{number}@{form.name},60)", "Hangup(${HANGUPCAUSE})"]
    numbered = [steps[0], *(f"n,{step}" for step in steps[1:])]
    return [*numbered, "n(full),Congestion(3)"] if form.max_channels else numbered
