"""What the API answers instead of what was asked."""

from __future__ import annotations

import math

import msgspec
from django.http import HttpResponse

_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "too_many",
    500: "server_error",
    503: "unavailable",
}


class Detail(msgspec.Struct, kw_only=True):
    """What is wrong, in words, and with which field of the request."""

    code: str
    message: str
    field: str | None = None


class ErrorBody(msgspec.Struct, kw_only=True):
    """The body of every answer from 400 on."""

    error: Detail


class ApiError(Exception):
    """An answer with a status from 400 on."""

    def __init__(
        self, status: int, message: str, *, field: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.field, self.headers = status, message, field, headers or {}

    def response(self) -> HttpResponse:
        """The answer itself."""
        detail = Detail(code=_CODES.get(self.status, "error"), message=self.message, field=self.field)
        return HttpResponse(
            msgspec.json.encode(ErrorBody(error=detail)),
            status=self.status,
            content_type="application/json",
            headers=self.headers,
        )


def wrong(field: str | None, message: str) -> ApiError:
    """400: a field, a parameter or the body as a whole is not what it must be."""
    return ApiError(400, message, field=field)


def too_many(message: str, retry_after_s: float) -> ApiError:
    """429, with when to ask again."""
    return ApiError(429, message, headers={"Retry-After": str(max(1, math.ceil(retry_after_s)))})
