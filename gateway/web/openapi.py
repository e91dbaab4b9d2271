"""The OpenAPI 3.1 document, made from the same declarations that requests are checked by."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from gateway.web.access import ALL_ROLES
from gateway.web.expected import expected_problems
from gateway.web.problems import CONTENT_TYPE, ProblemKind
from gateway.web.repeats import HEADER, MAX_KEY, takes_key
from gateway.web.routes import JSON, Route, Tag
from gateway.web.shapes.problem import Problem

Json = dict[str, Any]
REF: Final = "#/components/schemas/"
SECURITY: Final[tuple[Json, ...]] = ({"bearer": []}, {"cookie": []})
ABOUT: Final = (
    "Bearer tokens work everywhere. With the cookie of a session, unsafe methods need the header "
    "X-Filodiretto: 1 and the page's own Origin. Errors are problem details (RFC 9457). Clients "
    "ignore members they do not know: later versions may add some."
)
# pydantic leaves constraints of optional members under their own names
KEYWORDS: Final = {"ge": "minimum", "le": "maximum"}
_WORD: Final = re.compile(r"[A-Za-z0-9]+")


class _Schemas(GenerateJsonSchema):
    """Schemas without a title for every field: the name is there already."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        return False


def describe(routes: Sequence[Route], *, version: str) -> Json:
    """Return the document."""
    wanted = dict.fromkeys(_models(routes))
    refs, schemas = models_json_schema(
        list(wanted), ref_template=REF + "{model}", schema_generator=_Schemas
    )
    definitions: Json = dict(schemas.get("$defs", {}))
    paths: dict[str, Json] = {}
    for route in routes:
        operation = _operation(route, refs, definitions)
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    for model in {model for route in routes for model in (route.params, route.query) if model}:
        definitions.pop(model.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Filodiretto",
            "version": version,
            "description": ABOUT,
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag.value} for tag in Tag if any(route.tag is tag for route in routes)],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(definitions.items())),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "filodiretto"},
            },
        },
    }


def _models(routes: Iterable[Route]) -> Iterable[tuple[type[BaseModel], JsonSchemaMode]]:
    yield Problem, "serialization"
    for route in routes:
        for model in (route.params, route.query, route.body):
            if model is not None:
                yield model, "validation"
        for shape in (*route.answers.values(), route.frames):
            if shape is not None:
                yield shape, "serialization"


Refs = Mapping[Any, Json]


def _operation(route: Route, refs: Refs, definitions: Json) -> Json:
    operation: Json = {
        "operationId": _name(route),
        "tags": [route.tag.value],
        "summary": route.summary,
        "description": _description(route),
        "parameters": _parameters(route, definitions),
        "responses": _responses(route, refs),
        "security": [] if route.access.public else [dict(one) for one in SECURITY],
    }
    if route.body is not None:
        schema = refs[route.body, "validation"]
        operation["requestBody"] = {
            "required": not route.body_optional,
            "content": {JSON: {"schema": schema}},
        }
    if route.upload is not None:
        operation["requestBody"] = {
            "required": True,
            "description": route.upload.description,
            "content": {kind: {"schema": {"type": "string"}} for kind in route.upload.types},
        }
    return operation


def _name(route: Route) -> str:
    """Return the operation's id: `getCallsById`."""
    words = _WORD.findall(route.path.removeprefix("/api/v1").replace("{", "by/")) or ["page"]
    return route.method.lower() + "".join(word[:1].upper() + word[1:] for word in words)


def _description(route: Route) -> str:
    access = route.access
    if access.public:
        needs = "For everybody."
    else:
        scope = f"Scope `{access.scope}`." if access.scope else "For everybody who is signed in."
        roles = ", ".join(sorted(role.value for role in access.roles))
        needs = scope if access.roles == ALL_ROLES else f"{scope} Roles: {roles}."
    return f"{route.detail} {needs}".strip()


def _parameters(route: Route, definitions: Json) -> list[Json]:
    found = []
    for place, model in (("path", route.params), ("query", route.query)):
        if model is not None:
            schema = definitions[model.__name__]
            needed = schema.get("required", [])
            for name, about in schema["properties"].items():
                found.append(_parameter(name, place, about, required=name in needed))
    if takes_key(route):
        text = {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[ -~]+$"}
        words = "Makes a repetition harmless: kept 24 h; another request under it is refused."
        found.append({"name": HEADER, "in": "header", "description": words, "schema": text})
    return found


def _parameter(name: str, place: str, about: Json, *, required: bool) -> Json:
    schema = {KEYWORDS.get(key, key): value for key, value in about.items()}
    schema.pop("description", None)
    choices = [one for one in schema.pop("anyOf", []) if one != {"type": "null"}]
    if len(choices) == 1:
        schema = {key: value for key, value in schema.items() if value is not None} | choices[0]
    parameter: Json = {"name": name, "in": place, "required": required, "schema": schema}
    if "description" in about:
        parameter["description"] = about["description"]
    return parameter


def _responses(route: Route, refs: Refs) -> Json:
    responses: Json = {}
    for status, shape in route.answers.items():
        answered: Json = {"description": _status_words(status)}
        if shape is not None:
            answered["content"] = {JSON: {"schema": refs[shape, "serialization"]}}
        elif route.produces != JSON:
            answered["content"] = {route.produces: {"schema": {"type": "string"}}}
        if route.frames is not None:
            answered["x-frame"] = refs[route.frames, "serialization"]
        responses[str(status)] = answered
    by_status: dict[int, list[ProblemKind]] = {}
    for kind in expected_problems(route):
        by_status.setdefault(kind.status, []).append(kind)
    for status, kinds in sorted(by_status.items()):
        responses[str(status)] = _problem_response(kinds)
    return responses


def _status_words(status: int) -> str:
    words = {101: "The socket is open.", 201: "Made.", 202: "Accepted.", 204: "Done."}
    return words.get(status, "The answer.")


def _problem_response(kinds: list[ProblemKind]) -> Json:
    types = [kind.type for kind in kinds]
    schema = {"allOf": [{"$ref": REF + "Problem"}, {"properties": {"type": {"enum": types}}}]}
    return {
        "description": " / ".join(f"{kind.title} (`{kind.slug}`)" for kind in kinds),
        "content": {CONTENT_TYPE: {"schema": schema}},
    }
