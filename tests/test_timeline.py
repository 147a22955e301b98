"""The timeline with a real store and no window: a chip with its symbol for every step, and the update and the sample that are shown."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from pane_helpers import store_of
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gui import actions
from gui.actions import end_of_update, seek, set_notation
from gui.chips import SHORT, lay_out
from gui.diagram.text import symbol
from gui.store import Store
from gui.timeline_bar import ChipRow, TimelineBar
from model.examples import open_problem


@pytest.fixture
def store(qapp: Any) -> Store:
    return store_of("dyda-sigmoid", tick=0)


@pytest.mark.parametrize("name", ["dyda-sigmoid", "biswas-figure-1", "biswas-thin", "theta-digits"])
@pytest.mark.parametrize("width", [300, 700, 996, 1572])
def test_every_chip_has_its_symbol_and_the_present_one_is_in_sight(qapp: Any, name: str, width: int) -> None:
    store = store_of(name, tick=0)
    placed = lay_out(store.moment, 14, width)
    assert len(placed.chips) == len(store.moment.walk.stages)
    for stage in range(len(placed.chips)):
        seen = placed.around(stage)
        for one, other in pairwise(seen.chips):
            assert one.left + one.width < other.left
        for chip in seen.chips:
            assert symbol(chip.latex, seen.size).width < chip.width - 2
        assert 0 <= seen.chips[stage].left <= width - seen.chips[stage].width + 1e-6
        ends = seen.chips[0].left, seen.chips[-1].left + seen.chips[-1].width
        assert ends[0] == 0 or ends[1] >= width - 8, "no room is left empty while chips are hidden"
        assert seen.more == (ends[0] < 0, ends[1] > width + 0.5)


@pytest.mark.parametrize(("name", "notation", "width", "scale", "fits"), [
    ("dyda-sigmoid", "dyda", 996, 1.0, True), ("dyda-sigmoid", "biswas", 996, 1.0, True), ("dyda-sigmoid", "soletskyi", 996, 1.0, True),
    ("theta-digits", "theta", 996, SHORT, True), ("biswas-figure-1", "biswas", 1572, SHORT, True),
    ("biswas-figure-1", "biswas", 996, SHORT, False),
])  # fmt: skip
def test_chips_move_closer_before_they_shrink_and_shrink_before_they_are_scrolled(
    qapp: Any, name: str, notation: str, width: int, scale: float, fits: bool
) -> None:
    store = store_of(name, tick=0)
    store.dispatch(set_notation, notation)
    placed = lay_out(store.moment, 13.76, width)
    assert placed.scrolls is not fits
    assert placed.size == pytest.approx(13.76 * scale)


def test_the_row_follows_the_walk_but_not_the_pointer(qapp: Any, qtbot: Any) -> None:
    store = store_of("biswas-figure-1", tick=0)
    row = ChipRow(store)
    qtbot.addWidget(row)
    row.resize(500, 50)
    row.tick_requested.connect(lambda tick: store.dispatch(seek, 1, tick))
    store.dispatch(end_of_update)
    assert row._arranged().more == (True, False)
    left = row._arranged().chips[-2].left
    QTest.mousePress(row, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert row._arranged().chips[-2].left == left
    QTest.mouseRelease(row, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    place = store.moment.place
    assert place is not None
    here = row._arranged().chips[place.stage]
    assert here.left + here.width / 2 == pytest.approx(250, abs=1)


def test_dragging_the_chips_moves_the_cursor(store: Store, qtbot: Any) -> None:
    bar = TimelineBar(store)
    qtbot.addWidget(bar)
    bar.resize(1400, 80)
    bar.show()
    row = bar.findChildren(ChipRow)[0]
    chips = row._arranged().chips
    middle = row.height() // 2
    for chip in chips:
        spot = QPoint(round(chip.left + chip.width / 2), middle)
        QTest.mousePress(row, Qt.MouseButton.LeftButton, pos=spot)
        QTest.mouseRelease(row, Qt.MouseButton.LeftButton, pos=spot)
        assert store.state.tick == store.moment.walk.ends[chip.stage]
    QTest.mousePress(row, Qt.MouseButton.LeftButton, pos=QPoint(0, middle))
    assert store.state.tick == 0


def test_the_slider_goes_through_the_updates(store: Store, qtbot: Any) -> None:
    bar = TimelineBar(store)
    qtbot.addWidget(bar)
    bar.show()
    assert not bar._slider.isVisible()
    for _ in range(5):
        store.dispatch(end_of_update)
    assert bar._slider.isVisible()
    assert (bar._slider.value(), bar._slider.maximum(), bar._count.text()) == (5, 5, "of 5")
    bar._slider.setValue(2)
    assert store.state.step == 2
    bar._number.setValue(4)
    assert store.state.step == 4
    bar.grab()


def test_the_shown_sample_is_chosen_where_there_is_a_batch(qapp: Any, qtbot: Any) -> None:
    store = store_of("xor", tick=0)
    bar = TimelineBar(store)
    qtbot.addWidget(bar)
    bar.show()
    assert bar._sample.isVisible()
    assert bar._samples.text().split() == ["of", "4"]
    bar._sample.setValue(3)
    assert store.moment.sample == 2
    store.dispatch(actions.open_problem, open_problem("dyda-sigmoid"), "dyda-sigmoid")
    assert not bar._sample.isVisible()
