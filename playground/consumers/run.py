"""`/ws/runs/<id>/`: one reader of one run, who may also control it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

import msgspec
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http import parse_cookie

from playground import runs, visitors
from playground.consumers.cursor import Cursor
from playground.consumers.origin import is_ours
from playground.dispatch.log import Entry, RunLog
from playground.protocol.commands import ClientMessage, Inspect, Subscribe, parse_client_message
from playground.protocol.events import TensorEvent
from playground.readers import PACKED, as_json, as_packed
from playground.tensors import BadSlice, parse_slice, recorded

MALFORMED, UNAUTHORIZED, FORBIDDEN, UNKNOWN, TOO_MANY = 4400, 4401, 4403, 4404, 4429
MAX_MESSAGE = 64 << 10  # bytes of a client's message
_MESSAGES_PER_SECOND = 100
_LATE_S = 0.5  # a batch that took longer to send was sent to a slow reader
_PAUSE_S = 2.0  # between looks for news, should a bell ever be missed


class RunConsumer(AsyncWebsocketConsumer):
    """Reads the run's log from its own cursor; how slowly it is read has no effect on anything else."""

    log: RunLog
    owns = False
    closed = False

    async def connect(self) -> None:
        """Take the connection, then check who it is: only an accepted one can be closed with a code and a reason."""
        await self.accept()
        self._reading: asyncio.Task[None] | None = None
        self._wanted: frozenset[str] | None = None
        self._named: frozenset[str] | None = None
        self._messages: list[float] = []
        if not is_ours(self.scope.get("headers", [])):
            await self.close(FORBIDDEN, "A page of another site may not open this.")
            return
        query = {name: values[-1] for name, values in parse_qs(self.scope["query_string"].decode("latin-1")).items()}
        after, form = query.get("after", "0"), query.get("format", "packed")
        if not re.fullmatch(r"\d{1,18}", after, re.ASCII):
            await self.close(MALFORMED, "after must be a whole number.")
            return
        if form not in ("json", "packed"):
            await self.close(MALFORMED, "format must be json, or left out.")
            return
        refusal = await database_sync_to_async(self._find)(query.get("token"))
        if refusal is not None:
            await self.close(*refusal)
            return
        self._as_text = form == "json"
        self._reading = asyncio.create_task(self._read(Cursor(self.log, int(after))))

    async def disconnect(self, code: int) -> None:
        """The reader is gone."""
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A message of the reader."""
        if self.closed:
            return
        if text_data is None or len(text_data) > MAX_MESSAGE:
            await self.close(MALFORMED, "A message must be JSON text of at most 64 KiB.")
            return
        now = time.monotonic()
        self._messages = [each for each in self._messages if each > now - 1] + [now]
        if len(self._messages) > _MESSAGES_PER_SECOND:
            await self.close(TOO_MANY, f"Over {_MESSAGES_PER_SECOND} messages within a second.")
            return
        try:
            message = parse_client_message(text_data)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            await self.close(MALFORMED, _short(str(error)))
            return
        await self._obey(message)

    async def _obey(self, message: ClientMessage) -> None:
        if isinstance(message, Subscribe):
            if isinstance(message.nodes, list):
                self._wanted = self._named = frozenset(message.nodes)
            else:
                self._wanted = self._named if message.nodes == "visible" else None
        elif isinstance(message, Inspect) and (self.log.ended or not self.owns):
            await self._answer(message)
        elif self.owns:
            await sync_to_async(runs.dispatcher().command)(self.log.run_id, message)
        else:
            await self.close(FORBIDDEN, "Only who started this run may control it.")

    async def _answer(self, asked: Inspect) -> None:
        """A tensor from the side record, for this reader alone: `seq` 0, because it is no part of the record."""
        try:
            parse_slice(asked.slice)
            answer = await asyncio.to_thread(lambda: recorded(self.log.records(), asked))
            problem = "No numbers of this node were recorded."
        except BadSlice as error:
            answer, problem = None, f"The slice cannot be used: {error}."
        if answer is None:
            answer = TensorEvent(
                node=asked.node, step=asked.step or 0, what=asked.what, slice=asked.slice, error=problem
            )
        if self._as_text:
            await self._say(text_data=msgspec.json.encode(answer).decode())
        else:
            await self._say(bytes_data=msgspec.msgpack.encode(answer))

    async def _read(self, cursor: Cursor) -> None:
        is_late = False
        with self.log.listen() as bell:
            while True:
                ended = self.log.ended
                entries = cursor.next(is_late)
                if not entries:
                    is_late = False
                    if ended:
                        return
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(bell.wait(), _PAUSE_S)
                    bell.clear()
                    continue
                began = time.monotonic()
                for entry in entries:
                    if not await self._tell(entry):
                        return
                is_late = time.monotonic() - began > _LATE_S

    async def _tell(self, entry: Entry) -> bool:
        """Send one event; False where there is nobody to send it to any more."""
        if self._as_text or not issubclass(entry.type, PACKED):
            return await self._say(text_data=as_json(entry, self.log, self._wanted).decode())
        return await self._say(bytes_data=as_packed(entry, self.log, self._wanted))

    async def _say(self, **data: Any) -> bool:
        """Send; False where the socket was closed meanwhile, by the reader, by us or by the server."""
        try:
            await self.send(**data)
        except OSError:
            return False
        except RuntimeError as error:  # so uvicorn says that a close went out before
            if "websocket.close" not in str(error):
                raise
            return False
        return True

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        """Close the socket, unless that was done before: messages that were on their way may still come in."""
        if self.closed:
            return
        self.closed = True
        try:
            await super().close(code, reason)
        except RuntimeError as error:
            if "websocket.close" not in str(error):
                raise

    def _find(self, token: str | None) -> tuple[int, str] | None:
        """Find the run and the right to it; a code and a reason where there is none."""
        found = runs.find(self.scope["url_route"]["kwargs"]["run_id"])
        if found is None or found[1] is None:
            return UNKNOWN, "There is no such run, or its record was dropped."
        visitor = _visitor(self.scope)
        right = visitors.right_to(found[0], visitor, token)
        if right == "none":
            if visitor or token:
                return FORBIDDEN, "This is somebody else's run."
            return UNAUTHORIZED, "This needs the run's control token."
        self.log, self.owns = found[1], right == "owner"
        return None


def _visitor(scope: dict[str, Any]) -> str:
    """The visitor that the cookie of the handshake names."""
    headers = dict(scope.get("headers", []))
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return ""
    return visitors.of_session(import_module(settings.SESSION_ENGINE).SessionStore(key))


def _short(reason: str) -> str:
    """A reason as a close frame can carry it: up to 123 bytes."""
    return reason.encode()[:120].decode(errors="ignore")
