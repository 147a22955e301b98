"""The window: puts the widgets together, gives actions their keys, and remembers its layout. The only module that knows all widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from gui import actions as act
from gui import edits, menus, window_layout
from gui.board.follower import BoardFollower
from gui.canvas.actions import reset_spacing, toggle_motion
from gui.canvas.graph_canvas import GraphCanvas
from gui.data.actions import DataActions, is_table
from gui.export.take_away import TakeAway
from gui.file_actions import FileActions, dropped_file, title_of
from gui.linking import Linking
from gui.look_ahead import LookAhead
from gui.notation.actions import NotationActions
from gui.panel.control_panel import ControlPanel
from gui.panel.edge_options import EdgeMenus
from gui.panel.leaving import leave_field
from gui.panel.network_editor import NetworkEditor
from gui.panes.panes import pane_entries
from gui.panes.tables_view import TablesView
from gui.panes.tabs import PaneTabs
from gui.presenting import LEAVING, Cover, Presentation, say
from gui.session.recovery import Recovery
from gui.session.refining import Refining
from gui.settings import Settings
from gui.splitter import make_splitter
from gui.state import THEMES, AppState, theme_of
from gui.store import Store
from gui.theme import Theme
from gui.timeline_bar import TimelineBar
from gui.training.player import Player
from gui.training.run_actions import RunActions
from gui.training.worker import TrainingWorker
from gui.window_style import dress
from model.examples import example_names
from model.moment import Moment
from model.stages import GRANULARITIES


class MainWindow(QMainWindow):
    """One experiment in one window."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__()
        self.store, self.settings = store, settings
        self._application = cast(QApplication, QApplication.instance())
        self.setObjectName("main")
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        choice = settings.get("theme", "system")
        fmt = replace(store.state.options.fmt, comma=settings.get("comma", False), trailing_zeros=settings.get("zeros", False))
        store.dispatch(act.set_options, fmt=fmt, theme=choice if choice in THEMES else "system", speed=settings.get("speed", 2.0))
        store.dispatch(act.set_options, motion=settings.get("motion", True), printed=settings.get("printed", True))
        self._dress(theme_of(store.state))  # before the widgets are made, or they would keep the system's font
        self.files = FileActions(store, settings, self)
        self.samples = DataActions(store, settings, self)
        self.recovery = Recovery(store, self, self.files.may_discard)
        self.runs = RunActions(store, self)
        self.player = Player(store, self)
        self.worker = TrainingWorker(store, self)
        self._make_views()
        self.actions_by_name = menus.make_actions(self, self._handlers())
        self._changing_menus = menus.fill_menus(self, self.actions_by_name)
        self.tools = menus.Tools(self.actions_by_name, self)
        self.addToolBar(self.tools)
        self._connect()
        self._restore()
        self._show_theme(store.state)
        self._show(store.state, store.state)
        self.setWindowModified(store.state.unsaved)
        self._board_follower.refresh()
        store.changed.connect(self._on_store_changed)
        Refining(store, self)
        self._application.installEventFilter(self)
        self.canvas.setFocus()

    def _handlers(self) -> dict[str, Callable[[], object]]:
        dispatch, files = self.store.dispatch, self.files
        moves = {
            "step": act.step,
            "back": act.back,
            "first": act.first,
            "end": act.end_of_update,
            "play": act.toggle_playing,
        }
        moves |= {"next_update": act.next_update, "previous_update": act.previous_update, "faster": act.faster, "slower": act.slower}
        moves |= {"projector": act.toggle_projector, "form": act.toggle_form, "comma": act.toggle_comma, "zeros": act.toggle_zeros}
        handlers: dict[str, Callable[[], object]] = {name: menus.Later(dispatch, move) for name, move in moves.items()}
        handlers |= {name: menus.Later(dispatch, act.set_granularity, name) for name in GRANULARITIES}
        handlers |= {"new": files.new, "open": files.open, "save": files.save, "save_as": files.save_as} | self.take_away.handlers()
        handlers |= {"undo": self.store.undo_stack.undo, "redo": self.store.undo_stack.redo, "randomise": self._on_randomise_next}
        handlers |= {"run": self._on_run, "stop": self._on_stop, "reset": menus.Later(self.store.edit, "reset", act.reset)}
        handlers |= self.samples.handlers() | self.links.handlers() | self.notations.handlers() | self.runs.handlers()
        handlers |= {"zoom_in": self.canvas.zoom_in, "zoom_out": self.canvas.zoom_out, "fit": self.canvas.fit}
        handlers |= {"fit_selection": self.canvas.fit_selection, "copy_picture": self.canvas.copy_picture, "blank": self._on_blank}
        handlers |= {"usual_spacing": menus.Later(dispatch, reset_spacing), "motion": menus.Later(dispatch, toggle_motion)}
        handlers |= dict.fromkeys(("panel", "blackboard", "data"), self._on_panes_chosen)
        return handlers | {"next_pane": self._on_next_pane, "keys": self._on_keys, "about": self._on_about, "quit": self.close}

    def _make_views(self) -> None:
        store = self.store
        self.network = NetworkEditor(store)
        names = [(name, menus.EXAMPLES.get(name, name)) for name in example_names()]
        self.panel = ControlPanel(store, names, self.network)
        self.canvas = GraphCanvas(store)
        self.canvas.painted.connect(self._on_canvas_painted)
        self.canvas.paths_requested.connect(self._on_paths_requested)
        self.take_away = TakeAway(store, self.settings, self.canvas, self)
        self.canvas.export_requested.connect(self.take_away.picture)
        self.links = Linking(store, self.canvas.describe, self)
        self.board = self.links.board
        self._board_follower = BoardFollower(store, self.board, self)
        self.notations = NotationActions(store, self.settings, menus.NOTATIONS, self.links.make_board, self)
        self.timeline = TimelineBar(store)
        self.tables = TablesView(store)
        self._plot_place = QWidget()
        QVBoxLayout(self._plot_place).setContentsMargins(0, 0, 0, 0)
        self.upper = make_splitter(Qt.Orientation.Horizontal, (self.canvas, self.links.desk), (3, 2))
        self.lower = make_splitter(Qt.Orientation.Horizontal, (self.tables, self._plot_place), (3, 2))
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.panel)
        row.addWidget(self.upper, 1)
        column.addLayout(row, 1)
        column.addWidget(self.timeline)
        self.whole = make_splitter(Qt.Orientation.Vertical, (top, self.lower), (4, 1))
        self.setCentralWidget(self.whole)

    def _connect(self) -> None:
        store, tools, panel, board = self.store, self.tools, self.panel, self.board
        self.network.refused.connect(panel.refuse_network)
        panel.example_requested.connect(self.files.open_path)
        panel.run_requested.connect(self._on_run_requested)
        panel.stop_requested.connect(self._on_stop)
        panel.reset_requested.connect(self.actions_by_name["reset"].trigger)
        panel.randomise_requested.connect(self._on_randomise_requested)
        board.seek_requested.connect(self._on_board_seek_requested)
        self.links.origin.closed.connect(self.canvas.setFocus)
        tools.speed.chosen.connect(self._on_speed_chosen)
        tools.granularity.chosen.connect(self._on_granularity_chosen)
        tools.digits.chosen.connect(self._on_digits_chosen)
        tools.theme.clicked.connect(menus.Later(store.dispatch, act.switch_theme))
        store.undo_stack.canUndoChanged.connect(self.actions_by_name["undo"].setEnabled)
        store.undo_stack.canRedoChanged.connect(self.actions_by_name["redo"].setEnabled)
        store.undo_stack.undoTextChanged.connect(self._on_undo_text_changed)
        self._changing_menus["recent"].aboutToShow.connect(self._on_recent_about_to_show)
        menus.fill_choices(
            self._changing_menus["examples"], tuple((n, menus.EXAMPLES.get(n, n)) for n in example_names()), self._on_example_chosen
        )
        self.notations.attach(self._changing_menus["notation"], tools.notation, self.actions_by_name)
        self._themes = menus.fill_choices(self._changing_menus["theme"], menus.THEMES, self._on_theme_action)
        EdgeMenus(store, self._changing_menus["view"], self._changing_menus["theme"].menuAction())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_color_scheme_changed)

    def _on_canvas_painted(self) -> None:
        QTimer.singleShot(0, self, self.complete)

    def complete(self) -> None:
        """Make what the first picture does not need: the plot, whose library takes a while to load."""
        from gui.plots.loss_plot import LossPlot

        self.plot = LossPlot(self.store)
        self.panes = PaneTabs(pane_entries(self.store, self.plot, self.links.make_board))
        self.panes.export_requested.connect(self.take_away.pane)
        self._plot_place.layout().addWidget(self.panes)
        self._plot_place.setFocusProxy(self.panes)
        self._prepare_tables()
        LookAhead(self.store, self._prepare, self.canvas)
        self.links.warm_up()
        self.recovery.start()

    def _prepare_tables(self) -> None:
        """Make the tables of the other layers while nobody waits."""
        if self.tables.prepare():
            QTimer.singleShot(30, self, self._prepare_tables)

    def _restore(self) -> None:
        self._splitters = {"upper": self.upper, "lower": self.lower, "whole": self.whole, "desk": self.links.desk}
        window_layout.restore(self, self._splitters, self.actions_by_name, self.settings, self.panel)
        self.enlarged = window_layout.Enlarged(self.whole, self.lower, self.actions_by_name["enlarged"], self.actions_by_name["data"])
        self.presentation = Presentation(self, self.actions_by_name, self._splitters)
        self._on_panes_chosen()

    def _remember(self) -> None:
        usual = self.presentation.layout if self.presentation.on else None
        if self.presentation.on:
            self.presentation.show(False)  # what is shown there is no choice for the window
        window_layout.remember(self, self._splitters, self.actions_by_name, self.settings, usual)
        options = self.store.state.options
        kept = {"theme": options.theme, "speed": options.speed, "motion": options.motion, "printed": options.printed}
        for name, value in (kept | {"comma": options.fmt.comma, "zeros": options.fmt.trailing_zeros}).items():
            self.settings.set(name, value)
        self.settings.sync()

    def _dress(self, theme: Theme) -> None:
        dress(self._application, theme)
        self._dressed = theme

    def _show_theme(self, state: AppState) -> None:
        theme = theme_of(state)
        if theme is not self._dressed:
            self._dress(theme)
        menus.paint_icons(self.actions_by_name, theme)
        menus.show_playing(self.actions_by_name["play"], state.playing, theme)
        self.tools.show_theme(theme, theme.text_size)
        self.board.set_theme(theme)

    def _show(self, old: AppState, new: AppState) -> None:
        """Bring title, toolbar and checked actions up to date."""
        options, named = new.options, self.actions_by_name
        self.setWindowTitle(f"{title_of(new)}[*] – Deltastep")
        menus.show_playing(named["play"], new.playing, theme_of(new))
        named["comma"].setChecked(options.fmt.comma)
        named["zeros"].setChecked(options.fmt.trailing_zeros)
        named["motion"].setChecked(options.motion)
        named["printed"].setChecked(options.printed)
        self.tools.speed.show_value(min((s for s, _ in menus.SPEEDS), key=lambda speed: abs(speed - options.speed)))
        self.tools.granularity.show_value(options.granularity)
        named[options.granularity].setChecked(True)
        self.tools.digits.show_value(options.fmt.decimals)
        for action in self._themes.actions():
            action.setChecked(action.data() == options.theme)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if theme_of(old) is not theme_of(new):
            self._show_theme(new)
        self._board_follower.follow(old, new)
        if old.hover != new.hover or old.selection != new.selection:
            self.board.set_highlight(frozenset(ref for ref in (new.hover, new.selection) if ref is not None))
        if (old.options, old.problem, old.saved, old.path, old.playing) != (new.options, new.problem, new.saved, new.path, new.playing):
            self._show(old, new)
        self.setWindowModified(new.unsaved)
        if old.options.projector != new.options.projector:
            self._show_projector(new.options.projector)

    def _prepare(self, state: AppState, moment: Moment) -> None:
        if self.isVisible():
            self.canvas.prepare(state, moment)
            self._board_follower.prepare(moment)

    def _show_projector(self, on: bool) -> None:
        self.presentation.show(on)
        for widget in (self.menuBar(), self.tools):
            widget.setVisible(not on)
        self._on_panes_chosen()
        self.presentation.end()

    def _on_panes_chosen(self) -> None:
        named = self.actions_by_name
        self.panel.setVisible(named["panel"].isChecked() and not self.presentation.on)
        self.presentation.place_plots()
        self.links.show_board(named["blackboard"].isChecked() and not self.presentation.plots_only)
        self.lower.setVisible(named["data"].isChecked() and not self.presentation.on)

    def _on_next_pane(self) -> None:
        entrances = {self.tools: self.tools.first_tool, self.panel: self.network.first_field()}
        views = (self.canvas, self.board, self.links.origin, self.timeline, self.tables, self._plot_place)
        window_layout.to_next_part(entrances | dict(zip(views, views, strict=True)))

    def _on_run(self) -> None:
        self._on_run_requested(self.panel.updates)

    def _on_run_requested(self, updates: int) -> None:
        refused = self.store.dispatch(act.start_training, updates)
        self.panel.refuse_run(refused)
        if refused and self.presentation.on:
            say(self.canvas, refused)

    def _on_stop(self) -> None:
        if self.store.state.training:
            self.store.dispatch(act.stop_training)
        elif self.links.close_origin():
            self.canvas.setFocus()
        else:
            self.canvas.setFocus()
            if self.presentation.on:  # a presenter's start button sends Esc every second time
                say(self.canvas, LEAVING)

    def _on_randomise_requested(self, seed: int) -> None:
        self.store.edit(f"random weights from seed {seed}", edits.randomise, seed)

    def _on_randomise_next(self) -> None:
        init = self.store.state.problem.init
        self._on_randomise_requested(0 if init is None else init.seed + 1)

    def _on_paths_requested(self) -> None:
        if not self.actions_by_name["data"].isChecked():
            self.actions_by_name["data"].trigger()
        self.panes.show_titled("Paths")

    def _on_board_seek_requested(self, tick: int) -> None:
        self.store.dispatch(act.seek, self.store.state.step, tick)

    def _on_speed_chosen(self, speed: float) -> None:
        self.store.dispatch(act.set_speed, speed)

    def _on_granularity_chosen(self, name: str) -> None:
        self.store.dispatch(act.set_granularity, name)

    def _on_digits_chosen(self, decimals: int | None) -> None:
        self.store.dispatch(act.set_decimals, decimals)

    def _on_theme_action(self, action: QAction) -> None:
        self.store.dispatch(act.set_options, theme=action.data())

    def _on_color_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        self.store.dispatch(act.set_dark_system, scheme == Qt.ColorScheme.Dark)

    def _on_example_chosen(self, action: QAction) -> None:
        self.files.open_path(action.data())

    def _on_recent_about_to_show(self) -> None:
        menu = self._changing_menus["recent"]
        menu.clear()
        for path in self.settings.recent:
            menu.addAction(path).setData(path)
        if menu.isEmpty():
            menu.addAction("nothing yet").setEnabled(False)
        menu.triggered.connect(self._on_recent_chosen, Qt.ConnectionType.UniqueConnection)

    def _on_recent_chosen(self, action: QAction) -> None:
        self.files.open_path(action.data())

    def _on_undo_text_changed(self, text: str) -> None:
        self.actions_by_name["undo"].setText(f"&Undo {text}".strip())

    def _on_keys(self) -> None:
        from gui.key_sheet import KeySheet

        sheet = KeySheet(self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def _on_about(self) -> None:
        from gui.about import show_about

        show_about(self)

    def _on_blank(self) -> None:
        Cover(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter presses the focused button (Space always steps); after Enter in a field the keys belong to the walk again."""
        leave_field(watched, event, (self.panel, self.timeline), self.canvas)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if isinstance(watched, QAbstractButton) and watched.window() is self and watched.hasFocus():
                watched.click()
                return True
            if isinstance(watched, (QAbstractSpinBox, QLineEdit)) and self.panel.isAncestorOf(watched):
                QTimer.singleShot(0, self.canvas, self.canvas.setFocus)
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event.mimeData())
        if path:
            event.acceptProposedAction()
            (self.samples.import_path if is_table(path) else self.files.open_path)(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_discard():
            event.ignore()
            return
        self._remember()
        self.take_away.close()
        self.store.dispatch(act.set_playing, False)
        self.worker.stop()
        self.recovery.close()
        self.runs.close()
        self.board.close_loader()
        self._application.removeEventFilter(self)
        event.accept()
