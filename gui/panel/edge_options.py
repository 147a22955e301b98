"""What the edges of the picture show, to be chosen: as rows of the panel and as submenus. Both follow the store."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from gui.actions import set_options
from gui.panel.fields import Choice, NumberField, Section
from gui.state import AppState
from gui.store import Store

COLOURS = (("gradient", "gradient"), ("weight", "weight"), ("update", "update"), ("contribution", "contribution a·w"), ("none", "nothing"))
NUMBERS = (
    ("all", "all"),
    ("current", "this step's"),
    ("selected", "the chosen neuron's"),
    ("hover", "under the pointer"),
    ("none", "none"),
)
SCALES = (("linear", "linear"), ("symlog", "logarithmic"))
RANGES = (("step", "of this step"), ("run", "of the run"), ("fixed", "fixed"))
SMALLEST, LARGEST = 1e-12, 1e9
# option, label in the panel, name of the submenu, tooltip, entries
CHOICES: tuple[tuple[str, str, str, str, tuple[tuple[str, str], ...]], ...] = (
    ("colour_by", "colour, width", "&Colour of edges", "What colour and width of the edges show", COLOURS),
    ("edge_scale", "scale", "&Scale of colours", "How values become colours: in proportion, or by their order of magnitude", SCALES),
    ("edge_range", "range", "&Range of colours", "Which value has the strongest colour", RANGES),
    ("numbers", "numbers", "N&umbers on edges", "Which edges carry their number", NUMBERS),
)


class EdgeFields(QObject):
    """Rows of a section of the panel."""

    def __init__(self, store: Store, section: Section) -> None:
        super().__init__(section)
        self._store = store
        self.choices: dict[str, Choice] = {}
        for option, label, _, tip, entries in CHOICES:
            choice = self.choices[option] = Choice(entries, f"{label} of edges" if option != "numbers" else "numbers on edges", tip)
            choice.setProperty("option", option)
            choice.chosen.connect(self._on_chosen)
            section.add_row(label, choice)
            if option == "edge_range":
                self.limit = NumberField(SMALLEST, LARGEST, "end of the range", "The value that has the strongest colour")
                self.limit.valueChanged.connect(self._on_limit_changed)
                self._limit_label = section.add_row("up to", self.limit)
        self._show(store.state)
        store.changed.connect(self._on_store_changed)

    def _on_chosen(self, value: object) -> None:
        self._store.dispatch(set_options, **{str(self.sender().property("option")): value})

    def _on_limit_changed(self, value: float) -> None:
        self._store.dispatch(set_options, edge_limit=value)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if old.options is not new.options:
            self._show(new)

    def _show(self, state: AppState) -> None:
        for option, choice in self.choices.items():
            choice.show_value(getattr(state.options, option))
            choice.setEnabled(option in ("colour_by", "numbers") or state.options.colour_by != "none")
        self.limit.show_value(state.options.edge_limit)
        for widget in (self.limit, self._limit_label):
            widget.setVisible(state.options.edge_range == "fixed")


class EdgeMenus(QObject):
    """The same as submenus of a menu, before its action `before`. `menus`: by the name of the option."""

    def __init__(self, store: Store, menu: QMenu, before: QAction | None = None) -> None:
        super().__init__(menu)
        self._store = store
        self._actions: dict[str, list[QAction]] = {}
        self.menus: dict[str, QMenu] = {}
        for option, _, name, tip, entries in CHOICES:
            sub = self.menus[option] = QMenu(name, menu)
            sub.setToolTip(tip)
            self._actions[option] = self._fill(sub, option, entries)
            menu.insertMenu(before, sub)
        self._show(store.state)
        store.changed.connect(self._on_store_changed)

    def _fill(self, menu: QMenu, option: str, entries: tuple[tuple[str, str], ...]) -> list[QAction]:
        group = QActionGroup(menu)
        for value, text in entries:
            action = group.addAction(menu.addAction(text))
            action.setCheckable(True)
            action.setData((option, value))
        group.triggered.connect(self._on_triggered)
        return group.actions()

    def _on_triggered(self, action: QAction) -> None:
        option, value = action.data()
        self._store.dispatch(set_options, **{option: value})

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if old.options is not new.options:
            self._show(new)

    def _show(self, state: AppState) -> None:
        for option, actions in self._actions.items():
            for action in actions:
                action.setChecked(action.data()[1] == getattr(state.options, option))
