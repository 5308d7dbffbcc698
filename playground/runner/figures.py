"""matplotlib's figures, shown on the page: drawn in memory, sent as PNG. Imported only when a program asks for it."""

from __future__ import annotations

import atexit
import importlib.abc
import importlib.machinery
import importlib.util
import io
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from playground.protocol.events import FigureEvent
from playground.runner.channel import Channel

LARGEST = 250 << 10  # bytes of a picture, which goes out in one message
_NOWHERE = "/nowhere"  # a folder that is not there
DPI = (100, 60, 35)  # tried in turn until a picture is small enough


class Figures(importlib.abc.MetaPathFinder):
    """Prepares matplotlib as it is imported, and sends the figures that the program shows or leaves open."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._count = 0
        self._preparing = False

    def install(self) -> None:
        """Be there when the program imports matplotlib."""
        os.environ["MPLBACKEND"] = "agg"
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Wrap the loaders of the two modules that need help."""
        if fullname not in ("matplotlib", "matplotlib.pyplot") or self._preparing:
            return None
        self._preparing = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._preparing = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Prepared(spec.loader, self)
        return spec

    def show(self) -> None:
        """`plt.show()`: send all open figures and close them."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        for number in pyplot.get_fignums():
            self._send(pyplot.figure(number))
        pyplot.close("all")

    def _send(self, figure: Any) -> None:
        self._count += 1
        name = figure.get_label() or f"Figure {self._count}"
        for dpi in DPI:
            picture = io.BytesIO()
            figure.savefig(picture, format="png", dpi=dpi)
            if picture.tell() <= LARGEST:
                if not self._channel.send(FigureEvent(name=name[:200], mime="image/png", data=picture.getvalue())):
                    print(f"{name} is left out: the run has sent as much as the page keeps.", file=sys.stderr)
                return
        print(f"{name} is left out: its picture is larger than {LARGEST >> 10} KiB.", file=sys.stderr)


class _Prepared(importlib.abc.Loader):
    """Loads matplotlib where no file can be written."""

    def __init__(self, loader: Any, figures: Figures) -> None:
        self._loader = loader
        self._figures = figures

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the loader itself."""
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Load; matplotlib itself with a made-up folder for its caches, pyplot with the page's `show`."""
        if module.__name__ == "matplotlib.pyplot":
            self._loader.exec_module(module)
            atexit.unregister(module._pylab_helpers.Gcf.destroy_all)
            figures = self._figures
            module.show = lambda *args, **kwargs: figures.show()  # type: ignore[attr-defined]
            return
        for name in ("matplotlib", "matplotlib.font_manager"):
            logging.getLogger(name).setLevel(logging.ERROR)  # it would warn that nothing can be kept
        made, tempfile.mkdtemp = tempfile.mkdtemp, lambda *args, **kwargs: _NOWHERE  # type: ignore
        os.environ.pop("MPLCONFIGDIR", None)
        try:
            self._loader.exec_module(module)
        finally:
            tempfile.mkdtemp = made
        module._get_config_or_cache_dir = lambda getter: _NOWHERE  # type: ignore[attr-defined]
        atexit.unregister(shutil.rmtree)
