"""The shipped lessons: one folder each, with what it is called, its text, its program and its recorded run."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

FOLDER = Path(__file__).resolve().parent / "lessons"
RECORDING = "recording.run"
DEMO = "two_moons"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson. `recording` is the file of its recorded run, a `Recording` in msgpack; None where there is none."""

    name: str
    title: str
    order: int
    summary: str
    seed: int | None
    frames_per_second: float  # of the recorded run; "inf" for a frame of every step
    code: str
    sections: tuple[str, ...]
    recording: Path | None


@functools.cache
def lessons() -> dict[str, Lesson]:
    """All lessons by name, in their order."""
    found = [_read(path.parent) for path in FOLDER.glob("*/lesson.toml")]
    return {lesson.name: lesson for lesson in sorted(found, key=lambda lesson: (lesson.order, lesson.name))}


def sections(text: str) -> list[str]:
    """A Markdown text's sections as HTML: what stands before the first `##`, then one for each. Raw HTML is text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    return [markdown.render(part) for part in re.split(r"(?m)^(?=## )", text.strip()) if part.strip()]


def _read(folder: Path) -> Lesson:
    facts = tomllib.loads((folder / "lesson.toml").read_text(encoding="utf-8"))
    recording = folder / RECORDING
    return Lesson(
        name=folder.name,
        title=str(facts["title"]),
        order=int(facts["order"]),
        summary=str(facts["summary"]),
        seed=facts.get("seed"),
        frames_per_second=float(facts.get("frames_per_second", 20)),
        code=(folder / "program.py").read_text(encoding="utf-8"),
        sections=tuple(sections((folder / "lesson.md").read_text(encoding="utf-8"))),
        recording=recording if recording.is_file() else None,
    )
