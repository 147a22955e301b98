"""The words of the panel: what losses and update rules are called, and why what is typed is not taken. No Qt."""

from __future__ import annotations

import math

from gui.edits import plain
from model.problem import ACTIVATION_NAMES

LOSSES = (
    ("half_squared_error", "½ Σ (out − target)²"),
    ("squared_error", "Σ (out − target)²"),
    ("mean_squared_error_over_outputs", "1/n Σ (out − target)²"),
    ("half_mean_squared_error_over_outputs", "1/2n Σ (out − target)²"),
    ("binary_cross_entropy", "binary cross-entropy"),
    ("cross_entropy", "cross-entropy"),
    ("none", "the output itself"),
)
OPTIMIZERS = (("sgd", "gradient descent"), ("sgd_momentum", "momentum"), ("rmsprop", "RMSprop"), ("adam", "Adam"), ("adamw", "AdamW"))


def activation_name(name: str) -> str:
    """Return what an activation is called in a choice."""
    return name.replace("_", " ")


def counted(n: int, what: str) -> str:
    """Return how many there are of something whose plural ends in an s."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def in_words(sentence: str) -> str:
    """Return a refusal with the words of the window for quoted names of losses, update rules and activations."""
    for name, words in (*LOSSES, *OPTIMIZERS):
        sentence = sentence.replace(f'"{name}"', f"“{words}”")
    for name in ACTIVATION_NAMES:
        sentence = sentence.replace(f'"{name}"', f"“{activation_name(name)}”")
    return sentence


def is_number(text: str) -> bool:
    """Whether a finite number is typed."""
    try:
        return math.isfinite(float(plain(text)))
    except ValueError:
        return False


def is_beyond(text: str, most: float) -> bool:
    """Whether a number is typed that is larger than `most`, be it larger than any that can be stored."""
    try:
        return any(map(str.isdigit, text)) and float(plain(text)) > most
    except ValueError:
        return False


def refusal(name: str, text: str, most: float, allowed: str) -> str:
    """Return why a typed text is not taken, "" if nothing is typed: who empties a field wants the old number back."""
    if not text.strip():
        return ""
    reason = "is too large" if is_beyond(text, most) else "is not possible"
    return f"{name[:1].upper()}{name[1:]}: “{text.strip()}” {reason}; allowed: {allowed}."
