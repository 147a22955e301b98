"""Where a run left the finite numbers, in the words of a notation."""

from __future__ import annotations

from model.expr.small_scripts import small_scripts
from model.expr.text import latex_to_text
from model.notation.layers import the_layer
from model.notation.profile import Notation
from model.problem import Problem
from model.training.loop import Divergence


def divergence_told(found: Divergence, notation: Notation, problem: Problem) -> str:
    """Return what `str` says of a divergence with the notation's symbol, and its layer counted as the notation does."""
    layer = found.layer or 0
    if found.quantity not in notation.symbols:  # in a file from elsewhere
        return str(found)
    symbol = small_scripts(latex_to_text(notation.name_of(found.quantity, layer, problem)))
    return found.said(symbol, the_layer(notation, layer, problem))
