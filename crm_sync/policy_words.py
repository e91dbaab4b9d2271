"""A policy in words, as `filodiretto check` and the dry run show it; Italian and English."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from crm_sync.policy import Create, Interest, Policy
from gateway.core.record import Direction, Outcome
from gateway.core.writing import Creation, Link

_Words = Mapping[str, str]


def _table(**texts: str) -> _Words:
    return MappingProxyType(texts)


ITALIAN: Final = _table(
    calls="Scrive le chiamate {directions}",
    known=", solo di chi è in rubrica",
    internal=", le interne mai",
    outcomes=", solo con esito {outcomes}",
    queues=", solo delle code {queues}",
    except_queues=", non delle code {queues}",
    inbound="in entrata",
    outbound="in uscita",
    internal_name="interne",
    ring="quando squilla; la stessa scheda è completata alla risposta e alla fine",
    answer="alla risposta; la stessa scheda è completata alla fine",
    end="alla fine",
    when="Momento: {when}.",
    answered_by="di chi ha risposto (o chiamato)",
    final_talker="di chi ha parlato per ultimo",
    owner="del responsabile del contatto, altrimenti di chi ha risposto",
    assign="La chiamata è {assign}; persa: del responsabile del contatto.",
    links="Collegata a: {links}.",
    no_links="Non è collegata a nulla.",
    contact="contatto",
    company="azienda",
    deal="trattativa o caso aperto, se è uno solo",
    never="Di chi chiama e non è noto non si crea nulla.",
    ask="Di chi non è noto si crea un {what} se un operatore lo chiede.",
    missed="Di chi non è noto e non ha avuto risposta si crea un {what}.",
    always="Di ogni sconosciuto si crea un {what}.",
    contact_name="contatto",
    lead_name="lead",
    ours=" Mai dai nostri numeri.",
    task="Chiamata persa: un'attività per il responsabile{otherwise}{due}{wait}.",
    otherwise=" (senza responsabile: interno {extension})",
    due=", entro {days} giorni",
    wait=", dopo {minutes} minuti senza richiamata",
    no_task="Chiamata persa: nessuna attività.",
    texts="Titolo: {title}. Nota: {note}.",
    own="parole del connettore",
    template="modello dell'amministratore",
    recording="Con il link della registrazione.",
    no_recording="Senza il link della registrazione.",
    kept="Il contenuto inviato resta qui {days} giorni.",
    edits="Ciò che le persone modificano nel CRM non viene mai sovrascritto.",
)
ENGLISH: Final = _table(
    calls="Writes {directions} calls",
    known=", only with people in the directory",
    internal=", never internal ones",
    outcomes=", only if {outcomes}",
    queues=", only of the queues {queues}",
    except_queues=", not of the queues {queues}",
    inbound="inbound",
    outbound="outbound",
    internal_name="internal",
    ring="when it rings; the same record is completed at the answer and at the end",
    answer="at the answer; the same record is completed at the end",
    end="at the end",
    when="When: {when}.",
    answered_by="of who answered (or called)",
    final_talker="of who talked last",
    owner="of the contact's owner, else of who answered",
    assign="The call is {assign}; a missed one: of the contact's owner.",
    links="Linked to: {links}.",
    no_links="Linked to nothing.",
    contact="contact",
    company="company",
    deal="open deal or case, if there is just one",
    never="Nothing is created for unknown callers.",
    ask="An unknown caller becomes a {what} if an agent says so.",
    missed="An unknown caller who got no answer becomes a {what}.",
    always="Every unknown caller becomes a {what}.",
    contact_name="contact",
    lead_name="lead",
    ours=" Never from our own numbers.",
    task="Missed call: a task for the owner{otherwise}{due}{wait}.",
    otherwise=" (without an owner: extension {extension})",
    due=", due within {days} days",
    wait=", after {minutes} minutes without a call back",
    no_task="Missed call: no task.",
    texts="Title: {title}. Note: {note}.",
    own="the connector's words",
    template="the administrator's template",
    recording="With the recording's address.",
    no_recording="Without the recording's address.",
    kept="What was sent is kept here for {days} days.",
    edits="What people edit in the CRM is never overwritten.",
)
LANGUAGES: Final = MappingProxyType({"it": ITALIAN, "en": ENGLISH})


def described(policy: Policy, language: str) -> tuple[str, ...]:
    """Return what a policy means, a sentence or two for each of its rules."""
    words = LANGUAGES[language]
    said = [
        _calls(policy, words),
        words["when"].format(when=words[policy.when.value]),
        words["assign"].format(assign=words[policy.assign.value]),
        _links(policy.links, words),
        _strangers(policy, words),
        _task(policy, words),
        words["texts"].format(
            title=words["own" if policy.title is None else "template"],
            note=words["own" if policy.note is None else "template"],
        ),
        words["recording" if policy.recording else "no_recording"],
    ]
    if policy.keep_days is not None:
        said.append(words["kept"].format(days=policy.keep_days))
    return (*said, words["edits"])


def _calls(policy: Policy, words: _Words) -> str:
    names = {
        Direction.INBOUND: words["inbound"],
        Direction.OUTBOUND: words["outbound"],
        Direction.INTERNAL: words["internal_name"],
    }
    said = words["calls"].format(
        directions=_listed(names[one] for one in Direction if one in policy.directions)
    )
    if Direction.INTERNAL not in policy.directions:
        said += words["internal"]
    if policy.interest is Interest.KNOWN:
        said += words["known"]
    if policy.outcomes:
        wanted = (one.value for one in Outcome if one in policy.outcomes)
        said += words["outcomes"].format(outcomes=_listed(wanted))
    for key, queues in (("queues", policy.queues), ("except_queues", policy.except_queues)):
        if queues:
            said += words[key].format(queues=_listed(sorted(queues)))
    return f"{said}."


def _links(links: frozenset[Link], words: _Words) -> str:
    if not links:
        return words["no_links"]
    return words["links"].format(links=_listed(words[one.value] for one in Link if one in links))


def _strangers(policy: Policy, words: _Words) -> str:
    what = words["lead_name" if policy.create_as is Creation.LEAD else "contact_name"]
    said = words[policy.create.value].format(what=what)
    return said if policy.create is Create.NEVER else said + words["ours"]


def _task(policy: Policy, words: _Words) -> str:
    task = policy.task
    if not task.wanted:
        return words["no_task"]
    minutes = f"{task.after_s / 60:g}"
    return words["task"].format(
        otherwise=words["otherwise"].format(extension=task.otherwise) if task.otherwise else "",
        due=words["due"].format(days=task.due_days) if task.due_days else "",
        wait=words["wait"].format(minutes=minutes) if task.after_s else "",
    )


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items)
