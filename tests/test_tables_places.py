"""Tables of numbers stand side by side, each with all its columns in sight, whatever was shown while they were fitted."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from window_helpers import press

from gui.actions import extend
from gui.main_window import MainWindow


@pytest.fixture
def file() -> str:
    return "jacob"


def test_tables_fitted_behind_another_tab_cover_none_of_each_other(window: MainWindow) -> None:
    window.resize(1600, 1000)
    while window.tables.prepare():
        pass
    window.store.state.run.record(1001)
    window.store.dispatch(extend, 1001, 0)
    while window.store.moment.stage is None or window.store.moment.stage.layer != 2:
        press(window.canvas, Qt.Key.Key_Right)
        window.tables.refresh()
    QApplication.processEvents()
    views = window.tables._pages.currentWidget()._views
    assert len(views) > 3
    for one, other in pairwise(views):
        assert one.geometry().right() < other.geometry().left(), (one.quantity, other.quantity)
    for view in views:
        assert view.width() >= view.horizontalHeader().length(), view.quantity
