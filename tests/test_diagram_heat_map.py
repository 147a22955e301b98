"""Weight matrices as heat maps: every cell is the number it says, in the colour the edges have; in the window they zoom and point."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diagram_cases import diagram, moment
from pane_helpers import on_screen
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui import actions
from gui.diagram.heat_map import heat_map, scale_of
from gui.panes.cell_labels import CellLabels, labelled, spacing
from gui.panes.heat_map_view import HeatMapView
from gui.state import initial_state
from gui.store import Store
from gui.theme import DARK, LIGHT
from model.examples import open_problem
from model.stages import Ref


@pytest.mark.parametrize("quantity", ["weight", "gradient", "update"])
@pytest.mark.parametrize("name", ["biswas-figure-1", "soletskyi"])
def test_every_cell_is_the_number_it_says(name: str, quantity: str) -> None:
    m = moment(name, "end")
    for layer in range(1, m.record.problem.depth + 1):
        shown = heat_map(m, layer, quantity, None)
        rows, columns = shown.shape
        assert rows == m.record.problem.layers[layer]
        for row in range(rows):
            for column in range(columns):
                ref = shown.ref(row, column)
                assert ref is not None
                assert shown.values[row, column] == m.value(ref)
                assert shown.cell_of(ref) == (row, column)
        assert shown.ref(rows, 0) is None
        assert shown.ref(0, -1) is None


def test_images_lay_the_weights_of_each_neuron_out_as_its_input() -> None:
    m = moment("theta-digits", "end")
    shown = heat_map(m, 1, "weight", None, images=True)
    seen = {shown.ref(row, column) for row in range(shown.shape[0]) for column in range(shown.shape[1])} - {None}
    assert seen == {Ref("W", 1, j, k) for j in range(16) for k in range(64)}
    assert shown.ref(0, 8) is None, "a gap between two images"
    assert shown.ref(1, 2) == Ref("W", 1, 0, 10)
    assert shown.values[1, 2] == m.value(Ref("W", 1, 0, 10))


def test_what_is_not_known_has_no_colour_of_the_scale() -> None:
    m = moment("dyda-sigmoid", "dW:2")
    scale = scale_of(m, "gradient", LIGHT, "linear", None, grows=False)
    first, second = (heat_map(m, layer, "gradient", scale) for layer in (1, 2))
    assert np.isnan(first.values).all()
    assert (first.colours(LIGHT) == np.array(LIGHT.raised)).all()
    assert (second.colours(LIGHT) != np.array(LIGHT.raised)).any(axis=2).all()
    assert scale_of(moment("dyda-sigmoid", "start"), "gradient", DARK, "linear", None, grows=False) is None


def test_map_and_edges_have_one_scale() -> None:
    legend = [label.block.plain for label in diagram("dyda-sigmoid", "end", colour_by="weight").labels if label.kind == "legend"]
    scale = scale_of(moment("dyda-sigmoid", "end"), "weight", LIGHT, "linear", None, grows=False)
    assert scale is not None
    assert float(legend[-1]) == scale.limit


@pytest.fixture
def view(qtbot: Any) -> HeatMapView:
    return on_screen(HeatMapView(Store(initial_state(open_problem("theta-digits")))), qtbot, 700, 320)


def test_pointing_zooming_and_choosing(view: HeatMapView, qtbot: Any) -> None:
    cells = view.map
    y = round(cells.height() * 0.3)
    at = next(QPointF(x, y) for x in range(cells.width()) if cells.ref_at(QPointF(x, y)) is not None)
    ref = cells.ref_at(at)
    QTest.mouseMove(cells, at.toPoint())
    assert view.store.state.hover == cells.ref_at(QPointF(at.toPoint()))
    QApplication.sendEvent(cells, QWheelEvent(at, cells.mapToGlobal(at), QPoint(), QPoint(0, 480), Qt.MouseButton.NoButton,
                           Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False))  # fmt: skip
    assert cells.ref_at(at) == ref, "zoom to the pointer"
    QTest.mouseClick(cells, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert view.store.state.selection == cells.ref_at(QPointF(at.toPoint()))


def test_the_layer_follows_what_is_chosen_on_the_canvas(view: HeatMapView, qtbot: Any) -> None:
    assert view._form.isVisible()
    view.store.dispatch(actions.select, Ref("W", 2, 3, 4))
    qtbot.waitUntil(lambda: view._layer == 2)
    assert view._form.isHidden()
    assert view.map._map is not None
    assert view.map._map.shape == (10, 17)


@pytest.mark.parametrize("pixels", [0.3, 2.0, 7.0, 40.0])
def test_labels_are_as_many_as_fit(pixels: float) -> None:
    step = spacing(pixels, 24.0)
    assert step * pixels >= 24.0
    assert step == 1 or spacing(pixels * 2.5, 24.0) < step
    found = labelled(range(1, 785), step)
    assert found[0] in (1, step)
    assert all(n % step == 0 for n in found[1:])


def test_rows_and_columns_are_named_and_the_bias_apart(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(initial_state(open_problem("dyda-sigmoid")))
    view = HeatMapView(store)
    qtbot.addWidget(view)
    view.resize(500, 400)
    written: list[str] = []

    class Listening(QPainter):
        def drawText(self, *arguments: Any) -> None:
            written.append(arguments[-1])

    monkeypatch.setattr("gui.panes.heat_map_view.QPainter", Listening)
    with qtbot.waitExposed(view):
        view.show()
    view.map.grab()
    assert written[-7:] == ["1", "2", "bias", "1", "2", "from the inputs", "to layer 1"]
    view.resize(300, 120)
    written.clear()
    view.map.grab()
    assert "from the inputs" not in written
    assert {"1", "2"} <= set(written)


def test_images_are_numbered_instead(qapp: Any) -> None:
    m = moment("theta-digits", "end")
    images, matrix = (heat_map(m, 1, "weight", None, images=form) for form in (True, False))
    area, metrics = QRectF(0, 0, 800, 400), QFontMetricsF(QFont())
    assert CellLabels(matrix, LIGHT, metrics, area).left > 0
    assert not CellLabels(images, LIGHT, metrics, area).matrix
