"""Talking to a weight: the chain from the loss to it, all its paths with their products, and the story of who is responsible."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol, cast

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.actions import seek_address, select, set_sample, show_paths
from gui.diagram.context import PathOverlay
from gui.formula.glyphs import GlyphMetrics
from gui.formula.lines import FormulaStyle
from gui.formula.page import BoardStep
from gui.formula.plain_symbols import plain_symbol
from gui.icons import icon
from gui.panel.fields import Choice, Line
from gui.panes.number_fields import number_field, show_number
from gui.panes.pane import Pane
from gui.panes.paths_chain import bare_chain, chain_in_lines
from gui.panes.paths_rows import PathRows
from gui.panes.paths_table import PathTable, kinds_of_target, sum_lines
from gui.state import AppState, same_moment
from gui.store import Store
from gui.theme import Theme, css
from model.explain.paths import Telling, before, story
from model.expr.tree import NumberFormat
from model.moment import Moment
from model.paths import Paths, batch_paths, exists, paths_of, target_of
from model.stages import Ref

SIDE_BY_SIDE = (400, 1.7)  # width in pixels, and in heights, from which chain and table stand beside each other
LOW, NARROW = 11.5, 22.0  # em of the formulas: in a lower pane the chain stands alone, in a narrower one the sample is chosen elsewhere
MORE = "   (more: Shift+F9)"
BELOW = 8  # pixels below the table
BESIDE_CHAIN = 44  # pixels of the board's margins and scroll bar
DELAY = 20  # milliseconds for which changes are collected
NEXT_KEY, BACK_KEY = "Ctrl+Down", "Ctrl+Up"


class Board(Protocol):
    """What shows the formulas: the window's blackboard, or a second one."""

    def set_content(self, current: BoardStep | None, earlier: Sequence[BoardStep] = (), fmt: NumberFormat | None = None) -> None: ...
    def set_theme(self, theme: Theme) -> None: ...
    def set_highlight(self, refs: Collection[Ref]) -> None: ...
    def sizes(self) -> FormulaStyle: ...


class PathsView(Pane):
    """Shows the weight, bias or input that was selected last. board: a widget that shows formulas, owned by this view from now on."""

    def __init__(self, store: Store, board: Board, parent: QWidget | None = None) -> None:
        super().__init__(store, DELAY, parent)
        self._board = board
        self._target = Ref("W", 1, 0, 0)
        self._telling, self._row = 0, -1
        self._tellings: Sequence[Telling] = ()
        self._paths: Paths | None = None
        self.step: BoardStep | None = None  # the formulas
        self._overlay: tuple[PathOverlay, ...] = ()
        self._model = PathTable(self)
        self._table = PathRows(self._model)
        self._low, self._said = False, list[str]()
        self._overlay_timer = QTimer(self)
        self._overlay_timer.setSingleShot(True)
        self._overlay_timer.timeout.connect(self._on_overlay_due)
        self._make_chooser()
        self._make_story()
        self._make_table()
        self._lay_out()
        store.changed.connect(self._on_store_changed)

    # -- making ----------------------------------------------------------------------------------------------------------------

    def _make_chooser(self) -> None:
        self._kind = Choice((), "what to talk to", "Which weights, biases or inputs to choose from")
        self._kind.setMinimumContentsLength(14)
        self._unit = number_field("neuron it leads to", "The neuron that the weight leads to")
        self._from = number_field("neuron it comes from", "The neuron or input that the weight comes from")
        self._to_label, self._from_label = QLabel("to"), QLabel("from")
        self._sample_label, self._sample = QLabel("sample"), number_field("sample", "The sample whose paths are shown")
        self._kind.chosen.connect(self._on_kind_chosen)
        for field in (self._unit, self._from):
            field.valueChanged.connect(self._on_number_changed)
        self._sample.valueChanged.connect(self._on_sample_changed)

    def _make_story(self) -> None:
        self._back, self._next = QToolButton(autoRaise=True), QToolButton(autoRaise=True)
        for button, name, tip, key, slot in (
            (self._back, "story: back", "The story one step back", BACK_KEY, self.tell_back),
            (self._next, "story: on", "Who is responsible? The story one step on", NEXT_KEY, self.tell_next),
        ):
            button.setAccessibleName(name)
            button.setToolTip(f"{tip} ({key})")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(slot)
            QShortcut(QKeySequence(key), self, slot)
        self._where = Line("quiet")
        self._where.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _make_table(self) -> None:
        table = self._table
        table.entered.connect(self._on_row_entered)
        table.selectionModel().currentRowChanged.connect(self._on_row_chosen)
        table.viewport().installEventFilter(self)
        self._sums = QLabel(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self._sums.setContentsMargins(12, 2, 8, 4)
        self._sums.setAccessibleName("sum of the paths and gradient of the record")
        self._wait = QLabel(wordWrap=True)
        self._go = QPushButton("Go there")
        self._go.setToolTip("Go on to where this gradient can be calculated")
        self._go.clicked.connect(self._on_go_clicked)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 4, 8, 2)
        head.setSpacing(6)
        for widget in (self._kind, self._to_label, self._unit, self._from_label, self._from, self._sample_label, self._sample):
            head.addWidget(widget)
        head.addWidget(self._where, 1)
        for widget in (self._back, self._next):
            head.addWidget(widget)
        self._right = QWidget()
        column = QVBoxLayout(self._right)
        column.setContentsMargins(8, 0, 8, 4)
        column.setSpacing(4)
        column.addWidget(self._table, 1)
        column.addWidget(self._wait)
        column.addWidget(self._go, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(0)
        self._split = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        board = cast(QWidget, self._board)
        board.setMinimumWidth(160)
        board.installEventFilter(self)
        self._split.addWidget(board)
        self._split.addWidget(self._right)
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 0)
        self._split.splitterMoved.connect(self._on_split_moved)
        self._moved = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._split, 1)
        layout.addWidget(self._sums)

    # -- showing ---------------------------------------------------------------------------------------------------------------

    @property
    def target(self) -> Ref:
        """The weight, bias or input that is talked to."""
        return self._target

    @property
    def paths(self) -> Paths | None:
        """What is shown, None as long as the walk has not reached it."""
        return self._paths

    @property
    def told(self) -> str:
        """What the present step of the story is called."""
        return self._tellings[self._telling].explanation.caption if self._tellings else ""

    def touches(self, old: AppState, new: AppState) -> bool:
        if new.training and old.training:  # painting many numbers would hold up the training thread
            return False
        same = old.selection == new.selection and old.problem is new.problem and same_moment(old, new)
        return not same or bool(old.training) != bool(new.training)

    def set_theme(self, theme: Theme) -> None:
        self._board.set_theme(theme)
        for button, name in ((self._back, "step-back"), (self._next, "step-forward")):
            button.setIcon(icon(name, css(theme.text), css(theme.rule)))
        self._theme = theme
        self.invalidate()

    def show_state(self, state: AppState) -> None:
        moment, last = self.store.moment, self._target
        self._target = self._wanted(state)
        if self._target != last:
            self._telling = 0
        self._row = -1
        known = not state.training and self._known(moment)
        paths = paths_of(moment.record, self._target, moment.sample)
        self._paths = paths if known else None
        self._tellings = (story if known else before)(moment, self._target, paths)
        self._model.show_paths(moment, self._paths, self._theme)
        self._table.measure()
        self._show_chooser(state, moment)
        self._show_sums(moment)
        self._share_room()
        self._tell(self._telling)

    def _wanted(self, state: AppState) -> Ref:
        chosen = target_of(state.selection, state.problem)
        if chosen is not None and exists(chosen, state.problem):
            return chosen
        return self._target if exists(self._target, state.problem) else Ref("W", 1, 0, 0)

    def _known(self, moment: Moment) -> bool:
        """Return whether the walk has come to the error signals of all neurons that the target leads to."""
        target, problem = self._target, moment.record.problem
        layer = max(target.layer, 1)
        one = target.quantity == "W" or (target.quantity == "b" and problem.bias_sharing == "per_unit")
        units: Sequence[int] = (target.unit or 0,) if one else range(problem.layers[layer])
        return all(moment.known(Ref("delta", layer, unit, sample=moment.sample)) for unit in units)

    def _show_chooser(self, state: AppState, moment: Moment) -> None:
        problem, target = state.problem, self._target
        entries = kinds_of_target(state.notation, problem)
        if [self._kind.itemData(i) for i in range(self._kind.count())] != [value for value, _ in entries]:
            self._kind.clear()
            for value, text in entries:
                self._kind.addItem(text, value)
        for i, (_, text) in enumerate(entries):
            self._kind.setItemText(i, text)
        self._kind.show_value((target.quantity, target.layer))
        is_weight = target.quantity == "W"
        show_number(self._unit, (target.unit or 0) + 1, problem.layers[target.layer])
        show_number(self._from, (target.from_ or 0) + 1, problem.layers[max(target.layer - 1, 0)])
        show_number(self._sample, moment.sample + 1, moment.record.m)
        self._to_label.setText("number" if target.quantity == "x" else "to")
        for widget in (self._from_label, self._from):
            widget.setVisible(is_weight)

    def _show_sums(self, moment: Moment) -> None:
        paths = self._paths
        self._table.setVisible(paths is not None)
        training = bool(self.store.state.training)
        self._wait.setVisible(paths is None)
        self._go.setVisible(paths is None and not training)
        self._sums.setVisible(paths is not None)
        if paths is None:
            name = plain_symbol(moment.notation.symbol(self._target, moment.record.problem, moment.record.m))
            resting = "The paths come back when training rests."
            self._wait.setText(resting if training else f"The walk has not come to the gradient by {name} yet; the numbers appear then.")
            return
        batch = batch_paths(moment.record, self._target)
        self._said = sum_lines(paths, batch, moment)

    def _share_room(self) -> None:
        """Beside the chain the table is as wide as its columns; in a low pane the chain has all the room."""
        wide = self.width()
        self._low = self.height() < LOW * self._board.sizes().size
        beside = wide >= max(SIDE_BY_SIDE[0], SIDE_BY_SIDE[1] * self.height())
        self._where.setVisible(len(self._tellings) > 1 and wide >= SIDE_BY_SIDE[0])
        self._split.setOrientation(Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical)
        self._right.setVisible(not self._low or self._paths is None)
        room = self._table.show_columns(wide, beside)
        if not self._moved:
            whole = self._split.width() if beside else self._split.height()
            room = room if beside else min(self._table.full_height() + BELOW, whole // 2)
            self._split.setSizes([whole - room, room])
        for widget in (self._sample_label, self._sample):
            widget.setVisible(self._sample.maximum() > 1 and wide >= NARROW * self._board.sizes().size)
        self._write_sums()

    def _write_sums(self) -> None:
        """Say the sums, in a low pane in one line."""
        self._sums.setText(self._said[0] + MORE if self._low and self._said else "\n".join(self._said))
        self._sums.setToolTip("\n".join(self._said) if self._low else "")
        self._sums.setWordWrap(not self._low)

    def _on_split_moved(self) -> None:
        self._moved = True

    # -- the story -------------------------------------------------------------------------------------------------------------

    def tell_next(self) -> None:
        """Go one step on in the story."""
        self._tell(self._telling + 1)

    def tell_back(self) -> None:
        """Go one step back in the story."""
        self._tell(self._telling - 1)

    def _tell(self, number: int) -> None:
        last = len(self._tellings) - 1
        self._telling = max(0, min(number, last))
        telling = self._tellings[self._telling]
        self.step = BoardStep(0, None, replace(telling.explanation, focus=()))
        self._show_step()
        self._back.setEnabled(self._telling > 0)
        self._next.setEnabled(self._telling < last)
        self._where.setText("the chain" if not self._telling else f"the story, {self._telling} of {last}")
        self._where.setToolTip(self.told)
        self._where.setVisible(last > 0 and self.width() >= SIDE_BY_SIDE[0])
        self._want_overlay()

    def _show_step(self) -> None:
        """Set the formulas on the board, the chain on as many lines as its width asks for."""
        if self.step is None:
            return
        fmt, room = self.store.state.options.fmt, cast(QWidget, self._board).width() - BESIDE_CHAIN
        told = self.step.explanation
        if self._low and not self._telling:
            told = bare_chain(told)
        told = chain_in_lines(told, fmt, self._board.sizes(), max(room, 60), GlyphMetrics())
        self._board.set_content(self.step._replace(explanation=told), (), fmt)

    # -- the picture -----------------------------------------------------------------------------------------------------------

    def _want_overlay(self) -> None:
        """Have the paths drawn on the network: the pointed-at one, or all as far as the story has come."""
        self._overlay = self._drawn() if self.isVisible() else ()
        self._overlay_timer.start(0)

    def _drawn(self) -> tuple[PathOverlay, ...]:
        if self._paths is None or not self._tellings:
            return ()
        path = self._model.path_at(self._row)
        if path is not None:
            return (PathOverlay(path.edges, path.value, self._target),)
        lowest = self._tellings[self._telling].lowest
        drawn = (PathOverlay(tuple(e for e in p.edges if e[0] >= lowest), p.value, self._target) for p in self._paths.listed)
        return tuple(overlay for overlay in drawn if overlay.edges)

    def _point(self, row: int) -> None:
        if row != self._row:
            self._row = row
            self._want_overlay()

    def _on_overlay_due(self) -> None:
        self.store.dispatch(show_paths, self._overlay)

    # -- what the user does ----------------------------------------------------------------------------------------------------

    def _on_kind_chosen(self, kind: tuple[str, int]) -> None:
        quantity, layer = kind
        self.store.dispatch(select, Ref(quantity, layer, 0, 0 if quantity == "W" else None))

    def _on_number_changed(self) -> None:
        target = self._target
        source = self._from.value() - 1 if target.quantity == "W" else None
        self.store.dispatch(select, target._replace(unit=self._unit.value() - 1, from_=source))

    def _on_sample_changed(self, value: int) -> None:
        self.store.dispatch(set_sample, value - 1)

    def _on_go_clicked(self) -> None:
        self.store.dispatch(seek_address, f"delta:{max(self._target.layer, 1)}")

    def _on_row_entered(self, index: QModelIndex) -> None:
        self._point(index.row())

    def _on_row_chosen(self, current: QModelIndex) -> None:
        self._point(current.row() if current.isValid() else -1)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if self.isVisible() and (old.hover, old.selection) != (new.hover, new.selection):
            self._board.set_highlight(frozenset(ref for ref in (new.hover, new.selection) if ref is not None))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._board and event.type() == QEvent.Type.Resize:
            self._show_step()
        elif watched is not self._board and event.type() == QEvent.Type.Leave:
            current = self._table.currentIndex()
            self._point(current.row() if current.isValid() and self._table.hasFocus() else -1)
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._overlay = ()
        self._overlay_timer.start(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        was_low = self._low
        self._share_room()
        if self._low != was_low:
            self._show_step()

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 120)
