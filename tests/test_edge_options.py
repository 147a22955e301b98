"""What the edges show, chosen in the panel and in the menu: every choice has its effect, and both follow each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QMenu, QWidget

from gui import actions
from gui.panel.edge_options import CHOICES, EdgeFields, EdgeMenus
from gui.panel.fields import Section
from gui.picture import limit_of, picture_options
from gui.state import initial_state
from gui.store import Store
from model.examples import open_problem


@pytest.fixture
def store() -> Store:
    return Store(initial_state(open_problem("dyda-sigmoid")))


@pytest.fixture
def section(qtbot: Any) -> Iterator[Section]:
    box = QWidget()
    qtbot.addWidget(box)
    yield Section("Show on edges", parent=box)  # noqa: PT022 -- returning would let go of the box


def test_every_choice_reaches_the_picture(store: Store, section: Section) -> None:
    fields = EdgeFields(store, section)
    for option, *_, entries in CHOICES:
        for i, (value, _) in enumerate(entries):
            fields.choices[option].activated.emit(i)
            made = picture_options(store.state, "")
            name = {"edge_scale": "scale", "edge_range": "range"}.get(option, option)
            assert getattr(made, name) == value
    fields.choices["edge_range"].chosen.emit("fixed")
    fields.limit.setValue(2.5)
    assert picture_options(store.state, "").limit == 2.5


def test_menu_and_panel_follow_each_other(store: Store, section: Section) -> None:
    menu = QMenu(section)
    fields, menus = EdgeFields(store, section), EdgeMenus(store, menu)
    for option, *_, entries in CHOICES:
        sub = menus.menus[option]
        assert [action.text() for action in sub.actions()] == [text for _, text in entries]
        last = sub.actions()[-1]
        last.trigger()
        assert fields.choices[option].currentData() == entries[-1][0]
        store.dispatch(actions.set_options, **{option: entries[0][0]})
        assert [action.isChecked() for action in sub.actions()] == [i == 0 for i in range(len(entries))]


def test_without_a_quantity_scale_and_range_are_not_offered(store: Store, section: Section) -> None:
    fields = EdgeFields(store, section)
    store.dispatch(actions.set_options, colour_by="none", edge_range="fixed")
    assert not fields.choices["edge_scale"].isEnabled()
    assert fields.choices["numbers"].isEnabled()
    assert not fields.limit.isHidden()
    store.dispatch(actions.set_options, edge_range="step")
    assert fields.limit.isHidden()


def test_the_range_of_a_run_is_the_largest_of_its_updates(store: Store) -> None:
    store.dispatch(actions.set_options, colour_by="weight", edge_range="run")
    at_start = limit_of(store.state)
    assert at_start == 0.65
    for _ in range(9):
        store.dispatch(actions.next_update)
    later = limit_of(store.state)
    assert later is not None
    assert later > at_start
    store.dispatch(actions.first)
    store.dispatch(actions.first)
    assert limit_of(store.state) == later
