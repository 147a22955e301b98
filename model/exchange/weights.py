"""Weights and biases of dense layers from files of others: which arrays belong together, and whether they make a network.

Readers give arrays by name (`read_arrays`); `layers_of` pairs weights with biases, puts the layers in order and turns matrices that
are stored as (inputs, outputs). Whatever is no chain of dense layers is refused by name.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from model.exchange.torch_weights import MOST_BYTES, WeightsRefused, read_state_dict
from model.problem import Array, frozen

__all__ = ["SUFFIXES", "Imported", "WeightsRefused", "layers_of", "read_arrays"]

SUFFIXES = (".npz", ".safetensors", ".pt", ".pth")
MOST_UNITS = 1_000
MOST_LAYERS = 20
_WEIGHT = re.compile(r"(?<![a-z])(weights?|kernel|w)(?![a-z])|^theta(?![a-z])", re.IGNORECASE)
_BIAS = re.compile(r"(?<![a-z])(bias(es)?|b)(?![a-z])", re.IGNORECASE)
Arrays = Mapping[str, Array]


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """W: per layer (n_l, n_{l-1}). b: per layer (n_l,), None where the file has no biases at all. names: the file's, of the weights.

    remarks: sentences on what was done to the arrays to read them so.
    """

    W: tuple[Array, ...]
    b: tuple[Array, ...] | None
    names: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def layers(self) -> tuple[int, ...]:
        """n_0 … n_L."""
        return (self.W[0].shape[1], *(len(W) for W in self.W))


def read_arrays(path: str | Path, others: Mapping[str, Callable[[str], Arrays]] | None = None) -> Arrays:
    """Return the arrays of a file by name. others: readers for further suffixes. Raises WeightsRefused; executes nothing of the file."""
    suffix = Path(path).suffix.lower()
    readers: dict[str, Callable[[str], Arrays]] = {".npz": _read_npz, ".pt": read_state_dict, ".pth": read_state_dict, **(others or {})}
    if suffix not in readers:
        raise WeightsRefused(f'weights cannot be read from "{suffix or Path(path).name}"; allowed: {", ".join(readers)}')
    try:
        return readers[suffix](str(path))
    except OSError as error:
        raise WeightsRefused(f"the file cannot be read ({error.strerror or error})") from None


def _read_npz(path: str) -> Arrays:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise WeightsRefused(f"this file holds more than {MOST_BYTES // 1_000_000} MB; allowed: smaller networks")
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except WeightsRefused:
        raise
    except (ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        raise WeightsRefused("this is no .npz file of plain numbers; allowed: arrays as numpy.savez writes them") from None
    if not all(isinstance(values, np.ndarray) for values in found.values()):
        raise WeightsRefused("this file holds something that is no array; allowed: arrays as numpy.savez writes them")
    return found


def layers_of(arrays: Arrays) -> Imported:
    """Return the dense layers that the arrays make. Raises WeightsRefused with the name of what does not fit."""
    own = {name: values for name, values in arrays.items() if re.fullmatch(r"[Wb]_\d+", name)}  # a whole update, saved by Deltastep
    arrays = own or arrays
    weights, biases = _sorted_out(arrays)
    names = list(weights)
    orders = [names, sorted(names, key=_natural)]
    for order in orders:
        for turned in _orientations(order):
            matrices = [weights[name].T if turned else weights[name] for name in order]
            if all(len(a) == b.shape[1] for a, b in pairwise(matrices)) and _biases_fit(order, matrices, biases):
                return _imported(order, matrices, biases, turned)
    sizes = ", ".join(f"{name} {_shape(weights[name])}" for name in orders[1])
    allowed = "dense layers, each with the outputs of the one before as inputs, and as many biases as outputs"
    raise WeightsRefused(f"these layers do not follow each other: {sizes}; allowed: {allowed}")


def _orientations(order: Sequence[str]) -> tuple[bool, bool]:
    """Return whether to turn the matrices, the likelier way first: Keras names kernels, which have a row per input."""
    likely = any(re.search(r"kernel", name, re.IGNORECASE) for name in order)
    return likely, not likely


def _sorted_out(arrays: Arrays) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the matrices by name, and the vectors by the name of their matrix."""
    matrices: dict[str, Array] = {}
    vectors: dict[str, Array] = {}
    for name, values in arrays.items():
        numbers = _plain(name, values)
        (matrices if numbers.ndim == 2 and _is_matrix(name, numbers) else vectors)[name] = numbers
    if not matrices:
        raise WeightsRefused("there is no matrix of weights in this file; allowed: dense layers, each a matrix and a vector of biases")
    if len(matrices) > MOST_LAYERS:
        raise WeightsRefused(f"this network has {len(matrices)} layers; allowed: at most {MOST_LAYERS}")
    owners = {_stem(name, _WEIGHT): name for name in matrices}
    biases: dict[str, Array] = {}
    for name, values in vectors.items():
        owner = owners.get(_stem(name, _BIAS)) if _BIAS.search(name) else _before(name, matrices)
        if owner is None or owner in biases:
            allowed = "a bias beside each matrix, such as 0.weight and 0.bias"
            raise WeightsRefused(f"{name} {_shape(values)} belongs to no dense layer; allowed: {allowed}")
        biases[owner] = values.reshape(-1)
    return matrices, biases


def _before(name: str, matrices: Arrays) -> str | None:
    """Return the matrix that an array without a name of its own follows: numpy.savez counts arr_0, arr_1, …"""
    number = re.fullmatch(r"arr_(\d+)", name)
    before = f"arr_{int(number[1]) - 1}" if number else ""
    return before if before in matrices else None


def _is_matrix(name: str, numbers: Array) -> bool:
    """Whether a table is a layer's weights; a bias may be stored as a single row or column."""
    return not (1 in numbers.shape and _BIAS.search(name) and not _WEIGHT.search(name))


def _plain(name: str, values: Array) -> Array:
    if values.dtype.kind not in "iuf":
        raise WeightsRefused(f"{name} holds {values.dtype}; allowed: whole or floating-point numbers")
    if values.ndim not in (1, 2) or not values.size:
        raise WeightsRefused(f"{name} has the shape {_shape(values)}; allowed: dense layers, with matrices and vectors only")
    if max(values.shape) > MOST_UNITS:
        raise WeightsRefused(f"{name} has the shape {_shape(values)}; allowed: layers of at most {MOST_UNITS:,} units")
    numbers = values.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise WeightsRefused(f"{name} contains a number that is not finite; allowed: finite numbers")
    return numbers


def _stem(name: str, kind: re.Pattern[str]) -> str:
    """Return what a matrix and its bias have in common in their names."""
    found = [*kind.finditer(name)]
    return (f"{name[: found[-1].start()]}?{name[found[-1].end() :]}" if found else name).lower()


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _biases_fit(order: Sequence[str], matrices: Sequence[Array], biases: Arrays) -> bool:
    return all(len(biases[name]) == len(W) for name, W in zip(order, matrices, strict=True) if name in biases)


def _imported(order: Sequence[str], matrices: Sequence[Array], biases: Arrays, turned: bool) -> Imported:
    remarks = ["The matrices are stored with a row per input and were turned."] if turned else []
    without = [str(i) for i, name in enumerate(order, 1) if name not in biases]
    b = None
    if len(without) < len(order):
        b = tuple(frozen(biases.get(name, np.zeros(len(W)))) for name, W in zip(order, matrices, strict=True))
        remarks += [f"The file has no bias for layer {', '.join(without)}; it starts at 0."] if without else []
    return Imported(tuple(frozen(W) for W in matrices), b, tuple(order), tuple(remarks))


def _shape(values: Array) -> str:
    return " × ".join(map(str, values.shape)) or "a single number"
