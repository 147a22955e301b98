"""Menus, toolbar and shortcuts of the window, made from the table in `gui.shortcuts`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from gui.icons import icon
from gui.panel.fields import Choice, Segments
from gui.shortcuts import BY_NAME, COMMANDS
from gui.theme import Theme, css
from model.stages import GRANULARITIES

EXAMPLES = {
    "dyda-sigmoid": "Dyda · sigmoid",
    "dyda-softmax": "Dyda · softmax",
    "jacob": "Jacob",
    "biswas-figure-1": "Biswas · figure 1",
    "biswas-thin": "Biswas · deep and thin",
    "theta-digits": "Θ note · digits",
    "soletskyi-one-hidden": "Soletskyi · one hidden layer",
    "soletskyi": "Soletskyi · two hidden layers",
    "xor": "XOR",
}
SPEEDS = ((0.5, "½ / s"), (1.0, "1 / s"), (2.0, "2 / s"), (4.0, "4 / s"), (8.0, "8 / s"), (16.0, "16 / s"), (32.0, "32 / s"))
DIGITS: tuple[tuple[int | None, str], ...] = ((2, "2"), (3, "3"), (4, "4"), (6, "6"), (8, "8"), (10, "10"), (None, "all"))
NOTATIONS = (("dyda", "Dyda"), ("biswas", "Biswas"), ("jacob", "Jacob"), ("theta", "Θ note"), ("soletskyi", "Soletskyi"))
THEMES = (("system", "&System"), ("light", "&Light"), ("dark", "&Dark"), ("print", "&Print"))
# name of the command, whether its text is beside the icon
TOOLS = (("first", False), ("back", True), ("step", True), ("end", False), ("play", True))
SHORT_TEXTS = {"back": "Back", "step": "Step", "play": "Play", "projector": "Projector"}
PAUSE = "&Pause"


def make_actions(window: QMainWindow, handlers: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Return the window's actions by name, with shortcuts that work wherever the focus is in the window."""
    actions = {}
    for command in COMMANDS:
        action = QAction(command.text, window, checkable=command.checkable)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(command.tooltip)
        action.setAutoRepeat(command.name in ("step", "back", "next_update", "previous_update", "zoom_in", "zoom_out", "undo", "redo"))
        if command.name in handlers:
            action.triggered.connect(handlers[command.name])
        window.addAction(action)  # keys go on working where the menu bar is hidden
        actions[command.name] = action
    group = QActionGroup(window)
    for name in GRANULARITIES:
        group.addAction(actions[name])
    return actions


def fill_menus(window: QMainWindow, actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    """Fill the menu bar; returns the menus that change: "recent", "examples", "notation", "theme", "view"."""
    menus: dict[str, QMenu] = {}
    for title in ("&File", "&Edit", "&Data", "&Step", "&Train", "&View", "&Notation", "&Help"):
        menus[title] = window.menuBar().addMenu(title)
    breaks = {"save", "export", "quit", "randomise", "play", "phase"}
    breaks |= {"panel", "origin", "notation_new", "next_pane", "projector", "next_update", "bookmark", "compare_figure", "branch"}
    for command in COMMANDS:
        menu = _menu_of(command.menu, menus, command.name in breaks)
        menu.addAction(actions[command.name])
    file = menus["&File"]
    recent, examples = QMenu("Open &recent", window), QMenu("E&xample", window)
    file.insertMenu(actions["save"], recent)
    file.insertMenu(actions["save"], examples)
    menus["&Notation"].addSeparator()
    theme = QMenu("&Theme", window)
    menus["&View"].insertMenu(actions["panel"], theme)
    return {"recent": recent, "examples": examples, "notation": menus["&Notation"], "theme": theme, "view": menus["&View"]}


def _menu_of(path: str, menus: dict[str, QMenu], after_line: bool) -> QMenu:
    """Return a menu, made within the one before the last "/" where it is not there yet; after_line: a line comes before what follows."""
    if path in menus:
        if after_line:
            menus[path].addSeparator()
    else:
        outer, _, title = path.rpartition("/")
        menus[path] = QMenu(title, menus[outer])
        _menu_of(outer, menus, after_line).addMenu(menus[path])
    return menus[path]


def fill_choices(menu: QMenu, entries: tuple[tuple[object, str], ...], chosen: Callable[[QAction], object]) -> QActionGroup:
    """Fill a menu with entries of which one is checked; their values are the actions' data."""
    group = QActionGroup(menu)
    for value, text in entries:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setData(value)
        group.addAction(action)
    group.triggered.connect(chosen)
    return group


def paint_icons(actions: Mapping[str, QAction], theme: Theme) -> None:
    """Give the actions their icons in the theme's colours."""
    for name, action in actions.items():
        file = BY_NAME[name].icon
        if file:
            on_primary = name == "step"
            action.setIcon(icon(file, css(theme.on_accent if on_primary else theme.text), css(theme.rule)))


def show_playing(play: QAction, playing: bool, theme: Theme) -> None:
    """Have the action that plays or pauses say which of the two it does."""
    text = PAUSE if playing else BY_NAME["play"].text
    play.setText(text)
    play.setIconText(text.replace("&", ""))
    play.setIcon(icon("pause" if playing else "play", css(theme.text), css(theme.rule)))


class Later:
    """A method of the store with its arguments, for when it is called; QAction's own argument is dropped."""

    def __init__(self, ask: Callable[..., str], *args: object) -> None:
        self._ask, self._args = ask, args

    def __call__(self, checked: bool = False) -> None:
        self._ask(*self._args)


class Digits(Choice):
    """The choice of decimals; a number of them that is not usual, such as that of a rounding, has an entry while it is shown."""

    def __init__(self) -> None:
        super().__init__(DIGITS, "digits", "Decimals of every number on screen")
        self.setMinimumContentsLength(3)

    def show_value(self, value: object) -> None:
        for i in reversed(range(self.count())):
            if all(self.itemData(i) != usual for usual, _ in DIGITS):
                self.removeItem(i)
        if isinstance(value, int) and all(value != usual for usual, _ in DIGITS):
            self.insertItem(sum(1 for usual, _ in DIGITS if usual is not None and usual < value), str(value), value)
        super().show_value(value)


class Tools(QToolBar):
    """The toolbar: moving in the walk, step size, notation, digits, looks. `speed`, `granularity`, `notation`, `digits` are fields."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__("Tools", parent)
        self.setObjectName("tools")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        for name, worded in TOOLS:
            self._add_tool(actions[name], name, worded)
        self.speed = Choice(SPEEDS, "speed", "Steps per second while playing (+, −)")
        self.speed.setMinimumContentsLength(4)
        self.addWidget(self.speed)
        self.addSeparator()
        tips = {name: f"{BY_NAME[name].tip} ({BY_NAME[name].keys[0]})" for name in GRANULARITIES}
        self.granularity = Segments([(name, name, tips[name]) for name in GRANULARITIES], "step size")
        self.addWidget(self.granularity)
        self.addSeparator()
        self.notation = Choice(NOTATIONS, "notation", "Whose notation everything is written in")
        self.notation.setMinimumContentsLength(8)
        self.addWidget(self.notation)
        self._digits_label = QLabel(" digits ")
        self.addWidget(self._digits_label)
        self.digits = Digits()
        self.addWidget(self.digits)
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(space)
        self.theme = QToolButton(toolTip="Light or dark", focusPolicy=Qt.FocusPolicy.TabFocus)
        self.theme.setAccessibleName("switch between light and dark")
        self.addWidget(self.theme)
        self._add_tool(actions["projector"], "projector", False)
        self._player = cast(QToolButton, self.widgetForAction(actions["play"]))

    def _add_tool(self, action: QAction, name: str, worded: bool) -> None:
        self.addAction(action)
        button = self.widgetForAction(action)
        assert isinstance(button, QToolButton)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(BY_NAME[name].plain_text)
        action.setIconText(SHORT_TEXTS.get(name, BY_NAME[name].plain_text))
        if worded:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        if name == "step":
            button.setObjectName("primary")

    @property
    def first_tool(self) -> QWidget:
        """Where the keyboard enters."""
        return self.widgetForAction(self.actions()[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out the word beside the player's icon where it would cut the choices; with it, "Play" is as wide as "Pause"."""
        button, action = self._player, self._player.defaultAction()
        text = action.iconText()
        action.setIconText(PAUSE.replace("&", ""))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setMinimumWidth(0)
        button.setMinimumWidth(button.sizeHint().width())
        action.setIconText(text)
        if self.sizeHint().width() > self.width():
            button.setMinimumWidth(0)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)

    def show_theme(self, theme: Theme, size: int) -> None:
        """Show the icons in a theme's colours and size."""
        self.setIconSize(QSize(round(size * 1.25), round(size * 1.25)))
        self.theme.setIcon(icon("sun" if theme.dark else "moon", css(theme.text), css(theme.rule)))
        self._fit()
