"""How far a calculation with rounded numbers has drifted from full precision: the same update, computed without rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from model.expr.tree import Expr, Mat, Num, Row, format_number
from model.moment import Moment, number
from model.problem import Problem
from model.record import Record
from model.run import Run

WORK = 20_000_000  # multiplications that may be repeated to reach the same update without rounding
MORE_DECIMALS = 2  # than are carried, to show the drift


@lru_cache(maxsize=2)  # the window's, and one beside it: a run is kept in memory with its whole history
def _exact_run(problem: Problem) -> Run:
    return Run(replace(problem, rounding=None))


def exact_record(record: Record) -> Record | None:
    """Return the same update of the same experiment computed with full precision from the first update on.

    None where nothing is rounded, where the way there is too long, or where the run took other batches, learning rates or optimiser state.
    """
    problem = record.problem
    if problem.rounding is None or record.step * record.m * sum(a * b for a, b in pairwise(problem.layers)) > WORK:
        return None
    exact = _exact_run(problem).record(record.step)
    same_way = (exact.samples, exact.learning_rate, exact.state.t) == (record.samples, record.learning_rate, record.state.t)
    return exact if same_way else None


def drift_note(moment: Moment, result: Expr) -> str:
    """Return what the result would be with full precision, or for a matrix its entry that is farthest off; "" if it is the same."""
    exact = exact_record(moment.record)
    rounding = moment.record.problem.rounding
    if exact is None or rounding is None:
        return ""
    fmt = replace(moment.fmt, decimals=min(rounding.decimals + MORE_DECIMALS, 15), trailing_zeros=False)
    shown = [(place, num) for place, num in _numbers(result) if num.ref is not None]
    found = [(place, num.value, number(exact, num.ref, moment.sample)) for place, num in shown if num.ref is not None]
    different = [entry for entry in found if format_number(entry[1], fmt) != format_number(entry[2], fmt)]
    if not different:
        return ""
    place, _, full = max(different, key=lambda entry: abs(entry[1] - entry[2]))
    if len(found) == 1:
        return f"With full precision {format_number(full, fmt)}."
    return f"Largest difference from the unrounded calculation: entry {place}, there {format_number(full, fmt)}."


def _numbers(result: Expr) -> Sequence[tuple[str, Num]]:
    if isinstance(result, Num):
        return [("", result)]
    if isinstance(result, Row):  # 1/m stands before the numbers of single samples
        return _numbers(result.items[-1])
    if not isinstance(result, Mat):
        return []
    column = all(len(row) == 1 for row in result.rows)
    return [
        (str(i) if column else f"({i}, {j})", cell)
        for i, row in enumerate(result.rows, 1)
        for j, cell in enumerate(row, 1)
        if isinstance(cell, Num)
    ]
