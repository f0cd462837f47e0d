"""The API as OpenAPI 3.1, made of the routes that it runs on."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from provserver import __version__
from provserver.errors import AuthAway, Closed, Conflict, Invalid, NotFound, StoreFull, TooLarge, Unauthorized
from provserver.rest.changing import IF_MATCH
from provserver.rest.codec import shapes
from provserver.rest.codec.media import HOUSE, JSON
from provserver.rest.codec.values import NotJson
from provserver.rest.errors import STATUS, NotAcceptable, Stale, UnsupportedType
from provserver.rest.messages import ROOT, Query, Route

Document = dict[str, Any]
TITLE = "provd, the phone provisioning server"
_TENANT = Query("Wazo-Tenant", "whose it is about; else the token's tenant", place="header")
_KINDS: Mapping[type, str] = {str: "string", int: "integer", bool: "boolean"}
_WORDS = {
    200: "the answer",
    201: "made",
    204: "done",
    400: "the JSON, the document or the query is wrong",
    401: "token or tenant",
    403: "the document forbids it",
    404: "there is no such thing, or it is of a tenant that the request does not see",
    406: "Accept takes no JSON",
    409: "somebody else keeps changing it",
    412: "it is no longer what If-Match names",
    413: "the body is too large",
    415: "Content-Type is not JSON",
    429: "too many wrong codes; Retry-After says when to come again",
    500: "as wazo-provd has it: what was sent is wrong",
    503: "not now",
    507: "the disk is full",
}


def openapi(routes: Sequence[Route]) -> Document:
    schemas, components = _schemas(routes, "#/components/schemas/{name}")
    paths: dict[str, Document] = {}
    for route in routes:
        operation = _operation(route, schemas)
        paths.setdefault(described_path(route), {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": __version__},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}},
        },
    }


def described_path(route: Route) -> str:
    """Return the path as both kinds of documents write it: `/0.2/dev_mgr/devices/{device_id}`."""
    return ROOT + re.sub(r"<(\w+)>", r"{\1}", route.path)


def segments(route: Route) -> list[str]:
    return re.findall(r"<(\w+)>", route.path)


def operation_id(route: Route) -> str:
    return re.sub(r"\W+", "_", f"{route.method.lower()}{route.path or '_root'}").strip("_")


def parameters(route: Route) -> tuple[Query, ...]:
    """Return all that a request may say beside its body."""
    path = tuple(Query(name, "", required=True, place="path") for name in segments(route))
    return (*path, *route.query, *((_TENANT,) if route.acl else ()))


def words(status: int) -> str:
    return _WORDS.get(status, "refused")


def refusals(route: Route) -> list[int]:
    """Return the statuses that a refused request may get."""
    writes = route.method != "GET"
    found = set(route.statuses.values())
    if route.acl:
        found |= {STATUS[Unauthorized], STATUS[AuthAway]}
    if segments(route):
        found.add(STATUS[NotFound])
    if any(query.place == "query" for query in route.query):
        found.add(STATUS[Invalid])
    if IF_MATCH in route.query:
        found.add(STATUS[Stale])
    if route.method == "GET" and not route.media_type:
        found.add(STATUS[NotAcceptable])
    if route.method in ("POST", "PUT"):
        found |= {STATUS[NotJson], STATUS[UnsupportedType], STATUS[TooLarge]}
    if writes:
        found |= {STATUS[Conflict], STATUS[Closed], STATUS[StoreFull]}
    return sorted(found)


def _schemas(routes: Iterable[Route], template: str) -> tuple[Mapping[object, Document], Document]:
    """Return the schema of each type that a body has, and those that they refer to."""
    types = [shapes.Error, *(kind for route in routes for kind in (route.takes, route.gives) if kind)]
    unique = list(dict.fromkeys(types))
    schemas, components = msgspec.json.schema_components(unique, ref_template=template)
    return dict(zip(unique, schemas, strict=True)), components


def _operation(route: Route, schemas: Mapping[object, Document]) -> Document:
    operation: Document = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [tag(route)],
        "parameters": [_parameter(query) for query in parameters(route)],
        "responses": _responses(route, schemas),
        "security": [{"token": []}] if route.acl else [],
    }
    if route.acl:
        operation["x-acl"] = route.acl
    if route.takes_type:
        content = {route.takes_type: {"schema": {"type": "string"}}}
        operation["requestBody"] = {"required": True, "content": content}
    elif route.takes is not None:
        content = {media_type: {"schema": schemas[route.takes]} for media_type in (HOUSE, JSON)}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def tag(route: Route) -> str:
    return route.path.strip("/").partition("/")[0] or "root"


def _parameter(query: Query) -> Document:
    return {
        "name": query.name,
        "in": query.place,
        "required": query.required,
        "description": query.what,
        "schema": {"type": _KINDS[query.kind]},
    }


def _responses(route: Route, schemas: Mapping[object, Document]) -> Document:
    answer: Document = {"description": words(route.success)}
    if route.media_type:
        answer["content"] = {route.media_type: {"schema": {}}}
    elif route.gives is not None:
        answer["content"] = {media_type: {"schema": schemas[route.gives]} for media_type in (HOUSE, JSON)}
    responses = {str(route.success): answer}
    error = {"schema": schemas[shapes.Error]}
    content = {HOUSE: error, JSON: error, "text/plain": {"schema": {"type": "string"}}}
    for status in refusals(route):
        responses[str(status)] = {"description": words(status), "content": content}
    return responses
