"""The settings: each documented, each wrong value refused in one sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from playground import environment


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("PORT", "70000"),
        ("DEBUG", "maybe"),
        ("SECRET_KEY", "short"),
        ("SANDBOX", "none"),
        ("SANDBOX", "off"),
        ("WARM_WORKERS", "-1"),
        ("RUN_TIME_LIMIT_S", "0"),
        ("RUN_TIME_LIMIT_S", "nan"),
        ("RUN_MEMORY_MB", "1"),
        ("RUNS_PER_MINUTE", "0"),
        ("RUNS_AT_ONCE", "1.5"),
        ("QUEUE_LIMIT", ""),
        ("DATABASE_URL", "mysql://localhost/playground"),
        ("DATABASE_URL", "playground.db"),
        ("REDIS_URL", "redis://localhost"),
    ],
)
def test_refuses_wrong_values_in_a_sentence(name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.read({name: value})
    message = str(refused.value)
    assert name in message and message.endswith(".") and "\n" not in message


def test_the_sandbox_is_off_only_by_hand() -> None:
    assert environment.read({"SANDBOX": "off", "DEBUG": "1"})["SANDBOX"] == "off"
    with pytest.raises(ImproperlyConfigured):
        environment.read({"SANDBOX": "off", "DEBUG": "1", "HOST": "0.0.0.0"})


def test_the_secret_key_is_made_once(tmp_path) -> None:
    key = environment.secret_key(tmp_path)
    assert len(key) >= 50 and environment.secret_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_the_table_is_documented() -> None:
    assert all(f"`{each.name}`" in environment.document() for each in environment.TABLE)
    settings = (environment.ROOT / "playground" / "settings.py").read_text()
    assert set(re.findall(r'_values\["(\w+)"\]', settings)) == {each.name for each in environment.TABLE} - {"REDIS_URL"}


@pytest.mark.parametrize("database", ["", "postgresql://tester:secret@/playground?host=/nowhere"])
def test_deployment_is_clean(tmp_path: Path, database: str) -> None:
    checked = _check_deployment(tmp_path, HTTPS="1", DATABASE_URL=database)
    assert checked.returncode == 0, checked.stderr
    assert "WARNINGS" not in checked.stderr and "playground.I001" in checked.stderr


def test_deployment_without_https_is_told(tmp_path: Path) -> None:
    checked = _check_deployment(tmp_path, HTTPS="0")
    assert checked.returncode == 1 and "security.W012" in checked.stderr


def _check_deployment(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """What Django and this project's own checks say of a server with production settings."""
    facts = {"DATA_DIR": str(folder), "ALLOWED_HOSTS": "play.example", "PATH": os.environ["PATH"], **settings}
    command = [sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=environment.ROOT, env=facts, capture_output=True, text=True, check=False)
