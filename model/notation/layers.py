"""What layers of neurons are called in words: counted as the notation's own superscripts count them, or by what they are.

Addresses in files and on the command line count weight layers from 1 in every notation; only words follow the notation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from model.notation.profile import Notation
from model.problem import Problem
from model.stages import Ref

_OF_NEURONS = frozenset({"z", "a", "dLda", "delta"})
_LAYER = re.compile(r"<l[jkn]*([+-]1)?>")


def layer_number(notation: Notation, layer: int) -> int | None:
    """Return the number that the notation's symbols of neurons give layer `layer` (the inputs are layer 0).

    None where they have none, or where they count in more than one way: the Θ note's δ⁽³⁾ belongs to A⁽²⁾.
    """
    shift = _shift(notation)
    return None if shift is None else layer + shift


@lru_cache(maxsize=64)
def _shift(notation: Notation) -> int | None:
    found = {
        int(shift or 0)
        for name, latex in notation.symbols.items()
        if re.split(r"[.@]", name)[0] in _OF_NEURONS
        for shift in _LAYER.findall(latex)
    }
    return found.pop() if len(found) == 1 else None


def layer_name(notation: Notation, layer: int, problem: Problem) -> str:
    """Return what heads a column or a tab: "layer 2", or where numbers would mislead "hidden layer", "hidden layer 1", "output layer"."""
    number = layer_number(notation, layer)
    if number is not None:
        return f"layer {number}"
    if layer == problem.depth:
        return "output layer"
    return f"hidden layer {layer}" if problem.depth > 2 else "hidden layer"


def only_layer(refs: Iterable[Ref], notation: Notation, problem: Problem) -> str:
    """Return the name of the layer that all the quantities belong to; "" if there are several or none."""
    layers = {ref.layer for ref in refs if ref.layer}
    return layer_name(notation, layers.pop(), problem) if len(layers) == 1 else ""


def head_name(notation: Notation, layer: int, problem: Problem) -> str:
    """Return what stands beside "input" and "loss" in a picture: "layer 2", "hidden", "hidden 2", "output"."""
    name = layer_name(notation, layer, problem)
    return name if name.startswith("layer") else name.replace(" layer", "")


def the_layer(notation: Notation, layer: int, problem: Problem) -> str:
    """Return the same inside a sentence: "layer 2", "the output layer"."""
    name = layer_name(notation, layer, problem)
    return name if name[-1].isdigit() else f"the {name}"


def the_hidden_layer(notation: Notation, layer: int, problem: Problem) -> str:
    """Return the same where it is to be said that the layer is hidden: "hidden layer 2", "the hidden layer"."""
    number = layer_number(notation, layer)
    return the_layer(notation, layer, problem) if number is None else f"hidden layer {number}"
