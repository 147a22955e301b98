"""The LaTeX of any number of a moment, those of an optimiser's state too, which no lecture note has a name for."""

from __future__ import annotations

from model.moment import Moment, is_state, parameter_of, state_part
from model.notation.profile import Notation
from model.stages import Ref

ROLES = {"buffer": "velocity", "square_average": "second_moment", "mean": "first_moment", "square_mean": "second_moment"}


def symbol_latex(moment: Moment, ref: Ref) -> str:
    """Return the symbol of a number, or of a whole vector or matrix, as the moment's notation has it."""
    notation, record = moment.notation, moment.record
    if ref.quantity == "learning_rate":
        return notation.symbols["learning_rate"]
    if not is_state(record.problem, ref.quantity):
        return notation.symbol(ref, record.problem, record.m)
    of = notation.symbol(parameter_of(ref), record.problem, record.m)
    return state_latex(notation, ref.quantity, of, record.state.t + 1)


def state_latex(notation: Notation, name: str, of: str, t: int) -> str:
    """Return the symbol of an optimiser's state at update t. name: as "mean", "mean_old", "mean_hat"; of: the parameter's LaTeX."""
    slot, part = state_part(name)
    letter = notation.spare[ROLES[slot]]
    letter = f"\\hat{{{letter}}}" if part == "_hat" else letter
    return f"{letter}_{{{of}}}^{{{update_mark(notation, t - (part == '_old'))}}}"


def update_mark(notation: Notation, t: int | str) -> str:
    """Return how the notation says "after update t"; brackets of its own, as layers and samples have round or square ones."""
    return notation.style.get("update_mark", "\\langle #\\rangle").replace("#", str(t))
