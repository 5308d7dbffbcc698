"""Messages of a page's socket: parsed by type, refused in words."""

from __future__ import annotations

import msgspec
import pytest

from playground.protocol import commands


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type":"subscribe","nodes":"all"}', commands.Subscribe(nodes="all")),
        ('{"type":"subscribe","nodes":["a","b"]}', commands.Subscribe(nodes=["a", "b"])),
        ('{"type":"pause"}', commands.Pause()),
        ('{"type":"resume"}', commands.Resume()),
        ('{"type":"step"}', commands.Step()),
        ('{"type":"stop"}', commands.Stop()),
        ('{"type":"set_param","name":"lr","value":1}', commands.SetParam(name="lr", value=1.0)),
        ('{"type":"inspect","node":"a","what":"grad"}', commands.Inspect(node="a", what="grad")),
    ],
)
def test_a_message_is_read(text: str, message: commands.Command) -> None:
    assert commands.parse_client_message(text) == message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "truncated"),
        ("[]", "object"),
        ('{"type":"start","code":"x"}', "start"),
        ('{"type":"fly"}', "fly"),
        ('{"type":"set_param","name":"lr"}', "value"),
        ('{"type":"set_param","name":"lr","value":"1"}', r"\$\.value"),
        ('{"type":"inspect","node":"a","what":"data"}', r"\$\.what"),
        ('{"type":"subscribe","nodes":"some"}', "some"),
        ('{"type":"pause","now":true}', "now"),
    ],
)
def test_a_wrong_message_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(msgspec.MsgspecError, match=words):
        commands.parse_client_message(text)
