"""With k decimals carried, every number is what a person with k decimals writes; how far that is off is said beside it."""

from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from explain_helpers import network, walk_of

from gui import actions, edits
from gui.state import initial_state
from gui.store import Store
from model.drift import drift_note, exact_record
from model.examples import open_problem
from model.explain.steps import explain
from model.expr.tree import Mat, Num, NumberFormat, format_number
from model.moment import Moment
from model.notation.profile import load_notation
from model.problem import Rounding
from model.run import Run
from model.stages import Ref

MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "truncate": ROUND_DOWN}


class Person:
    """Works Jacob's network out on paper with Python's decimals: rounds everything that is written down, and goes on with it."""

    def __init__(self, decimals: int, mode: str) -> None:
        self.unit, self.mode = Decimal(1).scaleb(-decimals), MODES[mode]
        d = Decimal
        x, y = [d("0.1"), d("0.5")], [d("0.05"), d("0.95")]
        W = [[[d("0.1"), d("0.3")], [d("0.2"), d("0.4")]], [[d("0.5"), d("0.6")], [d("0.7"), d("0.8")]]]
        b = [[d("0.25")] * 2, [d("0.35")] * 2]
        r, two = self.write, range(2)
        a, z, slope = [x], [], []
        for l in two:
            z.append([r(sum(W[l][j][k] * a[l][k] for k in two) + b[l][j]) for j in two])
            a.append([r(1 / (1 + (-v).exp())) for v in z[l]])
            slope.append([r(v * (1 - v)) for v in a[l + 1]])
        error = [[], [r(a[2][j] - y[j]) for j in two]]
        loss_output = [r((a[2][j] - y[j]) ** 2 / 2) for j in two]
        delta: list[list[Decimal]] = [[], [r(error[1][j] * slope[1][j]) for j in two]]
        error[0] = [r(sum(W[1][i][k] * delta[1][i] for i in two)) for k in two]
        delta[0] = [r(error[0][j] * slope[0][j]) for j in two]
        dW = [[[r(delta[l][j] * a[l][k]) for k in two] for j in two] for l in two]
        alpha = d("0.6")
        W_new = [[[r(W[l][j][k] - alpha * dW[l][j][k]) for k in two] for j in two] for l in two]
        b_new = [[r(b[l][j] - alpha * delta[l][j]) for j in two] for l in two]
        self.found = {("loss", 0, None, None): r(sum(loss_output))}
        for l in two:
            for j in two:
                for name, values in (("z", z), ("a", a[1:]), ("dadz", slope), ("dLda", error), ("delta", delta), ("b_new", b_new)):
                    self.found[name, l + 1, j, None] = values[l][j]
                for name, values in (("dW", dW), ("W_new", W_new)):
                    for k in two:
                        self.found[name, l + 1, j, k] = values[l][j][k]

    def write(self, value: Decimal) -> Decimal:
        return value.quantize(self.unit, self.mode)


def jacob(decimals: int, mode: str):
    return replace(open_problem("jacob"), rounding=Rounding(decimals, mode), expected=())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("decimals", [2, 3, 5])
def test_the_program_writes_what_a_person_writes(decimals, mode):
    record = Run(jacob(decimals, mode)).record(1)
    notation = load_notation("jacob")
    walk = walk_of(record, "jacob")
    moment = Moment(record, walk, walk.total, "layer", notation, NumberFormat(decimals))
    for key, value in Person(decimals, mode).found.items():
        assert format_number(moment.value(Ref(*key)), moment.fmt) == format_number(float(value), NumberFormat(decimals)), key


def test_a_person_who_rounds_otherwise_gets_other_numbers():
    assert Person(2, "half_up").found != Person(2, "truncate").found
    assert Person(2, "half_up").found["delta", 2, 0, None] == Decimal("0.14")  # the note carries more digits and prints 0.13


@pytest.mark.parametrize("granularity", ["layer", "neuron", "term"])
def test_no_displayed_number_has_more_digits_than_are_carried(granularity):
    record = Run(jacob(2, "half_up")).record(1)
    walk, notation = walk_of(record, "jacob"), load_notation("jacob")
    tick = walk.next(0, granularity)
    while tick is not None:
        moment = Moment(record, walk, tick, granularity, notation, NumberFormat(None))
        for equation in explain(moment).equations:
            kind, result = equation.sides[-1]
            numbers = [result] if isinstance(result, Num) else [c for line in result.rows for c in line] if isinstance(result, Mat) else []
            assert all(abs(100 * num.value - round(100 * num.value)) < 1e-9 for num in numbers if kind == "result")
        tick = walk.next(tick, granularity)


def notes_of(problem, decimals: int) -> str:
    record = Run(problem).record(1)
    walk = walk_of(record, "jacob")
    stages = (Moment(record, walk, end, "neuron", load_notation("jacob"), NumberFormat(decimals)) for end in walk.ends)
    return " ".join(equation.note for moment in stages for equation in explain(moment).equations)


def test_the_drift_is_said_beside_the_result():
    problem = jacob(2, "half_up")
    exact = Run(replace(problem, rounding=None)).record(1)
    assert f"With full precision {exact.loss:.4f}." in notes_of(problem, 2)
    assert "full precision" not in notes_of(replace(problem, rounding=None), 2).replace("Computed with full precision", "")


def test_the_entry_farthest_off_is_named():
    record = Run(jacob(2, "half_up")).record(1)
    walk = walk_of(record, "jacob")
    moment = Moment(record, walk, walk.total, "layer", load_notation("jacob"), NumberFormat(2))
    cells = tuple(tuple(Num(moment.value(Ref("W_new", 1, j, k)), Ref("W_new", 1, j, k)) for k in range(2)) for j in range(2))
    exact = exact_record(record)
    off = {(j, k): abs(exact.new_params.W[0][j, k] - cells[j][k].value) for j in range(2) for k in range(2)}
    j, k = max(off, key=off.get)
    assert drift_note(moment, Mat(cells)).startswith(f"With full precision entry ({j + 1}, {k + 1}) is {exact.new_params.W[0][j, k]:.4f}")


def test_later_updates_are_compared_with_a_run_that_never_rounded():
    problem = jacob(2, "half_up")
    exact = exact_record(Run(problem).record(3))
    assert exact.loss == Run(replace(problem, rounding=None)).record(3).loss
    assert exact_record(Run(replace(problem, rounding=None)).record(3)) is None


def test_the_digits_follow_the_rounding_and_come_back_with_undo(qapp):
    store = Store(initial_state(open_problem("dyda-sigmoid")))
    assert store.state.options.fmt.decimals == 8
    store.edit("change of rounding", edits.set_rounding, 2, "half_up")
    assert store.state.options.fmt.decimals == 2
    store.dispatch(actions.set_decimals, 4)
    store.edit("change of learning rate", edits.set_learning_rate, 0.3)
    assert store.state.options.fmt.decimals == 4
    store.edit("change of rounding", edits.set_rounding, None)
    assert store.state.options.fmt.decimals == 8
    store.undo_stack.undo()
    assert store.state.options.fmt.decimals == 2
    assert initial_state(replace(network(), rounding=Rounding(3))).options.fmt.decimals == 3
