"""What stands around Django in the server: the limit of a body's size, and the start and the end of it all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from asgiref.sync import sync_to_async

from playground import runs
from playground.api.errors import ApiError
from playground.protocol.requests import MAX_BODY

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

_SPARE = 64 << 10  # up to here a body that is too large is refused by the API, in its own words
_DRAINED = 32 << 20  # up to here the rest is read and dropped, so that the client gets to read the answer


class BodyTooLarge(Exception):
    """More came than any address takes."""


class BoundedBodies:
    """HTTP behind a limit: a body that is too large is refused before it is stored anywhere."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request."""
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MAX_BODY + _SPARE:
            await _refuse(receive, send)
            return
        received = 0

        async def receive_some() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY + _SPARE:  # it came in chunks, without saying how much
                raise BodyTooLarge
            return message

        try:
            await self._application(scope, receive_some, send)
        except BodyTooLarge:
            await _refuse(receive, send)


async def lifespan(scope: Message, receive: Receive, send: Send) -> None:
    """Workers are warmed as the server starts, and gone when it has ended."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await sync_to_async(runs.dispatcher().devices)()
            await send({"type": "lifespan.startup.complete"})
        else:
            await sync_to_async(runs.close)()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _refuse(receive: Receive, send: Send) -> None:
    drained = 0
    while drained < _DRAINED:
        message = await receive()
        drained += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    answer = ApiError(413, f"The body is over {MAX_BODY >> 20} MiB.").response()
    headers = [
        (b"content-type", b"application/json"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
