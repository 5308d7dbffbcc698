"""The ops, a family a file. Importing this package declares all of them."""

from __future__ import annotations

import importlib
import pkgutil

for _module in sorted(each.name for each in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"engine.ops.{_module}")
