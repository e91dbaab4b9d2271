"""The documentation page: the OpenAPI document as plain HTML, without a script."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from gateway.web.problems import ProblemKind

Json = Mapping[str, Any]
REF: Final = "#/components/schemas/"
FACTS: Final = (
    "format",
    "pattern",
    "default",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
)


def render(document: Json, problems: Iterable[ProblemKind], style: str) -> str:
    """Return the page; `style` is what stands in its style element."""
    info, tags = document["info"], [tag["name"] for tag in document["tags"]]
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(info['title'])} API</title><style>{style}</style></head><body><main>",
            f"<h1>{_text(info['title'])} API {_text(info['version'])}</h1>",
            f"<p>{_text(info['description'])} ",
            'For programs: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p>',
            _contents(tags),
            *(_chapter(document, tag) for tag in tags),
            _schemas(document["components"]["schemas"]),
            _problems(problems),
            "</main></body></html>",
        )
    )


def _text(value: object) -> str:
    return escape(str(value))


def _anchor(text: str) -> str:
    return escape(text.lower().replace(" ", "-"))


def _contents(tags: Sequence[str]) -> str:
    items = "".join(f'<li><a href="#{_anchor(tag)}">{_text(tag)}</a></li>' for tag in tags)
    more = '<li><a href="#schemas">Schemas</a></li><li><a href="#problems">Problems</a></li>'
    return f'<nav aria-label="Contents"><ul>{items}{more}</ul></nav>'


def _chapter(document: Json, tag: str) -> str:
    operations = "".join(
        _operation(method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if tag in operation["tags"]
    )
    return f'<section><h2 id="{_anchor(tag)}">{_text(tag)}</h2>{operations}</section>'


def _operation(method: str, path: str, operation: Json) -> str:
    return "".join(
        (
            f'<details id="{_text(operation["operationId"])}"><summary>',
            f'<span class="method">{method.upper()}</span> <code>{_text(path)}</code> ',
            f"{_text(operation['summary'])}</summary><div>",
            f"<p>{_text(operation['description'])}</p>",
            _parameters(operation["parameters"]),
            _request(operation.get("requestBody")),
            _answers(operation["responses"]),
            "</div></details>",
        )
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    titles = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"


def _parameters(parameters: Sequence[Json]) -> str:
    if not parameters:
        return ""
    rows = [
        (
            f"<code>{_text(item['name'])}</code>",
            _text(item["in"]) + (", required" if item.get("required") else ""),
            _type(item["schema"]),
            _text(item.get("description", "")),
        )
        for item in parameters
    ]
    return _table(("Parameter", "In", "Value", ""), rows)


def _request(body: Json | None) -> str:
    if body is None:
        return ""
    forms = ", ".join(
        f"<code>{_text(kind)}</code> {_type(content['schema'])}"
        for kind, content in body["content"].items()
    )
    needed = "" if body.get("required") else ", optional"
    return f"<p>Body{needed}: {forms}. {_text(body.get('description', ''))}</p>"


def _answers(responses: Mapping[str, Json]) -> str:
    return _table(("Status", "Answer"), [(_text(s), _answer(r)) for s, r in responses.items()])


def _answer(response: Json) -> str:
    words = _text(response["description"])
    if "x-frame" in response:
        return f"{words} Frames: {_type(response['x-frame'])}"
    for content in response.get("content", {}).values():
        schema = content["schema"]
        kinds = [
            kind
            for part in schema.get("allOf", ())
            for kind in part.get("properties", {}).get("type", {}).get("enum", ())
        ]
        if kinds:
            slugs = [kind.rpartition(":")[2] for kind in kinds]
            return ", ".join(f'<a href="#problem-{_text(s)}">{_text(s)}</a>' for s in slugs)
        words = f"{words} {_type(schema)}"
    return words


def _schemas(schemas: Mapping[str, Json]) -> str:
    parts = "".join(
        f'<details id="schema-{_text(name)}"><summary><h3>{_text(name)}</h3></summary><div>'
        f"<p>{_text(schema.get('description', ''))}</p>{_members(schema)}</div></details>"
        for name, schema in schemas.items()
    )
    return f'<section><h2 id="schemas">Schemas</h2>{parts}</section>'


def _members(schema: Json) -> str:
    if "properties" not in schema:
        return f"<p>{_type(schema)}</p>"
    needed = schema.get("required", ())
    rows = [
        (
            f"<code>{_text(name)}</code>" + ("" if name in needed else " (optional)"),
            _type(about),
            _text(about.get("description", "")),
        )
        for name, about in schema["properties"].items()
    ]
    return _table(("Member", "Value", ""), rows)


def _type(schema: Json) -> str:
    """Return what a value may be, in words, with links to the schemas it is made of."""
    return " or ".join(_alternatives(schema)) or "anything"


def _alternatives(schema: Json) -> Iterator[str]:
    if "$ref" in schema:
        name = _text(schema["$ref"].removeprefix(REF))
        yield f'<a href="#schema-{name}">{name}</a>'
    for key in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(key, ()):
            yield from _alternatives(part)
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        yield ", ".join(f"<code>{_text(value)}</code>" for value in values)
    elif schema.get("type") == "array":
        yield f"list of {_type(schema.get('items', {}))}"
    elif "type" in schema:
        facts = [f"{fact} {_text(schema[fact])}" for fact in FACTS if schema.get(fact) is not None]
        yield _text(schema["type"]) + (f" ({', '.join(facts)})" if facts else "")


def _problems(problems: Iterable[ProblemKind]) -> str:
    parts = "".join(
        f'<dt id="problem-{_text(kind.slug)}"><code>{_text(kind.type)}</code></dt>'
        f"<dd>{kind.status} {_text(kind.title)}. {_text(kind.detail)}</dd>"
        for kind in sorted(problems, key=lambda kind: (kind.status, kind.slug))
    )
    return f'<section><h2 id="problems">Problems</h2><dl>{parts}</dl></section>'
