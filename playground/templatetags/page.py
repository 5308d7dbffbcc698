"""`{% page_assets %}`: the script and the styles of the page, as its build named them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_read: tuple[float, dict[str, Any]] = (0.0, {})


def is_built() -> bool:
    """Whether the page has been built."""
    return _path().is_file()


@register.simple_tag
def page_assets(entry: str = "src/main.ts") -> SafeString:
    """The tags that load an entry of the build: its styles, its script, and what that imports."""
    manifest = _manifest()
    chunk = manifest[entry]
    styles: list[str] = []
    imports: list[str] = []
    _collect(manifest, entry, styles, imports)
    preload = [manifest[name]["file"] for name in imports if name != entry]
    tags = [
        format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(name),) for name in styles)),
        format_html_join("\n", '<link rel="modulepreload" href="{}">', ((static(name),) for name in preload)),
    ]
    if chunk["file"].endswith(".js"):
        tags.append(format_html('<script type="module" src="{}"></script>', static(chunk["file"])))
    return format_html_join("\n", "{}", ((tag,) for tag in tags if tag))


def _collect(manifest: dict[str, Any], name: str, styles: list[str], seen: list[str]) -> None:
    """The styles and the chunks that must be there before `name` runs, each once."""
    if name in seen:
        return
    seen.append(name)
    for imported in manifest[name].get("imports", []):
        _collect(manifest, imported, styles, seen)
    styles += [style for style in manifest[name].get("css", []) if style not in styles]


def _path() -> Path:
    return Path(settings.FRONTEND_DIST, ".vite", "manifest.json")


def _manifest() -> dict[str, Any]:
    """The build's manifest, read again when it has changed."""
    global _read
    changed = _path().stat().st_mtime
    if _read[0] != changed:
        _read = (changed, json.loads(_path().read_text()))
    return _read[1]
