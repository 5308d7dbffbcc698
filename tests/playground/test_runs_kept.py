"""What is kept of runs: old ones dropped, orphans ended, the admin's view; and how visitors are counted."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from playground import process, runs
from playground.models import Recording, Run
from playground.visitors import RateLimit, limit_key, matches, token_hash
from tests.playground.visiting import BACKWARD, Api


def _age(run_id: str, days: int) -> None:
    Run.objects.filter(pk=run_id).update(created=timezone.now() - timedelta(days=days))


@pytest.mark.django_db
def test_old_runs_that_nothing_carries_are_dropped(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    old, shared, young = (api.run(BACKWARD) for _ in range(3))
    body = {"code": BACKWARD, "run": shared["id"]}
    assert api.post("/api/snippets/", body, **{"X-Run-Token": shared["control_token"]}).status_code == 201
    for run in (old, shared):
        _age(run["id"], 31)
    call_command("prune")
    assert "1 old runs dropped" in capsys.readouterr().out
    assert set(Run.objects.values_list("pk", flat=True)) == {shared["id"], young["id"]}
    assert Recording.objects.count() == 2


@pytest.mark.django_db
def test_runs_of_a_process_that_is_gone_are_lost() -> None:
    gone = Run.objects.create(process=process.own() + "0", code="1", device="cpu")
    other = Run.objects.create(process="elsewhere/12345678/1/1", code="1", device="cpu")
    own = Run.objects.create(process=process.own(), code="1", device="cpu")
    assert runs.give_up_orphans() == 2
    for run, status in ((gone, "lost"), (other, "lost"), (own, "queued")):
        run.refresh_from_db()
        assert run.status == status
    found = runs.find(gone.pk)
    assert found is not None and found[1] is not None
    assert [entry.type.__name__ for entry in found[1].after(0)] == ["ErrorEvent", "FinishedEvent"]
    assert json.loads(runs.result_of(*found))["error"]["type"] == "WorkerLost"


@pytest.mark.django_db
def test_the_admin_shows_runs_and_changes_none(api: Api) -> None:
    run = api.run("print('<b>')")
    assert api.client.get("/admin/").status_code == 302
    api.client.force_login(User.objects.create_superuser("root", password="x"))
    assert run["id"] in api.client.get("/admin/playground/run/").content.decode()
    page = api.client.get(f"/admin/playground/run/{run['id']}/change/")
    assert page.status_code == 200 and b"<b>" not in page.content
    assert api.client.get("/admin/playground/run/add/").status_code == 403


def test_a_sliding_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("playground.visitors.time.monotonic", lambda: now[0])
    limit = RateLimit()
    assert limit.wait_s("a", 2) == 0 and limit.wait_s("a", 2) == 0 and limit.wait_s("b", 2) == 0
    now[0] += 20
    assert limit.wait_s("a", 2) == 40
    now[0] += 40
    assert limit.wait_s("a", 2) == 0


def test_visitors_are_told_apart() -> None:
    assert limit_key("v", "1.2.3.4") == "session:v" and limit_key("", "1.2.3.4") == "address:1.2.3.4"
    assert limit_key("", "2001:db8::1") == limit_key("", "2001:db8::2") != limit_key("", "2001:db8:1::1")
    assert limit_key("", "") == "address:"
    assert matches("t", token_hash("t")) and not matches("T", token_hash("t")) and not matches("\ud800", "")
