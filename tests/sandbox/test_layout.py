"""What of the host is bound into a worker."""

from __future__ import annotations

from pathlib import Path

from playground.sandbox.layout import OURS, PACKAGES, PYTHON, discover, environment

PROJECT = Path(__file__).resolve().parents[2]


def test_only_child_code_of_the_project() -> None:
    """Of the project only what a worker runs is bound: no settings, no database, no tests."""
    ours = {place for source, place in discover().binds if Path(source).is_relative_to(PROJECT) and OURS in place}
    assert ours == {
        f"{OURS}/{name}"
        for name in (
            "engine",
            "playground/__init__.py",
            "playground/protocol",
            "playground/runner",
            "playground/sandbox",
        )
    }


def test_single_packages() -> None:
    """The learners' packages and their requirements are bound one by one; the server's own are not."""
    names = {Path(place).name for _, place in discover().binds if place.startswith(f"{PACKAGES}/")}
    assert {"numpy", "msgspec", "matplotlib", "PIL", "dateutil"} <= names
    assert not {"django", "channels", "uvicorn", "pytest", "pip"} & names


def test_everything_is_there_under_one_name() -> None:
    """Each bound path exists, each place is used once, and none is of /etc, /proc or a home folder."""
    binds = discover().binds
    places = [place for _, place in binds]
    assert len(set(places)) == len(places)
    assert PYTHON in places
    for source, place in binds:
        assert Path(source).exists(), source
        assert place.startswith(("/usr/", f"{OURS}/", f"{PACKAGES}/", "/lib")), place


def test_what_pip_installed_is_masked() -> None:
    """The site-packages within the standard library are not to be seen."""
    layout = discover()
    standard = Path(layout.binds[0][0])
    for name in ("site-packages", "dist-packages"):
        assert ((standard / name).is_dir()) == (f"{layout.binds[0][1]}/{name}" in layout.masks)


def test_loader_and_c_library_are_bound() -> None:
    """What the interpreter loads comes along under the names by which it asks."""
    names = {Path(place).name for _, place in discover().binds}
    assert any(name.startswith("ld-") for name in names)
    assert any(name.startswith("libc.") for name in names)


def test_environment_is_the_same_everywhere() -> None:
    """No variable comes from the server."""
    assert environment((OURS, PACKAGES))["PYTHONPATH"] == "/app:/packages"
    assert environment(())["OPENBLAS_NUM_THREADS"] == "1"
