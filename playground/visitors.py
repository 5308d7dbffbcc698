"""Who asks, and what they may: sessions, tokens, and the limits of one visitor."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import threading
import time
from collections import OrderedDict, deque
from typing import Literal

from django.http import HttpRequest

from playground.models import Run

_KEY = "visitor"
_VISITORS_REMEMBERED = 10_000

Right = Literal["owner", "reader", "none"]


def new_token() -> str:
    """A fresh secret of 192 bits for the header of a client."""
    return secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def matches(token: str, kept_hash: str) -> bool:
    """Whether a token is the one whose hash was kept, found out in constant time."""
    return hmac.compare_digest(token_hash(token), kept_hash)


def remember(request: HttpRequest) -> None:
    """Give the visitor of a page a session, so that the runs it starts are its own."""
    if _KEY not in request.session:
        request.session[_KEY] = secrets.token_urlsafe(16)


def of_session(session: object) -> str:
    """The visitor that a session names, "" without one."""
    name = session.get(_KEY, "") if hasattr(session, "get") else ""
    return name if isinstance(name, str) else ""


def limit_key(visitor: str, address: str) -> str:
    """Under what name a visitor's runs are counted: its session, or else where it comes from (IPv6: the /64)."""
    if visitor:
        return f"session:{visitor}"
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"address:{address}"
    if isinstance(parsed, ipaddress.IPv6Address):
        return f"address:{ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"address:{parsed}"


def right_to(run: Run, visitor: str, token: str | None) -> Right:
    """What a visitor may do with a run.

    "owner": everything; "reader": read, because a snippet carries it; "none": nothing.
    """
    if token and matches(token, run.token_hash):
        return "owner"
    if visitor and run.visitor and hmac.compare_digest(visitor, run.visitor):
        return "owner"
    return "reader" if run.snippets.exists() else "none"


class RateLimit:
    """So many events a minute for each key, over a sliding minute; the least recent keys are forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str, per_minute: int) -> float:
        """0 and the event is counted, or the seconds until it would be allowed."""
        now = time.monotonic()
        with self._lock:
            times = self._times.setdefault(key, deque())
            self._times.move_to_end(key)
            while len(self._times) > _VISITORS_REMEMBERED:
                self._times.popitem(last=False)
            while times and times[0] <= now - 60:
                times.popleft()
            if len(times) >= per_minute:
                return times[0] + 60 - now
            times.append(now)
            return 0.0


runs_started = RateLimit()
snippets_made = RateLimit()
