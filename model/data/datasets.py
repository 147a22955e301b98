"""The built-in data sets: small made ones, drawn from a seed, and two real ones that lie in resources/data.

The made ones take their classes in turn (sample i is of class i mod the number of classes), so that every batch is mixed. Classes
are 0 and 1 on a single output, and one output per class otherwise. Nothing is normalised unless the experiment says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.format.checks import LARGEST_SEED, RefusedError, choice, flag, join, listed, number, whole
from model.problem import Array

_FOLDER = Path(__file__).resolve().parents[2] / "resources" / "data"
_MOST_SAMPLES = 100_000
_MOST_NOISE = 100.0
DIGITS, IRIS = 1797, 150

Labels = NDArray[np.int64]
# (number of samples, number of classes, noise, generator) -> inputs (samples, n_0) and labels
Maker = Callable[[int, int, float, np.random.Generator], tuple[Array, Labels]]


def _gate(labels: tuple[int, int, int, int]) -> Maker:
    def make(samples: int, classes: int, noise: float, rng: np.random.Generator) -> tuple[Array, Labels]:
        rows = np.arange(samples) % 4
        corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        return corners[rows] + noise * rng.standard_normal((samples, 2)), np.array(labels)[rows]

    return make


def _two_in_turn(samples: int) -> tuple[Labels, Array]:
    """Return the labels of two classes in turn, and for each sample how far along its class it lies, in [0, 1]."""
    rows = np.arange(samples)
    per_class = max((samples - 1) // 2, 1)
    return rows % 2, np.minimum(rows // 2 / per_class, 1.0)


def _circles(samples: int, classes: int, noise: float, rng: np.random.Generator) -> tuple[Array, Labels]:
    labels, along = _two_in_turn(samples)
    angle, radius = 2.0 * np.pi * along, np.where(labels == 0, 1.0, 0.5)
    x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return x + noise * rng.standard_normal(x.shape), labels


def _moons(samples: int, classes: int, noise: float, rng: np.random.Generator) -> tuple[Array, Labels]:
    labels, along = _two_in_turn(samples)
    angle, upper = np.pi * along, labels == 0
    x = np.column_stack([np.where(upper, np.cos(angle), 1.0 - np.cos(angle)), np.where(upper, np.sin(angle), 0.5 - np.sin(angle))])
    return x + noise * rng.standard_normal(x.shape), labels


def _spirals(samples: int, classes: int, noise: float, rng: np.random.Generator) -> tuple[Array, Labels]:
    labels, along = _two_in_turn(samples)
    radius, angle = 0.05 + 0.95 * along, 3.5 * np.pi * along + np.pi * labels
    x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return x + noise * rng.standard_normal(x.shape), labels


def _blobs(samples: int, classes: int, noise: float, rng: np.random.Generator) -> tuple[Array, Labels]:
    labels = np.arange(samples) % classes
    angle = 2.0 * np.pi * labels / classes
    x = np.column_stack([np.cos(angle), np.sin(angle)])
    return x + noise * rng.standard_normal(x.shape), labels


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set's inputs, its allowed numbers of outputs, its options with their defaults, and the words for its shape."""

    n_inputs: int
    outputs: range
    options: Mapping[str, object]
    fits: str
    make: Maker | None = None
    most_samples: int = _MOST_SAMPLES


def _made(make: Maker, samples: int, noise: float, outputs: range = range(1, 3)) -> Dataset:
    last = outputs[-1]
    fits = "2 inputs and 1 or 2 outputs" if last == 2 else f"2 inputs and 1 output (two classes) or one for each of 2 to {last} classes"
    return Dataset(2, outputs, {"samples": samples, "noise": noise, "seed": 0}, fits, make)


DATASETS: dict[str, Dataset] = {
    "and": _made(_gate((0, 0, 0, 1)), 4, 0.0),
    "or": _made(_gate((0, 1, 1, 1)), 4, 0.0),
    "xor": _made(_gate((0, 1, 1, 0)), 4, 0.0),
    "circles": _made(_circles, 200, 0.05),
    "moons": _made(_moons, 200, 0.1),
    "spirals": _made(_spirals, 200, 0.02),
    "blobs": _made(_blobs, 200, 0.25, range(1, 21)),
    "sine": Dataset(1, range(1, 2), {"samples": 100, "noise": 0.0, "seed": 0}, "1 input and 1 output"),
    "digits": Dataset(64, range(10, 11), {"samples": DIGITS, "seed": None, "offset": 0}, "64 inputs and 10 outputs", most_samples=DIGITS),
    "iris": Dataset(4, range(3, 4), {"samples": IRIS, "seed": None, "standardise": False}, "4 inputs and 3 outputs", most_samples=IRIS),
}


def check_dataset(spec: Mapping[str, object], layers: tuple[int, ...]) -> None:
    """Raise RefusedError, a ValueError, if `spec` is no known data set with allowed options, or does not fit n_0 and n_L of `layers`."""
    name = choice(spec.get("name"), "dataset.name", DATASETS)
    dataset = DATASETS[name]
    for key in spec:
        if key != "name" and key not in dataset.options:
            raise RefusedError(join("dataset", key), f'"{name}" has no such option; allowed: {listed(dataset.options)}')
    _check_options(dataset, spec)
    if layers[0] != dataset.n_inputs or layers[-1] not in dataset.outputs:
        found = f"{layers[0]:,} inputs and {layers[-1]:,} outputs"
        raise RefusedError("dataset", f'"{name}" needs a network with {dataset.fits}, but "layers" has {found}')


def _check_options(dataset: Dataset, spec: Mapping[str, object]) -> None:
    offset = whole(spec.get("offset", 0), "dataset.offset", 0, dataset.most_samples - 1)
    whole(spec.get("samples", 1), "dataset.samples", 1, dataset.most_samples - offset)
    if spec.get("seed") is not None or ("seed" in spec and dataset.options.get("seed") is not None):
        whole(spec["seed"], "dataset.seed", 0, LARGEST_SEED)
    number(spec.get("noise", 0.0), "dataset.noise", 0.0, _MOST_NOISE)
    flag(spec.get("standardise", False), "dataset.standardise")


def load_dataset(spec: Mapping[str, object], layers: tuple[int, ...]) -> tuple[Array, Array]:
    """Return inputs (m, n_0) and targets (m, n_L) of a data set that `check_dataset` accepts; the same ones for the same `spec`."""
    check_dataset(spec, layers)
    name = str(spec["name"])
    options = {**DATASETS[name].options, **spec}
    if name == "digits":
        return _digits(options)
    if name == "iris":
        return _iris(options)
    rng = np.random.default_rng(_whole(options["seed"]))
    samples, noise = _whole(options["samples"]), _number(options["noise"])
    if name == "sine":
        return _sine(samples, noise, rng)
    classes = max(layers[-1], 2)
    make = DATASETS[name].make
    assert make is not None
    x, labels = make(samples, classes, noise, rng)
    return x, _targets(labels, layers[-1])


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def _number(value: object) -> float:
    assert isinstance(value, (int, float))
    return float(value)


def _targets(labels: Labels, n_outputs: int) -> Array:
    """Return 0 and 1 in one column for a single output, one column per class otherwise."""
    return labels[:, None].astype(np.float64) if n_outputs == 1 else np.eye(n_outputs)[labels]


def _sine(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    x = np.linspace(-math.pi, math.pi, samples)[:, None]
    return x, np.sin(x) + noise * rng.standard_normal(x.shape)


@lru_cache(maxsize=2)
def _stored(name: str) -> tuple[NDArray[np.uint8], Labels]:
    with np.load(_FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return file["inputs"], file["labels"].astype(np.int64)


def _rows(options: Mapping[str, object], total: int) -> Labels:
    """Return the rows that `samples`, `offset` and `seed` choose: in the file's order, or in an order drawn from the seed."""
    order = np.arange(total) if options["seed"] is None else np.random.default_rng(_whole(options["seed"])).permutation(total)
    offset = _whole(options.get("offset", 0))
    samples = min(_whole(options["samples"]), total - offset)
    return order[offset : offset + samples]


def _digits(options: Mapping[str, object]) -> tuple[Array, Array]:
    """8×8 images row by row, grey values 0..16 scaled to 0..1; one output per digit."""
    inputs, labels = _stored("digits")
    rows = _rows(options, DIGITS)
    return inputs[rows] / 16.0, _targets(labels[rows], 10)


def _iris(options: Mapping[str, object]) -> tuple[Array, Array]:
    """Length and width of sepal and petal in cm; with `standardise` less their mean and divided by their deviation over all 150."""
    inputs, labels = _stored("iris")
    x = inputs / 10.0
    if options["standardise"]:
        x = (x - x.mean(axis=0)) / x.std(axis=0)
    rows = _rows(options, IRIS)
    return x[rows], _targets(labels[rows], 3)
