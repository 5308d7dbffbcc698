"""Health, lessons, the API's own description, and the pages with their headers."""

from __future__ import annotations

import json
import re

import pytest

from playground.api.routes import ROUTES
from playground.catalogue import DEMO, FOLDER, lessons, sections
from playground.templatetags.page import is_built
from tests.playground.visiting import BACKWARD, Api

pytestmark = pytest.mark.django_db
built = pytest.mark.skipif(not is_built(), reason="the page is not built: make build")


def _boot(answer) -> dict:
    found = re.search(r'<script id="boot" type="application/json">(.*?)</script>', answer.content.decode(), re.S)
    assert found is not None
    return json.loads(found[1])


def test_health_names_every_part(api: Api) -> None:
    answer = api.get("/api/health/")
    body = answer.json()
    assert answer.status_code == 200 and body["status"] == "ok" and body["version"]
    assert body["database"]["ok"] and body["channel_layer"]["ok"] and body["sandbox"]["kind"] in ("A", "B")
    assert body["workers"]["cpu"]["available"] and not body["workers"]["gpu"]["available"]
    assert body["queue_length"] == 0 and body["queue_limit"] > 0


def test_lessons_are_listed_in_order(api: Api) -> None:
    listed = api.get("/api/lessons/").json()["lessons"]
    assert [each["name"] for each in listed] == list(lessons()) and len(listed) >= 3
    assert [each["order"] for each in listed] == sorted(each["order"] for each in listed)


def test_openapi_describes_every_route(api: Api) -> None:
    document = api.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {f"/api/{path}" for path in ROUTES}
    text = json.dumps(document)
    for name in re.findall(r'"#/components/schemas/(\w+)"', text):
        assert name in document["components"]["schemas"]
    run = document["paths"]["/api/runs/"]["post"]
    assert {"200", "201", "400", "413", "429", "503"} <= set(run["responses"])
    assert document["components"]["schemas"]["RunRequest"]["required"] == ["code"]


def test_the_docs_name_every_call_without_scripts(api: Api) -> None:
    page = api.get("/api/docs").content.decode()
    assert all(f"/api/{path}" in page for path in ROUTES) and "<script" not in page


@built
@pytest.mark.parametrize("path", ["/", "/lessons/", "/lessons/two_moons/"])
def test_pages_carry_a_boot_object_and_strict_headers(api: Api, path: str) -> None:
    answer = api.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert "script-src 'self';" in policy and "object-src 'none'" in policy and "base-uri 'none'" in policy
    assert "frame-ancestors 'none'" in policy and answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"] == "same-origin"
    boot = _boot(answer) if path != "/lessons/" else {"devices": [{"name": "cpu"}]}
    assert boot["devices"][0]["name"] == "cpu"
    if path == "/":  # Run works before the recording has come
        assert boot["demo"]["code"] == (FOLDER / DEMO / "program.py").read_text(encoding="utf-8")
    if path != "/lessons/":
        assert {"sessionid", "csrftoken"} <= set(answer.cookies)


@built
def test_a_snippet_is_text_on_its_page(api: Api, stranger: Api) -> None:
    run = api.run(BACKWARD)
    evil = "</script><script>alert(1)</script>"
    said = {"code": BACKWARD + f"# {evil}", "title": evil, "description": evil, "run": run["id"]}
    made = api.post("/api/snippets/", said, **{"X-Run-Token": run["control_token"]}).json()
    for path in (made["url"], made["embed_url"]):
        page = stranger.get(path)
        assert page.status_code == 200 and "<script>alert" not in page.content.decode()
        boot = _boot(page)
        assert boot["snippet"]["title"] == evil and boot["run"]["id"] == run["id"]
        assert stranger.get(boot["run"]["recording_url"]).status_code == 200


@built
def test_an_embed_may_be_framed_and_sets_no_cookie(api: Api, settings) -> None:
    settings.EMBED_ANCESTORS = ["https://school.example"]
    made = api.post("/api/snippets/", {"code": "1"}).json()
    answer = api.get(made["embed_url"])
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors https://school.example")
    assert "X-Frame-Options" not in answer.headers and not answer.cookies


@built
@pytest.mark.parametrize("path", ["/s/nothing/", "/s/nothing/embed/", "/lessons/nothing/", "/nothing", "/s/%00/"])
def test_says_where_nothing_is(api: Api, path: str) -> None:
    answer = api.client.get(path, follow=True)
    assert answer.status_code == 404 and "text/html" in answer.headers["Content-Type"]


def test_says_what_to_do_without_a_build(api: Api, settings, tmp_path) -> None:
    settings.FRONTEND_DIST = tmp_path
    answer = api.get("/")
    assert answer.status_code == 503 and b"make build" in answer.content


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_are_only_read(api: Api, method: str) -> None:
    assert getattr(api.client, method)("/").status_code == 405


def test_a_wrong_host_is_refused_in_json(api: Api) -> None:
    answer = api.client.get("/api/health/", headers={"host": "evil.example"})
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "bad_request"


def test_lessons_texts_become_html() -> None:
    assert sections("a\n\n## b\n\nc `<i>`\n\n## d") == [
        "<p>a</p>\n",
        "<h2>b</h2>\n<p>c <code>&lt;i&gt;</code></p>\n",
        "<h2>d</h2>\n",
    ]
    assert "<script" not in "".join(sections("<script>alert(1)</script>"))
