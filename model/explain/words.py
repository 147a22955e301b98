"""What happens at each kind of step, in one or two plain sentences that say why, and captions of a few words."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from model.expr.text import latex_to_text
from model.losses import FUSED_DELTAS
from model.notation.profile import Notation
from model.problem import Problem
from model.record import Record
from model.stages import Stage


class Told(NamedTuple):
    """What a sentence may depend on."""

    problem: Problem
    stage: Stage
    m: int
    notation: Notation
    sample: int = 0

    @property
    def is_output(self) -> bool:
        """Whether the stage belongs to the output layer."""
        return self.stage.layer == self.problem.depth

    @property
    def name(self) -> str:
        """The activation function of the stage's layer."""
        return ACTIVATION_WORDS[self.problem.activations[self.stage.layer - 1]]

    def symbol(self, quantity: str, layer: int | None = None, sample: str | None = None) -> str:
        """The notation's symbol of a whole quantity, as text; where samples are shown apart, that of a sample, if one is named."""
        at = self.stage.layer if layer is None else layer
        batch = self.m > 1 and self.notation.samples != "apart" and self.stage.quantity != "dW_sample"
        mark = None if batch or self.m == 1 else sample
        return latex_to_text(self.notation.name_of(quantity, at, self.problem, self.m, sample=mark, batch=batch))

    @property
    def chosen(self) -> str:
        """The number of the chosen sample as text."""
        return str(self.sample + 1)


ACTIVATION_WORDS = {
    "sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU", "leaky_relu": "leaky ReLU", "elu": "ELU", "gelu": "GELU",
    "softplus": "softplus", "identity": "identity", "softmax": "softmax",
}  # fmt: skip
LOSS_WORDS = {
    "half_squared_error": "half the sum of squared errors",
    "squared_error": "the sum of squared errors",
    "mean_squared_error_over_outputs": "the mean squared error over the outputs",
    "half_mean_squared_error_over_outputs": "half the mean squared error over the outputs",
    "binary_cross_entropy": "binary cross-entropy: every output is a yes-or-no question of its own",
    "cross_entropy": "cross-entropy: minus the logarithm of what the network gave to the right answer",
    "none": "the output itself, so that the gradients show how the output reacts",
}


def phi_text(t: Told) -> str:
    """Return the activation's symbol as text."""
    return latex_to_text(t.notation.name_of("phi", t.stage.layer, t.problem))


def words_for(record: Record, stage: Stage, notation: Notation, sample: int) -> str:
    """Return one or two sentences on what a stage does and why."""
    return _WORDS[stage.quantity](Told(record.problem, stage, record.m, notation, sample))


def title_for(record: Record, stage: Stage, notation: Notation) -> str:
    """Return a few words that name a stage, such as "δ of layer 2: error times slope"."""
    return _TITLES[stage.quantity](Told(record.problem, stage, record.m, notation))


def _z(t: Told) -> str:
    bias = ""
    if t.problem.has_biases:
        bias = (
            "; the constant input 1 brings in the bias"
            if t.stage.inside or t.notation.presentation.bias != "apart"
            else ", then adds its bias"
        )
    return f"Each neuron of layer {t.stage.layer} weighs its inputs and adds them up{bias}."


def _a(t: Told) -> str:
    if t.problem.activations[t.stage.layer - 1] == "softmax":
        return "Softmax turns the sums into shares that are positive and add up to 1; each output depends on all the sums of its layer."
    after = "These are the network's answers." if t.is_output else "These are the inputs of the next layer."
    if _names_input(t):
        after = f"With a 1 put before them (it carries the bias) they are the inputs of layer {t.stage.layer + 1}."
    return f"Each neuron passes its sum through {phi_text(t)}, the {t.name} function. {after}"


def _names_input(t: Told) -> bool:
    apart = t.notation.presentation.bias == "apart" or t.notation.style.get("input") == "stacked"
    return not apart and t.problem.has_biases and not t.is_output


def _loss_sample(t: Told) -> str:
    return f"How wrong is the network on sample {t.sample + 1}? The loss is {LOSS_WORDS[t.problem.loss]}."


def _loss(t: Told) -> str:
    if t.m > 1:
        how = "averaged" if t.problem.batch_reduction == "mean" else "added up"
        text = f"The losses of all {t.m} samples are {how}: this one number is what the update is to make smaller."
    else:
        text = (
            f"How wrong is the network? One number says it, and the update is to make it smaller. The loss is {LOSS_WORDS[t.problem.loss]}."
        )
    return text + (" The penalty on large weights is added." if t.problem.l2 else "")


def _dLda(t: Told) -> str:
    if t.is_output:
        if t.problem.loss == "none":
            return "Nothing is compared here: the output's own gradient is wanted, so its error is 1."
        return "The error of each output: how fast the loss grows when that output grows. Negative means the output should be larger."
    if t.stage.terms == 1 and _shows_input_error(t):
        return (
            f"The first coordinate of {t.symbol('dLdX', t.stage.layer + 1, t.chosen)} is redundant: it belongs to the constant 1 "
            f"that carries the bias. We omit it; what is left is the error of layer {t.stage.layer}."
        )
    return (
        f"Each neuron of layer {t.stage.layer} collects its share of the blame: the errors of the neurons it feeds, "
        "each weighted by the connection to it."
    )


def _shows_input_error(t: Told) -> bool:
    shown = any("dLdX+1" in block.stages for block in t.notation.presentation.blocks)
    return shown and t.problem.has_biases and t.notation.presentation.bias != "apart"


def _dLdX(t: Told) -> str:
    weights = "the updated weights" if t.problem.hidden_delta_uses == "new" else "the weights as they were in the forward pass"
    return (
        f"The error goes back through the same connections, by {weights}: "
        f"each input of layer {t.stage.layer} collects what it contributed to."
    )


def _dadz(t: Told) -> str:
    return (
        f"How steeply {phi_text(t)} rises where each neuron of layer {t.stage.layer} stands; "
        "where it is flat, the neuron can hardly be moved."
    )


def _delta(t: Told) -> str:
    pair = (t.problem.activations[t.stage.layer - 1], t.problem.loss)
    if t.is_output and pair in FUSED_DELTAS:
        return _FUSED_WORDS[pair]
    if pair[0] == "softmax":
        return (
            "Each softmax output depends on all the sums of its layer, so each sum collects the errors of all outputs (softmax's Jacobian)."
        )
    whose = "output" if t.is_output else "neuron"
    return f"Each {whose}'s error times the slope of {phi_text(t)} where the neuron stands: how fast the loss grows with the neuron's sum."


_FUSED_WORDS = {
    ("softmax", "cross_entropy"): "With softmax and cross-entropy, error and slope melt into one formula: each output's share of the "
    "targets' total minus its target. No slope is multiplied on.",
    ("sigmoid", "binary_cross_entropy"): "With the sigmoid and binary cross-entropy the slope cancels against the loss's denominator: "
    "output minus target is left.",
    ("sigmoid", "cross_entropy"): "With the sigmoid and cross-entropy the slope cancels against the loss's denominator: only outputs with "
    "a target are pulled up.",
    ("softmax", "binary_cross_entropy"): "Softmax and binary cross-entropy are put into one formula that stays finite where an output "
    "reaches 0 or 1; every output's error reaches every sum.",
}


def _dW_sample(t: Told) -> str:
    return (
        f"What sample {t.sample + 1} alone asks for: each weight of layer {t.stage.layer} changes the loss by the error signal "
        f"of the neuron it leads to, in {t.symbol('delta', sample=t.chosen)}, times the input it carries."
    )


def _dW(t: Told) -> str:
    penalty = " The penalty adds λ times each weight." if t.problem.l2 else ""
    if t.m > 1:
        how = "averaged" if t.problem.batch_reduction == "mean" else "added up"
        return (
            f"The wishes of all {t.m} samples for layer {t.stage.layer} are {how}: "
            f"the neuron's error signal {_delta_of_any(t)} times input, sample by sample." + penalty
        )
    return (
        f"How much each weight of layer {t.stage.layer} is to blame: the error signal of the neuron it leads to, in {t.symbol('delta')}, "
        "times the input it carries. A weight with input 0 had no say." + penalty
    )


def _db(t: Told) -> str:
    if t.problem.bias_sharing == "per_layer":
        return "One bias serves the whole layer, so its gradient is the sum of the error signals of all its neurons."
    over = "" if t.m == 1 else " averaged over the samples" if t.problem.batch_reduction == "mean" else " added up over the samples"
    weight = "A bias is a weight on the constant input 1, so its gradient is"
    if _stands_for_delta(t):
        error = t.symbol("dLda", sample=t.notation.letters["sample"])
        return f"{weight} the neuron's error signal itself{over}: its error {error} times the slope of {phi_text(t)} where it stands."
    return f"{weight} the neuron's error signal {_delta_of_any(t)} itself{over}."


def _delta_of_any(t: Told) -> str:
    """Return δ of the layer with a letter for the sample, where there are several."""
    return t.symbol("delta", sample=t.notation.letters["sample"])


def _stands_for_delta(t: Told) -> bool:
    return ("delta", t.stage.layer) in t.stage.reveals


def _new(t: Told) -> str:
    rate = latex_to_text(t.notation.symbols["learning_rate"])
    what = "bias" if t.stage.quantity == "b_new" else "weight"
    name = t.problem.optimizer.name
    if name == "sgd":
        text = f"Each {what} of layer {t.stage.layer} takes a small step against its gradient; the learning rate {rate} sets how far."
    else:
        text = f"Each {what} of layer {t.stage.layer} is moved by {_OPTIMIZER_WORDS[name]}; the learning rate {rate} sets how far."
    if not t.problem.train_biases and t.stage.inside:
        text += " The biases are frozen and stay as they are."
    return text


_OPTIMIZER_WORDS = {
    "sgd_momentum": "its velocity, a running sum of gradients that remembers where it was going (momentum)",
    "rmsprop": "its gradient divided by the gradient's usual size (RMSprop)",
    "adam": "the running mean of its gradient divided by the gradient's usual size, both corrected for their start at 0 (Adam)",
    "adamw": "the running mean of its gradient divided by the gradient's usual size, and shrunk a little by weight decay (AdamW)",
}

_WORDS: dict[str, Callable[[Told], str]] = {
    "z": _z, "a": _a, "loss_sample": _loss_sample, "loss": _loss, "dLda": _dLda, "dLdX": _dLdX, "dadz": _dadz, "delta": _delta,
    "dW_sample": _dW_sample, "dW": _dW, "db": _db, "W_new": _new, "b_new": _new,
}  # fmt: skip


def _delta_name(t: Told) -> str:
    """Return what the notation calls ∂L/∂z of the layer."""
    symbol = t.symbol("delta")
    return f"δ of layer {t.stage.layer}" if symbol.startswith("δ") else symbol


def _delta_title(t: Told) -> str:
    pair = (t.problem.activations[t.stage.layer - 1], t.problem.loss)
    how = "error times slope"
    if t.is_output and pair in (("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")):
        how = "output minus target"
    elif pair[0] == "softmax":
        how = "errors through softmax"
    return f"{_delta_name(t)}: {how}"


_TITLES: dict[str, Callable[[Told], str]] = {
    "z": lambda t: f"weighted sums of layer {t.stage.layer}",
    "a": lambda t: "outputs of the network" if t.is_output else f"activations of layer {t.stage.layer}",
    "loss_sample": lambda t: "loss of one sample",
    "loss": lambda t: "loss of the batch" if t.m > 1 else "how wrong the network is",
    "dLda": lambda t: "error of the outputs" if t.is_output else f"error of layer {t.stage.layer}",
    "dLdX": lambda t: f"error at the inputs of layer {t.stage.layer}",
    "dadz": lambda t: f"slopes of layer {t.stage.layer}",
    "delta": _delta_title,
    "dW_sample": lambda t: f"gradient of layer {t.stage.layer}'s weights for one sample",
    "dW": lambda t: f"gradient of layer {t.stage.layer}'s weights",
    "db": lambda t: _delta_title(t) if _stands_for_delta(t) else f"gradient of layer {t.stage.layer}'s biases",
    "W_new": lambda t: f"new weights of layer {t.stage.layer}",
    "b_new": lambda t: f"new biases of layer {t.stage.layer}",
}

PHASE_WORDS = {
    "forward": "Forward: the inputs run through the network, layer by layer, to its answers.",
    "loss": "Loss: the answers are compared with the targets.",
    "backward": "Backward: the error runs back through the network, so that every weight learns its share of the blame.",
    "update": "Update: every weight takes a small step that makes the loss smaller.",
}
PHASE_TITLES = {"forward": "Forward pass", "loss": "Loss", "backward": "Backward pass", "update": "Update"}


def phase_title(phase: str) -> str:
    """Return the heading of a phase."""
    return PHASE_TITLES[phase]


START_WORDS = "Here is what is given: inputs, targets and the weights as they are. Nothing has been computed yet."
