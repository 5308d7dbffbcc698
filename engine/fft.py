"""Discrete Fourier transforms: what the ops' declarations bring here."""

from __future__ import annotations

from engine import bind, lazy

lazy.load_space("fft")
globals().update(bind.spaces["fft"])
