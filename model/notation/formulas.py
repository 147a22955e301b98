"""What loss and activation functions are, written in a notation's own symbols: to state them, and short to stand in a picture."""

from __future__ import annotations

import re

from model.activations import LEAKY_SLOPE
from model.notation.profile import Notation
from model.problem import Problem

SQUARES = "(…)²"
_SHORT = {
    "half_squared_error": f"½ Σ {SQUARES}",
    "squared_error": f"Σ {SQUARES}",
    "mean_squared_error_over_outputs": f"mean {SQUARES}",
    "half_mean_squared_error_over_outputs": f"½ mean {SQUARES}",
    "binary_cross_entropy": "binary cross-entropy",
    "cross_entropy": "cross-entropy",
    "none": "",
}
_SCRIPTS = re.compile(r"[\^_](?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+|.)")
_ARGUMENT = re.compile(r"\(([A-Za-z])\)$")
_FUNCTIONS = {
    "sigmoid": "\\frac{1}{1 + e^{-<x>}}",
    "tanh": "\\frac{e^{<x>} - e^{-<x>}}{e^{<x>} + e^{-<x>}}",
    "relu": "\\max(0, <x>)",
    "leaky_relu": f"\\max({LEAKY_SLOPE:g} \\cdot <x>, <x>)",
    "elu": "\\max(0, <x>) + \\min(0, e^{<x>} - 1)",
    "gelu": "<x> \\cdot \\Phi(<x>)",
    "softplus": "<log>(1 + e^{<x>})",
    "identity": "<x>",
    "softmax": "\\frac{e^{<x>_{<j>}}}{\\sum_{<k>} e^{<x>_{<k>}}}",
}


def _log(notation: Notation) -> str:
    return "\\log" if notation.style.get("log") == "log" else "\\ln"


def loss_in_short(problem: Problem) -> str:
    """Return the loss in a few characters, SQUARES standing for the squared difference of output and target."""
    return _SHORT[problem.loss]


def output_and_target(notation: Notation, problem: Problem) -> tuple[str, str]:
    """Return the notation's letters for an output and a target in LaTeX, without their indices."""
    return _letter(notation, "a", problem.depth, problem), _letter(notation, "y", 0, problem)


def _letter(notation: Notation, quantity: str, layer: int, problem: Problem) -> str:
    """Return the letter of a unit's quantity; that of the whole vector where a unit's is an indicator, whose index says everything."""
    of_unit = _SCRIPTS.sub("", notation.name_of(quantity, layer, problem, unit="j"))
    return of_unit if "\\mathbb" not in of_unit else _SCRIPTS.sub("", notation.name_of(quantity, layer, problem))


def activation_latex(notation: Notation, layer: int, problem: Problem) -> str:
    """Return the activation function of a layer as an equation: "φ(x) = 1/(1 + e^−x)", with the letter that the course uses for x."""
    name, phi = problem.activations[layer - 1], notation.name_of("phi", layer, problem)
    values = {"x": _argument(notation), "log": _log(notation), "j": notation.letter(layer, "unit", problem)}
    values["k"] = notation.second_letter(layer, problem)
    right = re.sub(r"<(\w+)>", lambda found: values[found[1]], _FUNCTIONS[name])
    if name == "softmax":
        return f"{phi}({values['x']})_{{{values['j']}}} = {right}"
    return f"{phi}({values['x']}) = {right}"


def _argument(notation: Notation) -> str:
    """Return the letter that the notation's own remarks give to what a function is applied to."""
    found = (_ARGUMENT.search(side) for remark in notation.remarks for side in remark.get("sides", ())[:1])
    return next((match[1] for match in found if match), "x")
