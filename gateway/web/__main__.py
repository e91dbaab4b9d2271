"""`python -m gateway.web` prints the OpenAPI document: a client can be made without a gateway."""

import sys
from importlib.metadata import version

import orjson

from gateway.web.app import ROUTES
from gateway.web.openapi import describe

document = describe(ROUTES, version=version("filodiretto"))
sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
