"""Level B: where user namespaces are refused, Landlock leaves a worker only the files that it needs.

A worker of this level can tell which files exist on the host, and reads none beyond the layout's. Whatever it needs is
handed to it as an open folder and named through /proc/self/fd: so a worker that is not root can use an interpreter in
root's home folder, and its paths do not tell where anything lies.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from playground.sandbox import kernel, levels, users
from playground.sandbox.layout import DEVICES, Layout, environment
from playground.sandbox.levels import Command, Refused
from playground.sandbox.limits import Limits


class Landlock:
    """Starts workers that confine themselves; as root, under a user id drawn for each."""

    def __init__(self, layout: Layout) -> None:
        """Open what all workers read. Raises Refused where the kernel has no Landlock."""
        if kernel.landlock_version() == 0:
            raise Refused("the kernel has no Landlock, or it is switched off")
        prefix = os.path.realpath(sys.base_prefix)
        hosts = [str(_host_folder(layout, place)) for place in layout.path]
        self._folders = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in (prefix, *hosts)}
        self._interpreter = os.open(os.path.realpath(sys.executable), os.O_PATH | os.O_CLOEXEC)
        home = self._name(prefix)
        self._environment = environment(tuple(self._name(host) for host in hosts))
        self._environment |= {"PYTHONHOME": home, "LD_LIBRARY_PATH": f"{home}/lib"}
        self._readable = [self._name(path) for path in _readable(layout)] + list(DEVICES)

    def command(self, module: str, wires: tuple[int, int], limits: Limits) -> Command:
        """The command for one worker: the interpreter itself, which confines itself once it has warmed up."""
        user = users.draw() if os.geteuid() == 0 else None
        if user is None:
            # The worker shares the server's user id, and with it the count of that user's threads.
            limits = replace(limits, threads=limits.threads + users.running(os.getuid()))
        folders = tuple(self._folders.values())
        orders = levels.orders("B", (*wires, *folders), limits)
        orders["readable"] = self._readable
        argv = (f"/proc/self/fd/{self._interpreter}", *levels.arguments(module, wires, orders))
        return Command(argv, self._environment, (*wires, *folders, self._interpreter), user=user)

    def _name(self, path: str) -> str:
        """What a worker calls a path of the host."""
        for folder, descriptor in self._folders.items():
            if Path(path).is_relative_to(folder):
                return os.path.normpath(f"/proc/self/fd/{descriptor}/{Path(path).relative_to(folder)}")
        return path


def _host_folder(layout: Layout, place: str) -> Path:
    """The folder of the host that holds, under the same names, what the layout puts into `place`."""
    for source, inside in layout.binds:
        if Path(inside).is_relative_to(place):
            return Path(source).parents[len(Path(inside).relative_to(place).parts) - 1]
    raise ValueError(f"the layout has nothing in {place}")


def _readable(layout: Layout) -> list[str]:
    """The host's paths of all that the layout binds; a folder with a mask in it is named by its other entries."""
    paths: list[str] = []
    for source, place in layout.binds:
        masked = {os.path.basename(mask) for mask in layout.masks if os.path.dirname(mask) == place}
        paths += [f"{source}/{name}" for name in os.listdir(source) if name not in masked] if masked else [source]
    return paths
