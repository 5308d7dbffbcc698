"""What strangers wrote reaches a page as text, whatever it says."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.serving import Server

SCRIPTS = {
    "a script": "<script>alert(1)</script>",
    "the end of a script": "</script><script>alert(1)</script>",
    "the end of a comment": "--><script>alert(1)</script><!--",
    "an open comment": "<!--<script>",
    "a picture": "<img src=x onerror=alert(1)>",
    "the end of an attribute": '" onmouseover="alert(1)" x=\'',
    "the end of a title": "</title></head><body onload=alert(1)>",
    "a link": "javascript:alert(1)",
    "a template": "{{ settings.SECRET_KEY }}{% debug %}{{7*7}}",
    "line separators": "\u2028alert(1)\u2029",
    "right to left": "\u202ealert\u2066(1)\u2069",
    "characters of control": "\x01\x08\x1b[31m\x7f\x85",
    "Markdown": "[x](javascript:alert(1)) ![x](x)",
    "entities": "&lt;script&gt;&#60;script&#62;",
    "a header": "a\r\nSet-Cookie: evil=1\r\n\r\n<script>",
    "SVG": "<svg onload=alert(1)><foreignObject>",
    "a formula": "\\href{javascript:alert(1)}{x} \\htmlClass{x}{y}",
    "bidirectional and long": "\u200f" * 90,
}


class Page(HTMLParser):
    """The elements of a page that could do something."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[dict[str, str | None]] = []
        self.handlers: list[str] = []
        self.links: list[str] = []
        self.boot = ""
        self._in_boot = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what could run."""
        given = dict(attrs)
        self.handlers += [f"{tag} {name}" for name in given if name.startswith("on")]
        self.links += [value for name, value in attrs if name in ("href", "src", "action") and value]
        if tag == "script":
            self.scripts.append(given)
            self._in_boot = given.get("id") == "boot"
        if tag in ("iframe", "object", "embed", "svg", "base", "foreignobject"):
            self.handlers.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """The boot object ends."""
        self._in_boot = self._in_boot and tag != "script"

    def handle_data(self, data: str) -> None:
        """The boot object's text."""
        if self._in_boot:
            self.boot += data


def harmless(server: Server, path: str) -> dict[str, Any]:
    """See that a page has no script but its own files; its boot object."""
    answer = server.ask("GET", path)
    assert answer.status == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "object-src 'none'" in policy and "base-uri 'none'" in policy
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"]
    assert "evil" not in str(answer.headers)
    page = Page(answer.body.decode())
    assert page.handlers == []
    assert not [link for link in page.links if re.match(r"\s*(javascript|data|vbscript):", link)]
    for script in page.scripts:
        assert script.get("id") == "boot" or (script.get("src") or "").startswith("/static/"), script
        assert script.get("id") != "boot" or script.get("type") == "application/json"
    return json.loads(page.boot)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def shared(server: Server) -> dict[str, str]:
    """The addresses of snippets that have a script in every field."""
    found = {}
    for name, text in SCRIPTS.items():
        body = {
            "code": f"# {text}\nx = 1",
            "title": text[:200],
            "description": text,
            "view": {text: [text]},
            "params": {text[:99]: 1},
        }
        answer = server.ask("POST", "/api/snippets/", body)
        assert answer.status == 201, answer.body
        found[name] = answer.json["url"]
    return found


@pytest.mark.parametrize("name", SCRIPTS)
def test_snippets(server: Server, shared: dict[str, str], name: str) -> None:
    for path in (shared[name], f"{shared[name]}embed/"):
        snippet = harmless(server, path)["snippet"]
        assert snippet["title"] == SCRIPTS[name][:200] and snippet["description"] == SCRIPTS[name]
        assert SCRIPTS[name] in snippet["code"] and snippet["view"] == {SCRIPTS[name]: [SCRIPTS[name]]}


def test_a_frame_may_hold_embeds_only(server: Server, shared: dict[str, str]) -> None:
    page, embed = (server.ask("GET", shared["a script"] + more).headers for more in ("", "embed/"))
    assert page["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert embed["X-Frame-Options"] is None and embed["Set-Cookie"] is None
    for path in ("/", "/lessons/", "/api/docs", "/admin/login/"):
        assert server.ask("GET", path).headers["X-Frame-Options"] == "DENY", path


RECORDED = """import torch, playground
text = {text!r}
x = torch.ones(2, requires_grad=True)
globals()[text] = x
playground.watch(x, text)
playground.log(**{{text: 1.0}})
playground.param(text, 0.5, 0, 1)
(x * x).sum().backward()
print(text)
open(text.replace("/", "_")[:200], "w").write(text)
raise type(text.replace("\\0", ""), (Exception,), {{}})(text)
"""


def test_runs(server: Server) -> None:
    """What a program says is JSON to whoever asks, and the page of a snippet that carries it has none of it."""
    for name in ("a script", "the end of a script", "right to left", "characters of control", "a header"):
        text = SCRIPTS[name]
        result = server.run(RECORDED.format(text=text))
        assert result["stdout"] == f"{text}\n" and result["error"]["message"] == text
        for path in ("", "events/"):
            answer = server.ask("GET", result["url"] + path, X_Run_Token=result["control_token"])
            assert answer.headers["Content-Type"] == "application/json"
            assert answer.headers["X-Content-Type-Options"] == "nosniff" and "evil" not in str(answer.headers)
        token = {"X-Run-Token": result["control_token"]}
        made = server.ask("POST", "/api/snippets/", {"code": text, "run": result["id"]}, **token)
        assert made.status == 201, made.body
        assert harmless(server, made.json["url"])["run"]["id"] == result["id"]


def test_saved_files_are_downloads(server: Server) -> None:
    run = server.run("open('a.html', 'w').write('<script>alert(1)</script>')")
    answer = server.ask("GET", f"{run['url']}files/a.html", X_Run_Token=run["control_token"])
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_pages_say_nothing_of_the_address(server: Server) -> None:
    """A script in the address comes back on no page."""
    for path in ("/%3Cscript%3Ealert(1)%3C/script%3E", "/s/%3Cscript%3Ealert(1)/", "/?x=%3Cscript%3Ealert(1)"):
        assert b"<script>alert" not in server.ask("GET", path).body
    answer = server.ask("GET", "/api/%3Cscript%3Ealert(1)")
    assert answer.status == 404 and answer.headers["Content-Type"] == "application/json"
