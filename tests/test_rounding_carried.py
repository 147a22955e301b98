"""With k decimals carried, every number is what a person with k decimals writes; how far that is off is said beside it."""

import re
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from explain_helpers import (
    NOTATIONS,
    functions,
    is_complete,
    moment_at,
    network,
    record_of,
    results_of,
    side_text,
    ticks,
    walk_of,
    worked_out,
)
from lots import in_turn

from gui import actions, edits
from gui.state import initial_state
from gui.store import Store
from model.drift import drift_note, exact_record
from model.examples import open_problem
from model.explain.honesty import ROUNDED_FIRST
from model.explain.steps import explain
from model.expr.tree import Mat, Num, NumberFormat, Row, format_number
from model.moment import Moment, number
from model.notation.profile import load_notation
from model.problem import Optimizer, Rounding, frozen
from model.rounding import rounded
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


def test_terms_that_cancel_on_paper_leave_nothing_to_remark_on():
    """0.1 + 0.2 − 0.3 is 0 on paper, and 0.00000000000000003 in binary."""
    given = {"weights": (frozen([[0.1, 0.2]]),), "biases": (frozen([-0.3]),), "x": frozen([[1.0, 1.0]])}
    record = record_of(network((2, 1), rounding=Rounding(3, "half_up"), **given))
    assert record.z[0][0, 0] == 0
    assert all("would be" not in equation.note for equation in explain(moment_at(record, "dyda", "z:1")).equations)


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


RULES = [Optimizer("sgd_momentum"), Optimizer("sgd_momentum", nesterov=True), Optimizer("rmsprop"), Optimizer("adamw", weight_decay=0.1)]
OTHERS = ("biswas", "theta", "soletskyi")
ROUNDED = {
    "soletskyi's slope": network((2, 2, 2), seed=2, rounding=Rounding(2), biases=None),
    **{f"batch, {mode}": network(m=2, rounding=Rounding(2, mode), l2=0.1, batch_reduction="mean") for mode in MODES},
    "shared bias": network(m=2, rounding=Rounding(2), bias_sharing="per_layer"),
    "softmax": network(rounding=Rounding(2), activations=("tanh", "softmax"), loss="cross_entropy"),
    "softmax, squared error": network(m=2, rounding=Rounding(2), activations=("relu", "softmax")),
    **{rule.name: network(m=2, rounding=Rounding(3), optimizer=rule) for rule in RULES},
    "batch of five, Adam with decay": network(m=5, rounding=Rounding(3), l2=0.1, optimizer=Optimizer("adam", weight_decay=0.1)),
    "softmax, sum": network(m=3, rounding=Rounding(1), activations=("tanh", "softmax"), loss="squared_error"),
    "yes or no": network(m=2, rounding=Rounding(2, "truncate"), loss="binary_cross_entropy"),
}


def carried_equations(problem, notation, decimals):
    """Every equation of the walk with its rounded result, as (moment, equation)."""
    record = Run(problem).record(1)
    walk, profile = walk_of(record, notation), load_notation(notation)
    for granularity, form in (("layer", "matrix"), ("layer", "index"), ("term", "index")):
        for tick in ticks(walk, granularity):
            moment = Moment(record, walk, tick, granularity, profile, NumberFormat(decimals), record.m - 1)
            yield from ((moment, e) for e in explain(moment, form=form).equations if results_of(e) and is_complete(e))


def last_side(moment, equation) -> list[float]:
    """What the last side in numbers gives, behind the 1/m that the result may have before it."""
    F = functions(moment.record.problem, moment.notation.name, moment.stage.layer)
    numbers = [expr for kind, expr in equation.sides if kind == "numbers"]
    result = equation.sides[-1][1]
    share = worked_out(result.items[0], moment.fmt, F) if isinstance(result, Row) else 1.0
    found = worked_out(numbers[-1], moment.fmt, F) if numbers else None
    return [] if found is None else [float(v) for v in (found / share).ravel()]


@pytest.mark.parametrize(("name", "notation"), in_turn(ROUNDED, NOTATIONS, 2))
def test_the_last_side_is_what_was_rounded(name, notation):
    """A factor that was rounded before it was used stands as its own number, so that the line can be followed to its result."""
    problem, compared = ROUNDED[name], 0
    for moment, equation in carried_equations(problem, notation, None):
        found = last_side(moment, equation)
        wanted = [num.value for num in results_of(equation)]
        compared += bool(found)
        assert not found or np.allclose(rounded(np.array(found), problem.rounding), wanted, atol=1e-9, equal_nan=True), equation
    assert compared > 20


def test_soletskyi_shows_the_rounded_slope():
    (_, equation), *_ = [
        (moment, e) for moment, e in carried_equations(ROUNDED["soletskyi's slope"], "soletskyi", 2)
        if moment.stage.address == "delta:2" and "numbers" in [kind for kind, _ in e.sides] and moment.granularity == "term"
        and moment.place.component == 1
    ]  # fmt: skip
    assert [side_text(side, NumberFormat(2)) for _, side in equation.sides][2:] == ["(0.34 − 0) · 0.34 · (1 − 0.34)", "0.34 · 0.22", "0.07"]
    assert ROUNDED_FIRST in equation.note


@pytest.mark.parametrize("notation", ["dyda", "jacob", *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)])
def test_what_it_would_be_without_rounding_has_two_more_digits(notation):
    """½(0.3² + 0.4²) is 0.125 and not 0.13."""
    said = 0
    for name, problem in ROUNDED.items():
        for moment, equation in carried_equations(problem, notation, 2) if problem.rounding.decimals == 2 else ():
            would_be = re.search(r"no rounding.*? would be (−?[\d.]+(?:e−\d+)?)[.,]", equation.note)
            if would_be:
                said += 1
                value = float(would_be[1].rstrip(".").replace("−", "-"))
                assert any(abs(value - v) <= 5.1e-5 for v in last_side(moment, equation)), (name, equation)
    assert said > 5


def test_fewer_digits_than_are_carried_are_the_reason_that_is_given():
    notes = " ".join(e.note for _, e in carried_equations(ROUNDED["rmsprop"], "dyda", 2))
    assert "Rounded to 3 decimals (ties to even) and carried on so, though fewer are shown; with the printed digits " in notes
    assert "no rounding" not in notes


def notes_of(problem, decimals: int) -> str:
    record = Run(problem).record(1)
    walk = walk_of(record, "jacob")
    stages = (Moment(record, walk, end, "neuron", load_notation("jacob"), NumberFormat(decimals)) for end in walk.ends)
    return " ".join(equation.note for moment in stages for equation in explain(moment).equations)


@pytest.mark.parametrize("notation", ["dyda", "jacob", *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)])
def test_the_drift_is_said_beside_every_result(notation):
    """Forward sums, activations, loss, errors, slopes, δ, gradients of samples and batch, state and new weights, at every granularity."""
    told = set()
    for name in ("batch, half_up", "softmax, squared error", "adamw", "sgd_momentum"):
        problem = ROUNDED[name]
        record, exact = Run(problem).record(1), Run(replace(problem, rounding=None)).record(1)
        walk, places = walk_of(record, notation), 10.0 ** -(problem.rounding.decimals + 2)
        for granularity, form in (("phase", None), ("layer", "matrix"), ("layer", "index"), ("neuron", None), ("term", None)):
            for tick in ticks(walk, granularity):
                moment = Moment(record, walk, tick, granularity, load_notation(notation), NumberFormat(problem.rounding.decimals))
                for equation in explain(moment, form=form).equations:
                    linked = [n for n in results_of(equation) if n.ref is not None] if equation.sides[-1][0] == "result" else []
                    off = [n.ref.quantity for n in linked if abs(n.value - number(exact, n.ref, moment.sample)) > places]
                    said = "With full precision" in equation.note or "the unrounded calculation" in equation.note
                    assert not off or said, (granularity, moment.stage.address, equation)
                    told |= set(off)
    assert {"z", "a", "loss", "loss_sample", "dLda", "delta", "dW", "dW_sample", "W_new", "buffer", "mean", "square_mean_hat"} <= told
    assert "dadz" in told or all(stage.quantity != "dadz" for stage in walk.stages)
    assert ("dLdX" if notation == "dyda" else "dLda") in told


@pytest.mark.parametrize("notation", NOTATIONS)
def test_rounded_terms_that_do_not_add_up_to_the_sum_are_explained(notation):
    """Term by term each product is shown rounded, but the sum is rounded once, when it is complete."""
    problem = network((4, 3, 2), seed=3, rounding=Rounding(1, "half_up"))
    record, fmt = Run(problem).record(1), NumberFormat(1)
    walk, told, added = walk_of(record, notation), 0, Decimal(0)
    for tick in ticks(walk, "term"):
        moment = Moment(record, walk, tick, "term", load_notation(notation), fmt)
        if moment.stage.quantity not in ("z", "dLda", "dLdX") or moment.stage.terms == 1:
            continue
        product, *_, running = explain(moment).equations
        (term,), (total,) = results_of(product), results_of(running)
        printed = [Decimal(format_number(num.value, fmt).replace("−", "-")) for num in (term, total)]
        added = printed[0] if moment.place.term == 0 else added + printed[0]
        said = re.search(r"rounded ones would give (−?[\d.]+)\.", running.note)
        assert (said is not None) == (added != printed[1]), (moment.stage.address, running)
        assert said is None or Decimal(said[1].rstrip(".").replace("−", "-")) == added
        told += said is not None
    assert told > 1


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
    said = f"Largest difference from the unrounded calculation: entry ({j + 1}, {k + 1}), there {exact.new_params.W[0][j, k]:.4f}."
    assert drift_note(moment, Mat(cells)) == said


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


def test_a_mean_of_squares_that_is_rounded_away_is_told():
    def note(decimals):
        problem = network((2, 2, 1), seed=5, m=3, l2=0.3, optimizer=Optimizer("rmsprop"), rounding=Rounding(decimals))
        return " ".join(e.note for m, e in carried_equations(problem, "dyda", 8) if m.stage.quantity == "W_new")

    assert "So few decimals make v 0 in places, where the step is divided by ε alone" in note(2)
    assert "So few decimals" not in note(8)


def test_given_numbers_with_more_digits_than_are_shown_are_named_as_the_reason():
    """Given numbers are not rounded: −0.3113·0.5 counts with all its digits, though 2 decimals show −0.31."""
    problem = network((1, 1), activations=("sigmoid",), weights=(frozen([[-0.3165]]),), biases=(frozen([0.0141]),), x=frozen([[2.0]]),
                      y=frozen([[1.0]]), rounding=Rounding(2, "half_up"))  # fmt: skip
    notes = notes_of(problem, 2)
    assert "Given numbers have more digits than are shown; with the printed ones it would be −0.63." in notes
    assert "no rounding" not in notes
