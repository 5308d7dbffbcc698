"""What every tracked text file keeps to: sizes, no path of one machine, no download address in a lock file."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.house.floors import ROOT

LONGEST = 400  # lines
SOURCES = re.compile(r"^(engine|playground|tests|examples)/.*\.py$|^frontend/(src|scripts)/.*\.(ts|svelte|mjs|css|py)$")
EXEMPT = re.compile(r"generated|\.gen\.|migrations/")


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """The files that git tracks, without those deleted in the working tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing tells which files belong to the project")
    return [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_source_file_is_longer_than_400_lines(tracked: list[str]) -> None:
    lengths = {
        name: len((ROOT / name).read_text(encoding="utf-8").splitlines())
        for name in tracked
        if SOURCES.match(name) and not EXEMPT.search(name)
    }
    assert lengths
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST}


def test_no_file_holds_the_path_of_one_machine(tracked: list[str]) -> None:
    homes = re.compile(rb"/(?:home|Users)/[a-z]+/|" + re.escape(str(ROOT).encode()) + rb"\b")
    found = [name for name in tracked if homes.search((ROOT / name).read_bytes())]
    assert not found


def test_lock_and_requirement_files_name_no_address(tracked: list[str]) -> None:
    files = [name for name in tracked if re.search(r"lock\.json$|requirements[^/]*\.txt$|\.npmrc$", name)]
    assert files
    assert not [name for name in files if re.search(r'"resolved"|index-url|find-links', (ROOT / name).read_text())]
