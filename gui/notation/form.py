"""What can be edited of a notation, and what it looks like: rows of symbols with their meaning, and sample formulas. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gui.formula import typeset
from model.explain.names import ROLES
from model.explain.steps import explain
from model.explain.told import ACTIVATION_WORDS
from model.expr.tree import Equation, Explanation, Sym
from model.moment import Moment
from model.notation.own import parse_own
from model.notation.profile import Notation
from model.optimizers import SLOT_NAMES
from model.problem import Optimizer
from model.stages import build_walk

MEANINGS = {
    "x": "inputs", "y": "targets", "X": "inputs of a layer, with the constant 1", "z": "pre-activation", "a": "activation",
    "W": "weights", "b": "biases", "phi": "activation function", "dadz": "slope φ′(z)", "loss": "loss",
    "loss_sample": "loss of one sample", "loss_output": "loss of one output", "dLda": "∂(loss)/∂a", "delta": "∂(loss)/∂z",
    "dLdX": "∂(loss)/∂X", "dLdx": "∂(loss)/∂(inputs)", "dW": "gradient of the weights", "db": "gradient of the biases",
    "dW_sample": "gradient of one sample", "db_sample": "the same for biases", "W_new": "new weights", "b_new": "new biases",
    "learning_rate": "learning rate", "step_W": "change of a weight", "step_b": "change of a bias", "z_after": "z after the update",
    "a_after": "a after the update", "loss_after": "loss after the update", "mean_abs_error": "mean absolute error",
    "path": "share of a path", "penalty": "L2 penalty", "one": "constant input", "W_inner": "weights without biases",
    "W_new_inner": "new weights without biases", "W_old": "weights beside the new ones", "b_old": "biases beside the new ones",
    "phi_mark": "index of activations that differ by layer", "gradient": "gradient in an optimiser", "velocity": "velocity (momentum)",
    "first_moment": "running mean of gradients (Adam)", "second_moment": "running mean of squared gradients",
    "momentum": "momentum constant", "rms_decay": "decay constant (RMSprop)", "mean_decay": "decay constant of the mean (Adam)",
    "square_decay": "decay constant of the squares (Adam)", "small_number": "small number under the fraction",
    "weight_decay": "weight decay (AdamW)", "second_index": "second index of a sum over outputs",
}  # fmt: skip
_KINDS = {"unit": "one entry", "general": "with a letter as index", "batch": "all samples"}
_ROLES = {
    "input": "inputs", "hidden": "hidden layers", "hidden_only": "the only hidden layer", "output": "output layer",
    "is_db": "where it is the bias gradient", "mean": "in a mean over samples", "one_hot": "where it names one class", **ACTIVATION_WORDS,
}  # fmt: skip
STAGES = ("z:2", "a:2", "loss", "dLda:2", "delta:2", "dW:2", "db:2", "delta:1", "W_new:2", "b_new:2")


_CONSTANTS = {
    "sgd_momentum": ("momentum",),
    "rmsprop": ("rms_decay", "small_number"),
    "adam": ("mean_decay", "square_decay", "small_number"),
    "adamw": ("mean_decay", "square_decay", "small_number", "weight_decay"),
}


def roles_of(optimizer: Optimizer) -> tuple[str, ...]:
    """Return the keys of the letters that an optimiser's lines are written with."""
    slots = SLOT_NAMES[optimizer.name]
    return ("gradient", *(ROLES[slot] for slot in slots), *_CONSTANTS[optimizer.name]) if slots else ()


def meaning(key: str) -> str:
    """Return what a key of "symbols" stands for, in words."""
    name, _, role = key.partition("@")
    base, _, kind = name.partition(".")
    extra = [text for text in (_KINDS.get(kind, ""), _ROLES.get(role, "")) if text]
    return MEANINGS.get(base, base) + (f", {', '.join(extra)}" if extra else "")


def checked(data: Mapping[str, Any], changed: str = "") -> Notation:
    """Return the profile that is being edited. Raises ValueError with one sentence for what is wrong with it.

    changed: the symbol edited last, which is also set as LaTeX.
    """
    notation = parse_own(data)
    source = data["symbols"].get(changed)
    if source is not None:
        if not source.strip():
            raise ValueError(f"“{meaning(changed)}” needs a symbol; allowed: LaTeX such as z^{{(<l>)}}_{{<j>}}")
        try:
            typeset.typeset(_filled(source))
        except typeset.LatexError as error:
            raise ValueError(f"“{meaning(changed)}”: {error}") from None
    return notation


def _filled(source: str) -> str:
    """Return a symbol with something in every place, to see whether it can be set."""
    parts = source.split("<")
    return parts[0] + "".join("1" + part.partition(">")[2] for part in parts[1:])


def preview(moment: Moment, notation: Notation) -> Explanation:
    """Return the rules of the moment's experiment in a notation: symbols and rules without numbers."""
    record = moment.record
    walk = build_walk(record.problem, record.m, notation.presentation)
    equations = []
    for address in STAGES:
        quantity, _, layer = address.partition(":")
        number = min(int(layer or 0), record.problem.depth)
        if (quantity, number) in {(stage.quantity, stage.layer) for stage in walk.stages}:
            tick = walk.find(f"{quantity}:{number}" if layer else quantity)
            there = replace(moment, walk=walk, tick=tick, notation=notation, granularity="layer")
            lines = quantity == "W_new" and record.problem.optimizer.name != "sgd"  # the state's and the weights', with its letters
            equations += _rules(explain(there, form="matrix").equations) if lines else _rules(explain(there).equations)[:1]
    return Explanation("", "", tuple(dict.fromkeys(equations)))


def _rules(equations: tuple[Equation, ...]) -> list[Equation]:
    """Return symbol and first rule of each equation that has one."""
    found = []
    for equation in equations:
        rule = next((side for side in equation.sides if side[0] == "rule"), None)
        if rule is not None and isinstance(equation.sides[0][1], Sym):
            found.append(Equation((equation.sides[0], rule)))
    return found
