"""One of two runs side by side: its name and loss, its picture, its blackboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui import actions as act
from gui.board.history import EarlierSteps, board_step
from gui.formula.plain_symbols import rate_letter
from gui.panel.fields import Line
from gui.splitter import make_splitter
from gui.state import AppState, same_moment, theme_of
from gui.store import Store
from model.expr.tree import format_number

MakeParts = Callable[[Store], tuple[Any, Any]]


def run_name(state: AppState) -> str:
    """Return what a run has that the other has not, in the letters of the notation."""
    return in_letters(state.problem.title, state)


def in_letters(value: str, state: AppState) -> str:
    """Return a value that runs can differ in with the notation's letter of the learning rate."""
    return value.replace("η", rate_letter(state.notation, state.problem))


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


class Mirror(QObject):
    """Lights up on one side what is pointed at on the other."""

    def __init__(self, other: Store, parent: QObject) -> None:
        super().__init__(parent)
        self._other = other

    def follow(self, old: AppState, new: AppState) -> None:
        """Hover on the other side."""
        if old.hover != new.hover:
            self._other.dispatch(act.hover, new.hover)
