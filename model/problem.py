"""One experiment as a frozen value: everything a user can set, and the printed figures to compare with.

The field names are the keys of a `deltastep-problem/1` file. This module holds the values and their defaults only; reading,
checking and writing files is `model.format.file`, drawing initial weights is `model.initializers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model.notation.profile import Notation

Array = NDArray[np.float64]
Printed = str | tuple["Printed", ...]

ACTIVATION_NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "softplus", "identity", "softmax")
LOSS_NAMES = (
    "half_squared_error",
    "squared_error",
    "mean_squared_error_over_outputs",
    "half_mean_squared_error_over_outputs",
    "binary_cross_entropy",
    "cross_entropy",
    "none",
)
INIT_SCHEMES = ("xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "uniform", "zeros")
OPTIMIZER_NAMES = ("sgd", "sgd_momentum", "rmsprop", "adam", "adamw")


def frozen(values: object) -> Array:
    """Return `values` as a read-only float64 array of its own."""
    array = np.array(values, dtype=np.float64, order="C")
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True)
class Init:
    """A seeded scheme for the initial weights; biases start at 0."""

    scheme: str
    seed: int


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An update rule and its constants, with PyTorch's defaults; constants that the rule does not use are ignored."""

    name: str = "sgd"
    momentum: float = 0.9
    nesterov: bool = False
    alpha: float = 0.99
    epsilon: float = 1e-8
    beta1: float = 0.9
    beta2: float = 0.999
    weight_decay: float = 0.0


@dataclass(frozen=True, slots=True)
class Rounding:
    """Round every intermediate quantity to `decimals` places and carry the rounded value, as a hand calculation does."""

    decimals: int
    mode: Literal["half_even", "half_up", "truncate"] = "half_even"


@dataclass(frozen=True, slots=True)
class Expected:
    """One printed figure (or printed matrix of figures) and where it belongs; strings exactly as printed."""

    quantity: str
    printed: Printed
    layer: int | None = None
    unit: int | None = None
    from_: int | None = None
    sample: int | None = None
    step: int = 1
    sign: int = 1
    form: str = "plain"
    erratum: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Everything a user can set. Arrays are read-only; `==` is identity, compare values with `problem_file.same`.

    `weights[l-1]`: (n_l, n_{l-1}), row = receiving unit. `biases[l-1]`: (n_l,). `x`: (m, n_0). `y`: (m, n_L).
    Exactly one of `weights` and `init` is set, and exactly one of `x` and `dataset`.
    """

    layers: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str
    weights: tuple[Array, ...] | None = None
    biases: tuple[Array, ...] | None = None
    init: Init | None = None
    x: Array | None = None
    y: Array | None = None
    dataset: Mapping[str, object] | None = None
    batch_size: int | None = None
    shuffle_seed: int | None = None
    batch_reduction: Literal["sum", "mean"] = "sum"
    l2: float = 0.0
    learning_rate: float | None = None
    optimizer: Optimizer = field(default_factory=Optimizer)
    train_biases: bool = True
    bias_sharing: Literal["per_unit", "per_layer"] = "per_unit"
    hidden_delta_uses: Literal["old", "new"] = "old"
    rounding: Rounding | None = None
    steps: int = 1
    notation: str = "dyda"
    notation_profile: Notation | None = None  # the user's own that it is written in; `notation` names the one it was made from
    expected: tuple[Expected, ...] = ()
    title: str = ""
    source: str = ""
    notes: str = ""
    has_biases: bool = True  # derived on loading: `biases` given, or `init` given and `biases` not explicitly null

    @property
    def depth(self) -> int:
        """L, the number of weight layers."""
        return len(self.layers) - 1


__all__ = [
    "ACTIVATION_NAMES", "INIT_SCHEMES", "LOSS_NAMES", "OPTIMIZER_NAMES", "Array", "Expected", "Init", "Optimizer", "Printed",
    "Problem", "Rounding", "frozen", "replace",
]  # fmt: skip
