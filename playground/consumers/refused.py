"""Every socket address that there is not."""

from __future__ import annotations

from channels.generic.websocket import AsyncWebsocketConsumer

from playground.consumers.run import UNKNOWN


class RefusedConsumer(AsyncWebsocketConsumer):
    """Closes with a code and a reason."""

    async def connect(self) -> None:
        """Take it only to say why not."""
        await self.accept()
        await self.close(UNKNOWN, "There is no socket at this address.")
