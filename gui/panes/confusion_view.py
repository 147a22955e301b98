"""Which classes the network takes for which, on the training or the held-out samples; images of the chosen cell with their answers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from gui.actions import Refusal
from gui.data.class_names import class_names
from gui.data.sample_picture import image_scale, image_side, paint_image
from gui.panel.fields import Choice, Line
from gui.panes.exhibit import Choices, Exhibit
from gui.panes.pane import Pane
from gui.revealed import is_walked, outputs_known
from gui.state import AppState, same_moment
from gui.store import Store
from gui.theme import LIGHT, Theme, contrast, mix
from gui.theme_qt import colour, font
from model.conventions import with_commas
from model.evaluation import Evaluator, Labels, accuracy, classes_of, confusion, has_classes
from model.problem import Array

MOST_CLASSES = 40
WHICH = (("training", "training samples"), ("held-out", "held-out samples"))
TRAINING_DELAY, USUAL_DELAY = 250, 30
SMALLEST_CELL, LARGEST_CELL = 15, 56.0
LABELLED = 40  # pixels of the cells from which rows and columns have names
NOT_YET = "Nothing has been computed yet: which class is taken for which is seen as soon as the walk has reached the outputs."
Cell = tuple[int, int]


class ConfusionView(Pane):
    """Follows the cursor: the weights before its update, and after it once the update is revealed."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, USUAL_DELAY, parent)
        self._evaluator: tuple[object, str, Evaluator] | None = None
        self._which = Choice(WHICH, "samples", "Which samples are judged")
        self._which.setMinimumContentsLength(15)
        self._which.chosen.connect(self._on_which_chosen)
        self._head = Line(rich=True)
        self._why = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._why.setObjectName("quiet")
        self._matrix, self._gallery = _Matrix(), _Gallery()
        self._matrix.cell_chosen.connect(self._on_cell_chosen)
        head = QHBoxLayout()
        head.setContentsMargins(4, 4, 8, 2)
        head.addWidget(self._which)
        head.addSpacing(8)
        head.addWidget(self._head, 1)
        self._body = QWidget()
        body = QHBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(14)
        body.addWidget(self._matrix, 3)
        body.addWidget(self._gallery, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 8, 6)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._body, 1)
        layout.addWidget(self._why, 1)

    def forget_run(self) -> None:
        self._evaluator = None

    def touches(self, old: AppState, new: AppState) -> bool:
        self._timer.setInterval(TRAINING_DELAY if new.training else USUAL_DELAY)
        return not same_moment(old, new) or bool(old.training) != bool(new.training)

    def set_theme(self, theme: Theme) -> None:
        for part in (self._matrix, self._gallery):
            part.set_theme(theme, self.fontInfo().pixelSize())

    def show_state(self, state: AppState) -> None:
        held = len(state.run.held_out[0])
        self._which.setEnabled(held > 0)
        self._which.setToolTip("Which samples are judged" if held else "No samples are held out; Data > Data set can hold some out")
        if not held:
            self._which.show_value("training")
        try:
            self._show_counts(state, *self._samples(state))
            why = ""
        except Refusal as refusal:
            why = str(refusal)
        self._why.setText(why)
        self._why.setVisible(bool(why))
        for widget in (self._which, self._head, self._body):
            widget.setVisible(not why)
        self._gallery.setVisible(self._gallery.has_images)

    def _samples(self, state: AppState) -> tuple[Array, Array, Labels]:
        """Return the samples to judge and their rows. Raises Refusal where there are no classes to confuse."""
        run = state.run
        if run.problem.loss == "none" or not has_classes(np.concatenate([run.samples[1], run.held_out[1]])):
            raise Refusal("The targets of these samples name no classes (0 and 1), so there is nothing to confuse.")
        if run.problem.layers[-1] > MOST_CLASSES:
            raise Refusal(f"{run.problem.layers[-1]} classes are too many for a table here; allowed: up to {MOST_CLASSES}.")
        if is_walked(state) and state.step == 1 and not outputs_known(state):
            raise Refusal(NOT_YET)
        if self._which.currentData() == "held-out":
            rows = run.split.rows(len(run.samples[0]) + len(run.held_out[0]))[1]
            return (*run.held_out, rows)
        return (*run.samples, run.rows)

    def _show_counts(self, state: AppState, x: Array, y: Array, rows: Labels) -> None:
        moment, which = self.store.moment, str(self._which.currentData())
        if self._evaluator is None or self._evaluator[0] is not state.run or self._evaluator[1] != which:
            self._evaluator = (state.run, which, Evaluator(state.problem, x, y))
        after = moment.record.new_params is not None and state.tick == moment.walk.total
        params = moment.record.new_params if after and moment.record.new_params is not None else moment.record.params
        update = state.step if outputs_known(state) else state.step - 1  # until then it is what the last update led to
        outputs = self._evaluator[2].evaluate(params.theta).outputs
        share, counts = accuracy(y, outputs), confusion(y, outputs)
        comma = state.options.fmt.comma
        text = f"{100 * share:.1f}".replace(".", "," if comma else ".")
        when = f"{'after' if after or update < state.step else 'before'} update {update:,}"
        self._head.setText(f"<b>{text} %</b> right {when}")
        self._head.setToolTip(f"{round(share * len(x)):,} of {len(x):,} samples, with the weights {when}")
        names = class_names(state)
        self._matrix.show_counts(counts, names)
        self._gallery.names, self._gallery.comma = names, comma
        self._gallery.show_images(x, classes_of(y), outputs, rows, self._matrix.chosen)

    def choices(self) -> dict[str, Any]:
        return {"of": self._which.currentData(), "cell": self._matrix.chosen}

    def choose(self, choices: Choices) -> None:
        self._which.show_value(choices.get("of", "training"))
        self._matrix.chosen, self._matrix.largest = choices.get("cell"), math.inf  # a picture has room for larger cells

    def exhibit(self) -> Exhibit | None:
        if self._why.text():
            return None
        body = self._body if self._gallery.has_images else self._matrix
        names, counts = self._matrix.table
        rows = [["class", *(f"taken for {name}" for name in names)], *([name, *row] for name, row in zip(names, counts, strict=False))]
        return Exhibit("Which class is taken for which", body, f"{self._which.currentText()}: {self._head.text()}", table=rows)

    def _on_which_chosen(self) -> None:
        self.invalidate()

    def _on_cell_chosen(self, cell: Cell | None) -> None:
        self._gallery.choose(cell)


class _Part(QWidget):
    """What both pictures have in common: theme and size of text."""

    def __init__(self) -> None:
        super().__init__()
        self._theme, self._size = LIGHT, 13

    def set_theme(self, theme: Theme, size: int) -> None:
        """Take colours and the size of text in pixels."""
        self._theme, self._size = theme, size
        self.update()


class _Matrix(_Part):
    """Counts; a row is the class, a column the answer. **Signals:** cell_chosen(Cell | None): a cell was clicked, or left again."""

    cell_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._counts = np.zeros((2, 2), dtype=np.intp)
        self._names: tuple[str, ...] = ("", "")
        self.chosen: Cell | None = None
        self.largest = LARGEST_CELL
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("A row is the class, a column the answer of the network (Up, Down choose a cell, Enter all)")

    def show_counts(self, counts: Labels, names: tuple[str, ...]) -> None:
        """Show (n, n) counts of classes with these names."""
        if counts.shape != self._counts.shape:
            self.chosen = None
        self._counts, self._names = counts, names
        self._fit()
        wrong = int(counts.sum() - np.trace(counts))
        self.setAccessibleName(f"confusion matrix of {len(counts)} classes, {int(np.trace(counts)):,} right, {wrong:,} wrong")
        self.update()

    @property
    def table(self) -> tuple[tuple[str, ...], list[list[int]]]:
        """The names of the classes and the counts: a row is the class, a column the answer."""
        return self._names, self._counts.tolist()

    def minimumSizeHint(self) -> QSize:
        return QSize(90, 70)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take the width of a square and of the names of its rows; the rest is for the images."""
        left, top = self._labels()
        self.setMaximumWidth(max(90, round(self.height() + left - top)))

    def _labels(self) -> tuple[float, float]:
        """Return the room that the names of rows and of columns take, beside those of the axes."""
        wide = QFontMetricsF(self._label_font()).horizontalAdvance(max(self._names, key=len)) if self._names else 0.0
        top = 2.6 * self._size
        if self.height() - 4 - top < LABELLED:
            return 0.0, 0.0  # the cells are worth more than their names, which tooltips tell
        return max(top, 1.4 * self._size + wide + 4), top

    def _label_font(self) -> QFont:
        return font("regular", round(self._size * 0.85))

    def _grid(self) -> tuple[float, float, float]:
        """Return the left and upper end of the cells and their size."""
        n, (left, top) = len(self._counts), self._labels()
        room = min(self.width() - left, self.height() - top) - 4
        return left, top, max(3.0, min(room / n, self.largest))

    def _cell_at(self, x: float, y: float) -> Cell | None:
        left, top, cell = self._grid()
        i, j = int((y - top) // cell), int((x - left) // cell)
        return (i, j) if 0 <= i < len(self._counts) and 0 <= j < len(self._counts) else None

    def _choose(self, cell: Cell | None) -> None:
        self.chosen = cell
        self.update()
        self.cell_chosen.emit(cell)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, n = QPainter(self), self._theme, len(self._counts)
        left, top, cell = self._grid()
        if left > 0:
            self._paint_labels(painter, left, top, cell)
        totals = np.maximum(self._counts.sum(axis=1), 1)
        for i in range(n):
            for j in range(n):
                box = QRectF(left + j * cell, top + i * cell, cell, cell)
                self._paint_cell(painter, box, i, j, int(self._counts[i, j]) / int(totals[i]))
        if self.chosen is not None:
            i, j = self.chosen
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour(theme.gold), 3))
            painter.drawRect(QRectF(left + j * cell, top + i * cell, cell, cell))
        if self.hasFocus():
            painter.setPen(QPen(colour(theme.accent), 1))
            painter.drawRect(QRectF(left - 2, top - 2, n * cell + 4, n * cell + 4))
        painter.end()

    def _paint_labels(self, painter: QPainter, left: float, top: float, cell: float) -> None:
        """Name the axes and as many classes as there is room for."""
        n, small, centre = len(self._counts), self._size * 1.25, Qt.AlignmentFlag.AlignCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._label_font())
        painter.setPen(colour(self._theme.muted))
        painter.drawText(QRectF(left, 0, max(n * cell, 5 * self._size), small), Qt.AlignmentFlag.AlignVCenter, "taken for")
        painter.save()
        painter.translate(0, top + n * cell)
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, n * cell, small), centre, "class")
        painter.restore()
        every, half, metrics = max(1, math.ceil(1.1 * self._size / cell)), 0.6 * self._size, painter.fontMetrics()
        for k in range(0, n, every):
            middle = (k + 0.5) * cell
            above = _begun(self._names[k], metrics, max(every * cell - 3, self._size))
            painter.drawText(QRectF(left + middle - every * cell / 2, small, every * cell, small), centre, above)
            painter.drawText(QRectF(small, top + middle - half, left - small - 3, 2 * half), right, self._names[k])

    def _paint_cell(self, painter: QPainter, box: QRectF, i: int, j: int, share: float) -> None:
        theme, count = self._theme, int(self._counts[i, j])
        ground = mix(theme.panel, theme.accent if i == j else theme.error, 0.12 + 0.8 * share**0.7) if count else theme.panel
        painter.fillRect(box, colour(ground))
        painter.setPen(QPen(colour(theme.rule), 1))
        painter.drawRect(box)
        if box.width() >= SMALLEST_CELL and count:
            painter.setPen(colour(max((theme.text, theme.panel), key=lambda ink: contrast(ink, ground))))
            size = max(7, min(round(self._size * 0.95), round(box.width() / (0.68 * len(str(count))))))
            painter.setFont(font("medium" if i == j else "regular", size))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(count))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position().x(), event.position().y())
        self._choose(None if cell == self.chosen else cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        n = len(self._counts)
        place = -1 if self.chosen is None else self.chosen[0] * n + self.chosen[1]
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            place = max(0, place + (1 if event.key() == Qt.Key.Key_Down else -1))
            self._choose(divmod(min(place, n * n - 1), n))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            cell = self._cell_at(event.pos().x(), event.pos().y())
            names = "" if cell is None else f"class {self._names[cell[0]]} taken for {self._names[cell[1]]}"
            text = self.toolTip() if cell is None else f"{names}: {int(self._counts[cell]):,}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


def _begun(name: str, metrics: QFontMetrics, room: float) -> str:
    """Return as many letters of a name as fit; the row of the class has all of them."""
    return next((name[:n] for n in range(len(name), 1, -1) if metrics.horizontalAdvance(name[:n]) <= room), name[:1])


class _Gallery(_Part):
    """The images of the chosen cell, or those that are taken for another class; below each, its class and the answer."""

    def __init__(self) -> None:
        super().__init__()
        self._x, self._outputs = np.empty((0, 0)), np.empty((0, 1))
        self._labels, self._answers, self._rows, self._shown = (np.empty(0, dtype=np.intp) for _ in range(4))
        self._cell: Cell | None = None
        self._high = 1.0
        self.names: tuple[str, ...] = ()
        self.comma = False  # in the numbers of tips

    @property
    def has_images(self) -> bool:
        """Whether the samples are images at all."""
        return self._x.shape[1] > 0 and image_side(self._x.shape[1]) > 0

    def show_images(self, x: Array, labels: Labels, outputs: Array, rows: Labels, cell: Cell | None) -> None:
        """Show samples x: (m, n_0) of classes (m,) with outputs (m, n_L) and their rows in the file, those of `cell` only."""
        if x is not self._x:
            self._high = image_scale(x)
        self._x, self._outputs, self._labels, self._rows = x, outputs, labels, rows
        self._answers = classes_of(outputs)
        self.choose(cell)

    def choose(self, cell: Cell | None) -> None:
        """Show the samples of one cell; None shows the wrong ones."""
        self._cell = cell
        wanted = self._labels != self._answers if cell is None else (self._labels == cell[0]) & (self._answers == cell[1])
        self._shown = np.flatnonzero(wanted)
        self.setAccessibleName(self._title())
        self.update()

    def _title(self) -> str:
        n = f"{len(self._shown):,} image{'' if len(self._shown) == 1 else 's'}"
        if self._cell is None:
            return f"{n} taken for another class"
        return f"{n} of {self._name(self._cell[0])} taken for {self._name(self._cell[1])}"

    def _name(self, k: int) -> str:
        """Return what a class is called; an answer that is no number has none."""
        return self.names[k] if 0 <= k < len(self.names) else "?"

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 70)

    def _places(self) -> list[QRectF]:
        """Return the boxes of as many images as there is room for."""
        gap, below, top = 0.7 * self._size, 1.3 * self._size, 1.7 * self._size
        side = max(1.8 * self._size, min(3.2 * self._size, self.height() - top - below))
        columns = max(1, int((self.width() + gap) // (side + gap)))
        rows = max(1, int((self.height() - top + gap) // (side + below + gap)))
        count = min(len(self._shown), columns * rows)
        return [QRectF((k % columns) * (side + gap), top + (k // columns) * (side + below + gap), side, side) for k in range(count)]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, places = QPainter(self), self._theme, self._places()
        painter.setFont(font("regular", round(self._size * 0.92)))
        painter.setPen(colour(theme.muted))
        title = self._title() if len(places) >= len(self._shown) else f"{len(places)} of {self._title()}"
        title = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(0, 0, self.width(), 1.5 * self._size), Qt.AlignmentFlag.AlignVCenter, title)
        for box, i in zip(places, self._shown, strict=False):
            paint_image(painter, box, self._x[i], self._high, theme)
            right = self._labels[i] == self._answers[i]
            painter.setPen(colour(theme.text if right else theme.error))
            answer = self._name(int(self._answers[i]))
            text = answer if right else f"{self._name(int(self._labels[i]))} → {answer}"
            painter.drawText(QRectF(box.left() - 6, box.bottom(), box.width() + 12, 1.3 * self._size), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            found = next((k for k, box in enumerate(self._places()) if box.contains(event.pos())), None)
            QToolTip.showText(event.globalPos(), "" if found is None else self._describe(int(self._shown[found])), self)
            return True
        return super().event(event)

    def _describe(self, i: int) -> str:
        outputs = ", ".join(f"{self._name(k)}: {value:.3f}" for k, value in enumerate(self._outputs[i]))
        outputs = with_commas(outputs) if self.comma else outputs
        return f"sample {self._rows[i] + 1}, class {self._name(int(self._labels[i]))}\noutputs {outputs}".replace("-", "−")
