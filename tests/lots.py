"""Large grids of cases: some pairs in the usual run, which together show every row and every column, and all of them with --slow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def in_turn(rows: Iterable[Any], columns: Iterable[Any], count: int) -> list[Any]:
    """Return every pair of a row and a column as parameters; the columns take turns, so that `count` of each row are not slow."""
    across = list(columns)
    return [
        pytest.param(row, column, marks=() if (j - i * count) % len(across) < count else pytest.mark.slow)
        for i, row in enumerate(rows)
        for j, column in enumerate(across)
    ]
