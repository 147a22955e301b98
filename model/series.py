"""Numbers that come in one after the other, such as the losses of a run."""

from __future__ import annotations

import numpy as np

from model.problem import Array


class Series:
    """Numbers that are appended one by one or many at a time; `view` is a read-only array of all of them."""

    def __init__(self) -> None:
        self._values = np.empty(256)
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def extend(self, values: Array) -> None:
        """Append numbers, (k,). Views handed out before stay as they are."""
        n = self._n + len(values)
        if n > len(self._values):
            grown = np.empty(max(n, len(self._values) * 3 // 2))
            grown[: self._n] = self._values[: self._n]
            self._values = grown
        self._values[self._n : n] = values
        self._n = n

    def view(self) -> Array:
        """Return all numbers, (n,)."""
        result = self._values[: self._n]
        result.flags.writeable = False
        return result

    @property
    def nbytes(self) -> int:
        """Memory in use."""
        return self._values.nbytes
