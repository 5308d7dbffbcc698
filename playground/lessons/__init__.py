"""The shipped lessons: a folder each, with `lesson.toml`, `lesson.md`, `program.py` and `recording.run`.

`recording.run` is a run of the program as recorded (`protocol.recordings.Recording` as msgpack), so that a lesson is
alive before anything is executed; `python -m tests.house.recordings` makes it anew.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Lesson:
    """A lesson as the pages and the API give it; `html` is our own Markdown, rendered with raw HTML switched off."""

    name: str
    title: str
    order: int
    summary: str
    minutes: int
    seed: int | None
    device: str
    code: str
    html: str

    @property
    def recording(self) -> Path:
        """Where the recorded run lies; the file may be missing."""
        return FOLDER / self.name / "recording.run"


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons in their order."""
    found = (_read(path.parent) for path in FOLDER.glob("*/lesson.toml"))
    return tuple(sorted(found, key=lambda lesson: lesson.order))


def lesson(name: str) -> Lesson | None:
    """The lesson called `name`, if there is one."""
    return next((each for each in lessons() if each.name == name), None)


def _read(folder: Path) -> Lesson:
    about = tomllib.loads((folder / "lesson.toml").read_text(encoding="utf-8"))
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    return Lesson(
        name=folder.name,
        title=about["title"],
        order=about["order"],
        summary=about["summary"],
        minutes=about["minutes"],
        seed=about.get("seed"),
        device=about.get("device", "auto"),
        code=(folder / "program.py").read_text(encoding="utf-8"),
        html=markdown.render((folder / "lesson.md").read_text(encoding="utf-8")),
    )
