"""Rigs and a store for the suites that every registered connector has to pass."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from support.connector_rigs import ConnectorRig, WebhookRig, honest, kind_of, odoo_rig
from support.empty_store import open_store
from support.hubspot_rig import HubSpotRig
from support.json_api_rigs import EspoRig, SuiteRig
from support.odoo_fixtures import build_before_tests, odoo, odoo_cluster
from support.peer_http import peer_server
from support.profile_rigs import PipedriveRig, ProfileRig, ZohoRig
from support.rest_rig import RestRig
from support.rpc_rigs import BitrixRig, DynamicsRig
from support.salesforce_rig import SalesforceRig

from gateway.store.database import Database

__all__ = ["odoo", "odoo_cluster"]

BY_PROFILE: Mapping[str, type[ProfileRig]] = {
    "rest:bitrix24": BitrixRig,
    "rest:dynamics365": DynamicsRig,
    "rest:espocrm": EspoRig,
    "rest:pipedrive": PipedriveRig,
    "rest:suitecrm": SuiteRig,
}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build Odoo while no test's clock runs."""
    build_before_tests(session)


@pytest.fixture
async def rig(
    connector: str, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[ConnectorRig]:
    """Give the CRM of a connector, honest until told otherwise."""
    async with peer_server() as front:
        made: ConnectorRig
        if connector == "webhook":
            made = WebhookRig(front=front)
        elif connector == "odoo":
            made = await asyncio.to_thread(odoo_rig, front, request.getfixturevalue("odoo"))
        elif kind_of(connector) == "hubspot":
            made = HubSpotRig(front=front, unique=connector.endswith(":unique"))
        elif connector == "salesforce":
            made = SalesforceRig(front=front)
        elif connector in BY_PROFILE:
            made = BY_PROFILE[connector](front=front)
        elif connector == "rest:zoho":
            made = ZohoRig(front=front, folder=tmp_path)
        elif kind_of(connector) == "rest":
            made = RestRig(front=front, how=connector.partition(":")[2])
        else:
            pytest.fail(f"the connector {connector} has no rig in tests/support/connector_rigs.py")
        front.default = made.served(honest)
        yield made


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """Give an empty store on disk."""
    database = await open_store(tmp_path)
    yield database
    await database.close()
