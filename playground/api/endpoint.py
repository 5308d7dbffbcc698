"""One address of the API: its methods, and everything that is the same for all of them."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from playground.api.errors import ApiError

logger = logging.getLogger(__name__)

Handler = Callable[..., HttpResponse] | Callable[..., Awaitable[HttpResponse]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query."""

    name: str
    meaning: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address, as it runs and as the docs tell it."""

    handler: Handler
    summary: str
    answers: dict[int, tuple[str, Any]]  # status: what it means, and the type of the JSON body or a media type
    body: Any = None
    parameters: tuple[Parameter, ...] = ()
    needs_token: bool = False
    errors: tuple[int, ...] = field(default=())


class _CsrfCheck(CsrfViewMiddleware):
    """Django's own check, giving its reason where it would refuse."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def endpoint(operations: dict[str, Operation]) -> Callable[..., Any]:
    """The view of one address. Every answer is JSON, and none sets a cookie."""
    allowed = ", ".join([*operations, *(["HEAD"] if "GET" in operations else []), "OPTIONS"])

    def choose(request: HttpRequest) -> Operation:
        method = "GET" if request.method == "HEAD" else request.method or ""
        operation = operations.get(method)
        if operation is None:
            raise ApiError(405, f"{request.method} is not possible here, only {allowed}.", headers={"Allow": allowed})
        if method != "GET" and settings.SESSION_COOKIE_NAME in request.COOKIES:
            _check_csrf(request)
        return operation

    @csrf_exempt
    def view(request: HttpRequest, **ids: str) -> HttpResponse:
        if request.method == "OPTIONS":
            return _options(allowed)
        try:
            return _bare(choose(request).handler(request, **ids))
        except ApiError as error:
            return error.response()
        except Exception:
            return _failed(request)

    @csrf_exempt
    async def async_view(request: HttpRequest, **ids: str) -> HttpResponse:
        if request.method == "OPTIONS":
            return _options(allowed)
        try:
            return _bare(await choose(request).handler(request, **ids))
        except ApiError as error:
            return error.response()
        except Exception:
            return _failed(request)

    is_async = any(inspect.iscoroutinefunction(operation.handler) for operation in operations.values())
    return async_view if is_async else view


def _check_csrf(request: HttpRequest) -> None:
    """With a session cookie, the page's own token is needed; a program without one has nothing to be abused."""
    check = _CsrfCheck(lambda _: HttpResponse())
    check.process_request(request)
    reason = check.process_view(request, lambda _: HttpResponse(), (), {})
    if reason:
        raise ApiError(403, f"With a session cookie the header X-CSRFToken is needed. {reason}")


def _bare(response: HttpResponse) -> HttpResponse:
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _options(allowed: str) -> HttpResponse:
    return HttpResponse(status=204, headers={"Allow": allowed})


def _failed(request: HttpRequest) -> HttpResponse:
    logger.exception("%s %s", request.method, request.path)
    if isinstance(sys.exception(), OperationalError):
        return ApiError(503, "The database is not available just now.", headers={"Retry-After": "1"}).response()
    return ApiError(500, "The server failed at this; the reason is in its log.").response()
