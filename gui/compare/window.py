"""Two runs side by side: the same start, one difference; both pictures and both blackboards follow one cursor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui import actions as act
from gui.actions import Refusal
from gui.board.history import EarlierSteps, board_step
from gui.compare.evening import Evening
from gui.compare.mirror import Mirror
from gui.compare.side_by_side import BY_TITLE, DIFFERENCES, Together, at_update, beside, in_letters, proposed, run_name, shared_units, side
from gui.compare.tool_rows import ToolRows
from gui.edits import REPLAY_WORK
from gui.panel.fields import Choice, CountField, Line, Segments
from gui.panel.leaving import leave_field
from gui.panel.words import in_words
from gui.splitter import make_splitter
from gui.state import AppState, same_moment, theme_of, walk_of
from gui.store import Store
from model.explain.titles import title_for
from model.expr.tree import format_number
from model.format.writer import same
from model.parameters import layer_slices
from model.stages import GRANULARITIES, Granularity

MakeParts = Callable[[Store], tuple[Any, Any]]
MakePlot = Callable[[tuple[Store, Store], Callable[[int], int]], Any]
LONGEST = 10_000  # updates that can be gone to
KEYS = {
    "step": ("Right", "Space", "PgDown"), "back": ("Left", "PgUp"), "first": ("Home",), "last": ("End",), "next": ("Ctrl+Right",),
    "previous": ("Ctrl+Left",), "close": ("Esc",), "play": ("P",), "projector": ("F11",),
}  # fmt: skip


class SideView(QWidget):
    """One of the two runs: its name and loss, its picture, its blackboard."""

    def __init__(self, store: Store, make_parts: MakeParts) -> None:
        super().__init__()
        self.store = store
        self._head = Line(rich=True)
        self.canvas, self.board = make_parts(store)
        self.canvas.setMinimumSize(200, 160)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.canvas.installEventFilter(self)
        self.board.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.board.setMinimumWidth(160)
        self.board.hovered.connect(self._on_hovered)
        self.parts = make_splitter(Qt.Orientation.Vertical, (self.canvas, self.board), (3, 2))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._head.setContentsMargins(14, 6, 14, 6)
        layout.addWidget(self._head)
        layout.addWidget(self.parts, 1)
        self.show_state(store.state)
        store.changed.connect(self._on_store_changed)

    def show_state(self, state: AppState) -> None:
        """Show the moment of a state in words and on the blackboard."""
        self.board.set_theme(theme_of(state))
        moment, cache = self.store.moment, self.store.explanations
        self.board.set_content(board_step(moment, state.tick, cache), EarlierSteps(moment, cache), moment.fmt)
        known = self.store.moment.walk.done("loss", 0, state.tick) > 0
        loss = f" · loss {format_number(float(state.run.losses[state.step - 1]), state.options.fmt)}" if known else ""
        self._head.setText(f"<b>{run_name(state)}</b>{loss}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Nothing is changed here: one difference is all there is between the two."""
        return event.type() in (QEvent.Type.MouseButtonDblClick, QEvent.Type.ContextMenu)

    def _on_hovered(self, ref: object) -> None:
        self.store.dispatch(act.hover, ref)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if not same_moment(old, new) or theme_of(old) is not theme_of(new):
            self.show_state(new)
        if old.hover != new.hover:
            self.board.set_highlight(frozenset() if new.hover is None else frozenset((new.hover,)))


class CompareWindow(QWidget):
    """Takes the experiment of `store` as it is when it opens or "Compare anew" is pressed; how it is shown follows the main window.

    make_parts: makes a canvas and a blackboard on a store. make_plot: makes the plot of both losses, which is told how far runs may go.
    """

    def __init__(self, store: Store, make_parts: MakeParts, make_plot: MakePlot, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Two runs side by side – Deltastep")
        self._main, self._problem = store, store.state.problem
        self._walks: tuple[int, Together] | None = None
        self._place = 0
        start = [Store(beside(store.state, self._problem), self) for _ in range(2)]
        self.left, self.right = SideView(start[0], make_parts), SideView(start[1], make_parts)
        self._evening = Evening((self.left.board, self.right.board), self)
        self._player = QTimer(self)
        self._player.timeout.connect(self._on_player_timeout)
        self.strip = make_plot((self.left.store, self.right.store), self._run_end)
        self._make_fields()
        self._lay_out()
        self._take(DIFFERENCES[0].title)
        self._show_anew()
        screen = self.screen().availableSize()
        self.resize(min(1500, screen.width() - 40), min(940, screen.height() - 60))
        for one, other in ((self.left, self.right), (self.right, self.left)):
            one.store.changed.connect(Mirror(other.store, self).follow)
        store.changed.connect(self._on_main_changed)
        self._show_projector(store.state.options.projector)
        QApplication.instance().installEventFilter(self)

    def _make_fields(self) -> None:
        self._kind = Choice([(d.title, d.title) for d in DIFFERENCES], "difference", "What the two runs differ in")
        self._kind.chosen.connect(self._take)
        self._values = [Choice((), f"{name} side", f"What the {name} run has") for name in ("left", "right")]
        for field in (self._kind, *self._values):
            field.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self._kind.setMinimumWidth(0)  # and so no less than its longest entry, whatever becomes of the two others
        self._kind.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        for value in self._values:
            value.chosen.connect(self._on_value_chosen)
        self._granularity = Segments([(name, name, f"One step shows one {name}") for name in GRANULARITIES], "step size")
        self._granularity.chosen.connect(self._on_granularity_chosen)
        self._number = CountField(1, LONGEST, "number of the update", "The update that both show; Ctrl+Right, Ctrl+Left")
        self._number.valueChanged.connect(self._on_number_changed)
        self.strip.reached.connect(self._on_reached)
        for field in (self._number, self.strip.updates):
            field.refused.connect(self._refuse)
            field.editingFinished.connect(field.clearFocus)  # the keys belong to the walk again
        self._play = _button("Play", "Step by itself on both sides, or pause (P)", self.toggle_playing)
        self._anew = _button("Compare anew", "", self.compare_anew)
        self._words = Line()
        self._refusal = QLabel(wordWrap=True, visible=False)
        self._refusal.setObjectName("refusal")

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(8)
        first.setContentsMargins(14, 8, 14, 0)
        for part in (QLabel("difference"), self._kind, QLabel(" "), self._values[0], QLabel("against"), self._values[1]):
            first.addWidget(part)
        first.addStretch(1)
        moves: dict[str, Callable[[], object]] = {
            "step": self.step, "back": self.back, "first": self.first, "last": self.last, "next": self.next_update,
            "previous": self.previous_update, "close": self.close, "play": self.toggle_playing, "projector": self._on_projector,
        }  # fmt: skip
        primary = _button("Step", "Reveal the next piece on both sides (Right)", self.step)
        primary.setObjectName("primary")
        walking = (
            _button("Start", "To the start of this update; again: to update 1 (Home)", self.first),
            _button("Back", "Take the last piece back on both sides (Left)", self.back),
            primary, _button("End", "Reveal the rest of this update on both sides (End)", self.last), self._play,
        )  # fmt: skip
        tools = ToolRows(walking, (self._granularity, QLabel("  update"), self._number, self._words, self._anew), self._words)
        for name, move in moves.items():
            for key in KEYS[name]:
                QShortcut(QKeySequence(key), self, move)
        views = QGridLayout()
        views.setContentsMargins(0, 6, 0, 0)
        views.setSpacing(0)
        pair = make_splitter(Qt.Orientation.Horizontal, (self.left, self.right), (1, 1))
        pair.setSizes([500, 500])
        views.addWidget(pair)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(first)
        layout.addWidget(tools)
        self._refusal.setContentsMargins(14, 6, 14, 0)
        layout.addWidget(self._refusal)
        layout.addLayout(views, 1)
        layout.addWidget(self.strip)

    @property
    def together(self) -> Together:
        """The two walks of the present update."""
        step = self.left.store.state.step
        if self._walks is None or self._walks[0] != step:
            self._walks = (step, Together(walk_of(self.left.store.state), walk_of(self.right.store.state)))
        return self._walks[1]

    @property
    def _size(self) -> Granularity:
        return self.left.store.state.options.granularity

    def step(self) -> None:
        """Reveal the next piece; after the last one, the first of the next update."""
        if self._place + 1 < len(self.together.places(self._size)):
            self._go(self._place + 1)
        elif self._can_go_on():
            self._go_to_update(self.left.store.state.step + 1, 1)

    def back(self) -> None:
        """Hide the last piece."""
        if self._place:
            self._go(self._place - 1)
        elif self.left.store.state.step > 1:
            self._go_to_update(self.left.store.state.step - 1, -1)

    def first(self) -> None:
        """Go to the start of the update, from there to the first one."""
        self._go(0) if self._place else self._go_to_update(1, 0)

    def last(self) -> None:
        """Go to the end of the update."""
        self._go(-1)

    def toggle_playing(self) -> None:
        """Step by itself, at the speed of the main window, or pause."""
        if self._player.isActive():
            self._player.stop()
        else:
            self._player.start(round(1000 / self._main.state.options.speed))
        self._play.setText("Pause" if self._player.isActive() else "Play")

    def _on_player_timeout(self) -> None:
        before = self.left.store.state.step, self._place
        self.step()
        if before == (self.left.store.state.step, self._place):  # nothing follows
            self.toggle_playing()

    def next_update(self) -> None:
        """Go one update on, to the same place."""
        if self._can_go_on():
            self._go_to_update(self.left.store.state.step + 1, self._place)

    def previous_update(self) -> None:
        """Go one update back, to the same place."""
        self._go_to_update(max(1, self.left.store.state.step - 1), self._place)

    def _can_go_on(self) -> bool:
        return self._problem.learning_rate is not None and self.left.store.state.step < self._number.maximum()

    def _go(self, place: int) -> None:
        places = self.together.places(self._size)
        self._place = place % len(places) if place < 0 else min(place, len(places) - 1)
        for view, tick in zip((self.left, self.right), places[self._place], strict=True):
            view.store.dispatch(act.seek, view.store.state.step, tick)
        self._show_words()

    def _go_to_update(self, step: int, place: int) -> None:
        self.strip.stop()
        drawn = shared_units([view.store.state for view in (self.left, self.right)], step)
        for view in (self.left, self.right):
            view.store.dispatch(at_update, step, drawn)
        self._walks = None
        self._number.blockSignals(True)
        self._number.setValue(step)
        self._number.blockSignals(False)
        self._go(place)

    def _show_words(self) -> None:
        places, together = self.together.places(self._size), self.together
        alone = together.alone(places[self._place])
        row = together.row_at(places[self._place])
        self._words.setText("")
        if row is not None and alone:
            walk, i = (together.left, row[0]) if alone == "left" else (together.right, row[1])
            moment = (self.left if alone == "left" else self.right).store.moment
            title = title_for(moment.record, walk.stages[i or 0], moment.notation)
            self._words.setText(f"  “{title}” is a step of the {alone} run only.")

    def _take(self, title: object) -> None:
        """Offer the values of a difference; the first two are compared."""
        difference = BY_TITLE[str(title)]
        self._kind.show_value(difference.title)
        for field, value in zip(self._values, proposed(self._problem, difference.title), strict=True):
            field.clear()
            for name in difference.values:
                field.addItem(in_letters(name, self._main.state), name)
            field.show_value(value)
        self._compare()

    def _compare(self) -> None:
        difference = BY_TITLE[self._kind.currentData()]
        try:
            problems = [side(self._problem, difference, field.currentData()) for field in self._values]
            states = [beside(self._main.state, problem) for problem in problems]
        except (Refusal, ValueError) as refusal:
            self._refuse(str(refusal))
            return
        self._refuse("")
        self.strip.stop()
        size = layer_slices(self._problem.layers, self._problem.has_biases)[-1].stop
        self._number.setMaximum(1 if self._problem.learning_rate is None else max(10, min(LONGEST, REPLAY_WORK // size)))
        granularity = self._size
        for view, state in zip((self.left, self.right), states, strict=True):
            view.store.open(lambda _, there: there, act.set_options(state, granularity=granularity))
        self._granularity.show_value(granularity)
        self._go_to_update(1, 0)

    def _refuse(self, sentence: str) -> None:
        self._refusal.setText(in_words(sentence))
        self._refusal.setVisible(bool(sentence))

    def _run_end(self, updates: int) -> int:
        """Return how far both runs go when so many updates are asked for, or say why there are none."""
        here, most = self.left.store.state.step, self._number.maximum()
        if self._problem.learning_rate is None:
            self._refuse("Without a learning rate there is nothing to train; set one in the main window, then press Compare anew.")
        elif here >= most:
            self._refuse(f"Two runs can be compared up to update {most:,}, which is this one.")
        else:
            self._refuse("")
        return min(here + updates, most)

    def _on_reached(self, step: int, sentence: str) -> None:
        self._go_to_update(step, 0)
        self._refuse(sentence)

    def _on_value_chosen(self, value: object) -> None:
        self._compare()

    def compare_anew(self) -> None:
        """Begin both runs again, with the experiment as it is now in the main window."""
        self._problem = self._main.state.problem
        self._show_anew()
        self._compare()

    def _show_anew(self) -> None:
        """Offer to compare anew where that would change something."""
        other = not same(self._problem, self._main.state.problem)
        self._anew.setEnabled(other)
        tip = "Begin both runs again, at update 1, with the experiment as it is now in the main window; what was trained here is given up"
        self._anew.setToolTip(tip if other else "The main window still has the experiment that is compared here")

    def _on_granularity_chosen(self, name: Granularity) -> None:
        here = self.together.places(self._size)[self._place]
        for view in (self.left, self.right):
            view.store.dispatch(act.set_granularity, name)
        self._go(self.together.nearest(here, name))

    def _on_number_changed(self, step: int) -> None:
        self._go_to_update(step, self._place)

    def _on_main_changed(self, old: AppState, new: AppState) -> None:
        names = ("notation", "fmt", "form", "theme", "projector", "colour_by", "numbers", "edge_scale", "motion")
        if old.problem is not new.problem:
            self._show_anew()
        if old.options is new.options and old.dark_system == new.dark_system:
            return
        changed = {name: getattr(new.options, name) for name in names if getattr(old.options, name) != getattr(new.options, name)}
        for view in (self.left, self.right):
            view.store.dispatch(act.set_dark_system, new.dark_system)
            notation = changed.get("notation", view.store.state.options.notation)
            view.store.dispatch(act.set_notation, str(notation))
            view.store.dispatch(act.set_options, **{name: value for name, value in changed.items() if name != "notation"})
        if "notation" in changed:
            for field in self._values:
                for i in range(field.count()):
                    field.setItemText(i, in_letters(field.itemData(i), self.left.store.state))
            self._walks = None
            self._go(min(self._place, len(self.together.places(self._size)) - 1))
        if "projector" in changed:
            self._show_projector(new.options.projector)

    def _on_projector(self) -> None:
        self._main.dispatch(act.toggle_projector)  # the main window dresses the whole application

    def _show_projector(self, on: bool) -> None:
        """Fill the screen, above the main window, or not; a window of the usual size stays as it is."""
        if on:
            self.setWindowState(Qt.WindowState.WindowFullScreen)
            if self.isVisible():
                self.raise_()
                self.activateWindow()
        elif self.isFullScreen():
            self.setWindowState(Qt.WindowState.WindowNoState)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.strip.fit(self.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever clicks beside a field is done with it."""
        leave_field(watched, event, (self,), self)
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        QApplication.instance().removeEventFilter(self)
        self._player.stop()
        self.strip.stop()
        for view in (self.left, self.right):
            view.board.close_loader()
        event.accept()


def _button(text: str, tip: str, clicked: Callable[[], None]) -> QPushButton:
    button = QPushButton(text, toolTip=tip, focusPolicy=Qt.FocusPolicy.TabFocus)
    button.setAutoDefault(False)
    button.clicked.connect(clicked)
    return button
