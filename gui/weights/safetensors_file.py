"""Reads arrays from a safetensors file through the library that the extra `interop` brings. No Qt."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model.exchange.torch_weights import MOST_BYTES, WeightsRefused
from model.problem import Array


def read_safetensors(path: str) -> dict[str, Array]:
    """Return the arrays of a file by name. Raises WeightsRefused, also where the library is missing, or OSError."""
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load
    except ImportError:
        raise WeightsRefused(
            "reading .safetensors needs the package safetensors, which is not installed; `python3 dev.py add interop` installs it"
        ) from None
    if Path(path).stat().st_size > MOST_BYTES:
        raise WeightsRefused(f"this file holds more than {MOST_BYTES // 1_000_000} MB; allowed: smaller networks")
    try:
        return {name: np.asarray(values) for name, values in load(Path(path).read_bytes()).items()}
    except (SafetensorError, KeyError, TypeError, ValueError):
        raise WeightsRefused("this is no safetensors file of plain numbers; allowed: floating-point and whole numbers") from None
