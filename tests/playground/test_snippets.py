"""`/api/snippets/`: sharing, reading, relabelling and forking."""

from __future__ import annotations

import pytest

from playground.models import Snippet
from tests.playground.visiting import BACKWARD, ENDLESS, Api

pytestmark = pytest.mark.django_db


def _share(api: Api, status: int = 201, token: str = "", **fields) -> dict:
    headers = {"X-Run-Token": token} if token else {}
    answer = api.post("/api/snippets/", {"code": "print(1)", **fields}, **headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_keeps_everything(api: Api, stranger: Api) -> None:
    said = {
        "title": "A <b>title</b>",
        "code": "print('é')",
        "description": "words",
        "device": "cpu",
        "seed": -5,
        "params": {"lr": 0.1},
        "view": {"camera": [1, 2.5], "node": None},
    }
    made = _share(api, **said)
    assert len(made["slug"]) == 16 and made["edit_token"]
    assert made["url"] == f"/s/{made['slug']}/" and made["embed_url"] == f"/s/{made['slug']}/embed/"
    read = stranger.get(f"/api/snippets/{made['slug']}/").json()
    assert {name: read[name] for name in said} == said and read["run"] is None and read["parent"] is None


def test_the_same_content_has_one_slug(api: Api, stranger: Api) -> None:
    first = _share(api, params={"a": 1, "b": 2})
    second = _share(stranger, params={"b": 2, "a": 1})
    assert first["slug"] == second["slug"] and second["edit_token"] is None
    assert _share(api, title="other")["slug"] != first["slug"]
    assert Snippet.objects.count() == 2


def test_a_carried_run_is_read_by_all_but_controlled_by_one(api: Api, stranger: Api) -> None:
    run = api.run(BACKWARD)
    assert stranger.get(f"{run['url']}recording/").status_code == 401
    made = _share(api, token=run["control_token"], code=BACKWARD, run=run["id"])
    assert stranger.get(f"/api/snippets/{made['slug']}/").json()["run"] == run["id"]
    for path in ("", "events/", "recording/"):
        assert stranger.get(run["url"] + path).status_code == 200
    assert stranger.post(f"{run['url']}stop/").status_code == 401


def test_only_a_run_that_one_may_read_is_carried(api: Api, stranger: Api) -> None:
    run = api.run(BACKWARD)
    for headers, status in (({}, 401), ({"X-Run-Token": "wrong"}, 403)):
        answer = stranger.post("/api/snippets/", {"code": "1", "run": run["id"]}, **headers)
        assert answer.status_code == status and answer.json()["error"]["field"] == "run"
    going = api.start(ENDLESS)
    assert _share(api, 400, going["control_token"], run=going["id"])["error"]["field"] == "run"
    assert not Snippet.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": None}, "code"),
        ({"title": "x" * 201}, "title"),
        ({"title": "\0"}, "title"),
        ({"description": "\0"}, "description"),
        ({"view": []}, "view"),
        ({"view": {"a": "\0"}}, "view"),
        ({"view": {"a": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}}, "view"),
        ({"run": "nothing"}, "run"),
        ({"run": "\0"}, "run"),
        ({"parent": "nothing"}, "parent"),
        ({"device": "tpu"}, "device"),
    ],
)
def test_names_what_is_wrong(api: Api, fields: dict, field: str) -> None:
    assert _share(api, 400, **fields)["error"]["field"] == field


def test_refuses_a_view_that_is_too_large(api: Api) -> None:
    assert _share(api, 413, view={"a": "x" * 70_000})["error"]["field"] == "view"


def test_a_fork_names_its_parent(api: Api, stranger: Api) -> None:
    run = api.run(BACKWARD)
    parent = _share(api, token=run["control_token"], code=BACKWARD, run=run["id"], title="first")
    fork = f"/api/snippets/{parent['slug']}/fork/"
    same = stranger.post(fork).json()
    read = stranger.get(f"/api/snippets/{same['slug']}/").json()
    assert read["parent"] == parent["slug"] and read["run"] == run["id"] and read["title"] == "first"
    changed = stranger.post(fork, {"code": "print(2)"}).json()
    read = stranger.get(f"/api/snippets/{changed['slug']}/").json()
    assert read["parent"] == parent["slug"] and read["run"] is None and read["code"] == "print(2)"
    assert stranger.post(fork, {"code": 1}).status_code == 400
    assert stranger.get(fork).status_code == 405


def test_its_words_are_changed_by_its_edit_token(api: Api, stranger: Api) -> None:
    made = _share(api)
    path = f"/api/snippets/{made['slug']}/"

    def patch(visitor: Api, token: str):
        headers = {"X-Edit-Token": token} if token else {}
        return visitor.client.patch(path, '{"title": "new"}', content_type="application/json", headers=headers)

    assert patch(stranger, "").status_code == 401 and patch(stranger, "wrong").status_code == 403
    assert patch(stranger, made["edit_token"]).json()["title"] == "new"
    assert api.get(path).json()["title"] == "new"


@pytest.mark.parametrize("slug", ["x", "a" * 16, "%00" * 16, "é" * 16, "a" * 5000])
def test_knows_no_such_snippet(api: Api, slug: str) -> None:
    assert api.get(f"/api/snippets/{slug}/").status_code == 404
    assert api.post(f"/api/snippets/{slug}/fork/").status_code == 404


def test_limits_what_is_shared_a_minute(api: Api, settings) -> None:
    settings.SNIPPETS_PER_MINUTE = 1
    _share(api)
    assert api.post("/api/snippets/", {"code": "2"}).status_code == 429
