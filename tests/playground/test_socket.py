"""The run's socket: events in order, commands, refusals; by the application itself, without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator

from playground.asgi import application
from playground.protocol.events import AnyEvent, FrameEvent
from tests.playground.visiting import BACKWARD, ENDLESS, Api, eventually

pytestmark = pytest.mark.django_db(transaction=True)  # Channels closes the connection of a thread that it leaves

TRAINING = """import time, torch
lr = __import__("playground").param("lr", 0.5, 0.0, 1.0)
x = torch.tensor([1.0, 2.0], requires_grad=True)
for step in range(100_000):
    loss = (x * x).sum()
    loss.backward()
    print(__import__("playground").param("lr", 0.5, 0.0, 1.0), flush=True)
    time.sleep(0.01)
"""


@asynccontextmanager
async def opened(path: str, headers: dict[str, str] | None = None) -> AsyncIterator[ApplicationCommunicator]:
    coded = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    where, _, query = path.partition("?")
    scope = {"type": "websocket", "path": where, "query_string": query.encode(), "headers": coded, "subprotocols": []}
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "websocket.connect"})
    assert (await communicator.receive_output(5))["type"] == "websocket.accept"
    try:
        yield communicator
    finally:
        await communicator.send_input({"type": "websocket.disconnect", "code": 1000})
        await communicator.wait(5)


async def tell(communicator: ApplicationCommunicator, said: str | bytes) -> None:
    kind = "text" if isinstance(said, str) else "bytes"
    await communicator.send_input({"type": "websocket.receive", kind: said})


async def received(communicator: ApplicationCommunicator) -> dict[str, Any]:
    message = await communicator.receive_output(5)
    assert message["type"] == "websocket.send", message
    if message.get("text") is not None:
        return json.loads(message["text"])
    event = msgspec.msgpack.decode(message["bytes"], type=AnyEvent)
    return {"type": event.__struct_config__.tag, "seq": event.seq, "event": event}


async def until(communicator: ApplicationCommunicator, holds: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """What came, up to the first event for which it holds."""
    events = [await received(communicator)]
    while not holds(events[-1]):
        events.append(await received(communicator))
    return events


def is_last(event: dict[str, Any]) -> bool:
    return event["type"] == "finished"


def in_loop(work: Callable[[], Awaitable[Any]]) -> Any:
    async def call() -> Any:
        return await work()

    return async_to_sync(call)()


def path_of(run: dict[str, Any], query: str = "format=json") -> str:
    return f"{run['websocket']}?token={run['control_token']}&{query}"


def test_brings_what_the_events_call_brings(api: Api) -> None:
    run = api.run(BACKWARD)

    async def read() -> list[dict[str, Any]]:
        async with opened(path_of(run)) as socket:
            return await until(socket, is_last)

    assert in_loop(read) == api.events(run)


def test_numbers_are_packed_unless_text_is_asked_for(api: Api) -> None:
    run = api.run(BACKWARD)

    async def read() -> list[dict[str, Any]]:
        async with opened(path_of(run, "")) as socket:
            return await until(socket, is_last)

    events = in_loop(read)
    assert [event["seq"] for event in events] == list(range(1, run["events"] + 1))
    frames = [event["event"] for event in events if event["type"] == "frame"]
    assert frames and all(isinstance(frame, FrameEvent) and frame.index for frame in frames)
    assert all("event" not in event for event in events if event["type"] in ("graph", "stdout", "status"))


def test_goes_on_after_a_number(api: Api) -> None:
    run = api.run(BACKWARD)

    async def read() -> list[dict[str, Any]]:
        async with opened(path_of(run, "format=json&after=3")) as socket:
            return await until(socket, is_last)

    assert [event["seq"] for event in in_loop(read)] == list(range(4, run["events"] + 1))


def test_live_events_and_a_stop(api: Api) -> None:
    run = api.start(ENDLESS)

    async def read() -> list[dict[str, Any]]:
        async with opened(path_of(run)) as socket:
            first = await until(socket, lambda event: event["type"] == "stdout")
            await tell(socket, '{"type": "stop"}')
            return first + await until(socket, is_last)

    events = in_loop(read)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["status"] == "stopped"


def test_pause_slider_inspect_and_resume(api: Api) -> None:
    run = api.start(TRAINING)

    async def drive() -> None:
        async with opened(path_of(run)) as socket:

            async def say(**message: Any) -> None:
                await tell(socket, json.dumps(message))

            graph = (await until(socket, lambda event: event["type"] == "graph"))[-1]
            await say(type="set_param", name="lr", value=0.25)
            await until(socket, lambda event: event["type"] == "stdout" and "0.25" in event["text"])
            x = next(node["id"] for node in graph["nodes"] if node["name"] == "x")
            await say(type="inspect", node=x, what="value", slice="1")
            tensor = (await until(socket, lambda event: event["type"] == "tensor"))[-1]
            assert tensor["values"] == 2.0 and tensor["node"] == x
            await say(type="pause")
            await until(socket, lambda event: event.get("status") == "paused")
            await say(type="step")
            stepped = await until(socket, lambda event: event.get("status") == "paused")
            assert any(event["type"] == "frame" for event in stepped)
            await say(type="resume")
            await until(socket, lambda event: event.get("status") == "running")

    in_loop(drive)


def test_frames_carry_the_subscribed_nodes(api: Api) -> None:
    run = api.start(TRAINING)

    async def drive() -> None:
        for query, nodes_of in (("format=json", lambda frame: set(frame["nodes"])), ("", None)):
            async with opened(path_of(run, query)) as socket:
                graph = (await until(socket, lambda event: event["type"] == "graph"))[-1]
                one = graph["nodes"][0]["id"]
                for nodes, count in (([one], 1), ([], 0), ("all", len(graph["nodes"])), ("visible", 0)):
                    await tell(socket, json.dumps({"type": "subscribe", "nodes": nodes}))

                    def fits(event: dict[str, Any], count: int = count, nodes_of: Any = nodes_of) -> bool:
                        if event["type"] != "frame":
                            return False
                        return (len(nodes_of(event)) if nodes_of else len(event["event"].index) // 4) == count

                    await until(socket, fits)

    in_loop(drive)


def _closing(path: str, headers: dict[str, str] | None = None, say: str | bytes | None = None) -> tuple[int, str]:
    async def drive() -> tuple[int, str]:
        async with opened(path, headers) as socket:
            if say is not None:
                await tell(socket, say)
            while (message := await socket.receive_output(5))["type"] != "websocket.close":
                pass
            return message["code"], message["reason"]

    return in_loop(drive)


def test_refuses_who_has_no_right(api: Api) -> None:
    run = api.run("1")
    assert _closing(run["websocket"])[0] == 4401
    assert _closing(run["websocket"] + "?token=wrong")[0] == 4403
    assert _closing(f"/ws/runs/{'0' * 32}/?token=x")[0] == 4404
    assert _closing("/ws/runs/x/")[0] == 4404 and _closing("/ws/other/")[0] == 4404
    assert _closing(path_of(run, "after=x"))[0] == 4400 and _closing(path_of(run, "format=xml"))[0] == 4400


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://testserver.evil.example", "file://", "http://[", "http://testserver:81"],
)
def test_refuses_a_wrong_origin(api: Api, origin: str) -> None:
    code, reason = _closing(path_of(api.run("1")), {"host": "testserver", "origin": origin})
    assert code == 4403 and reason


def test_takes_pages_of_its_own_and_programs(api: Api) -> None:
    api.client.get("/")
    run = api.run("1")
    cookie = f"sessionid={api.client.cookies['sessionid'].value}"

    async def read(headers: dict[str, str]) -> int:
        async with opened(f"{run['websocket']}?format=json", headers) as socket:
            return len(await until(socket, is_last))

    for headers in ({"host": "testserver", "origin": "http://testserver"}, {"origin": "http://testserver"}, {}):
        assert in_loop(lambda headers=headers: read({**headers, "cookie": cookie})) == run["events"]


@pytest.mark.parametrize(
    "say",
    [
        "",
        "{",
        "[]",
        "1",
        '{"type": "fly"}',
        '{"type": "inspect"}',
        '{"type": "subscribe", "nodes": 3}',
        '{"type": "set_param", "name": "a", "value": "b"}',
        '{"type": "stop", "run": "other"}',
        b"\x00",
        "x" * 70_000,
        "[" * 50_000,
    ],
)
def test_closes_on_a_malformed_message(api: Api, say: str | bytes) -> None:
    code, reason = _closing(path_of(api.start(ENDLESS)), say=say)
    assert code == 4400 and 0 < len(reason.encode()) <= 123


def test_closes_on_a_flood(api: Api) -> None:
    run = api.start(ENDLESS)

    async def drive() -> int:
        async with opened(path_of(run)) as socket:
            for _ in range(200):
                await tell(socket, '{"type": "resume"}')
            while (message := await socket.receive_output(5))["type"] != "websocket.close":
                pass
            return message["code"]

    assert in_loop(drive) == 4429


def test_readers_of_a_shared_run_do_not_control_it(api: Api) -> None:
    run = api.run(BACKWARD)
    api.post("/api/snippets/", {"code": BACKWARD, "run": run["id"]}, **{"X-Run-Token": run["control_token"]})
    x = next(node["id"] for node in run["graph"]["nodes"] if node["name"] == "x")

    async def drive() -> dict[str, Any]:
        async with opened(f"{run['websocket']}?format=json") as socket:
            await until(socket, is_last)
            await tell(socket, json.dumps({"type": "inspect", "node": x, "slice": "0"}))
            return await received(socket)

    answer = in_loop(drive)
    assert answer["type"] == "tensor" and answer["values"] == 1.0 and answer["seq"] == 0
    assert _closing(run["websocket"], say='{"type": "stop"}')[0] == 4403


def test_two_readers_get_the_same(api: Api) -> None:
    run = api.start("import time\nfor i in range(20):\n    print(i, flush=True)\n    time.sleep(0.02)")

    async def read() -> list[dict[str, Any]]:
        async with opened(path_of(run)) as socket:
            return await until(socket, is_last)

    async def both() -> list[list[dict[str, Any]]]:
        return await asyncio.gather(read(), read())

    first, second = in_loop(both)
    assert first == second == api.events(run)
    assert eventually(lambda: api.result(run)["status"] == "finished")
