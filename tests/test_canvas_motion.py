"""Motion on the canvas: terms travel after a step, the next key ends it, nothing runs when nothing moves; only changes are painted."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pane_helpers import on_screen
from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui import actions, rest
from gui.canvas.actions import toggle_motion
from gui.canvas.graph_canvas import GraphCanvas
from gui.diagram.changes import changed
from gui.diagram.context import PathOverlay
from gui.diagram.motion import widened
from gui.diagram.paint import paint
from gui.diagram.primitives import Diagram
from gui.state import initial_state
from gui.store import Store
from model.examples import open_problem
from model.stages import Ref


@pytest.fixture
def store() -> Store:
    return Store(initial_state(open_problem("dyda-sigmoid")))


@pytest.fixture
def canvas(store: Store, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> GraphCanvas:
    monkeypatch.setattr("gui.canvas.graph_canvas.system_rests", lambda: False)
    monkeypatch.setattr("gui.pauses.RAPID", 0.0)
    widget = on_screen(GraphCanvas(store), qtbot, 900, 620)
    assert widget.diagram is not None
    return widget


def running(canvas: QObject) -> int:
    return sum(timer.isActive() for timer in canvas.findChildren(QTimer))


def test_a_step_moves_and_then_everything_rests(canvas: GraphCanvas, store: Store, qtbot: Any) -> None:
    assert running(canvas) == 0
    store.dispatch(actions.step)
    assert running(canvas) == 1
    qtbot.waitUntil(lambda: running(canvas) == 0, timeout=3000)


def test_the_next_step_ends_the_motion_at_once(canvas: GraphCanvas, store: Store, qtbot: Any) -> None:
    store.dispatch(actions.step)
    store.dispatch(actions.step)
    assert store.state.tick == store.moment.walk.ends[1]
    assert running(canvas) == 1
    store.dispatch(actions.back)
    assert running(canvas) == 0, "going back does not move"


def test_a_key_held_down_moves_nothing(canvas: GraphCanvas, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody could follow it, and the pictures would be late."""
    monkeypatch.setattr("gui.pauses.RAPID", 3600.0)
    store.dispatch(actions.step)
    assert running(canvas) == 1, "the first step is looked at"
    store.dispatch(actions.step)
    assert running(canvas) == 0


@pytest.mark.parametrize("why", ["option", "system", "hidden", "seek", "training"])
def test_nothing_moves_where_it_is_not_wanted(canvas: GraphCanvas, store: Store, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    if why == "option":
        store.dispatch(toggle_motion)
    if why == "system":
        monkeypatch.setattr("gui.canvas.graph_canvas.system_rests", lambda: True)
    if why == "hidden":
        canvas.hide()
    if why == "training":
        store.dispatch(actions.start_training, 10)
    store.dispatch(actions.seek, 1, 0) if why == "seek" else store.dispatch(actions.step)
    assert running(canvas) == 0


@pytest.mark.parametrize(
    ("file", "text", "still"),
    [
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0\n", True),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0.5\n", False),
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=false\n", True),
        ("gtk-4.0/settings.ini", "[Settings]\ngtk-enable-animations=1\n", False),
        ("gtk-4.0/settings.ini", "no settings\xff", False),
    ],
)
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="settings of desktops on Linux")
def test_the_desktops_wish_for_rest_is_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, text: str, still: bool) -> None:
    monkeypatch.setattr(rest, "_told", {})
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text, encoding="latin-1")
    assert rest.system_rests() is still


@pytest.mark.parametrize(("key", "wish", "answer", "still"), [
    ("enable-animations", False, False, True), ("enable-animations", False, True, False), ("reduced-motion", 1, 1, True),
    ("reduced-motion", 1, 0, False), ("reduced-motion", 1, "no such setting", False),
])  # fmt: skip
def test_the_portals_answer_is_followed(
    qapp: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str, wish: object, answer: object, still: bool
) -> None:
    class Answer(QObject):
        def reply(self) -> Any:
            wrapped = SimpleNamespace(variant=lambda: SimpleNamespace(variant=lambda: answer))
            return SimpleNamespace(arguments=lambda: [answer if isinstance(answer, str) else wrapped])

    monkeypatch.setattr(rest, "_told", {})
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    watcher, found = rest.RestWatcher(qapp), Answer()
    found.setProperty("asked", (key, wish))
    watcher._on_finished(found)
    assert rest.system_rests() is still
    watcher.deleteLater()


def pixels(image: QImage) -> NDArray[np.int32]:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)[:, :, :3].astype(np.int32)


def painted_so_far(canvas: GraphCanvas) -> NDArray[np.int32]:
    """What has been painted so far, not painted again."""
    return pixels(canvas.window().screen().grabWindow(canvas.winId()).toImage())


def test_dots_travel_and_new_values_wait_for_them(canvas: GraphCanvas, store: Store, qtbot: Any) -> None:
    before = pixels(canvas.grab().toImage())
    store.dispatch(actions.step)
    canvas._motion._lengths = (1e6, 1e6)
    early = pixels(canvas.grab().toImage())
    canvas._motion._lengths = (1e-6, 1e6)
    fading = pixels(canvas.grab().toImage())
    canvas._motion.finish()
    after = pixels(canvas.grab().toImage())
    assert (early != after).any()
    assert (early != before).any()
    assert (fading != after).any()


def test_a_picture_that_changes_under_way_leaves_nothing_of_the_one_before(canvas: GraphCanvas, store: Store, qtbot: Any) -> None:
    store.dispatch(actions.seek_address, "dLda:1")
    qtbot.wait(20)
    store.dispatch(actions.step)
    store.dispatch(actions.show_paths, (PathOverlay(((1, 0, 0), (2, 1, 0)), 0.4),))  # as the pane of paths asks for it
    assert running(canvas) == 1, "it goes on to the new picture"
    qtbot.waitUntil(lambda: running(canvas) == 0, timeout=3000)
    QApplication.processEvents()
    shown, anew = painted_so_far(canvas), pixels(canvas.grab().toImage())
    assert (np.abs(shown - anew).max(axis=2) > 24).mean() < 2e-4


def painted_in_parts(canvas: GraphCanvas, store: Store, action: Any, *args: Any) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The picture after an action, as far as only changes are painted into the old one; and painted as a whole."""
    image = canvas.grab().toImage()
    before = canvas.diagram
    store.dispatch(action, *args)
    areas = changed(before, canvas.diagram)
    assert areas is not None
    painter = QPainter(image)
    for left, top, right, bottom in areas:
        painter.save()
        painter.setClipRect(round(left) - 2, round(top) - 2, round(right - left) + 4, round(bottom - top) + 4)
        paint(painter, canvas.diagram, fast=True, area=(left - 2, top - 2, right + 2, bottom + 2))
        painter.restore()
    painter.end()
    return pixels(image), pixels(canvas.grab().toImage())


@pytest.mark.parametrize("number", range(12))
def test_painting_only_what_changed_gives_the_whole_picture(canvas: GraphCanvas, store: Store, number: int) -> None:
    store.dispatch(toggle_motion)
    store.dispatch(actions.seek, 1, ([0, *store.moment.walk.ends])[number])
    parts, whole = painted_in_parts(canvas, store, actions.step)
    assert (np.abs(parts - whole).max(axis=2) > 24).mean() < 2e-4


def test_pointing_at_a_neuron_repaints_little(canvas: GraphCanvas, store: Store) -> None:
    before = canvas.diagram
    store.dispatch(actions.hover, Ref("a", 1, 0))
    areas = changed(before, canvas.diagram)
    assert areas
    painted = sum((right - left) * (bottom - top) for left, top, right, bottom in areas)
    assert painted < 0.1 * canvas.width() * canvas.height()
    parts, whole = painted_in_parts(canvas, store, actions.hover, None)
    assert (np.abs(parts - whole).max(axis=2) > 24).mean() < 2e-4


def test_a_key_that_changes_nothing_paints_nothing(canvas: GraphCanvas) -> None:
    assert changed(canvas.diagram, canvas.make_diagram()) == []
    QTest.keyClick(canvas, Qt.Key.Key_Shift)
    assert running(canvas) == 0


def test_panning_paints_what_comes_into_view_only(canvas: GraphCanvas, qtbot: Any) -> None:
    canvas.zoom(2.0, QPointF(300, 300))
    QApplication.processEvents()
    for by in (QPointF(37, -12), QPointF(-5.5, 20.25)):
        left = canvas.pan(by)
        assert abs(left.x()) <= 0.5
        assert abs(left.y()) <= 0.5
        QApplication.processEvents()
    shown = painted_so_far(canvas)
    canvas.update()
    QApplication.processEvents()
    anew = painted_so_far(canvas)
    assert shown.shape == anew.shape
    assert (np.abs(shown - anew).max(axis=2) > 24).mean() < 1e-3


def test_edges_grow_thicker_or_thinner_at_the_update(canvas: GraphCanvas, store: Store, qtbot: Any) -> None:
    store.dispatch(actions.set_options, colour_by="weight")
    store.dispatch(actions.seek_address, "dW:2")
    before = canvas.diagram
    store.dispatch(actions.step)
    after = canvas.diagram
    way = canvas._motion._way
    assert way is not None
    old, new = edge_widths(before, 2), edge_widths(after, 2)
    assert old.keys() == new.keys()
    assert any(abs(old[key] - new[key]) > 0.01 for key in old)
    assert edge_widths(widened(way.waiting, way.widths, 0.0), 2) == pytest.approx(old)
    half = edge_widths(widened(way.waiting, way.widths, 0.5), 2)
    assert half == pytest.approx({key: (old[key] + new[key]) / 2 for key in old})
    assert edge_widths(widened(way.waiting, way.widths, 1.0), 2) == pytest.approx(new)
    qtbot.waitUntil(lambda: running(canvas) == 0, timeout=3000)
    store.dispatch(actions.back)
    assert edge_widths(canvas.diagram, 2) == pytest.approx(old)


def edge_widths(picture: Diagram, layer: int) -> dict[tuple[int, int], float]:
    return {
        (int(lines.unit[i]), int(lines.sender[i])): float(lines.width[i])
        for lines in picture.edges
        if lines.kind == "edge"
        for i in range(len(lines))
        if lines.layer[i] == layer
    }
