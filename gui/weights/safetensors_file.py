"""Reads arrays from a safetensors file through the library that the extra `interop` brings. No Qt."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model.exchange.torch_weights import MOST_BYTES, WeightsRefused
from model.problem import Array

KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1"}


def read_safetensors(path: str) -> dict[str, Array]:
    """Return the arrays of a file by name. Raises WeightsRefused, also where the library is missing, or OSError."""
    try:
        from safetensors import SafetensorError, deserialize
    except ImportError:
        raise WeightsRefused(
            "reading .safetensors needs the package safetensors, which is not installed; `python3 dev.py add interop` installs it"
        ) from None
    if Path(path).stat().st_size > MOST_BYTES:
        raise WeightsRefused(f"this file holds more than {MOST_BYTES // 1_000_000} MB; allowed: smaller networks")
    try:
        tensors = deserialize(Path(path).read_bytes())  # type: ignore[no-untyped-call]
        return {name: _numbers(name, **tensor) for name, tensor in tensors}
    except WeightsRefused:
        raise
    except (SafetensorError, KeyError, TypeError, ValueError):
        raise WeightsRefused("this is no safetensors file; allowed: arrays as safetensors writes them") from None


def _numbers(name: str, dtype: str, shape: list[int], data: bytes) -> Array:
    if dtype not in KINDS:
        raise WeightsRefused(f"{name} holds numbers of the kind {dtype}; allowed: {', '.join(KINDS)}")
    flat = np.frombuffer(data, dtype=KINDS[dtype])
    if dtype == "BF16":  # the upper half of a number of 32 bits
        flat = (flat.astype(np.uint32) << 16).view(np.float32)
    return np.array(flat, dtype=np.float64).reshape(shape)
