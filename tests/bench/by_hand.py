"""The benchmarks' programs as one would write them in NumPy when nothing but time counts.

Everything is laid out beforehand and computed in place: products into buffers, parameters, gradients and Adam's means
each one flat array, constants as arrays without axes, sums of rows and columns as products with ones.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

F32 = np.float32
Step = Callable[[], float]


def classifier(sizes: list[int], x: np.ndarray, y: np.ndarray, hidden: str) -> Step:
    """One Adam step of a classifier with tanh or relu between its layers; the loss."""
    n, classes, draw = len(x), sizes[-1], np.random.RandomState(0)
    shapes = [shape for fan_in, fan_out in pairwise(sizes) for shape in ((fan_in, fan_out), (fan_out,))]
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    w, g = draw.randn(ends[-1]).astype(F32) * F32(0.1), np.empty(ends[-1], F32)

    def parts(flat: np.ndarray) -> list[np.ndarray]:
        return [piece.reshape(shape) for piece, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]

    ws, bs, gws, gbs = parts(w)[::2], parts(w)[1::2], parts(g)[::2], parts(g)[1::2]
    turned = [each.T for each in ws]
    kept = [x, *(np.empty((n, width), F32) for width in sizes[1:])]
    backs = [None, *(np.empty((n, width), F32) for width in sizes[1:-1])]
    scratch = [None, *(np.empty((n, width), F32) for width in sizes[1:-1])]
    kept_turned = [each.T for each in kept]
    scores, last = kept[-1], len(ws) - 1
    ones, ones_of_rows, top, total = np.ones(classes, F32), np.ones(n, F32), np.empty((n, 1), F32), np.empty(n, F32)
    place, picked = np.arange(n) * classes + y, np.empty(n, F32)
    expected = np.zeros((n, classes), F32)
    expected[np.arange(n), y] = 1
    wide_total, flat_scores = total[:, None], scores.reshape(-1)
    zero, one, share = np.array(0, F32), np.array(1, F32), np.array(1 / n, F32)
    adam = _adam(w, g)

    def step() -> float:
        for i, (weight, bias, z) in enumerate(zip(ws, bs, kept[1:], strict=True)):
            np.dot(kept[i], weight, z)
            np.add(z, bias, z)
            if i < last:
                np.tanh(z, z) if hidden == "tanh" else np.maximum(z, zero, out=z)
        np.maximum.reduce(scores, 1, None, top, True)
        np.subtract(scores, top, scores)
        flat_scores.take(place, None, picked)
        np.exp(scores, scores)
        np.dot(scores, ones, total)
        np.divide(scores, wide_total, scores)
        np.log(total, total)
        loss = float(np.add.reduce(total) - np.add.reduce(picked)) / n
        up = np.subtract(scores, expected, scores)
        np.multiply(up, share, up)
        for i in range(last, -1, -1):
            np.dot(kept_turned[i], up, gws[i])
            np.dot(ones_of_rows, up, gbs[i])
            if i:
                h, back, spare = kept[i], backs[i], scratch[i]
                np.dot(up, turned[i], back)
                if hidden == "tanh":
                    np.multiply(h, h, spare)
                    np.subtract(one, spare, spare)
                else:
                    np.greater(h, zero, spare, casting="unsafe")
                up = np.multiply(back, spare, back)
        adam()
        return loss

    return step


def _adam(w: np.ndarray, g: np.ndarray, block: int = 16_384) -> Callable[[], None]:
    """Adam on flat arrays, a stretch that stays in the cache at a time."""
    m, v = np.zeros_like(w), np.zeros_like(w)
    cuts = [slice(begin, begin + block) for begin in range(0, len(w), block)]
    spares = np.empty(min(block, len(w)), F32)
    stretches = [(w[cut], g[cut], m[cut], v[cut], spares[: len(w[cut])]) for cut in cuts]
    keep1, new1, keep2, new2 = (np.array(value, F32) for value in (0.9, 0.1, 0.999, 0.001))
    count = [0]

    def step() -> None:
        count[0] += 1
        rate = 1e-3 / (1 - 0.9 ** count[0])
        scale = np.array((1 - 0.999 ** count[0]) ** -0.5 / rate, F32)
        small = np.array(1e-8 / rate, F32)
        for weights, grads, mean, square, t in stretches:
            np.multiply(mean, keep1, mean)
            np.multiply(grads, new1, t)
            np.add(mean, t, mean)
            np.multiply(grads, grads, t)
            np.multiply(t, new2, t)
            np.multiply(square, keep2, square)
            np.add(square, t, square)
            np.sqrt(square, t)
            np.multiply(t, scale, t)
            np.add(t, small, t)
            np.divide(mean, t, t)
            np.subtract(weights, t, weights)

    return step


def regression(x: np.ndarray, y: np.ndarray) -> Step:
    """One SGD step of linear least squares with a bias; the loss."""
    n = len(x)
    w, b, g, t = np.zeros((x.shape[1], 1), F32), np.zeros(1, F32), np.empty((x.shape[1], 1), F32), np.empty(n, F32)
    away, turned = np.empty((n, 1), F32), x.T
    flat, rate = away.reshape(-1), np.array(0.01 * 2 / n, F32)

    def step() -> float:
        np.dot(x, w, away)
        np.add(away, b, away)
        np.subtract(away, y, away)
        loss = float(np.dot(flat, flat)) / n
        np.multiply(flat, rate, t)
        np.dot(turned, t[:, None], g)
        np.subtract(w, g, w)
        np.subtract(b, np.add.reduce(t), b)
        return loss

    return step


def chain(x: np.ndarray, links: int) -> Step:
    """x · 1.001 + 0.001, `links` ops in all, summed, and the gradient by x; the sum."""
    factor, shift = np.array(1.001, F32), np.array(0.001, F32)
    y, g = np.empty_like(x), np.empty_like(x)

    def step() -> float:
        np.copyto(y, x)
        for _ in range(links // 2):
            np.multiply(y, factor, y)
            np.add(y, shift, y)
        g.fill(1)
        for _ in range(links // 2):
            np.multiply(g, factor, g)
        return float(np.add.reduce(y))

    return step
