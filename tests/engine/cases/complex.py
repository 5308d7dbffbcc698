"""Complex inputs: `c...` of all kinds; `ch` in the half plane where roots and logarithms have no cut."""

import numpy as np

_draw = np.random.RandomState(11)


def _complex(*shape: int) -> np.ndarray:
    return _draw.randn(*shape) + 1j * _draw.randn(*shape)


INPUTS = {
    "ca": _complex(3, 4),
    "cb": _complex(3, 4) + 0.2,
    "ch": _draw.rand(3, 4) + 0.3 + 1j * _draw.randn(3, 4) * 0.6,
    "cu": (_complex(3, 4)) * 0.3,
    "crow": _complex(4),
    "ccol": _complex(3, 1),
    "cs": np.array(0.7 - 0.4j),
    "cv": _complex(4),
    "cw": _complex(4),
    "cm": _complex(4, 5),
    "csq": _complex(4, 4),
    "c3": _complex(2, 3, 4),
    "cw3": _complex(2, 4, 5),
    "czeros": np.array([[1.5 + 1j, 0.0, 2.0], [0.0, 0.0, 3.0 - 1j], [0.5j, -2.0, 1.0]]),
    "cimage": _complex(2, 4, 6),
    "ckernel": _complex(3, 2, 3),
    "image": _draw.randn(2, 4, 5, 3),
    "kernel": _draw.randn(4, 3, 2, 3),
    "pairs": _draw.randn(3, 4, 2),
}
FIXED = {
    "cfix": np.array([1 - 1j, 2j, 0, np.nan], np.complex64),
    "cd": np.array([1 + 2j, -0.5 + 0.3j], np.complex128),
    "cind": np.array([[3, 1, 2], [0, 2, 0]]),
    "cmask": np.array([[True, False, True, True], [False, False, True, False], [True, True, False, False]]),
}
