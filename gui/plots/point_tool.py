"""Putting samples where one points at, on a plot: a switch, a choice of the target, and what the pointer does while the switch is on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QIcon, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from gui.data import points
from gui.data.class_names import class_names
from gui.data.edits import samples_of
from gui.panel.fields import Choice, NumberField, Segments
from gui.state import AppState
from gui.store import Store
from gui.theme import Theme
from gui.window_style import polish
from model.data.batches import data
from model.problem import Problem

HOW = "Click: add a sample. Drag: move one. Right click or Del: take the nearest away."
KEYS = "By keyboard: Data > Samples… (Ctrl+T)."
NEAR, FAR = 9, 30  # pixels: from where a mark is grabbed, and from where Del still finds one
ROOMY = 12  # lines of text that a plot is high with room for a hint above it
STILL = 4  # pixels that a click may move
MOST_BUTTONS = 4
LARGEST = 1e9
Pictures = Callable[[AppState, int, int], Sequence[QIcon]]  # of so many kinds of samples, so many pixels high


class PointTool(QWidget):
    """The switch, and the target of the next sample before it while it is on. `sentence`: a line that the pane finds a place for.

    **Signals:** switched(): on or off.
    """

    switched = Signal()

    def __init__(self, store: Store, plot: Any, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._plot, self._pictures = store, plot, pictures
        self._problem: Problem | None = None
        self._targets = points.Targets("none")
        self._choice = 0
        self._places, self._rows = np.empty((0, 2)), np.empty(0, dtype=np.intp)
        self._picker: QWidget | None = None
        self._pressed: QPointF | None = None
        self._pointer: QPointF | None = None
        self._grabbed: int | None = None
        self._dragging = False
        self.switch = QToolButton(text="Add points", checkable=True, focusPolicy=Qt.FocusPolicy.TabFocus)
        self.switch.setToolTip(f"{HOW}\n{KEYS}")
        self.switch.setAccessibleName("add points by clicking")
        self.switch.setProperty("segment", "only")
        self.switch.toggled.connect(self._on_switch_toggled)
        self.sentence = QLabel(wordWrap=True, visible=False)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self.switch)
        self._ghost = pg.ScatterPlotItem(pxMode=True, symbol="o", size=13)
        self._ghost.setZValue(20)
        plot.addItem(self._ghost, ignoreBounds=True)
        for part in (plot, plot.viewport()):
            part.installEventFilter(self)

    @property
    def on(self) -> bool:
        """Whether a click adds a sample."""
        return self.switch.isChecked()

    @property
    def chooses(self) -> bool:
        """Whether the marks of all kinds of samples are seen beside the switch."""
        return isinstance(self._picker, Segments)

    # -- what is shown ---------------------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._ghost.setPen(pg.mkPen(theme.gold, width=2))
        self._ghost.setBrush(None)
        self._show_pictures()

    def show_state(self, state: AppState) -> None:
        """Know the samples of a state, and what targets a further one can have."""
        if state.problem is not self._problem:
            self._problem = state.problem
            self._places, self._rows = points.marks(state.problem, *data(state.problem))
        targets = points.targets_of(state.problem)
        if state.problem.layers[-1] > 1 and targets.names:
            targets = replace(targets, names=class_names(state))
        if targets != self._targets or self._picker is None:
            self._targets = targets
            self._make_picker()

    def _make_picker(self) -> None:
        if self._picker is not None:
            self._row.removeWidget(self._picker)
            self._picker.deleteLater()
        self._choice = min(self._choice, max(0, len(self._targets.names) - 1))
        what = "output" if self._targets.kind == "height" else "target" if len(self._targets.choices) == 2 else "class"
        entries = tuple((i, name) for i, name in enumerate(self._targets.names))
        self._picker = QLabel()
        if self._targets.kind == "number":
            self._picker = NumberField(-LARGEST, LARGEST, "target", "The target of the next sample")
            self._picker.refused.connect(self.refuse)
        elif len(entries) > MOST_BUTTONS:
            self._picker = Choice(entries, what, f"The {what} of the next sample")
            self._picker.chosen.connect(self._on_chosen)
        elif entries:
            self._picker = Segments([(i, name, f"The {what} of the next sample: {name}") for i, name in entries], what)
            self._picker.chosen.connect(self._on_chosen)
        if isinstance(self._picker, (Choice, Segments)):
            self._picker.show_value(self._choice)
        self._row.insertWidget(0, self._picker)
        self._picker.setVisible(self.on)
        self._show_pictures()

    def _show_pictures(self) -> None:
        pictures = self._pictures(self._store.state, len(self._targets.names), round(self.fontMetrics().height() * 0.8))
        if isinstance(self._picker, Segments):
            self._picker.show_pictures(pictures)
        elif isinstance(self._picker, Choice):
            for i, picture in enumerate(pictures):
                self._picker.setItemIcon(i, picture)

    def say(self, sentence: str, *, refused: bool = False) -> None:
        """Show a sentence, or none; where there is room, how it works instead."""
        roomy = self._plot.height() > ROOMY * self.fontMetrics().height()
        text = sentence or (f"{HOW} {KEYS}" if self.on and roomy else "")
        self.sentence.setObjectName("refusal" if refused else "quiet")
        polish(self.sentence)
        self.sentence.setContentsMargins(12, 0, 0, 0)  # which polishing has taken away
        self.sentence.setText(text)
        self.sentence.setVisible(bool(text))

    def refuse(self, sentence: str) -> None:
        """Show why something is not possible."""
        self.say(sentence, refused=bool(sentence))

    # -- edits -----------------------------------------------------------------------------------------------------------------

    def _edit(self, text: str, action: Callable[..., AppState], *args: object) -> None:
        old = self._store.state
        refused = self._store.edit(text, action, *args)
        self.say(refused or points.consequences(old, self._store.state), refused=bool(refused))

    def _add(self, where: tuple[float, float]) -> None:
        problem, inputs = self._store.state.problem, where[: self._store.state.problem.layers[0]]
        target: tuple[float, ...] | None = None
        if self._targets.kind == "class":
            target = self._targets.choices[self._choice]
        elif self._targets.kind == "height":
            target = points.height_target(problem, where[0], where[1], self._choice)
        elif isinstance(self._picker, NumberField):
            self._picker.interpretText()
            target = (self._picker.value(),)
        self._edit("new sample", points.add_point, inputs, target)

    def _move(self, mark: int, where: tuple[float, float]) -> None:
        problem, row = self._store.state.problem, int(self._rows[mark])
        x, y = samples_of(problem)
        output = mark // len(x)
        target = (output, where[1]) if self._targets.kind == "height" and y is not None else None
        self._edit("move of a sample", points.move_point, row, where[: problem.layers[0]], target)

    def _delete(self, mark: int | None) -> None:
        if mark is None:
            self.refuse("There is no sample near the pointer; allowed: point at one first.")
        else:
            self._edit("deletion of 1 sample", points.delete_point, int(self._rows[mark]))

    # -- the pointer -----------------------------------------------------------------------------------------------------------

    def place_at(self, position: QPointF) -> tuple[float, float]:
        """Return the place on the plot under a point of its viewport, inside what is seen, with as many decimals as a pixel has."""
        box = self._plot.getPlotItem().vb
        at, grain = box.mapSceneToView(self._plot.mapToScene(position.toPoint())), box.viewPixelSize()
        inside = [min(max(v, low), high) for v, (low, high) in zip((at.x(), at.y()), box.viewRange(), strict=True)]
        x, y = (points.rounded(float(v), float(g)) for v, g in zip(inside, grain, strict=True))
        return x, y

    def mark_at(self, position: QPointF, reach: float = NEAR) -> int | None:
        """Return the number of the nearest mark within `reach` pixels of a point of the viewport."""
        if not len(self._places):
            return None
        box = self._plot.getPlotItem().vb
        at, grain = box.mapSceneToView(self._plot.mapToScene(position.toPoint())), np.array(box.viewPixelSize())
        distance = np.hypot(*((self._places - (at.x(), at.y())) / grain).T)
        nearest = int(distance.argmin())
        return nearest if distance[nearest] <= reach else None

    def _is_inside(self, position: QPointF) -> bool:
        return bool(self._plot.getPlotItem().vb.sceneBoundingRect().contains(self._plot.mapToScene(position.toPoint())))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not hasattr(self, "switch") or not self.on:
            return False
        match event:
            case QKeyEvent():
                return self._on_key(event)
            case QContextMenuEvent():
                return self._on_menu(event)
            case QMouseEvent() if watched is self._plot.viewport():
                return self._on_mouse(event)
        if event.type() == QEvent.Type.Leave:
            self._pointer = None
        return False

    def _on_key(self, event: QKeyEvent) -> bool:
        deletes = event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and event.modifiers() == Qt.KeyboardModifier.NoModifier
        if not deletes and event.key() != Qt.Key.Key_Escape:
            return False
        if event.type() == QEvent.Type.KeyPress:
            if deletes:
                self._delete(None if self._pointer is None else self.mark_at(self._pointer, FAR))
            elif self._dragging:
                self._let_go()
            else:
                self.switch.setChecked(False)
        event.accept()  # an override, too: the key belongs to the plot, not to the window
        return True

    def _on_menu(self, event: QContextMenuEvent) -> bool:
        mark = self.mark_at(QPointF(event.pos()), FAR)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if mark is None:
            menu.addAction("No sample here").setEnabled(False)
        else:
            row = int(self._rows[mark])
            action = menu.addAction(f"Delete sample {row + 1}")
            action.setData(mark)
            action.triggered.connect(self._on_delete_triggered)
        menu.popup(event.globalPos())
        return True

    def _on_delete_triggered(self) -> None:
        self._delete(int(self.sender().data()))  # type: ignore[attr-defined]

    def _on_mouse(self, event: QMouseEvent) -> bool:
        kind, at = event.type(), event.position()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self._plot.setFocus(Qt.FocusReason.MouseFocusReason)
            if event.button() == Qt.MouseButton.LeftButton and self._is_inside(at):
                self._pressed, self._grabbed = at, self.mark_at(at)
            return True
        if kind == QEvent.Type.MouseMove:
            self._pointer = at
            self._drag_to(at)
            return self._pressed is not None
        if kind == QEvent.Type.MouseButtonRelease:
            if event.button() == Qt.MouseButton.LeftButton and self._pressed is not None:
                self._drop(at)
            return True
        return False

    def _drag_to(self, at: QPointF) -> None:
        if self._pressed is None or self._grabbed is None:
            self._plot.viewport().setCursor(self._cursor(at))
            return
        if self._dragging or (at - self._pressed).manhattanLength() > STILL:
            self._dragging = True
            x, y = self.place_at(at)
            height = y if self._targets.kind == "height" or self._store.state.problem.layers[0] > 1 else self._places[self._grabbed][1]
            self._ghost.setData(x=[x], y=[height])
            self._plot.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def _drop(self, at: QPointF) -> None:
        """End a click or a drag."""
        assert self._pressed is not None
        grabbed, dragging, still = self._grabbed, self._dragging, (at - self._pressed).manhattanLength() <= STILL
        self._let_go()
        if grabbed is None and still:
            self._add(self.place_at(at))
        elif grabbed is not None and dragging:
            self._move(grabbed, self.place_at(at))
        elif grabbed is not None:
            self.say(f"Sample {int(self._rows[grabbed]) + 1} is here already: drag it elsewhere, or take it away with Del.")

    def _let_go(self) -> None:
        self._pressed, self._grabbed, self._dragging = None, None, False
        self._ghost.clear()

    def _cursor(self, at: QPointF) -> Qt.CursorShape:
        if not self._is_inside(at):
            return Qt.CursorShape.ArrowCursor
        return Qt.CursorShape.CrossCursor if self.mark_at(at) is None else Qt.CursorShape.OpenHandCursor

    def _on_chosen(self, choice: int) -> None:
        self._choice = choice

    def _on_switch_toggled(self, on: bool) -> None:
        self._let_go()
        if self._picker is not None:
            self._picker.setVisible(on)
        self.say("")
        self._plot.setFocusPolicy(Qt.FocusPolicy.ClickFocus if on else Qt.FocusPolicy.NoFocus)
        if not on:
            self._plot.viewport().unsetCursor()
            self._plot.clearFocus()
        self.switched.emit()
