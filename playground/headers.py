"""The security headers of every answer, and static files, on the event loop as well as in a thread."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware
from whitenoise.middleware import WhiteNoiseMiddleware

# Scripts from here alone. Styles may stand in the document: the editor makes its own as it runs.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors "
)


@sync_and_async_middleware
def security_headers(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Adds the content security policy."""
    if iscoroutinefunction(get_response):

        async def async_middleware(request: HttpRequest) -> HttpResponse:
            return _secured(await get_response(request))

        return async_middleware

    def middleware(request: HttpRequest) -> HttpResponse:
        return _secured(get_response(request))

    return middleware


def embeddable(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Marks a view whose page other sites may show in a frame, as the setting EMBED_ANCESTORS says."""

    @functools.wraps(view)
    def marked(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response.frame_ancestors = " ".join(settings.EMBED_ANCESTORS) or "'none'"
        return response

    return marked


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise that does not take requests for anything else off the event loop."""

    sync_capable = True
    async_capable = True
    FOREVER = 31_536_000  # seconds for which a browser keeps a file that never changes: a year

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        """The file's content where the path names a static file, else what the next one answers."""
        return self._answer(request) if self._is_async else super().__call__(request)

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        find = self.find_file if self.autorefresh else self.files.get
        static_file = find(request.path_info)
        if static_file is None:
            answer: HttpResponse = await self.get_response(request)
            return answer
        found = self.serve(static_file, request)
        headers = dict(found.items())
        try:
            return HttpResponse(b"".join(found), status=found.status_code, headers=headers)
        finally:
            found.close()


def _secured(response: HttpResponse) -> HttpResponse:
    ancestors = getattr(response, "frame_ancestors", "'none'")
    response.headers.setdefault("Content-Security-Policy", _POLICY + ancestors)
    return response
