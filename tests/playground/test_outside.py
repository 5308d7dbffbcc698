"""The socket as somebody tests it who knows the contract and Channels' own tools, and nothing of this project."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connections
from django.test import AsyncClient, Client

from playground.asgi import application

PROGRAM = """import torch
x = torch.tensor(3.0, requires_grad=True)
(x * x).backward()
print(x.grad)
"""


@pytest.fixture
def run(client: Client) -> dict[str, Any]:
    """A run that has ended, started as any program on the net would."""
    answer = client.post("/api/runs/", {"code": PROGRAM, "wait": True}, content_type="application/json")
    assert answer.status_code == 200
    return answer.json()


async def _closing(communicator: WebsocketCommunicator) -> dict[str, Any]:
    """How the server ends a connection."""
    while (message := await communicator.receive_output())["type"] != "websocket.close":
        pass
    return message


@pytest.mark.django_db(transaction=True)
class TestSocket:
    def test_brings_the_events_and_closes_well(self, run: dict[str, Any]) -> None:
        async def follow() -> list[dict[str, Any]]:
            path = f"/ws/runs/{run['id']}/?token={run['control_token']}&format=json"
            communicator = WebsocketCommunicator(application, path)
            connected, subprotocol = await communicator.connect()
            assert connected and subprotocol is None
            events = [await communicator.receive_json_from()]
            while events[-1]["type"] != "finished":
                events.append(await communicator.receive_json_from())
            assert await communicator.receive_nothing()
            await communicator.disconnect()
            return events

        events = async_to_sync(follow)()
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert {event["v"] for event in events} == {1}
        assert {"status", "graph", "frame", "stdout", "finished"} <= {event["type"] for event in events}
        assert "".join(event["text"] for event in events if event["type"] == "stdout") == "tensor(6.)\n"

    def test_the_session_that_started_it_is_enough(self, client: Client) -> None:
        client.get("/")
        token = client.cookies["csrftoken"].value
        started = client.post(
            "/api/runs/", {"code": PROGRAM}, content_type="application/json", headers={"X-CSRFToken": token}
        )
        cookie = f"sessionid={client.cookies['sessionid'].value}".encode()

        async def first() -> Any:
            path = f"{started.json()['websocket']}?format=json"
            communicator = WebsocketCommunicator(application, path, headers=[(b"cookie", cookie)])
            assert (await communicator.connect())[0]
            event = await communicator.receive_json_from()
            await communicator.disconnect()
            return event

        assert async_to_sync(first)()["seq"] == 1

    def test_closes_once_whatever_else_was_on_its_way(self, run: dict[str, Any]) -> None:
        async def say() -> bool:
            communicator = WebsocketCommunicator(application, f"/ws/runs/{run['id']}/?token={run['control_token']}")
            assert (await communicator.connect())[0]
            for _ in range(3):
                await communicator.send_to(text_data="{")
            await _closing(communicator)
            nothing_more = await communicator.receive_nothing()
            await communicator.disconnect()
            return nothing_more

        assert async_to_sync(say)()

    @pytest.mark.parametrize("said", [" ", "{", "[]", '{"type": "dance"}', '{"type": "set_param"}', b"\x00\xff"])
    def test_a_malformed_message_closes(self, run: dict[str, Any], said: str | bytes) -> None:
        async def say() -> dict[str, Any]:
            communicator = WebsocketCommunicator(application, f"/ws/runs/{run['id']}/?token={run['control_token']}")
            assert (await communicator.connect())[0]
            kind = {"text_data": said} if isinstance(said, str) else {"bytes_data": said}
            await communicator.send_to(**kind)
            return await _closing(communicator)

        closing = async_to_sync(say)()
        assert closing["code"] == 4400 and closing["reason"]

    def test_an_unknown_run_a_wrong_origin_and_a_missing_right_close(self, run: dict[str, Any]) -> None:
        own = f"/ws/runs/{run['id']}/?token={run['control_token']}"
        cases = [
            (f"/ws/runs/{'0' * 32}/?token={run['control_token']}", [], 4404),
            ("/ws/runs/nothing/", [], 4404),
            ("/ws/", [], 4404),
            (own, [(b"host", b"testserver"), (b"origin", b"https://evil.example")], 4403),
            (own, [(b"origin", b"null")], 4403),
            (f"/ws/runs/{run['id']}/", [], 4401),
            (f"/ws/runs/{run['id']}/?token=guessed", [], 4403),
            (own + "&after=-1", [], 4400),
        ]

        async def knock(path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
            communicator = WebsocketCommunicator(application, path, headers=headers)
            assert (await communicator.connect())[0]  # only an accepted connection can be told why
            return await _closing(communicator)

        for path, headers, code in cases:
            closing = async_to_sync(knock)(path, headers)
            assert closing["code"] == code and closing["reason"], path


@pytest.mark.django_db(transaction=True)
def test_a_program_that_is_all_asynchronous() -> None:
    async def drive() -> None:
        client = AsyncClient()
        body = {"code": "print('begun', flush=True)\nwhile True: pass"}
        run = (await client.post("/api/runs/", body, content_type="application/json")).json()
        path = f"{run['websocket']}?token={run['control_token']}&format=json"
        communicator = WebsocketCommunicator(application, path)
        assert (await communicator.connect())[0]
        while json.loads((await communicator.receive_output(5))["text"])["type"] != "stdout":
            pass
        await communicator.send_json_to({"type": "stop"})
        while (event := json.loads((await communicator.receive_output(5))["text"]))["type"] != "finished":
            pass
        assert event["status"] == "stopped"
        await communicator.disconnect()
        result = await client.get(run["url"], headers={"X-Run-Token": run["control_token"]})
        assert result.json()["status"] == "stopped" and result.json()["stdout"] == "begun\n"
        await sync_to_async(connections.close_all)()  # those of the thread that Django's views ran in

    asyncio.run(asyncio.wait_for(drive(), 20))
