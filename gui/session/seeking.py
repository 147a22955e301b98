"""Goes to far moments of a run without keeping the window waiting: what takes longer than a frame is computed a little at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from gui.actions import Refusal, seek, seek_update
from gui.session.actions import AT_ONCE, go_to_bookmark, mark_after
from gui.session.keeping import Bookmark
from gui.state import AppState
from gui.store import Store

PAUSE = 1  # milliseconds for what else happens in the window


class Seeking(QObject):
    """One place that is being gone to, at most; whatever else moves the cursor puts an end to it.

    wanted: the number of its update, 0 when there is none. share: of the updates before it that are computed so far.

    **Signals:** moved: `wanted` or `share` is another one.
    """

    moved = Signal()

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._store = store
        self.wanted, self.share = 0, 0.0
        self._all = 0
        self._arrive: Callable[[], str] = str
        self._own = False  # whether a change of the state is one that is made here
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self._on_timeout)
        store.changed.connect(self._on_store_changed)
        store.sought.connect(self._on_store_sought)

    def go(self, step: int, action: Callable[..., AppState], *args: Any) -> str:
        """Apply an action that leads to update `step` as soon as that is computed; until then, show the nearest one that is at hand.

        Returns "" or, where it was refused at once, the sentence that says why.
        """
        self._stop()
        state = self._store.state
        left = state.run.draw_near(step, AT_ONCE) if 1 <= step <= state.run_length else 0
        if not left:
            return self._store.dispatch(action, *args)
        self.wanted, self.share, self._all = step, 0.0, left
        self._arrive = partial(self._store.dispatch, action, *args)
        near = state.run.nearest(step)
        follows = state.training and state.step == state.run_length  # a cursor that goes with the run would not stay
        if follows or abs(near - step) < abs(state.step - step):
            self._show(near)
        self._timer.start()
        self.moved.emit()
        return ""

    def _show(self, step: int) -> None:
        self._own = True
        self._store.dispatch(seek_update, step)
        self._own = False

    def _on_timeout(self) -> None:
        left = self._store.state.run.draw_near(self.wanted, AT_ONCE)
        if left:
            self.share = max(self.share, 1.0 - left / self._all)
            self._timer.start()
            self.moved.emit()
            return
        arrive = self._arrive
        self._stop()
        arrive()

    def _stop(self) -> None:
        self._timer.stop()
        if self.wanted:
            self.wanted, self._arrive = 0, str
            self.moved.emit()

    def _on_store_sought(self, step: int, tick: int) -> None:
        self.go(step, seek, step, tick)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if not self._own and (old.run is not new.run or (old.step, old.tick) != (new.step, new.tick)):
            self._stop()


def seeking(store: Store) -> Seeking:
    """Return what goes to far moments in a window; it belongs to the store."""
    return store.findChild(Seeking) or Seeking(store)


def go_to_update(store: Store, step: int) -> None:
    """Go to another update, to the place in it that corresponds to the present one."""
    step = max(1, min(step, store.state.run_length))
    seeking(store).go(step, seek_update, step)


def go_to_mark(store: Store, mark: Bookmark) -> str:
    """Go to the moment that a mark is at. Returns "" or why that is not possible."""
    return seeking(store).go(mark.step, go_to_bookmark, mark)


def go_to_next_mark(store: Store) -> str:
    """Go to the next mark after the present moment; after the last one, to the first. Returns as `go_to_mark`."""
    try:
        return go_to_mark(store, mark_after(store.state))
    except Refusal as refusal:
        return str(refusal)
