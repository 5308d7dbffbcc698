"""Which of equal elements a selection meets first: the C++ standard library's algorithms, as PyTorch calls them.

Where no two elements are equal any way to select finds the same; where some are, it is the steps of the algorithm that
decide which of them is the k-th. PyTorch's CPU selects with `std::partial_sort`, `std::nth_element` and `std::sort`
(libstdc++: introselect and introsort, Musser 1997), and in `kthvalue` with a quickselect of its own (Hoare 1961,
median of three). An element is known by its place; a key, where smaller comes first, is looked up for each place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

MOST = 1 << 17  # elements: of more the first of equal ones are taken, since this walks through them one by one
_SHORT = 16  # places that are left to the insertion sort, which is stable

Keys = Sequence[int]


def ranks(rows: Any) -> Any:
    """How many different smaller elements each element of rows (m, n) has in its row; NaN is the largest."""
    order = np.argsort(rows, axis=-1, kind="stable")
    ranked = np.take_along_axis(rows, order, -1)
    missing = ranked != ranked
    differs = (ranked[:, 1:] != ranked[:, :-1]) & ~(missing[:, 1:] & missing[:, :-1])
    steps = np.zeros(rows.shape, np.int64)
    np.cumsum(differs, axis=-1, out=steps[:, 1:])
    found = np.empty_like(steps)
    np.put_along_axis(found, order, steps, -1)
    return found


def first_few(keys: Keys, count: int, ordered: bool) -> list[int]:
    """The places of the `count` smallest, as `topk` gives them; without `ordered` as the selection leaves them."""
    at = list(range(len(keys)))
    if count * 64 <= len(at):
        _select_by_heap(keys, at, 0, count, len(at))
        _sort_heap(keys, at, 0, count)
    elif count:
        _nth_element(keys, at, count - 1)
        if ordered:
            _sort(keys, at, count - 1)
    return at[:count]


def sorted_places(keys: Keys) -> list[int]:
    """All places, as `std::sort` leaves them."""
    at = list(range(len(keys)))
    _sort(keys, at, len(at))
    return at


def _sort(keys: Keys, at: list[int], end: int) -> None:
    pieces = [(0, end, 2 * (end.bit_length() - 1))]
    while pieces:
        first, last, depth = pieces.pop()
        while last - first > _SHORT:
            if not depth:
                _select_by_heap(keys, at, first, last, last)
                _sort_heap(keys, at, first, last)
                break
            depth -= 1
            cut = _partition(keys, at, first, last)
            pieces.append((cut, last, depth))
            last = cut
    at[:end] = sorted(at[:end], key=keys.__getitem__)  # what insertion does: nothing moves far, equal ones do not pass


def _nth_element(keys: Keys, at: list[int], nth: int) -> None:
    first, last = 0, len(at)
    depth = 2 * (last.bit_length() - 1)
    while last - first > 3:
        if not depth:
            _select_by_heap(keys, at, first, nth + 1, last)
            at[first], at[nth] = at[nth], at[first]
            return
        depth -= 1
        cut = _partition(keys, at, first, last)
        if cut <= nth:
            first = cut
        else:
            last = cut
    at[first:last] = sorted(at[first:last], key=keys.__getitem__)


def _partition(keys: Keys, at: list[int], first: int, last: int) -> int:
    """Cut a stretch at the median of its second, middle and last element, which comes to its front."""
    a, b, c = first + 1, first + (last - first) // 2, last - 1
    x, y, z = keys[at[a]], keys[at[b]], keys[at[c]]
    a, b, x, y = (a, b, x, y) if x < y else (b, a, y, x)
    middle = b if y < z else c if x < z else a
    at[first], at[middle] = at[middle], at[first]
    pivot, low, high = keys[at[first]], first + 1, last
    while True:
        while keys[at[low]] < pivot:
            low += 1
        high -= 1
        while pivot < keys[at[high]]:
            high -= 1
        if low >= high:
            return low
        at[low], at[high] = at[high], at[low]
        low += 1


def _sift(keys: Keys, at: list[int], first: int, hole: int, size: int, value: int) -> None:
    """Put `value` into a heap whose place `hole` is free: down to the bottom first, then up."""
    top = child = hole
    while child < (size - 1) // 2:
        child = 2 * (child + 1)
        if keys[at[first + child]] < keys[at[first + child - 1]]:
            child -= 1
        at[first + hole] = at[first + child]
        hole = child
    if size % 2 == 0 and child == (size - 2) // 2:
        hole, child = 2 * child + 1, hole
        at[first + child] = at[first + hole]
    parent = (hole - 1) // 2
    while hole > top and keys[at[first + parent]] < keys[value]:
        at[first + hole] = at[first + parent]
        hole, parent = parent, (parent - 1) // 2
    at[first + hole] = value


def _select_by_heap(keys: Keys, at: list[int], first: int, middle: int, last: int) -> None:
    size = middle - first
    for parent in range((size - 2) // 2, -1, -1):
        _sift(keys, at, first, parent, size, at[first + parent])
    for place in range(middle, last):
        if keys[at[place]] < keys[at[first]]:
            value, at[place] = at[place], at[first]
            _sift(keys, at, first, 0, size, value)


def _sort_heap(keys: Keys, at: list[int], first: int, last: int) -> None:
    for end in range(last - 1, first, -1):
        value, at[end] = at[end], at[first]
        _sift(keys, at, first, 0, end - first, value)


def kth(keys: Keys, k: int) -> int:
    """The place of the k-th smallest, counted from 0, as `kthvalue` finds it."""
    at = list(range(len(keys)))
    left, right = 0, len(at) - 1
    while right > left:
        if right == left + 1:
            if keys[at[left]] > keys[at[right]]:
                at[left], at[right] = at[right], at[left]
            break
        middle = left + (right - left) // 2
        at[middle], at[left + 1] = at[left + 1], at[middle]
        for i, j in ((left + 1, right), (left, right), (left + 1, left)):
            if keys[at[i]] > keys[at[j]]:
                at[i], at[j] = at[j], at[i]
        low, high, pivot = left + 1, right, keys[at[left]]
        while True:
            low += 1
            while pivot > keys[at[low]]:
                low += 1
            high -= 1
            while keys[at[high]] > pivot:
                high -= 1
            if high < low:
                break
            at[low], at[high] = at[high], at[low]
        at[left], at[high] = at[high], at[left]
        if high <= k:
            left = low
        if high >= k:
            right = high - 1
    return at[k]
