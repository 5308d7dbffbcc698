"""The Markdown that our lessons are written in, as HTML: headings, paragraphs, lists, code, emphasis and links.

For texts of ours alone. All the same everything is escaped first, so that nothing in a text can become markup.
"""

from __future__ import annotations

import re
from html import escape

_ITEM = re.compile(r"(?:[-*]|(\d+)\.)\s+(.*)")
_FENCE = re.compile(r"```(\w*)")
_SPAN = re.compile(r"(`[^`]+`)")
_LINK = re.compile(r"\[([^\]]+)\]\(((?:https?://|/|#)[^)\s]+)\)")


def sections(text: str) -> list[str]:
    """The text's sections as HTML: what stands before the first `##`, and then one for each."""
    parts = re.split(r"(?m)^(?=## )", text.strip())
    return [html for html in (render(part) for part in parts) if html]


def render(text: str) -> str:
    """A text as HTML."""
    lines = text.strip().splitlines()
    blocks: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif line.startswith("```"):
            end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith("```")), len(lines))
            blocks.append(f"<pre><code>{escape(chr(10).join(lines[at + 1 : end]))}</code></pre>")
            at = end + 1
        elif heading := re.match(r"(#{1,4}) (.*)", line):
            level = max(len(heading[1]), 2)
            blocks.append(f"<h{level}>{_inline(heading[2])}</h{level}>")
            at += 1
        elif _ITEM.match(line):
            html, at = _list(lines, at)
            blocks.append(html)
        else:
            start = at
            while at < len(lines) and lines[at].strip() and not _begins_block(lines[at]):
                at += 1
            at = max(at, start + 1)
            blocks.append(f"<p>{_inline(' '.join(lines[start:at]))}</p>")
    return "\n".join(blocks)


def _begins_block(line: str) -> bool:
    return bool(_FENCE.match(line) or _ITEM.match(line) or re.match(r"#{1,4} ", line))


def _list(lines: list[str], at: int) -> tuple[str, int]:
    """The list that begins at a line, and the line after it. An item goes on in lines that are set in."""
    first = _ITEM.match(lines[at])
    assert first is not None
    numbered = first[1] is not None
    items: list[str] = []
    while at < len(lines):
        item = _ITEM.match(lines[at])
        if item and (item[1] is not None) == numbered:
            items.append(item[2])
        elif items and lines[at].startswith("  ") and lines[at].strip():
            items[-1] += " " + lines[at].strip()
        elif not lines[at].strip() and at + 1 < len(lines) and _ITEM.match(lines[at + 1]):
            pass  # an empty line between two items
        else:
            break
        at += 1
    tag = "ol" if numbered else "ul"
    body = "".join(f"<li>{_inline(item)}</li>" for item in items)
    return f"<{tag}>{body}</{tag}>", at


def _inline(text: str) -> str:
    """Code, emphasis and links within a line; nothing within code is touched."""
    pieces = []
    for piece in _SPAN.split(text):
        if _SPAN.fullmatch(piece):
            pieces.append(f"<code>{escape(piece[1:-1])}</code>")
            continue
        html = escape(piece, quote=True)
        html = _LINK.sub(r'<a href="\2">\1</a>', html)
        html = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html)
        html = re.sub(r"(?<![\w*])\*(?! )(.+?)\*", r"<em>\1</em>", html)
        pieces.append(html)
    return "".join(pieces)
