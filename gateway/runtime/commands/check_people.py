"""The part of `filodiretto check` about people: who can come in, who sees what, whose phone."""

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.core.errors import FilodirettoError
from gateway.core.findings import Finding, Verdict
from gateway.runtime.loading import Loaded
from gateway.runtime.people import identities_of
from gateway.runtime.settings_people import extension_map
from gateway.store.database import Connection
from gateway.store.people import People, Role, User, list_users
from gateway.store.teams import joined, memberships
from gateway.web.oidc_provider import Attempt, Provider

SUBJECT: Final = "people"
POWERFUL: Final = frozenset({Role.ADMIN, Role.SUPERVISOR})


def people_findings(conn: Connection, loaded: Loaded) -> Sequence[Finding]:
    """Return what an administrator should know about people; nothing here is a failure."""
    everybody = tuple(user for user in list_users(conn) if not user.disabled)
    if not everybody:
        return (
            _warning(
                "nobody can sign in yet",
                "filodiretto setup-link prints a link that makes the first administrator; or"
                " filodiretto users add LOGIN --extension 1001, then tokens create LOGIN",
            ),
        )
    pairs = memberships(conn)
    return (
        *_strangers(loaded, everybody),
        *_phones(everybody),
        *_elsewhere(loaded, everybody),
        *_supervisors(loaded, everybody, pairs),
        *_second_factor(loaded, everybody),
    )


async def identity_finding(loaded: Loaded) -> Finding:
    """Ask the identity provider for its discovery document."""
    settings = loaded.settings.oidc
    if settings is None:
        raise ValueError("asked only where there is one")
    subject = f"oidc {settings.issuer}"
    try:
        provider = Provider(identities_of(settings).provider)
        try:
            await provider.sign_in_url(Attempt.fresh(), redirect_uri="https://check.invalid/")
        finally:
            await provider.close()
    except FilodirettoError as error:
        return Finding(
            subject=subject, verdict=Verdict.FAILED, cause=error.message, remedy=error.remedy
        )
    return Finding(subject=subject, verdict=Verdict.OK, cause="the provider can be used")


def _strangers(loaded: Loaded, everybody: Sequence[User]) -> Iterator[Finding]:
    known, settings = {user.login for user in everybody}, loaded.settings
    named = {
        "team.members": {login for team in settings.team for login in team.members},
        "extensions": {
            login for logins in extension_map(settings.extensions).values() for login in logins
        },
        "web.totp_exempt": set(settings.web.totp_exempt),
    }
    for key, logins in named.items():
        if logins - known:
            yield _warning(
                f"{key} names logins that nobody has: {', '.join(sorted(logins - known))}",
                "correct the configuration, or filodiretto users add LOGIN",
            )


def _phones(everybody: Sequence[User]) -> Iterator[Finding]:
    owners = People(everybody)
    places = {place for user in everybody for place in user.extensions}
    for pbx, extension in sorted(places):
        logins = owners.who_has(pbx, extension)
        if len(logins) > 1:
            yield _warning(
                f"extension {extension} is shared by {', '.join(logins)}",
                "both get its pops, and its calls count for none of them alone; if that is not"
                " meant, users import or PATCH /api/v1/users gives each their own",
            )


def _elsewhere(loaded: Loaded, everybody: Sequence[User]) -> Iterator[Finding]:
    """Find extensions and queues on a telephone system that the file does not name."""
    known = {pbx.name for pbx in loaded.pbxs}
    written = {f"{pbx}:{number}" for user in everybody for pbx, number in user.extensions if pbx}
    written |= {place for team in loaded.settings.team for place in team.queues if ":" in place}
    lost = sorted(place for place in written if place.partition(":")[0] not in known)
    if lost:
        yield _warning(
            f"no [[pbx]] has the name in: {', '.join(lost)}",
            "correct the name; until then nobody gets their pops",
        )


def _supervisors(
    loaded: Loaded, everybody: Sequence[User], pairs: Sequence[tuple[str, str]]
) -> Iterator[Finding]:
    teams = joined([team.team() for team in loaded.settings.team], pairs)
    placed = {login for team in teams for login in team.members}
    lost = [
        user.login
        for user in everybody
        if teams and user.role is Role.SUPERVISOR and user.login not in placed
    ]
    if lost:
        yield _warning(
            f"supervisors in no team see only their own calls: {', '.join(lost)}",
            "name them among the members of a [[team]]",
        )
    blind = [team.name for team in teams if not team.queues]
    if blind:
        yield _warning(
            f"teams without queues, whose supervisors see none: {', '.join(blind)}",
            "give each a [[team]] of its name with its queues",
        )


def _second_factor(loaded: Loaded, everybody: Sequence[User]) -> Iterator[Finding]:
    powerful = [user.login for user in everybody if user.role in POWERFUL]
    if powerful and not loaded.settings.web.require_totp:
        yield _warning(
            "administrators and supervisors sign in without a second factor",
            "set require_totp = true in [web]; each sets it up at their next sign-in",
        )


def _warning(cause: str, remedy: str) -> Finding:
    return Finding(subject=SUBJECT, verdict=Verdict.WARNING, cause=cause, remedy=remedy)
