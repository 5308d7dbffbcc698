"""Signals, and the spectra of real ones: `half` and `half2` are half of the frequencies of six numbers."""

import numpy as np

_draw = np.random.RandomState(13)


def _complex(*shape: int) -> np.ndarray:
    return _draw.randn(*shape) + 1j * _draw.randn(*shape)


INPUTS = {
    "wave": _draw.randn(20),
    "waves": _draw.randn(2, 16),
    "cwave": _complex(20),
    "half": _complex(4),
    "half2": _complex(3, 4),
    "bars": _complex(5, 9),
    "bars2": _complex(2, 5, 9),
    "cbars": _complex(8, 7),
    "fade": _draw.rand(8) + 0.2,
    "fade6": _draw.rand(6) + 0.2,
}
