"""The same as Swagger 2.0, which is what `api/api.yml` has been (contract section 11), from the OpenAPI document."""

from collections.abc import Mapping
from typing import Any

from provserver.rest.codec.media import HOUSE, JSON

Document = dict[str, Any]


def swagger(document: Mapping[str, Any]) -> Document:
    """Return what OpenAPI 3.1 says in the words of Swagger 2.0: what that cannot say is left open."""
    return {
        "swagger": "2.0",
        "info": document["info"],
        "basePath": "/",
        "consumes": [HOUSE, JSON],
        "produces": [HOUSE, JSON],
        "paths": {
            path: {method: _operation(operation) for method, operation in methods.items()}
            for path, methods in document["paths"].items()
        },
        "definitions": {name: _schema(schema) for name, schema in document["components"]["schemas"].items()},
        "securityDefinitions": document["components"]["securitySchemes"],
    }


def _operation(operation: Document) -> Document:
    parameters = [_parameter(parameter) for parameter in operation["parameters"]]
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        media_type = HOUSE if HOUSE in content else next(iter(content))
        schema = _schema(content[media_type]["schema"])
        parameters.append({"name": "body", "in": "body", "required": True, "schema": schema})
        if media_type != HOUSE:
            operation = {**operation, "consumes": [media_type]}
    responses = {status: _response(response) for status, response in operation["responses"].items()}
    kept = {
        name: value
        for name, value in operation.items()
        if name not in ("parameters", "requestBody", "responses")
    }
    return {**kept, "parameters": parameters, "responses": responses}


def _parameter(parameter: Document) -> Document:
    kept = {name: value for name, value in parameter.items() if name != "schema"}
    return {**kept, **parameter["schema"]}


def _response(response: Document) -> Document:
    schema = response.get("content", {}).get(HOUSE, {}).get("schema")
    described = {"description": response["description"]}
    return described if schema is None else {**described, "schema": _schema(schema)}


def _schema(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_schema(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        return _one_of(schema)
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace("#/components/schemas/", "#/definitions/")}
    return {
        name: _schema(value)
        for name, value in schema.items()
        if value != [] or name != "required"  # an empty one must be left out
    }


def _one_of(schema: Document) -> Document:
    """Swagger 2.0 knows no alternatives, and null only as an extension."""
    others = [_schema(choice) for choice in schema["anyOf"] if choice != {"type": "null"}]
    nullable = {"x-nullable": True} if len(others) < len(schema["anyOf"]) else {}
    return {**others[0], **nullable} if len(others) == 1 and "$ref" not in others[0] else nullable
