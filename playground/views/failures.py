"""What is answered where no view could: as JSON under /api/, else as a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from playground.api.errors import ApiError
from playground.templatetags.page import is_built


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: for instance a host name that this server does not answer to."""
    return _plain(request, 400, "The request cannot be read.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _plain(request, 403, "You may not do this.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that did not come from a page of ours."""
    return _plain(request, 403, "This form was not sent from a page of this site; load the page again.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    if request.path.startswith("/api/") or not is_built():
        return _plain(request, 404, "There is nothing at this address.")
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a mistake of ours."""
    if request.path.startswith("/api/"):
        return _plain(request, 500, "The server failed at this; the reason is in its log.")
    return HttpResponse(loader.get_template("500.html").render(), status=500)


def _plain(request: HttpRequest, status: int, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return ApiError(status, message).response()
    return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
