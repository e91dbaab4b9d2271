"""What the configuration says of people, made ready for the web part; and the first door."""

import asyncio
from typing import Final

import structlog

from crm_sync.policy import Create
from gateway.core.ports import Clock
from gateway.runtime.loading import Loaded
from gateway.runtime.settings_people import OidcSettings, extension_map
from gateway.store.audit import AuditEntry, append
from gateway.store.database import Connection, Database
from gateway.store.people import configure_extensions
from gateway.store.sealing import Sealer
from gateway.store.setup_links import VALID, create_setup_link, has_users
from gateway.web.oidc_provider import IdentityRules, ProviderOptions
from gateway.web.services import DeskOptions, LinkedCrm, PeopleOptions

BY_HAND: Final = (Create.ASK, Create.MISSED)
# Products by the name people say; a CRM that is described in a file is known by its own name.
LABELS: Final = {"odoo": "Odoo", "hubspot": "HubSpot", "salesforce": "Salesforce"}

log = structlog.get_logger(__name__)


def desk_of(loaded: Loaded) -> DeskOptions:
    """Return what the configuration says of the agents' page."""
    return loaded.settings.desk.options(
        language=loaded.settings.gateway.language,
        crms=(
            LinkedCrm(
                name=crm.name,
                label=crm.label or LABELS.get(crm.kind, crm.name),
                ask_contact=crm.policy.create in BY_HAND,
            )
            for crm in loaded.crms
        ),
    )


async def people_of(loaded: Loaded, db: Database) -> PeopleOptions:
    """Read the installation's key and give extensions as configured; ConfigError, StoreError."""
    settings = loaded.settings
    extensions = extension_map(settings.extensions)
    missing = await db.write(lambda conn: configure_extensions(conn, extensions))
    if missing:
        log.warning(
            "people.unknown_in_configuration",
            logins=len(missing),
            remedy="`filodiretto check` names them; add them with `filodiretto users add`",
        )
    return PeopleOptions(
        sealer=await asyncio.to_thread(Sealer.load, settings.gateway.data_dir),
        require_totp=settings.web.require_totp,
        totp_exempt=frozenset(settings.web.totp_exempt),
        extensions=extensions,
        pbxs=frozenset(pbx.name for pbx in loaded.pbxs),
        identities=None if settings.oidc is None else identities_of(settings.oidc),
    )


def identities_of(oidc: OidcSettings) -> IdentityRules:
    """Return the company's provider as the web part wants it; raises ConfigError."""
    return IdentityRules(
        provider=ProviderOptions(
            issuer=oidc.issuer,
            client_id=oidc.client_id,
            secret=oidc.secret(),
            scopes=oidc.scopes,
            clock_skew_s=oidc.clock_skew_s,
        ),
        label=oidc.label,
        bind_by=oidc.bind_by,
        create=oidc.create,
        create_role=oidc.create_role,
        groups_claim=oidc.groups_claim,
        roles=oidc.roles,
    )


async def first_door(db: Database, clock: Clock) -> str | None:
    """Return the secret of a new set-up link if nobody was ever added, else None."""
    now = clock.now()

    def make(conn: Connection) -> str | None:
        if has_users(conn):
            return None
        append(conn, (AuditEntry(at=now, actor="", action="setup.link_made"),))
        return create_setup_link(conn, now=now)

    return await db.write(make)


def announce(address: str, secret: str) -> None:
    """Say where the first administrator is made; only whoever reads the log learns it."""
    log.warning(
        "setup.link",
        setup_link=link_of(address, secret),
        valid_minutes=int(VALID.total_seconds() // 60),
        remedy="open it in a browser; `filodiretto setup-link` makes a new one",
    )


def link_of(address: str, secret: str) -> str:
    """Return a set-up link; behind the # it is in no server's log and no Referer."""
    return f"{address}/#setup={secret}"
