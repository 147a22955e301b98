"""The menu of the canvas: what can be done with the number under the pointer, and with the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from gui import edits
from gui.actions import ask
from gui.canvas.actions import reset_spacing
from gui.panel.edge_options import EdgeMenus
from gui.store import Store
from gui.tips import name_of, written
from model.stages import Ref

_WEIGHTS = ("W", "b", "dW", "db", "W_new", "b_new")


class Canvas(Protocol):
    """What the menu needs of the canvas."""

    def edit(self, ref: Ref) -> None: ...
    def fit(self) -> None: ...
    def fit_selection(self) -> None: ...
    def copy_picture(self) -> None: ...
    def copy_numbers(self) -> None: ...
    def show_paths_of(self, ref: Ref) -> None: ...
    def export(self) -> None: ...


def canvas_menu(store: Store, canvas: Canvas, parent: QWidget, ref: Ref | None) -> QMenu:
    """Return the menu for a number, or for the empty ground."""
    menu = QMenu(parent)
    menu.setAccessibleName("what can be done here")
    if ref is not None:
        _of_number(menu, store, canvas, ref)
    add = _adder(menu)
    if store.state.box:
        add(f"Copy {len(store.state.box)} chosen numbers", canvas.copy_numbers)
    EdgeMenus(store, menu)
    menu.addSeparator()
    add("Copy picture\tCtrl+Shift+C", canvas.copy_picture)
    add("Export picture…\tCtrl+E", canvas.export)
    menu.addSeparator()
    add("Fit\t0", canvas.fit)
    add("Fit what is chosen\tF", canvas.fit_selection).setEnabled(bool(store.state.box or store.state.selection))
    add("Usual spacing", lambda: store.dispatch(reset_spacing)).setEnabled(bool(store.state.options.spacing))
    return menu


def _adder(menu: QMenu) -> Callable[[str, Callable[[], object]], QAction]:
    def add(text: str, called: Callable[[], object]) -> QAction:
        action = menu.addAction(text)
        action.triggered.connect(lambda: called())
        return action

    return add


def _of_number(menu: QMenu, store: Store, canvas: Canvas, ref: Ref) -> None:
    moment, add = store.moment, _adder(menu)
    single = ref.unit is not None or ref.quantity == "loss"
    name = name_of(moment, ref)
    known = single and ref.quantity != "one" and moment.known(ref)
    add(f"{name} = {written(moment.value(ref))}" if known else name, lambda: None).setEnabled(False)
    menu.addSeparator()
    if edits.can_edit(ref):
        add("Change…", lambda: canvas.edit(ref))
    if single and ref.quantity != "one":
        add("Where does this come from?", lambda: store.dispatch(ask, ref))
    if ref.quantity in _WEIGHTS and single:
        weight = Ref("W" if "W" in ref.quantity else "b", ref.layer, ref.unit, ref.from_)
        add("Talk to this weight: its paths to the loss", lambda: canvas.show_paths_of(weight))
    menu.addSeparator()
