"""Bodies and parameters of requests: read, bounded, checked, and refused in words that name the field."""

from __future__ import annotations

import re
from typing import Any, TypeVar, get_args

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError

from playground.api.errors import ApiError, wrong
from playground.protocol.requests import MAX_BODY, MAX_CODE

T = TypeVar("T", bound=msgspec.Struct)

_MAX_DEPTH = 32
_MAX_VIEW = 64 << 10
_FIELD = re.compile(r"at (?:`key` in )?`\$\.?([A-Za-z_]*)")
_MISSING = re.compile(r"missing required field `(\w+)`")
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def parse(request: HttpRequest, kind: type[T]) -> T:
    """The request's body as `kind`. Raises `ApiError` 400 or 413."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise _too_large() from None
    except (UnreadablePostError, RawPostDataException):
        raise wrong(None, "The body could not be read.") from None
    if len(body) > MAX_BODY:
        raise _too_large()
    try:
        parsed = msgspec.json.decode(body or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason = (
            "it is nested too deeply" if isinstance(error, RecursionError) else "it is not well-formed JSON in UTF-8"
        )
        raise wrong(None, f"The body cannot be read: {reason}.") from None
    _check(parsed)
    return parsed


def whole_number(request: HttpRequest, name: str, default: int | None, least: int = 0) -> int | None:
    """A parameter of the query as a whole number from `least` on. Raises `ApiError` 400."""
    text = request.GET.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII) or int(text) < least:
        raise wrong(name, f"`{name}` must be a whole number from {least} on.")
    return int(text)


def choice(request: HttpRequest, name: str, choices: tuple[str, ...]) -> str:
    """A parameter of the query as one of `choices`, the first by default. Raises `ApiError` 400."""
    text = request.GET.get(name, choices[0])
    if text not in choices:
        raise wrong(name, f"`{name}` must be one of: {', '.join(choices)}.")
    return text


def _too_large() -> ApiError:
    return ApiError(413, f"The body is over {MAX_BODY >> 20} MiB.")


def _check(parsed: msgspec.Struct) -> None:
    """What the types do not tell: sizes, depth, and characters that no database and no file takes."""
    for name in parsed.__struct_fields__:
        value = getattr(parsed, name)
        _check_text(value, name, 0)
        if name == "code" and isinstance(value, str) and len(value.encode()) > MAX_CODE:
            raise ApiError(413, f"The code is over {MAX_CODE >> 10} KiB.", field="code")
        if name == "view" and len(msgspec.json.encode(value)) > _MAX_VIEW:
            raise ApiError(413, f"`view` is over {_MAX_VIEW >> 10} KiB.", field="view")


def _check_text(value: Any, field: str, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise wrong(field, f"`{field}` is nested over {_MAX_DEPTH} deep.")
    if isinstance(value, str):
        if "\0" in value:
            raise wrong(field, f"`{field}` contains a NUL character.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key, field, depth + 1)
            _check_text(item, field, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check_text(item, field, depth + 1)


def _invalid(text: str, kind: type[msgspec.Struct]) -> ApiError:
    """msgspec's complaint in words of ours."""
    missing = _MISSING.search(text)
    if missing:
        return wrong(missing[1], f"`{missing[1]}` is required.")
    found = _FIELD.search(text)
    field = (found[1] if found else None) or None
    name = f"`{field}`" if field else "The body"
    complaint = text.partition(" - at ")[0]
    kinds = re.fullmatch(r"Expected `([a-z |]+)`, got `(\w+)`", complaint)
    choices = re.fullmatch(r"Invalid enum value (.*)", complaint)
    if kinds:
        expected = " or ".join(_WORDS.get(kind.strip(), kind.strip()) for kind in kinds[1].split("|"))
        return wrong(field, f"{name} must be {expected}, not {_WORDS.get(kinds[2], kinds[2])}.")
    if choices:
        known = [each for info in msgspec.structs.fields(kind) if info.name == field for each in get_args(info.type)]
        return wrong(field, f"{name} cannot be {choices[1]}; choose {' or '.join(known)}.")
    bound = re.fullmatch(r"Expected `(\w+)` (of length )?(<=|>=|<|>) (\S+)", complaint)
    if bound:
        relation = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than"}[bound[3]]
        length = "have a length of" if bound[2] else "be"
        return wrong(field, f"{name} must {length} {relation} {bound[4]}.")
    return wrong(field, f"{name}: {complaint}.")
