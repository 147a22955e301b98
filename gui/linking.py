"""Ties the numbers of the window together: what is pointed at lights up everywhere, what is clicked shows where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer

from gui import actions as act
from gui.board.blackboard import Blackboard
from gui.diagnosis.actions import compare, toggle_printed
from gui.diagnosis.figure_row import FigureRow
from gui.panes.origin_view import OriginView
from gui.splitter import make_splitter
from gui.state import AppState, same_moment
from gui.store import Store
from model.stages import Ref

WARM_MS = 30  # between the steps whose symbols are set beforehand
QUIET_MS = 250  # after a key; until then no symbol is set beforehand, because every call into Qt would wait for the interpreter

LEAST = 18.0  # em: about the height of the blackboard in the smallest window, before it shares its place with the view of origins


class Linking(QObject):
    """Makes the blackboards and the view of origins. tip_for: the tooltip of a number."""

    def __init__(self, store: Store, tip_for: Callable[[Ref], str], parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._tip_for = store, tip_for
        self.board = self.make_board(LEAST)
        self.figure = FigureRow(store)
        self.origin = OriginView(store, self.make_board(), foot=self.figure)
        self.figure.left.connect(self.origin.closed)
        self.origin.hide()
        self.desk = make_splitter(Qt.Orientation.Vertical, (self.board, self.origin), (3, 2))
        self._coming: list[int] = []
        self._warm_timer = QTimer(self)
        self._warm_timer.timeout.connect(self._on_warm_timeout)
        store.changed.connect(self._on_store_changed)

    def make_board(self, least: float = 0.0) -> Blackboard:
        """Return a blackboard whose numbers are links. least: see there."""
        board = Blackboard(tip_for=self._tip_for, least=least)
        board.hovered.connect(self._on_hovered)
        board.ref_clicked.connect(self._on_asked)
        return board

    def handlers(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of this subject do, by their names in `gui.shortcuts`."""
        way = {"origin": self.toggle, "origin_back": self.go_back, "origin_forward": self.go_forward}
        return way | {"compare_figure": self.compare_figure, "printed": self.toggle_printed}

    def toggle(self) -> None:
        """Show where the chosen number comes from, or hide it."""
        self._store.dispatch(act.toggle_trail)

    def go_back(self) -> None:
        """Pin the formula before."""
        self._store.dispatch(act.walk_trail, -1)

    def go_forward(self) -> None:
        """Pin the formula after."""
        self._store.dispatch(act.walk_trail, 1)

    def compare_figure(self) -> None:
        """Ask for a figure of the user's own for a number of this step."""
        self._store.dispatch(compare)
        self.figure.enter()

    def toggle_printed(self) -> None:
        """Show the figures of the note on the blackboard, or not."""
        self._store.dispatch(toggle_printed)

    def close_origin(self) -> bool:
        """Hide where a number comes from; returns whether it was shown."""
        shown = self._store.state.trail.shown
        self._store.dispatch(act.show_trail, False)
        return shown

    def show_board(self, shown: bool) -> None:
        """Show or hide the blackboard; the view of origins stays where it is asked for."""
        self.board.setVisible(shown)
        self.desk.setVisible(shown or self._store.state.trail.shown)

    def warm_up(self) -> None:
        """Have the symbols of the steps to come set while nobody waits, those of the next step first."""
        moment = self._store.moment
        self._coming = [tick for tick in moment.walk.ends if tick > moment.tick]
        self._warm_timer.start(WARM_MS)

    def _on_warm_timeout(self) -> None:
        if self._store.turns.busy:
            return
        self.board.rest(False)
        self._warm_timer.start(WARM_MS)
        moment = self._store.moment
        while self._coming and self._coming[0] <= moment.tick:
            self._coming.pop(0)
        if not self._coming:
            self._warm_timer.stop()
            return
        coming = replace(moment, tick=min(self._coming.pop(0), moment.walk.total))
        self.board.warm_up([self._store.explanations.explanation(coming)])

    def _on_hovered(self, ref: Ref | None) -> None:
        self._store.dispatch(act.hover, ref)

    def _on_asked(self, ref: Ref) -> None:
        self._store.dispatch(act.ask, ref)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if new.training or not same_moment(old, new):
            self.board.rest(True)
            self._warm_timer.start(QUIET_MS)
        if old.trail.shown != new.trail.shown:
            self.origin.setVisible(new.trail.shown)
            self.desk.setVisible(new.trail.shown or self.board.isVisibleTo(self.desk))
        if old.options.notation != new.options.notation or old.problem.layers != new.problem.layers:
            self.warm_up()
