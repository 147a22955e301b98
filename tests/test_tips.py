"""What is said of a number is said everywhere alike: name, full value, and a formula that works out."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from explain_helpers import NOTATIONS, moment_at, network, record_of
from PySide6.QtCore import QModelIndex, QPointF, Qt
from PySide6.QtWidgets import QToolTip

from gui.actions import end_of_update, hover, step
from gui.canvas.graph_canvas import GraphCanvas
from gui.links import covers
from gui.panes.table_models import GridModel, layer_grids
from gui.plots.loss_plot import LossPlot
from gui.state import initial_state, theme_of
from gui.store import Store
from gui.tips import full, loss_tip, tip
from model.drift import drift_note
from model.examples import open_problem
from model.explain.calculation import calculation, sources_of
from model.expr.tree import Num
from model.moment import Moment
from model.problem import Rounding, frozen
from model.stages import Ref


def reached(moment: Moment, ref: Ref, most: int = 40) -> Iterator[Ref]:
    """Everything a number is made from, as far as it goes."""
    seen, waiting = set(), [ref]
    while waiting and len(seen) < most:
        found = waiting.pop(0)
        if found not in seen:
            seen.add(found)
            yield found
            waiting += sources_of(moment.record, found, moment.sample)


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("m", [1, 3])
def test_a_tip_has_name_full_value_and_formula(notation, m):
    moment = moment_at(record_of(network(m=m, batch_reduction="mean")), notation, "end", decimals=4)
    for ref in reached(moment, Ref("W_new", 1, 0, 1)):
        lines = tip(moment, ref).split("\n")
        value = float(lines[0].rpartition(" = ")[2].replace("−", "-"))
        assert value == moment.value(ref)
        calculated = calculation(moment.record, ref, moment.sample) is not None
        gradient = ref._replace(quantity="d" + ref.quantity)
        follows = ref.quantity in ("W", "b")  # the number that its edge may show in its place
        assert (len(lines) > 1) is (calculated or follows)
        assert not follows or float(lines[-1].rpartition(" = ")[2].replace("−", "-")) == moment.value(gradient)
        assert not set("".join(lines)) & set("\\{}")


def test_a_weighted_sum_in_words_of_the_notation():
    moment = moment_at(record_of(open_problem("dyda-sigmoid")), "dyda", "end", decimals=2)
    said = tip(moment, Ref("z", 1, 0))
    name, rule, numbers = said.split("\n")
    assert re.fullmatch(r"net₁\^\[1\] = −0\.1", name)
    assert rule == "= W₁₀^[1] · 1 + W₁₁^[1] · X₁^[1] + W₁₂^[1] · X₂^[1]"
    assert numbers.count("·") == 3


def test_powers_of_ten_are_written_as_on_the_board():
    small = network(weights=(frozen(np.full((3, 2), 1.25e-12)), frozen(np.full((2, 3), 3e-20))), x=frozen(np.array([[1e-9, 2.0]])))
    for notation in NOTATIONS:
        moment = moment_at(record_of(small), notation, "end", decimals=4)
        said = [tip(moment, ref) for ref in (Ref("W", 1, 0, 1), Ref("z", 1, 0), Ref("delta", 1, 0))]
        assert said[0].splitlines()[0].endswith(" = 1.25·10⁻¹²")
        assert "1.25·10⁻¹²" in said[1].splitlines()[-1]
        assert not re.search(r"\de[−+]?\d", "".join(said))
    assert full(1e-7) == "1e−07"  # what is copied is read by other programs


def test_a_drift_below_every_digit_is_said_as_a_power_of_ten():
    problem = network((1, 1), weights=(frozen(np.array([[1.25e-9]])),), biases=None, x=frozen(np.array([[0.001]])), rounding=Rounding(4))
    record = record_of(problem)
    moment = moment_at(record, "jacob", "end", decimals=4)
    assert drift_note(moment, Num(moment.value(Ref("z", 1, 0)), Ref("z", 1, 0))) == "With full precision 1.25·10⁻¹²."


def test_what_is_not_computed_yet_is_only_named():
    moment = moment_at(record_of(open_problem("dyda-sigmoid")), "dyda", "start")
    assert tip(moment, Ref("delta", 2, 1)) == "δ₂^[2]: not computed yet"
    assert tip(moment, Ref("W", 2)) == ""


def test_canvas_table_and_plot_say_the_same(qtbot):
    store = Store(initial_state(open_problem("dyda-sigmoid")))
    store.dispatch(end_of_update)
    canvas, plot = GraphCanvas(store), LossPlot(store)
    qtbot.addWidget(canvas)
    qtbot.addWidget(plot)
    grid = next(grid for grid in layer_grids(store.moment, 2) if grid.quantity == "delta")
    model = GridModel(grid, store.moment, theme_of(store.state))
    ref = Ref("delta", 2, 1)
    in_table = model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert in_table == tip(store.moment, model.ref_at(model.index(1, 0)))
    assert canvas.describe(ref) == in_table == tip(store.moment, ref)
    assert canvas.describe(Ref("loss")) == loss_tip(store.moment, 1, store.moment.record.loss)


def test_pointing_at_the_curve_points_at_the_loss(qtbot, monkeypatch):
    said = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: said.append(text))
    store = Store(initial_state(open_problem("dyda-sigmoid")))
    plot = LossPlot(store)
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.grab()
    store.dispatch(end_of_update)
    box = plot._plot.getPlotItem().vb
    plot._on_plot_pointed(box.mapViewToScene(QPointF(1, store.state.run.losses[0])))
    assert store.state.hover == Ref("loss")
    assert plot._curves.dot.opts["size"] > 11
    assert said == [tip(store.moment, Ref("loss"))]
    plot._on_plot_pointed(box.mapViewToScene(QPointF(-7, 0)))
    assert store.state.hover is None
    assert plot._curves.dot.opts["size"] == 11


PAIRS = [
    (Ref("x", 0, 1), Ref("a", 0, 1), True),
    (Ref("dLdX", 2, 2), Ref("dLda", 1, 1), True),
    (Ref("dLdX", 2, 0), Ref("dLda", 1, 0), False),
    (Ref("dLdX", 1, 1), Ref("dLdx", 0, None, 0), True),
    (Ref("W", 1), Ref("W", 1, 0, 1), True),
    (Ref("W", 1, 0, 1), Ref("W", 1), False),
    (Ref("W", 1, 0, 1), Ref("W_new", 1, 0, 1), False),
    (Ref("z", 1, 0, None, 1), Ref("z", 1, 0, None, 2), False),
    (Ref("z", 1, 0), Ref("z", 1, 0, None, 2), True),
]


@pytest.mark.parametrize(("pattern", "ref", "same"), PAIRS)
def test_one_number_has_one_light(pattern, ref, same):
    assert covers(pattern, ref) is same


def test_a_chosen_number_is_lit_in_the_tables(qapp):
    store = Store(initial_state(open_problem("dyda-sigmoid")))
    grid = layer_grids(store.moment, 1)[0]
    model = GridModel(grid, store.moment, theme_of(store.state))
    store.dispatch(step)
    store.dispatch(hover, Ref("W", 1, 0, 0))
    model.show_moment(store.moment, theme_of(store.state), store.state.hover, Ref("b", 1, 1))
    lit = [
        (row, column) for row in range(2) for column in range(3) if _brush(model.index(row, column)) == theme_of(store.state).accent_wash
    ]
    assert lit == [(0, 1), (1, 0)]


def _brush(index: QModelIndex) -> tuple[int, int, int] | None:
    brush = index.data(Qt.ItemDataRole.BackgroundRole)
    return None if brush is None else brush.color().getRgb()[:3]
