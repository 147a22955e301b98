"""What the words and titles of a step may depend on: the record, the stage, the notation, and what the targets are like."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from model.expr.text import latex_to_text
from model.notation.layers import the_layer
from model.notation.profile import Notation, has_one_hot_targets
from model.problem import Problem
from model.record import Record
from model.stages import Stage

ACTIVATION_WORDS = {
    "sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU", "leaky_relu": "leaky ReLU", "elu": "ELU", "gelu": "GELU",
    "softplus": "softplus", "identity": "identity", "softmax": "softmax",
}  # fmt: skip


class Told(NamedTuple):
    """What a sentence may depend on. sample: None for each; whole: whether vectors and matrices are shown, of the batch at once where the
    notation does so."""

    record: Record
    stage: Stage
    notation: Notation
    sample: int | None = 0
    whole: bool = True

    @property
    def problem(self) -> Problem:
        """The experiment."""
        return self.record.problem

    @property
    def m(self) -> int:
        """The number of samples."""
        return self.record.m

    @property
    def is_output(self) -> bool:
        """Whether the stage belongs to the output layer."""
        return self.stage.layer == self.problem.depth

    @property
    def pair(self) -> tuple[str, str]:
        """The activation function of the stage's layer and the loss, as files name them."""
        return self.problem.activations[self.stage.layer - 1], self.problem.loss

    @property
    def name(self) -> str:
        """The activation function of the stage's layer in words."""
        return ACTIVATION_WORDS[self.pair[0]]

    @property
    def layer(self) -> str:
        """The stage's layer of neurons, as the notation counts it: "layer 2", "the output layer"."""
        return the_layer(self.notation, self.stage.layer, self.problem)

    @property
    def next_layer(self) -> str:
        """The layer of neurons above the stage's."""
        return the_layer(self.notation, self.stage.layer + 1, self.problem)

    @property
    def phi(self) -> str:
        """The activation's symbol as text."""
        return latex_to_text(self.notation.name_of("phi", self.stage.layer, self.problem))

    @property
    def chosen(self) -> str:
        """The number of the chosen sample as text, the notation's letter for each."""
        return self.notation.letters["sample"] if self.sample is None else str(self.sample + 1)

    @property
    def chosen_sample(self) -> str:
        """The chosen sample in words."""
        return "each sample" if self.sample is None else f"sample {self.chosen}"

    @property
    def is_batch(self) -> bool:
        """Whether all samples of the batch stand in one matrix."""
        return self.m > 1 and self.whole and self.notation.samples != "apart" and self.stage.quantity != "dW_sample"

    @property
    def has_mean_in_delta(self) -> bool:
        """Whether the error signals that are shown carry the 1/m of the mean already."""
        return self.is_batch and self.notation.style.get("mean_in") == "delta" and self.problem.batch_reduction == "mean"

    @property
    def is_one_hot(self) -> bool:
        """Whether each sample's targets name one right answer: a single 1 among zeros; asked of all samples, not of the batch alone."""
        return has_one_hot_targets(self.problem)

    @property
    def are_answers(self) -> bool:
        """Whether each target says yes or no: 1 or 0."""
        return bool(((self.record.y == 0) | (self.record.y == 1)).all())

    @property
    def are_shares(self) -> bool:
        """Whether each sample's targets add up to 1."""
        return bool(np.isclose(self.record.y.sum(axis=1), 1.0, rtol=0.0, atol=1e-12).all())

    @property
    def stands_for_delta(self) -> bool:
        """Whether the gradient of the biases is shown in the place of ∂L/∂z."""
        return self.stage.quantity == "db" and ("delta", self.stage.layer) in self.stage.reveals

    def symbol(self, quantity: str, layer: int | None = None, sample: str | None = None) -> str:
        """The notation's symbol of a whole quantity, as text; where samples are shown apart, that of a sample, if one is named."""
        at = self.stage.layer if layer is None else layer
        mark = None if self.is_batch or self.m == 1 else sample
        return latex_to_text(self.notation.name_of(quantity, at, self.problem, self.m, sample=mark, batch=self.is_batch))
