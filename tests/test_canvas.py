"""The canvas: choosing by click, box and keyboard, its menu, zoom and map, moving columns, changing numbers in place."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from pane_helpers import on_screen
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip
from window_helpers import place_of

from gui import actions, edits
from gui.canvas.actions import choose_box, move_column, reset_spacing
from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.menu import canvas_menu
from gui.diagram.primitives import Lines
from gui.state import initial_state, theme_of
from gui.store import Store
from model.examples import open_problem
from model.stages import Ref

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def store() -> Store:
    return Store(initial_state(open_problem("dyda-sigmoid")))


@pytest.fixture
def canvas(store: Store, qtbot: Any) -> GraphCanvas:
    widget = on_screen(GraphCanvas(store), qtbot, 900, 620)
    widget.setFocus()
    return widget


def test_a_click_chooses_and_a_click_beside_lets_go(canvas: GraphCanvas, store: Store) -> None:
    QTest.mouseClick(canvas, LEFT, pos=place_of(canvas, Ref("a", 1, 0)))
    assert store.state.selection == Ref("a", 1, 0)
    QTest.mouseClick(canvas, LEFT, pos=QPoint(880, 300))
    assert store.state.selection is None


def test_the_first_half_of_a_double_click_asks_for_nothing(canvas: GraphCanvas, store: Store, qtbot: Any) -> None:
    weight, other = Ref("W", 2, 1, 0), Ref("W", 1, 0, 0)
    QTest.mouseDClick(canvas, LEFT, pos=place_of(canvas, weight))
    assert canvas._field.line is not None
    qtbot.wait(QApplication.doubleClickInterval() + 50)
    assert not store.state.trail.shown
    canvas._field.close()
    QTest.mouseClick(canvas, LEFT, pos=place_of(canvas, other))
    assert store.state.selection == other
    assert not store.state.trail.shown
    qtbot.waitUntil(lambda: store.state.trail.current == other)
    QTest.mouseClick(canvas, LEFT, pos=place_of(canvas, Ref("a", 1, 0)))
    assert store.state.trail.current == Ref("a", 1, 0), "what cannot be changed is asked for at once"


FOLLOWS: dict[str, Callable[[GraphCanvas], object]] = {
    "another size": lambda canvas: canvas.store.edit("size", edits.resize_layer, 1, 1),
    "another document": lambda canvas: canvas.store.exchange("opening", actions.open_problem, open_problem("jacob"), None),
    "another choice": lambda canvas: QTest.keyClick(canvas, Qt.Key.Key_Left, SHIFT),
    "the field": lambda canvas: QTest.keyClick(canvas, Qt.Key.Key_Return),
    "a drag": lambda canvas: QTest.mousePress(canvas, LEFT, pos=QPoint(600, 90)),
}


@pytest.mark.parametrize("follows", FOLLOWS)
def test_a_click_is_forgotten_when_something_else_follows(
    canvas: GraphCanvas, store: Store, qtbot: Any, monkeypatch: pytest.MonkeyPatch, follows: str
) -> None:
    monkeypatch.setattr(QApplication, "doubleClickInterval", lambda: 60)
    QTest.mouseClick(canvas, LEFT, pos=place_of(canvas, Ref("W", 2, 1, 0)))
    FOLLOWS[follows](canvas)
    chosen = store.state.selection
    qtbot.wait(120)
    assert store.state.selection == chosen
    assert not store.state.trail.shown
    if follows == "a drag":
        QTest.mouseRelease(canvas, LEFT, pos=QPoint(600, 90))


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2])
def test_a_number_is_changed_without_a_mouse(canvas: GraphCanvas, store: Store, key: Qt.Key) -> None:
    QTest.keyClick(canvas, key)
    assert canvas._field.line is None, "nothing is chosen"
    QTest.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
    assert store.state.selection == Ref("x", 0, 0)
    assert "Enter or double click changes it" in QToolTip.text()
    tip = next(widget for widget in QApplication.topLevelWidgets() if widget.metaObject().className() == "QTipLabel")
    assert tip.mapToGlobal(QPoint(0, 0)).y() >= canvas.mapToGlobal(QPoint(0, canvas.height())).y() - 1, "the tip hides nothing"
    QTest.keyClick(canvas, key)
    line = canvas._field.line
    assert line is not None
    line.setText("0.5")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert canvas._field.line is None
    assert store.moment.value(Ref("x", 0, 0)) == 0.5


def drag(canvas: GraphCanvas, start: QPoint, end: QPoint, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mousePress(canvas, LEFT, modifier, start)
    QTest.mouseMove(canvas, (start + end) / 2)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, LEFT, modifier, end)


def test_a_box_chooses_what_lies_in_it(canvas: GraphCanvas, store: Store) -> None:
    columns = canvas.layout_now.columns
    drag(canvas, QPoint(round(columns[1].x) - 90, 60), QPoint(round(columns[2].x) + 90, 600), SHIFT)
    held = store.state.box
    assert {Ref("a", 1, 0), Ref("a", 1, 1), Ref("a", 2, 0), Ref("a", 2, 1), Ref("W", 2, 1, 0), Ref("b", 2, 0)} <= held
    assert not any(ref.quantity == "x" or (ref.layer == 1 and ref.quantity == "W") for ref in held)
    assert canvas.box is None
    canvas.copy_numbers()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert any(line.endswith("\t−0.65") for line in lines)
    QTest.mouseClick(canvas, LEFT, pos=QPoint(880, 300))
    assert store.state.box == frozenset()


def test_a_drag_moves_the_picture_and_nothing_else(canvas: GraphCanvas, store: Store) -> None:
    drag(canvas, QPoint(600, 90), QPoint(640, 130))
    assert canvas.camera.offset == QPointF(40, 40)
    assert store.state.selection is None


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        ("D", Ref("x", 0, 0)),
        ("DD", Ref("x", 0, 1)),
        ("DDDDU", Ref("x", 0, 0)),
        ("DRD", Ref("a", 1, 1)),
        ("DRRRR", Ref("a", 2, 0)),
        ("DRRL", Ref("a", 1, 0)),
        ("DRr", Ref("W", 2, 1, 0)),
        ("DRrr", Ref("a", 2, 1)),
        ("DRrd", Ref("W", 2, 1, 1)),
        ("DRruu", Ref("b", 2, 1)),
        ("DRrl", Ref("a", 1, 0)),
        ("DRl", Ref("W", 1, 0, 1)),
        ("DRll", Ref("x", 0, 1)),
    ],
)
def test_shift_and_arrows_go_from_neuron_to_neuron_and_along_edges(canvas: GraphCanvas, store: Store, keys: str, chosen: Ref) -> None:
    arrows = {"l": Qt.Key.Key_Left, "r": Qt.Key.Key_Right, "u": Qt.Key.Key_Up, "d": Qt.Key.Key_Down}
    for key in keys:
        QTest.keyClick(canvas, arrows[key.lower()], SHIFT if key.isupper() else SHIFT | CTRL)
    assert store.state.selection == chosen
    assert store.state.tick == 0, "these keys do not step"


def texts(menu: QMenu) -> list[str]:
    return [action.text().split("\t")[0] for action in menu.actions() if action.text()]


def test_the_menu_offers_what_fits_the_number(canvas: GraphCanvas, store: Store) -> None:
    weight = canvas_menu(store, canvas, canvas, Ref("W", 2, 1, 0))
    assert {"Change…", "Where does this come from?", "Talk to this weight: its paths to the loss", "Copy picture"} <= set(texts(weight))
    assert texts(weight)[0].endswith("= 0.55")
    neuron = canvas_menu(store, canvas, canvas, Ref("a", 1, 0))
    assert "Change…" not in texts(neuron)
    ground = canvas_menu(store, canvas, canvas, None)
    assert "Where does this come from?" not in texts(ground)
    assert "Fit" in texts(ground)
    asked: list[Ref] = []
    canvas.paths_requested.connect(asked.append)
    next(action for action in weight.actions() if action.text().startswith("Talk")).trigger()
    assert asked == [Ref("W", 2, 1, 0)]
    assert store.state.selection == Ref("W", 2, 1, 0)


def test_the_menu_key_opens_the_menu_of_what_is_chosen(canvas: GraphCanvas, store: Store) -> None:
    store.dispatch(actions.select, Ref("b", 1, 0))
    QApplication.sendEvent(canvas, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), canvas.mapToGlobal(QPoint(5, 5))))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert "Change…" in texts(menu)
    menu.close()


def test_the_picture_is_copied_as_pixels_and_as_drawing(canvas: GraphCanvas) -> None:
    canvas.copy_picture()
    data = QGuiApplication.clipboard().mimeData()
    assert data.imageData().width() == 1800
    assert bytes(data.data("image/svg+xml").data()).startswith(b"<?xml")


def test_zoom_keeps_the_point_under_the_pointer_and_fit_brings_all_back(canvas: GraphCanvas) -> None:
    at = QPointF(place_of(canvas, Ref("a", 2, 1)))
    before = canvas.camera.to_picture(at)
    canvas.zoom(3.0, at)
    after = canvas.camera.to_picture(at)
    assert (after - before).manhattanLength() < 1e-9
    canvas.fit()
    assert canvas.camera.is_home


def test_fit_selection_fills_the_canvas_with_it(canvas: GraphCanvas, store: Store) -> None:
    store.dispatch(choose_box, frozenset({Ref("a", 1, 0), Ref("a", 1, 1)}))
    canvas.fit_selection()
    column = canvas.layout_now.columns[1]
    shown = canvas.camera.area(QRectF(canvas.rect()))
    assert all(shown.contains(QPointF(column.x, y)) for y in column.ys)
    assert canvas.camera.scale > 1.15
    store.dispatch(choose_box, frozenset())
    canvas.fit_selection()
    assert canvas.camera.is_home


def test_the_map_appears_when_zoomed_in_and_moves_the_view(canvas: GraphCanvas) -> None:
    size = QSizeF(canvas.size())
    assert canvas.camera.map_rect(size) is None
    canvas.zoom(4.0)
    rect = canvas.camera.map_rect(size)
    assert rect is not None
    QTest.mouseClick(canvas, LEFT, pos=rect.topLeft().toPoint() + QPoint(20, 20))
    middle = canvas.camera.to_picture(QPointF(450, 310))
    assert middle.x() == pytest.approx(20 / 0.2, abs=6)
    assert middle.y() == pytest.approx(20 / 0.2, abs=6)


def test_a_column_is_moved_by_its_head_and_put_back(canvas: GraphCanvas, store: Store) -> None:
    head = next(label for label in canvas.diagram.labels if label.kind == "head" and label.block.plain == "layer 1")
    before = [column.x for column in canvas.layout_now.columns]
    start = QPoint(round(head.x), round(head.y))
    drag(canvas, start, start + QPoint(40, 0))
    after = [column.x for column in canvas.layout_now.columns]
    assert after[1] == pytest.approx(before[1] + 40, abs=1)
    assert [after[i] for i in (0, 2, 3, 4)] == [before[i] for i in (0, 2, 3, 4)]
    store.dispatch(reset_spacing)
    assert [column.x for column in canvas.layout_now.columns] == before


def test_columns_cannot_be_moved_through_each_other(canvas: GraphCanvas, store: Store) -> None:
    for by in (5.0, -5.0):
        store.dispatch(reset_spacing)
        store.dispatch(move_column, 1, 5, by)
        xs = [column.x for column in canvas.layout_now.columns]
        assert xs == sorted(xs)
        assert min(b - a for a, b in pairwise(xs)) > 50


def test_a_number_is_nudged_and_taken_in_place(canvas: GraphCanvas, store: Store) -> None:
    QTest.mouseDClick(canvas, LEFT, pos=place_of(canvas, Ref("W", 2, 1, 0)))
    line = canvas._field.line
    assert line is not None
    assert line.text() == "0.55"
    QTest.keyClick(line, Qt.Key.Key_Up)
    assert line.text() == "0.56"
    assert store.moment.value(Ref("W", 2, 1, 0)) == 0.56  # everything follows at once
    assert store.undo_stack.count() == 1
    assert canvas._field.line is line
    QTest.keyClick(line, Qt.Key.Key_Down, SHIFT)
    assert line.text() == "0.46"
    QTest.keyClick(line, Qt.Key.Key_Up, CTRL)
    assert line.text() == "0.461"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert store.moment.value(Ref("W", 2, 1, 0)) == 0.461
    assert canvas._field.line is None


@pytest.mark.parametrize(
    ("text", "key", "result"), [("0", Qt.Key.Key_Up, "1"), ("−0.05", Qt.Key.Key_Up, "−0.04"), ("12.0", Qt.Key.Key_Down, "11.9")]
)
def test_nudges_move_the_last_digit_that_is_shown(canvas: GraphCanvas, text: str, key: Qt.Key, result: str) -> None:
    canvas.edit(Ref("W", 2, 1, 0))
    line = canvas._field.line
    assert line is not None
    line.setText(text)
    QTest.keyClick(line, key)
    assert line.text() == result


def test_the_tooltip_has_name_full_value_and_formula(canvas: GraphCanvas, store: Store) -> None:
    store.dispatch(actions.seek, 1, store.moment.walk.total)
    first, *rest = canvas.describe(Ref("z", 1, 0)).split("\n")
    assert first.endswith("= −0.1")
    assert len(rest) >= 2


def test_a_weight_that_cannot_be_changed_says_so_before_anything_is_typed(canvas: GraphCanvas, store: Store) -> None:
    store.dispatch(actions.next_update)
    canvas.edit(Ref("W", 1, 0, 0))
    assert canvas._field.line is None
    assert "go to update 1" in QToolTip.text()
    canvas.edit(Ref("x", 0, 0))
    assert canvas._field.line is not None


def test_a_double_click_on_what_is_computed_says_why_it_cannot_be_changed(canvas: GraphCanvas, store: Store) -> None:
    store.dispatch(actions.seek, 1, store.moment.walk.total)
    QToolTip.hideText()
    QTest.mouseDClick(canvas, LEFT, pos=place_of(canvas, Ref("a", 2, 0)))
    assert canvas._field.line is None
    assert "follows from the others" in QToolTip.text()


@pytest.mark.parametrize("scale", [1.0, 3.0, 0.5])
def test_a_part_of_the_picture_stays_in_view_however_far_it_is_moved(canvas: GraphCanvas, scale: float) -> None:
    canvas.zoom(scale)
    whole = QRectF(0, 0, canvas.width(), canvas.height())
    for way in (QPointF(-400, 0), QPointF(400, -90), QPointF(0, 300), QPointF(-10, -500)):
        for _ in range(40):
            canvas.pan(way)
        seen = canvas.camera.on_canvas(whole).intersected(whole)
        assert seen.width() > 0.25 * whole.width()
        assert seen.height() > 0.25 * whole.height()
    before = canvas.camera.offset
    assert canvas.pan(QPointF(7, 0)) == QPointF()
    assert canvas.camera.offset - before == QPointF(7, 0)


def test_two_fingers_move_the_picture_and_pinch_it_around_the_pointer(canvas: GraphCanvas) -> None:
    at = QPointF(300, 200)
    under = canvas.camera.to_picture(at)
    device = QPointingDevice.primaryPointingDevice()
    pinch = QNativeGestureEvent(Qt.NativeGestureType.ZoomNativeGesture, device, 2, at, at, canvas.mapToGlobal(at), 0.3, QPointF())
    QApplication.sendEvent(canvas, pinch)
    assert canvas.camera.scale == pytest.approx(1.3)
    assert (canvas.camera.to_picture(at) - under).manhattanLength() < 0.01
    none, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.ScrollUpdate
    before = canvas.camera.offset
    fingers = QWheelEvent(at, canvas.mapToGlobal(at), QPoint(-30, -20), QPoint(0, -120), Qt.MouseButton.NoButton, none, phase, False)
    QApplication.sendEvent(canvas, fingers)
    assert canvas.camera.offset - before == QPointF(-30, -20)
    assert canvas.camera.scale == pytest.approx(1.3)


def test_columns_moved_close_keep_the_decimals_of_their_numbers(canvas: GraphCanvas, store: Store) -> None:
    store.dispatch(actions.seek, 1, store.moment.walk.total)
    store.dispatch(move_column, 1, 5, 0.12)
    texts = {label.ref: label.block.plain for label in canvas.diagram.labels if label.ref and label.block.runs[0].face == "semibold"}
    for ref in (Ref("z", 2, 0), Ref("a", 2, 0), Ref("a", 1, 1)):
        assert len(texts[ref].partition(".")[2]) >= 3, texts[ref]


def test_what_is_chosen_keeps_colour_and_dash(canvas: GraphCanvas, store: Store) -> None:
    store.dispatch(actions.seek_address, "dW:2")
    edge = Ref("W", 2, 0, 1)  # of a negative gradient
    plain = next(lines for lines in canvas.diagram.edges for i in range(len(lines)) if lines.kind == "edge" and lines.ref(i) == edge)
    store.dispatch(actions.select, edge)
    groups = [item for item in canvas.diagram.items if isinstance(item, Lines)]
    last = max(i for i, lines in enumerate(groups) if lines.kind == "edge" and any(lines.ref(k) == edge for k in range(len(lines))))
    assert groups[last].dashed.all()
    assert tuple(groups[last].rgb[0]) in {tuple(row) for row in plain.rgb}
    rails, ground = groups[last - 2], groups[last - 1]
    assert tuple(rails.rgb[0]) == theme_of(store.state).select
    assert tuple(ground.rgb[0]) == theme_of(store.state).canvas
    assert rails.width[0] > ground.width[0] > groups[last].width[0]


def test_the_first_picture_on_screen_is_told_once_and_no_native_window_is_touched_later(
    store: Store, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Python holds of a native window may outlive it, and then stands for whatever comes to lie in its place."""
    canvas, told, asked = GraphCanvas(store), [], []
    qtbot.addWidget(canvas)
    canvas.painted.connect(lambda: told.append(1))
    canvas.grab()
    assert told == []
    canvas.show()
    qtbot.waitUntil(lambda: bool(told))
    monkeypatch.setattr(GraphCanvas, "windowHandle", lambda canvas: asked.append(1))
    canvas.repaint()
    canvas.repaint()
    assert (told, asked) == ([1], [])
