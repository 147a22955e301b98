"""What losses and update rules are called in the window, also where a sentence of the mathematics names them as files do. No Qt."""

from __future__ import annotations

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


def in_words(sentence: str) -> str:
    """Return a refusal with the words of the window for quoted names of losses, update rules and activations."""
    for name, words in (*LOSSES, *OPTIMIZERS):
        sentence = sentence.replace(f'"{name}"', f"“{words}”")
    for name in ACTIVATION_NAMES:
        sentence = sentence.replace(f'"{name}"', f"“{activation_name(name)}”")
    return sentence
