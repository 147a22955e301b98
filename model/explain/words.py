"""What happens at each kind of step, in one or two plain sentences that say why."""

from __future__ import annotations

from collections.abc import Callable

from model.explain.told import Told
from model.expr.text import latex_to_text
from model.losses import FUSED_DELTAS
from model.notation.profile import Notation
from model.record import Record
from model.stages import Stage

LOSS_WORDS = {
    "half_squared_error": "half the sum of squared errors",
    "squared_error": "the sum of squared errors",
    "mean_squared_error_over_outputs": "the mean squared error over the outputs",
    "half_mean_squared_error_over_outputs": "half the mean squared error over the outputs",
    "binary_cross_entropy": "binary cross-entropy: every output and its target are compared on their own, by logarithms",
    "cross_entropy": "cross-entropy: minus the logarithm of each output, as often as its target says",
    "none": "the output itself, so that the gradients show how the output reacts",
}
_TO_CLASSES = {  # what may be said in addition where targets are answers: yes or no, or the one right class
    "binary_cross_entropy": "binary cross-entropy: every output is a yes-or-no question of its own",
    "cross_entropy": "cross-entropy: minus the logarithm of what the network gave to the right answer",
}


def words_for(record: Record, stage: Stage, notation: Notation, sample: int | None, *, whole: bool = False) -> str:
    """Return one or two sentences on what a stage does and why.

    sample: the row of the batch that they name, None for each; whole: said of vectors and matrices, not of single numbers.
    """
    return _WORDS[stage.quantity](Told(record, stage, notation, sample, whole))


def _z(t: Told) -> str:
    bias = ""
    if t.problem.has_biases:
        bias = (
            "; the constant input 1 brings in the bias"
            if t.stage.inside or t.notation.presentation.bias != "apart"
            else ", then adds its bias"
        )
    return f"Each neuron of {t.layer} weighs its inputs and adds them up{bias}."


def _a(t: Told) -> str:
    if t.problem.activations[t.stage.layer - 1] == "softmax":
        return "Softmax turns the sums into shares that are positive and add up to 1; each output depends on all the sums of its layer."
    after = "These are the network's answers." if t.is_output else "These are the inputs of the next layer."
    if _names_input(t):
        after = f"With a 1 put before them (it carries the bias) they are the inputs of {t.next_layer}."
    return f"Each neuron passes its sum through {t.phi}, the {t.name} function. {after}"


def _names_input(t: Told) -> bool:
    apart = t.notation.presentation.bias == "apart" or t.notation.style.get("input") == "stacked"
    return not apart and t.problem.has_biases and not t.is_output


def _loss_words(t: Told) -> str:
    loss = t.problem.loss
    answers = t.is_one_hot if loss == "cross_entropy" else t.are_answers
    return _TO_CLASSES[loss] if answers and loss in _TO_CLASSES else LOSS_WORDS[loss]


def _loss_sample(t: Told) -> str:
    return f"How wrong is the network on {t.chosen_sample}? The loss is {_loss_words(t)}."


def _loss(t: Told) -> str:
    if t.m > 1:
        how = "averaged" if t.problem.batch_reduction == "mean" else "added up"
        text = f"The losses of all {t.m} samples are {how}: this one number is what the update is to make smaller."
    else:
        text = f"How wrong is the network? One number says it, and the update is to make it smaller. The loss is {_loss_words(t)}."
    return text + (" The penalty on large weights is added." if t.problem.l2 else "")


def _dLda(t: Told) -> str:
    if t.is_output:
        if t.problem.loss == "none":
            return "Nothing is compared here: the output's own gradient is wanted, so its error is 1."
        return "The error of each output: how fast the loss grows when that output grows. Negative means the output should be larger."
    if t.stage.terms == 1 and _shows_input_error(t):
        return (
            f"The first coordinate of {t.symbol('dLdX', t.stage.layer + 1, t.chosen)} is redundant: it belongs to the constant 1 "
            f"that carries the bias. We omit it; what is left is the error of {t.layer}."
        )
    return (
        f"Each neuron of {t.layer} collects its share of the blame: the errors of the neurons it feeds, "
        "each weighted by the connection to it."
    )


def _shows_input_error(t: Told) -> bool:
    shown = any("dLdX+1" in block.stages for block in t.notation.presentation.blocks)
    return shown and t.problem.has_biases and t.notation.presentation.bias != "apart"


def _dLdX(t: Told) -> str:
    weights = "the updated weights" if t.problem.hidden_delta_uses == "new" else "the weights as they were in the forward pass"
    return f"The error goes back through the same connections, by {weights}: each input of {t.layer} collects what it contributed to."


def _dadz(t: Told) -> str:
    return f"How steeply {t.phi} rises where each neuron of {t.layer} stands; where it is flat, the neuron can hardly be moved."


def _delta(t: Told) -> str:
    whose = "output" if t.is_output else "neuron"
    own = f"Each {whose}'s error times the slope of {t.phi} where the neuron stands: how fast the loss grows with the neuron's sum."
    return _in_one_formula(t) or own


def _in_one_formula(t: Told) -> str:
    """Return the words on an error signal that is not error times slope, one by one; "" where it is."""
    if t.is_output and t.pair == ("softmax", "cross_entropy"):
        left = " As the targets add up to 1, output minus target is left." if t.are_shares else ""
        return (
            "With softmax and cross-entropy, error and slope melt into one formula: the sum of the targets times the output, minus the "
            f"target.{left} No slope is multiplied on."
        )
    if t.is_output and t.pair in FUSED_DELTAS:
        return _FUSED_WORDS[t.pair]
    if t.pair[0] == "softmax":
        return (
            "Each softmax output depends on all the sums of its layer, so each sum collects the errors of all outputs (softmax's Jacobian)."
        )
    return ""


_FUSED_WORDS = {
    ("sigmoid", "binary_cross_entropy"): "With the sigmoid and binary cross-entropy the slope cancels against the loss's denominator: "
    "output minus target is left.",
    ("sigmoid", "cross_entropy"): "With the sigmoid and cross-entropy the slope cancels against the loss's denominator: the target times "
    "(output − 1) is left. Where the target is 0, nothing pulls.",
    ("softmax", "binary_cross_entropy"): "Softmax and binary cross-entropy are put into one formula that stays finite where an output "
    "reaches 0 or 1; every output's error reaches every sum.",
}


def _dW_sample(t: Told) -> str:
    return (
        f"What {t.chosen_sample} alone asks for: each weight in {t.symbol('W')} changes the loss by the error signal "
        f"of the neuron it leads to, in {t.symbol('delta', sample=t.chosen)}, times the input it carries."
    )


def _dW(t: Told) -> str:
    penalty = " The penalty adds λ times each weight." if t.problem.l2 else ""
    if t.m > 1:
        return (
            f"The wishes of all {t.m} samples for the weights {t.symbol('W')} are {_reduced(t)}: "
            f"the neuron's error signal {_delta_of_any(t)} times input, sample by sample.{_mean_said(t)}{penalty}"
        )
    return (
        f"How much each weight in {t.symbol('W')} is to blame: the error signal of the neuron it leads to, in {t.symbol('delta')}, "
        "times the input it carries. A weight with input 0 had no say." + penalty
    )


def _reduced(t: Told) -> str:
    """Return what is done to the samples' shares at this step: where the error signals carry 1/m already, they are only added."""
    return "averaged" if t.problem.batch_reduction == "mean" and not t.has_mean_in_delta else "added up"


def _mean_said(t: Told) -> str:
    return f" The 1/{t.m} of the mean is in {_delta_of_any(t)} already." if t.has_mean_in_delta else ""


def _db(t: Told) -> str:
    if t.problem.bias_sharing == "per_layer":
        return "One bias serves the whole layer, so its gradient is the sum of the error signals of all its neurons."
    over = "" if t.m == 1 else f", {_reduced(t)} over the samples"
    weight = "A bias is a weight on the constant input 1, so its gradient is the neuron's error signal"
    if not t.stands_for_delta:
        return f"{weight} {_delta_of_any(t)} itself{over}.{_mean_said(t)}"
    fused = _in_one_formula(t)
    if fused:
        return f"{weight} itself{over}. {fused}"
    error = t.symbol("dLda", sample=t.notation.letters["sample"])
    return f"{weight} itself{over}: its error {error} times the slope of {t.phi} where it stands."


def _delta_of_any(t: Told) -> str:
    """Return δ of the layer with a letter for the sample, where there are several."""
    return t.symbol("delta", sample=t.notation.letters["sample"])


def _new(t: Told) -> str:
    rate = latex_to_text(t.notation.symbols["learning_rate"])
    what, where = ("bias", t.symbol("b")) if t.stage.quantity == "b_new" else ("weight", t.symbol("W"))
    name = t.problem.optimizer.name
    how = "takes a step against its gradient" if name == "sgd" else f"is moved by {_OPTIMIZER_WORDS[name]}"
    text = f"Each {what} in {where} {how}; the learning rate {rate} sets how far."
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

PHASE_WORDS = {
    "forward": "Forward: the inputs run through the network, layer by layer, to its answers.",
    "loss": "Loss: the answers are compared with the targets.",
    "backward": "Backward: the error runs back through the network, so that every weight learns its share of the blame.",
    "update": "Update: every weight takes a step against its gradient; if it is small enough, the loss falls.",
}
START_WORDS = "Here is what is given: inputs, targets and the weights as they are. Nothing has been computed yet."
