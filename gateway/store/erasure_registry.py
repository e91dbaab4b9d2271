"""Where personal data of people outside lies, and what becomes of it when one of them is erased.

Every column of every table is in one of three groups: `personal` (of people outside; `how` says
what erasing does to them), `staff` (of people who work here: logins, words they are known by) and
`plain` (neither). A test fails for a table or column that nobody has put into one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What a table holds of whom, by columns, and what erasing does."""

    how: str
    personal: str = ""
    staff: str = ""
    plain: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return all columns."""
        return tuple(f"{self.personal} {self.staff} {self.plain}".split())


_ROW: Final = "rows of the person are deleted"
_WITH_CALL: Final = "goes with the call"
_NONE: Final = "nothing of people outside"

TABLES: Final[Mapping[str, Treatment]] = {
    "calls": Treatment(
        how="deleted with a tombstone, which back-fill heeds",
        personal="record table_state contact_id linkedid id",
        plain="no pbx direction state complete revision merged_into queue outcome started_at "
        "ended_at change",
    ),
    "call_channels": Treatment(how=_WITH_CALL, personal="uniqueid", plain="pbx call_no"),
    "call_parties": Treatment(how=_WITH_CALL, personal="party", plain="kind call_no"),
    "wrap_ups": Treatment(
        how=_WITH_CALL, personal="call_id disposition note", staff="login", plain="at edits"
    ),
    "handoffs": Treatment(
        how=_WITH_CALL, personal="call_id words", staff="author extension", plain="at verified"
    ),
    "ticks": Treatment(how=_ROW, personal="call_id contact_id e164", staff="by", plain="kind at"),
    "outbox": Treatment(
        how="effects of the calls, and notices that name the person, are deleted; what CRMs were "
        "told is counted for whoever erases",
        personal="call_id record cause external_id url",
        staff="acted_by",
        plain="id key connector kind ordinal state due_at occurred_at complete revision attempts "
        "ambiguous lease_owner first_attempt_at last_attempt_at settled_at acted acted_at",
    ),
    "call_tombstones": Treatment(
        how="kept: the id of a call that is gone leads to nobody", plain="change call_id reason at"
    ),
    "control_requests": Treatment(
        how=_WITH_CALL,
        personal="fingerprint call_id channel",
        staff="login",
        plain="id key kind pbx state node cause remedy created_at changed_at",
    ),
    "contacts": Treatment(
        how="emptied; the id alone stays, so that copies of the directory learn of it",
        personal="crm ref kind name company company_id email language formality tags vip at_risk "
        "url fields refs",
        staff="owner",
        plain="id change deleted_at",
    ),
    "contact_numbers": Treatment(
        how=_ROW, personal="raw e164 label extension", plain="contact_id position"
    ),
    "number_marks": Treatment(
        how="taken back, and deleted once the copies of the directory know",
        personal="e164 contact_id reason",
        staff="set_by",
        plain="kind set_at revoked_at change",
    ),
    "crm_people": Treatment(
        how="kept: without it the next sweep of the CRM would bring the person back",
        plain="crm ref contact_id bond digest change sweep",
    ),
    "crm_mirrors": Treatment(
        how=_NONE,
        plain="crm cursor walk mark sweep seen sweep_began_at swept_at polled_at wanted",
    ),
    "interactions": Treatment(
        how=_ROW,
        personal="source external_id contact_id e164 email subject summary url",
        staff="agent",
        plain="id channel direction at",
    ),
    "promises": Treatment(
        how=_ROW,
        personal="contact_id e164 text made_in settled_by",
        staff="assignee made_by",
        plain="id due_at made_at state settled_at told_at",
    ),
    "missed_customers": Treatment(
        how=_ROW,
        personal="customer contact_id e164 attempts tried messages waited_s longest_wait_s queues "
        "lines first_at last_at last_call last_outcome closed_by closed_attempts",
        staff="claimed_by",
        plain="id claimed_at closed_at calendar",
    ),
    "missed_withheld": Treatment(how=_WITH_CALL, personal="call_id", plain="at"),
    "repeats": Treatment(
        how="all rows are deleted: answers of the last day",
        personal="body headers",
        plain="hash fingerprint status created_at",
    ),
    "audit_log": Treatment(
        how="kept: it names nobody outside but by ids that lead nowhere any more",
        staff="actor subject detail",
        plain="no at action hash",
    ),
    "link_gaps": Treatment(how=_NONE, plain="id pbx from_at to_at source recovered unknown"),
    "trunk_states": Treatment(how=_NONE, plain="pbx trunk at state words"),
    "trunk_alarms": Treatment(how=_NONE, plain="pbx trunk kind since ended_at words"),
    "trunk_points": Treatment(
        how=_NONE,
        plain="pbx trunk at watched_s calls inbound failed channels rtt_ms last_call_at",
    ),
    "mystery_runs": Treatment(
        how=_NONE,
        staff="by report",
        plain="id pbx trunk test script number caller channel arrived node state started_at "
        "ended_at",
    ),
    "meta": Treatment(how=_NONE, plain="key value"),
    "counters": Treatment(how=_NONE, plain="name value"),
    "kept_away": Treatment(
        how="kept: a keyed hash, by which a person who is to stay away is recognised",
        plain="hash together at",
    ),
    "turns": Treatment(how=_NONE, plain="job owner until"),
    "setup_links": Treatment(how=_NONE, plain="hash created_at expires_at used_at"),
    "webhooks": Treatment(
        how=_NONE,
        staff="created_by",
        plain="id connector url label types secret former former_until created_at",
    ),
    "users": Treatment(
        how=_NONE, staff="login name password_hash", plain="role disabled created_at"
    ),
    "user_extensions": Treatment(how=_NONE, staff="login extension", plain="pbx source"),
    "user_teams": Treatment(how=_NONE, staff="login", plain="team"),
    "desk_extensions": Treatment(
        how=_NONE, staff="login extension session", plain="id pbx from_at until_at to_at"
    ),
    "sessions": Treatment(
        how=_NONE, staff="hash login token_id", plain="embedded created_at seen_at expires_at"
    ),
    "api_tokens": Treatment(
        how=_NONE,
        staff="id login hash label made_with",
        plain="scopes created_at expires_at revoked_at used_at",
    ),
    "oidc_identities": Treatment(how=_NONE, staff="subject login", plain="issuer linked_at"),
    "totp_secrets": Treatment(
        how=_NONE, staff="login secret", plain="created_at confirmed_at last_step"
    ),
    "recovery_codes": Treatment(how=_NONE, staff="login hash", plain="used_at"),
    "preferences": Treatment(
        how=_NONE,
        staff="login",
        plain="language theme sound volume notifications single_keys",
    ),
}

# What is not a table.
ELSEWHERE: Final[Mapping[str, str]] = {
    "the database's write-ahead log": "emptied (SQLite: checkpoint TRUNCATE; PostgreSQL: VACUUM)",
    "mirror.db, the copy of the directory": "follows the store within 15 s, its log is emptied",
    "event frames kept for pages that come back": "dropped within 10 s; pages then load anew",
    "ended calls that the desk remembers": "dropped within 10 s",
    "numbers that were read, cached by their text": "dropped within 10 s",
    "the call table of a PBX": "forgets a call a minute after its end; before, erasing is refused",
    "log files": "no personal data at level INFO, but under keys that begin with pii_",
    "recordings made by `filodiretto record`, backups, CRMs": "not ours to reach: erase there too",
}
