"""The settings of a server, read from the environment alone: one table of names, defaults, meanings and checks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from playground.sandbox.levels import SETTINGS as SANDBOXES

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_UNSAID = ("SECRET_KEY", "DATABASE_URL")  # no message repeats them: they hold secrets


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable: its default as it would be written, what it means, and how its text is read."""

    name: str
    default: str
    meaning: str
    read: Callable[[str], Any]


def _text(value: str) -> str:
    return value


def _flag(value: str) -> bool:
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("must be 1 or 0")


def _names(value: str) -> list[str]:
    return [name.strip() for name in value.split(",") if name.strip()]


def _number(kind: type[int] | type[float], least: float, most: float) -> Callable[[str], int | float]:
    def read(value: str) -> int | float:
        try:
            number = kind(value)
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise ValueError(f"must be a {'whole ' if kind is int else ''}number from {least:g} to {most:g}")
        return number

    return read


def _sandbox(value: str) -> str:
    if value not in SANDBOXES:
        raise ValueError(f"must be one of {', '.join(SANDBOXES)}")
    return value


def _secret(value: str) -> str:
    if value and len(value) < 32:
        raise ValueError("must have at least 32 characters")
    return value


def _database(value: str) -> str:
    if value and value.partition("://")[0] not in ("sqlite", "postgres", "postgresql"):
        raise ValueError("must begin with sqlite:// or postgresql://")
    return value


def _no_redis(value: str) -> str:
    if value:
        raise ValueError("cannot be used yet: this version runs everything in one server; leave it empty")
    return value


TABLE = (
    Setting("HOST", "127.0.0.1", "The address that the server listens on.", _text),
    Setting("PORT", "8000", "The port that the server listens on; 0 takes a free one.", _number(int, 0, 65535)),
    Setting("DATA_DIR", "data", "The folder of the database and the secret key; made when it is absent.", _text),
    Setting(
        "SECRET_KEY", "", "Signs cookies. Empty: made at the first start and kept in `DATA_DIR/secret_key`.", _secret
    ),
    Setting("DEBUG", "0", "1 shows tracebacks in the browser. Never on a public server.", _flag),
    Setting(
        "ALLOWED_HOSTS",
        "127.0.0.1,localhost,[::1]",
        "The host names that the server answers to, with commas between.",
        _names,
    ),
    Setting(
        "HTTPS", "0", "1 behind a proxy that speaks HTTPS and sets `X-Forwarded-Proto`: cookies and redirects.", _flag
    ),
    Setting(
        "DATABASE_URL",
        "",
        "The database: `postgresql://USER:PASSWORD@HOST/NAME` or `sqlite:////FILE`. Empty: SQLite in `DATA_DIR`.",
        _database,
    ),
    Setting("REDIS_URL", "", "For more than one machine; not built yet, so it must be empty.", _no_redis),
    Setting(
        "SANDBOX",
        "auto",
        "How programs are shut in: auto, bubblewrap, landlock; off only with `DEBUG=1` on loopback.",
        _sandbox,
    ),
    Setting("WARM_WORKERS", "2", "Workers kept ready per device.", _number(int, 0, 64)),
    Setting("RUN_TIME_LIMIT_S", "60", "Seconds that a run may take.", _number(float, 0.1, 86_400)),
    Setting("RUN_MEMORY_MB", "512", "Memory that a run may use.", _number(int, 64, 1 << 20)),
    Setting("RUNS_PER_MINUTE", "20", "Runs that one visitor may start in a minute.", _number(int, 1, 1_000_000)),
    Setting("RUNS_AT_ONCE", "2", "Runs that one visitor may have under way.", _number(int, 1, 10_000)),
    Setting(
        "SNIPPETS_PER_MINUTE", "20", "Programs that one visitor may share in a minute.", _number(int, 1, 1_000_000)
    ),
    Setting("QUEUE_LIMIT", "64", "Runs that may wait for a free worker.", _number(int, 0, 100_000)),
    Setting(
        "KEEP_RUNS_DAYS",
        "30",
        "Days after which the record of a run that no snippet carries is dropped.",
        _number(int, 1, 36_500),
    ),
    Setting(
        "EMBED_ANCESTORS",
        "*",
        "The sites that may show a snippet in a frame, as in the CSP's `frame-ancestors`, with commas between.",
        _names,
    ),
)


def read(environ: Mapping[str, str]) -> dict[str, Any]:
    """Every setting's value. Raises `ImproperlyConfigured` with one sentence that names the wrong one."""
    values: dict[str, Any] = {}
    for setting in TABLE:
        text = environ.get(setting.name, setting.default)
        try:
            values[setting.name] = setting.read(text)
        except ValueError as error:
            shown = "" if setting.name in _UNSAID else f", not {text!r}"
            raise ImproperlyConfigured(f"The setting {setting.name} {error}{shown}.") from None
    if values["SANDBOX"] == "off" and not may_be_off(values):
        raise ImproperlyConfigured("The setting SANDBOX may be off only with DEBUG=1 and HOST=127.0.0.1.")
    return values


def may_be_off(values: Mapping[str, Any]) -> bool:
    """Whether the sandbox may be switched off: in debug mode, where nobody but this machine's own people come."""
    return values["DEBUG"] and values["HOST"] in LOOPBACK


def data_dir(text: str) -> Path:
    """The folder of that name, made when it is absent; a relative one lies in the project."""
    folder = ROOT / text
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"The setting DATA_DIR names a folder that cannot be made: {error}.") from None
    return folder


def secret_key(folder: Path) -> str:
    """The key that is kept in `folder`, made there when it is absent."""
    path = folder / "secret_key"
    if not path.exists():
        made = folder / f"secret_key.{secrets.token_hex(4)}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(made)  # fails where another process was first; then its key is ours
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text().strip()


def document() -> str:
    """The text of docs/settings.md."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    rows += [
        f"| `{each.name}` | {f'`{each.default}`' if each.default else 'empty'} | {each.meaning} |" for each in TABLE
    ]
    head = "# Settings\n\nThey come from the environment alone. A wrong value is refused in a sentence at start.\n\n"
    return head + "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(document(), end="")
