"""Window functions, symmetric unless `sym=False`: what the ops' declarations bring here."""

from __future__ import annotations

from engine import bind, lazy

lazy.load_space("signal_windows")
globals().update(bind.spaces["signal_windows"])
