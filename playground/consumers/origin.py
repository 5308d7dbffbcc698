"""Whether a socket was opened by a page of ours: browsers say in `Origin` where the page came from."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host


def is_ours(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether these headers come from the server's own pages, or from a program, which sends no `Origin`.

    As with forms, the origin must be the very host and port that were asked; a host that is none of ours is refused.
    """
    found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
    host, origin = found.get("host"), found.get("origin")
    if host is not None and not _is_allowed(host):
        return False
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
        netloc = parts.netloc.lower()
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not netloc:
        return False
    return netloc == host.lower() if host is not None else _is_allowed(netloc)


def _is_allowed(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    allowed = settings.ALLOWED_HOSTS or ([".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
    return bool(validate_host(name.lower(), allowed))
