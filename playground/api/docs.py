"""The API described: OpenAPI 3.1 from the table of routes and the types themselves, and a page to read."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from playground.api.endpoint import Operation
from playground.api.errors import ErrorBody
from playground.version import VERSION

_ERRORS = {
    400: "Something in the request is wrong; `field` names it.",
    401: "The run's control token is missing.",
    403: "No right to this.",
    404: "Not there.",
    413: "Too large.",
    429: "Over the rate or queue limit; `Retry-After` says when to ask again.",
    503: "The asked device has no worker.",
}


def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return HttpResponse(msgspec.json.encode(document()), content_type="application/json")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The same, to be read by people."""
    described = document()
    calls = [
        {"method": method.upper(), "path": path, **operation}
        for path, item in described["paths"].items()
        for method, operation in item.items()
    ]
    types = [
        {"name": name, "json": msgspec.json.format(msgspec.json.encode(schema)).decode()}
        for name, schema in described["components"]["schemas"].items()
    ]
    return render(request, "playground/api_docs.html", {"calls": calls, "types": types, "version": VERSION})


@functools.cache
def document() -> dict[str, Any]:
    """The OpenAPI document as objects."""
    from playground.api.routes import ROUTES

    types = {
        kind
        for operations in ROUTES.values()
        for operation in operations.values()
        for kind in (operation.body, *(answer for _, answer in operation.answers.values()))
        if inspect.isclass(kind)
    }
    ordered = [ErrorBody, *sorted(types, key=lambda kind: kind.__name__)]
    schemas, components = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    schema_of = dict(zip(ordered, schemas, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Autograd Playground", "version": VERSION},
        "paths": {
            f"/api/{path}": {
                method.lower(): _operation(path, operation, schema_of) for method, operation in operations.items()
            }
            for path, operations in ROUTES.items()
        },
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "X-Run-Token"}},
        },
    }


def _operation(path: str, operation: Operation, schema_of: dict[Any, Any]) -> dict[str, Any]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    text = {"type": "string"}
    parameters = [{"name": name, "in": "path", "required": True, "schema": text} for name in names]
    parameters += [
        {"name": each.name, "in": "query", "description": each.meaning, "schema": each.schema}
        for each in operation.parameters
    ]
    responses = {
        str(status): {"description": meaning, "content": _content(kind, schema_of)}
        for status, (meaning, kind) in operation.answers.items()
    }
    for status in operation.errors:
        responses[str(status)] = {"description": _ERRORS[status], "content": _content(ErrorBody, schema_of)}
    described: dict[str, Any] = {"summary": operation.summary, "parameters": parameters, "responses": responses}
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content(operation.body, schema_of)}
    if operation.needs_token:
        described["security"] = [{"token": []}, {}]
    return described


def _content(kind: Any, schema_of: dict[Any, Any]) -> dict[str, Any]:
    if isinstance(kind, str):
        return {kind: {"schema": {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": schema_of[kind]}}
