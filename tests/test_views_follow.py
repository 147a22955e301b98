"""Whatever is done one after the other, what stands on the screen is what a view that is made only now shows."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QLabel, QLineEdit, QToolTip, QWidget

from gui import actions, edits
from gui.panel.control_panel import ControlPanel
from gui.panel.network_editor import NetworkEditor
from gui.panes.tables_view import TablesView
from gui.plots.decision_map import DecisionMap
from gui.session.actions import add_bookmark, open_document
from gui.state import AppState, initial_state
from gui.store import Store
from gui.timeline_bar import TimelineBar
from model.examples import open_problem
from model.stages import GRANULARITIES, Ref

EXAMPLES = ("xor", "jacob", "dyda-sigmoid", "biswas-figure-1")
ROUNDS = 8
FIELDS = (QAbstractButton, QAbstractSpinBox, QComboBox, QLabel, QLineEdit)


def views(store: Store) -> list[QWidget]:
    panel = ControlPanel(store, [(name, name) for name in EXAMPLES], NetworkEditor(store))
    made: list[QWidget] = [TimelineBar(store), TablesView(store), DecisionMap(store), panel]
    for view in made:
        view.resize(760, 800 if view is panel else 260)
        view.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)  # or one of them has the keyboard, and a blinking line in a field
        view.show()
    return made


def settled(shown: list[QWidget]) -> list[Any]:
    """What is on the screen, once nothing is to come; no tip of an earlier test is in the way."""
    QToolTip.hideText()
    for view in shown:
        if isinstance(view, (TablesView, DecisionMap)):
            view.refresh()
    for _ in range(4):
        QApplication.processEvents()
    return [said(view) if isinstance(view, ControlPanel) else view.screen().grabWindow(view.winId()).toImage() for view in shown]


def said(panel: ControlPanel) -> list[tuple[str, str, bool]]:
    """What stands in the fields of the panel; its pixels tell also which of them had the keyboard before."""
    fields = [one for one in panel.findChildren(QWidget) if one.isVisibleTo(panel) and isinstance(one, FIELDS)]
    texts = [one.currentText() if isinstance(one, QComboBox) else one.text() for one in fields]
    return sorted((type(one).__name__, text, one.isEnabledTo(panel)) for one, text in zip(fields, texts, strict=True))


def done(store: Store, chance: Random) -> str:
    """Do something; returns what."""
    state, name = store.state, chance.choice(EXAMPLES)
    undoable: dict[str, tuple[Any, ...]] = {
        "weight": (edits.edit_number, Ref("W", 1, 0, 0), round(chance.random(), 2)),
        "rate": (edits.set_learning_rate, round(chance.random(), 2)),
        "layer": (edits.add_layer, 2),
        "no layer": (edits.remove_layer, 1),
        "activation": (edits.set_activation, 1, chance.choice(("tanh", "relu"))),
        "mean": (averaged,),
        "reset": (actions.reset,),
    }
    plain: dict[str, tuple[Any, ...]] = {
        "step": (actions.step,),
        "end": (actions.end_of_update,),
        "first": (actions.seek, chance.randint(1, state.run_length), chance.randint(0, 9)),
        "chosen": (actions.ask, Ref("W", 1, 0, 0)),
        "pointed": (actions.hover, chance.choice((None, Ref("W", 1, 0, 1)))),
        "notation": (actions.set_notation, chance.choice(("dyda", "jacob", "biswas"))),
        "granularity": (actions.set_granularity, chance.choice(GRANULARITIES)),
        "comma": (actions.toggle_comma,),
        "digits": (actions.set_decimals, chance.choice((2, 4, None))),
        "sample": (actions.set_sample, chance.randrange(store.moment.record.m)),
        "mark": (add_bookmark, "here"),
        "theme": (actions.switch_theme,),
    }
    what = chance.choice(("open", "undo", "redo", *undoable, *plain))
    if what == "open":
        store.exchange("opening", open_document, open_problem(name), name, None)
    elif what in ("undo", "redo"):
        getattr(store.undo_stack, what)()
    elif what in undoable:
        store.edit(what, *undoable[what])
    else:
        store.dispatch(*plain[what])
    return f"{what} {name}" if what == "open" else what


@pytest.fixture
def store(qapp: Any) -> Store:
    return Store(initial_state(open_problem("jacob"), "jacob"))


@pytest.fixture
def old(store: Store) -> Iterator[list[QWidget]]:
    """Views that have followed the store all the time."""
    made = views(store)
    yield made
    gone(made)


def compared(store: Store, old: list[QWidget], told: object) -> None:
    seen, new = settled(old), views(store)
    for before, now in zip(old, new, strict=True):
        if isinstance(before, TablesView) and isinstance(now, TablesView):
            now._tabs.setCurrentIndex(before._tabs.currentIndex())
        if isinstance(before, ControlPanel) and isinstance(now, ControlPanel):
            now._seed.setValue(before._seed.value())
    differing = different(old, seen, settled(new))
    for _ in range(20):  # what comes with a timer takes its time on a busy machine
        if not differing:
            break
        QTest.qWait(25)
        differing = different(old, settled(old), settled(new))
    gone(new)
    assert not differing, told


def different(shown: list[QWidget], one: list[Any], other: list[Any]) -> list[str]:
    return [type(view).__name__ for view, first, second in zip(shown, one, other, strict=True) if first != second]


def gone(shown: list[QWidget]) -> None:
    for view in shown:
        view.close()
        view.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_what_is_on_the_screen_is_what_a_new_view_shows(store: Store, old: list[QWidget]) -> None:
    chance, told = Random(11), []
    for _ in range(ROUNDS):
        told += [done(store, chance) for _ in range(chance.randint(1, 4))]
        compared(store, old, told)


def test_another_experiment_changes_what_is_shown_while_something_is_chosen(store: Store, old: list[QWidget]) -> None:
    settled(old)
    store.dispatch(actions.ask, Ref("W", 1, 0, 0))
    for change in (lambda: store.exchange("opening", opened, "xor"), store.undo_stack.undo, store.undo_stack.redo):
        change()
        compared(store, old, "opened while a weight was chosen")


def averaged(state: AppState) -> AppState:
    return edits.set_convention(state, batch_reduction="mean")


def opened(state: AppState, name: str) -> AppState:
    return open_document(state, open_problem(name), name, None)
