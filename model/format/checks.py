"""Checks of single JSON values, with the position and the allowed values in every refusal. It knows no key of the problem file."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from typing import TypeGuard

import numpy as np

from model.problem import Array, frozen

LARGEST_SEED = 2**63 - 1


class RefusedError(ValueError):
    """A value that is not allowed. position: as in `expected[3].unit`, or line and column. message: what is wrong, what is allowed."""

    def __init__(self, position: str, message: str) -> None:
        super().__init__(f"{position}: {message}")
        self.position, self.message = position, message


class JsonObject(dict[str, object]):
    """A JSON object that remembers a key that was written twice."""

    __slots__ = ("duplicate",)

    def __init__(self, pairs: Sequence[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.duplicate: str | None = None
        if len(self) < len(pairs):
            seen: set[str] = set()
            self.duplicate = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]


def shown(value: object) -> str:
    """Return a value as JSON on one line, shortened, to be quoted in a sentence."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**20:
        return "a whole number of more than 20 digits"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:37] + "…"


def listed(names: Collection[str]) -> str:
    """Return names as `"a", "b"`."""
    return ", ".join(f'"{name}"' for name in names)


def join(position: str, key: str) -> str:
    """Return the position of `key` in the object at `position`."""
    name = key if key.isidentifier() and len(key) <= 40 else shown(key)
    return f"{position}.{name}" if position else name


def check_keys(value: object, position: str, required: Collection[str], optional: Collection[str]) -> JsonObject:
    """Return the object at `position` if it has all required keys and no other than these and the optional ones."""
    if not isinstance(value, JsonObject):
        raise RefusedError(
            position or "top level", f"an object is needed, found {shown(value)}; allowed keys: {listed([*required, *optional])}"
        )
    if value.duplicate is not None:
        raise RefusedError(join(position, value.duplicate), "this key is written twice; allowed: once")
    for key in value:
        if key not in required and key not in optional:
            raise RefusedError(join(position, key), f"unknown key; allowed: {listed([*required, *optional])}")
    for key in required:
        if key not in value:
            raise RefusedError(join(position, key), f"this key is missing; required: {listed(required)}")
    return value


def text(value: object, position: str) -> str:
    """Return a string that can be written as UTF-8."""
    if not isinstance(value, str):
        raise RefusedError(position, f"a string is needed, found {shown(value)}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RefusedError(position, "the string holds half of a surrogate pair; allowed: whole Unicode characters") from None
    return value


def choice(value: object, position: str, names: Collection[str]) -> str:
    """Return one of `names`."""
    if not isinstance(value, str) or value not in names:
        raise RefusedError(position, f"unknown value {shown(value)}; allowed: {listed(names)}")
    return value


def flag(value: object, position: str) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise RefusedError(position, f"true or false is needed, found {shown(value)}")
    return value


def whole(value: object, position: str, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        allowed = f"from {low:,}" if high >= LARGEST_SEED else f"from {low:,} to {high:,}"
        raise RefusedError(position, f"a whole number {allowed} is needed, found {shown(value)}")
    return value


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def number(value: object, position: str, low: float = -math.inf, high: float = math.inf, below: float = math.inf) -> float:
    """Return a finite number from `low` to `high` that is smaller than `below`."""
    end = f" to {high:g}" if high < math.inf else f" to below {below:g}" if below < math.inf else ""
    allowed = "a finite number" if low == -math.inf else f"a finite number from {low:g}{end}"
    if not _is_number(value):
        raise RefusedError(position, f"{allowed} is needed, found {shown(value)}")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise RefusedError(position, f"{allowed} is needed, found NaN, an infinity or a number beyond 1.8e308")
    if not low <= result <= high or result >= below:
        raise RefusedError(position, f"{allowed} is needed, found {shown(value)}")
    return result


def array(value: object, position: str, shape: Sequence[int | None], meaning: str) -> Array:
    """Return nested lists of finite numbers as a read-only array; a None in `shape` stands for any length from 1.

    `meaning` names the shape in words for the refusal, as in "n_1 × n_0 = 3 × 2".
    """
    if _has_shape(value, shape):
        try:
            result = frozen(value)
        except OverflowError:
            result = None
        if result is not None and np.isfinite(result).all():
            return result
    _find_fault(value, position, shape, meaning)
    return frozen(value)


def _has_shape(value: object, shape: Sequence[int | None]) -> bool:
    """Whether `value` is nested lists of numbers of this shape; one pass per row at the speed of C."""
    if not isinstance(value, list) or not value or (shape[0] is not None and len(value) != shape[0]):
        return False
    if len(shape) == 1:
        return set(map(type, value)) <= {int, float}
    return all(_has_shape(row, shape[1:]) for row in value)


def _find_fault(value: object, position: str, shape: Sequence[int | None], meaning: str) -> None:
    """Raise for the first value that does not fit, in reading order."""
    if not shape:
        number(value, position)
        return
    if not isinstance(value, list):
        raise RefusedError(position, f"a list is needed ({meaning}), found {shown(value)}")
    if not value or (shape[0] is not None and len(value) != shape[0]):
        needed = "at least 1 entry" if shape[0] is None else f"{shape[0]:,} entries"
        raise RefusedError(position, f"{needed} needed ({meaning}), found {len(value):,}")
    for i, part in enumerate(value):
        _find_fault(part, f"{position}[{i}]", shape[1:], meaning)
