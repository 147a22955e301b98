"""Stores with something to show, panes on screen, and what their tables say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from PySide6.QtWidgets import QTableView, QWidget

from gui.state import initial_state, walk_of
from gui.store import Store
from model.examples import open_problem
from model.problem import Problem

Shown = TypeVar("Shown", bound=QWidget)


def store_of(problem: Problem | str, *, tick: int | None = None) -> Store:
    """A store at the end of update 1, or at `tick`."""
    state = initial_state(open_problem(problem) if isinstance(problem, str) else problem)
    return Store(replace(state, tick=walk_of(state).total if tick is None else tick))


def on_screen(widget: Shown, qtbot: Any, width: int = 700, height: int = 300) -> Shown:
    """A pane, or another widget, as soon as it can be seen."""
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def texts(table: QTableView, column: int) -> list[str]:
    model = table.model()
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def table_of(pane: QWidget) -> QTableView:
    return pane.findChildren(QTableView)[0]
