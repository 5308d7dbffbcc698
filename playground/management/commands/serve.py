"""`python manage.py serve`: the whole server in one process."""

from __future__ import annotations

import socket
import sys
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from playground import runs
from playground.consumers.run import MAX_MESSAGE

_SEND_BUFFER = 256 << 10  # bytes: what a reader that never reads may cost, and how late a slow one may be


class Server(uvicorn.Server):
    """Uvicorn, saying where it listens when it is ready to answer."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            print(f"The playground is ready at http://{f'[{host}]' if ':' in host else host}:{port}/", flush=True)


class Command(BaseCommand):
    """Brings the database up to date, serves, and ends cleanly on Ctrl-C."""

    help = "Serve the playground at HOST and PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until interrupted."""
        listening = self._listen()
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            listening.close()
            raise CommandError(f"The database cannot be used: {' '.join(str(error).split())}") from None
        runs.give_up_orphans()
        runs.prune(settings.KEEP_RUNS_DAYS)
        config = uvicorn.Config(
            "playground.asgi:application",
            log_level="warning",
            access_log=False,
            ws_max_size=2 * MAX_MESSAGE,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=2,
            limit_concurrency=1000,
            server_header=False,
            proxy_headers=settings.HTTPS,
        )
        try:
            Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            pass
        finally:
            runs.close()
        sys.stdout.flush()

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
        # The protocol is named because asyncio turns Nagle's delay of small frames off only where it is.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        try:
            listening.bind((settings.HOST, settings.PORT))
        except OSError as error:
            raise CommandError(f"Cannot listen on {settings.HOST}:{settings.PORT}: {error.strerror}.") from None
        return listening
