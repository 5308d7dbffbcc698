"""The page's types, generated from the protocol: `python -m playground.protocol.typescript` prints them.

A reader's `frame` differs from the record's in JSON (`nodes` instead of packed rows); the page reads the packed form.
"""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from msgspec import inspect

from playground.protocol import VERSION, commands, events, values

_HEADER = """\
// Generated from playground/protocol by `make gen`. Do not edit: change the Python and generate again.
/* eslint-disable */
"""


def generate() -> str:
    """The whole TypeScript module as text."""
    declared = [*_structs(values), *_structs(events), *_structs(commands)]
    parts = [
        _HEADER,
        f"export const VERSION = {VERSION};",
        f"export const STATISTICS = {_literal(values.STATISTICS)} as const;",
        f"export const FINAL: readonly string[] = {_literal(sorted(values.FINAL))};",
        "",
        f"export type Status = {_union(get_args(values.Status))};",
        f"export type What = {_union(get_args(values.What))};",
        "",
    ]
    parts += [_interface(struct) for struct in declared]
    parts.append(f"export type AnyEvent = {' | '.join(t.__name__ for t in events.EVENT_TYPES)};")
    parts.append(f"export type ClientMessage = {' | '.join(t.__name__ for t in get_args(commands.ClientMessage))};")
    return "\n".join(parts) + "\n"


def _structs(module: Any) -> list[type[msgspec.Struct]]:
    hidden = {values.Value, events.Event, commands.Command, commands.Start}
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, msgspec.Struct)
        and value.__module__ == module.__name__
        and value not in hidden
    ]


def _interface(struct: type[msgspec.Struct]) -> str:
    kind = inspect.type_info(struct)
    assert isinstance(kind, inspect.StructType)
    comment = (struct.__doc__ or "").strip().splitlines()[0]
    lines = [f"/** {comment} */", f"export interface {struct.__name__} {{"]
    if kind.tag_field is not None:
        lines.append(f"  {kind.tag_field}: {_literal(kind.tag)};")
    # What a client sends may leave out what has a default; what the server sends is always whole.
    optional = issubclass(struct, commands.Command)
    for field in kind.fields:
        mark = "?" if optional and not field.required else ""
        lines.append(f"  {field.encode_name}{mark}: {_type(field.type)};")
    return "\n".join([*lines, "}", ""])


def _type(kind: inspect.Type) -> str:
    match kind:
        case inspect.IntType() | inspect.FloatType():
            return "number"
        case inspect.StrType():
            return "string"
        case inspect.BoolType():
            return "boolean"
        case inspect.NoneType():
            return "null"
        case inspect.BytesType():
            return "Uint8Array"
        case inspect.AnyType():
            return "unknown"
        case inspect.LiteralType(values=options):
            return _union(options)
        case inspect.UnionType(types=types):
            return " | ".join(dict.fromkeys(_type(t) for t in types))
        case inspect.ListType(item_type=item):
            inner = _type(item)
            return f"({inner})[]" if " | " in inner else f"{inner}[]"
        case inspect.TupleType(item_types=items):
            return f"[{', '.join(_type(t) for t in items)}]"
        case inspect.DictType(value_type=value):
            return f"Record<string, {_type(value)}>"
        case inspect.StructType(cls=cls):
            return str(cls.__name__)
    raise TypeError(f"no TypeScript for {kind!r}")


def _union(options: Any) -> str:
    return " | ".join(_literal(option) for option in options)


def _literal(value: Any) -> str:
    return msgspec.json.encode(value).decode()


if __name__ == "__main__":
    print(generate(), end="")
