"""The server's entry: HTTP by Django, sockets by Channels."""

from __future__ import annotations

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")


def _application() -> Any:
    http = get_asgi_application()  # sets Django up, which everything below needs
    from playground.consumers.refused import RefusedConsumer
    from playground.consumers.run import RunConsumer
    from playground.serving import BoundedBodies, lifespan

    sockets = [
        re_path(r"^ws/runs/(?P<run_id>[^/]+)/?$", RunConsumer.as_asgi()),
        re_path(r"^.*$", RefusedConsumer.as_asgi()),
    ]
    return ProtocolTypeRouter({"http": BoundedBodies(http), "websocket": URLRouter(sockets), "lifespan": lifespan})


application = _application()
