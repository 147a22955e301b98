"""For each built-in data set a small network, with the settings of training, that learns it within a thousand updates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.data.datasets import DATASETS
from model.problem import Init, Optimizer, Problem

UPDATES = 1000  # after so many every data set, with its default options, is learned
_SEED = 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """hidden: units of the hidden layers, all with `activation`. batch: samples in one update, None for all. Trained with Adam."""

    hidden: tuple[int, ...]
    activation: str
    learning_rate: float
    batch: int | None

    @property
    def shuffle_seed(self) -> int | None:
        """The seed of the order of an epoch; one batch needs none."""
        return None if self.batch is None else _SEED

    def layers(self, name: str, outputs: int) -> tuple[int, ...]:
        """Return the sizes of all layers of the network for a data set."""
        return (DATASETS[name].n_inputs, *self.hidden, outputs)


_GATE = Recipe((2,), "tanh", 0.1, None)
RECIPES: dict[str, Recipe] = {
    "and": _GATE,
    "or": _GATE,
    "xor": Recipe((4,), "tanh", 0.1, None),
    "circles": Recipe((6,), "tanh", 0.03, 20),
    "moons": Recipe((8, 8), "tanh", 0.03, 20),
    "spirals": Recipe((24, 24), "relu", 0.01, 50),
    "blobs": Recipe((8,), "tanh", 0.03, 20),
    "sine": Recipe((8,), "tanh", 0.03, 20),
    "digits": Recipe((32,), "relu", 0.005, 32),
    "iris": Recipe((8,), "tanh", 0.01, 15),
}


def output_layer(name: str, outputs: int) -> tuple[str, str]:
    """Return activation and loss of the output layer that suit a data set: classes are told apart, a function is fitted."""
    if name == "sine":
        return "identity", "half_squared_error"
    return ("sigmoid", "binary_cross_entropy") if outputs == 1 else ("softmax", "cross_entropy")


def suited(spec: Mapping[str, object], outputs: int, title: str, notation: Problem) -> Problem:
    """Return an experiment that learns the data set `spec` with so many outputs, written in the notation of another experiment."""
    name = str(spec["name"])
    recipe, (last, loss) = RECIPES[name], output_layer(name, outputs)
    return Problem(
        layers=recipe.layers(name, outputs), activations=(recipe.activation,) * len(recipe.hidden) + (last,), loss=loss,
        dataset=dict(spec), batch_size=recipe.batch, shuffle_seed=recipe.shuffle_seed, batch_reduction="mean",
        learning_rate=recipe.learning_rate, optimizer=Optimizer("adam"), title=title,
        init=Init("he_uniform" if recipe.activation == "relu" else "xavier_uniform", _SEED),
        notation=notation.notation, notation_profile=notation.notation_profile,
    )  # fmt: skip
