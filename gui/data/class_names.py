"""What the classes of an experiment are called, in every view alike. No Qt."""

from __future__ import annotations

from gui.data.points import plain_target, targets_of
from gui.formula.plain_symbols import plain_symbol
from gui.state import AppState
from model.stages import Ref

SPECIES = ("setosa", "versicolor", "virginica")  # in the order of the outputs


def class_names(state: AppState) -> tuple[str, ...]:
    """Return a name for each class: the digit, the species, or what the output's target is called in the notation.

    A single output tells two classes apart, which are called by their targets. Where a target's name does not come in one line of small
    letters, such as that of an indicator with a condition as its index, the classes are counted.
    """
    problem = state.problem
    n, known = problem.layers[-1], str((problem.dataset or {}).get("name", ""))
    if n == 1:
        targets = targets_of(problem)
        return targets.names if targets.kind == "class" else (plain_target(0.0), plain_target(1.0))
    if known == "digits" and n == 10:
        return tuple(str(k) for k in range(n))
    if known == "iris" and n == len(SPECIES):
        return SPECIES
    names = tuple(plain_symbol(state.notation.symbol(Ref("y", 0, k), problem)) for k in range(n))
    return tuple(str(k + 1) for k in range(n)) if any(mark in name for name in names for mark in "_^") else names
