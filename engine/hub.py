"""Models from the network: there is none here, and each function says so."""

from __future__ import annotations

import os
from typing import Any, NoReturn

_dir = os.path.join("~", ".cache", "torch", "hub")


def _refused(name: str) -> NoReturn:
    raise NotImplementedError(
        f"torch.hub.{name} is left out of this engine on purpose: a program here has no network. Build the model in "
        "the program, or load a file that is here with torch.load"
    )


def load(repo_or_dir: Any, model: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """NotImplementedError."""
    _refused("load")


def list(github: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """NotImplementedError."""
    _refused("list")


def help(github: Any, model: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """NotImplementedError."""
    _refused("help")


def load_state_dict_from_url(url: str, *args: Any, **kwargs: Any) -> NoReturn:
    """NotImplementedError."""
    _refused("load_state_dict_from_url")


def download_url_to_file(url: str, dst: str, *args: Any, **kwargs: Any) -> NoReturn:
    """NotImplementedError."""
    _refused("download_url_to_file")


def get_dir() -> str:
    """The folder where models would be kept."""
    return _dir


def set_dir(d: Any) -> None:
    """Choose the folder where models would be kept."""
    global _dir
    _dir = os.path.expanduser(d)
