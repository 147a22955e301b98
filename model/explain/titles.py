"""Titles of a few words that name each kind of step and each phase."""

from __future__ import annotations

from collections.abc import Callable

from model.explain.told import Told
from model.notation.profile import Notation
from model.record import Record
from model.stages import Stage


def title_for(record: Record, stage: Stage, notation: Notation) -> str:
    """Return a few words that name a stage, such as "δ^[2]: error times slope"."""
    return _TITLES[stage.quantity](Told(record, stage, notation))


def _delta(t: Told) -> str:
    return f"{t.symbol('delta')}: {_how(t)}"


def _how(t: Told) -> str:
    if t.is_output and t.pair == ("softmax", "cross_entropy"):
        return "output minus target" if t.are_shares else "sum of targets times output, minus target"
    if t.is_output and t.pair == ("sigmoid", "binary_cross_entropy"):
        return "output minus target"
    if t.is_output and t.pair == ("sigmoid", "cross_entropy"):
        return "target times (output − 1)"
    return "errors through softmax" if t.pair[0] == "softmax" else "error times slope"


_TITLES: dict[str, Callable[[Told], str]] = {
    "z": lambda t: f"weighted sums of {t.layer}",
    "a": lambda t: "outputs of the network" if t.is_output else f"activations of {t.layer}",
    "loss_sample": lambda t: "loss of one sample",
    "loss": lambda t: "loss of the batch" if t.m > 1 else "how wrong the network is",
    "dLda": lambda t: "error of the outputs" if t.is_output else f"error of {t.layer}",
    "dLdX": lambda t: f"error at the inputs of {t.layer}",
    "dadz": lambda t: f"slopes of {t.layer}",
    "delta": _delta,
    "dW_sample": lambda t: f"gradient of the weights {t.symbol('W')} for one sample",
    "dW": lambda t: f"gradient of the weights {t.symbol('W')}",
    "db": lambda t: _delta(t) if t.stands_for_delta else f"gradient of the biases {t.symbol('b')}",
    "W_new": lambda t: f"new weights {t.symbol('W_new')}",
    "b_new": lambda t: f"new biases {t.symbol('b_new')}",
}

PHASE_TITLES = {"forward": "Forward pass", "loss": "Loss", "backward": "Backward pass", "update": "Update"}


def phase_title(phase: str) -> str:
    """Return the heading of a phase."""
    return PHASE_TITLES[phase]
