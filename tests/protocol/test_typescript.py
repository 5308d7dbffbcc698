"""The page's types say what the protocol says."""

from __future__ import annotations

from playground.protocol import events, typescript


def test_every_event_has_an_interface_with_its_tag() -> None:
    text = typescript.generate()
    for event in events.EVENT_TYPES:
        tag = event.__struct_config__.tag
        assert f'export interface {event.__name__} {{\n  type: "{tag}";' in text


def test_what_a_client_may_leave_out_is_optional_and_what_it_must_say_is_not() -> None:
    inspect = typescript.generate().split("export interface Inspect {")[1].split("}")[0]
    assert "node: string;" in inspect and "step?: number | null;" in inspect
