"""Starts the window: application, fonts, style, exceptions, the file to open."""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from gui.actions import set_dark_system, set_options
from gui.desktop import TypeFollower, fitting_type, system_accent, system_type
from gui.error_report import show_exception
from gui.icons import application_icon
from gui.pauses import Pauses
from gui.rest import RestWatcher
from gui.session.actions import taken_up
from gui.settings import Settings
from gui.state import initial_state
from gui.store import Store
from gui.theme_qt import load_fonts
from gui.training.garbage import Garbage, look_where_due
from gui.window_layout import LARGEST
from gui.window_style import system_is_dark
from model.examples import DEFAULT, example_names, open_document

if TYPE_CHECKING:
    from gui.main_window import MainWindow

SETTLED = 1500  # milliseconds after which everything has been loaded
LOOK_MS = 250  # between two looks for garbage
SWITCH = 2e-4  # seconds, usually 5 ms: what any call into Qt may cost the window in waiting for the interpreter while a thread works


class Application(QApplication):
    """accent, desktop_type: the desktop's, if it tells.

    **Signals:** file_requested(str): the system asks to open a file (macOS).
    """

    file_requested = Signal(str)

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self.accent = system_accent(self.palette())  # before the window gives the application a palette and a font of its own
        self.desktop_type = system_type(self.font())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            self.file_requested.emit(event.file())
            return True
        return super().event(event)


def make_application(arguments: list[str]) -> Application:
    """Return the application with its style, fonts and icon. Garbage is not looked for until a window has settled: starting makes none."""
    gc.disable()
    sys.setswitchinterval(SWITCH)
    application = Application(arguments)
    application.setApplicationName("deltastep")
    application.setStyle("Fusion")
    load_fonts()
    application.setWindowIcon(application_icon())
    return application


def make_window(file: str | None, settings: Settings) -> MainWindow:
    """Return the window on a file or a built-in example. Raises ProblemError for a file that cannot be used."""
    from gui.main_window import MainWindow

    name = file or DEFAULT
    path = name if name in example_names() else str(Path(name).resolve())
    problem, session = open_document(name)
    store = Store(taken_up(initial_state(problem, path), session))
    store.dispatch(set_dark_system, system_is_dark())
    application = QApplication.instance()
    told = application.desktop_type if isinstance(application, Application) else None
    if isinstance(application, Application):
        across = min(LARGEST[0], application.primaryScreen().availableSize().width())
        store.dispatch(set_options, accent=application.accent, desktop_type=None if told is None else fitting_type(told, across))
    if path not in example_names():
        settings.add_recent(path)
    window = MainWindow(store, settings)
    if told is not None:
        TypeFollower(window, store, told)
    return window


def show_window(window: MainWindow) -> None:
    """Show the window, laid out and painted once before it is mapped, so that nobody sees it empty."""
    window.grab()
    window.show()
    QTimer.singleShot(SETTLED, window, partial(settle, window.store.pauses))


def settle(pauses: Pauses) -> None:
    """Look for garbage from now on, but not among what lives as long as the program; ask the desktop what can take a while to answer."""
    application = QApplication.instance()
    if isinstance(application, QApplication):
        RestWatcher(application)
        looking = QTimer(pauses, interval=LOOK_MS)
        looking.timeout.connect(partial(pauses.ask, look_where_due, idle=True))
        looking.start()
    gc.freeze()
    Garbage.settled = True


class Rescue:
    """Takes the place of `sys.excepthook`: writes unsaved work before anything else is tried, then shows the report."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def __call__(self, kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
        with contextlib.suppress(Exception):
            self._window.recovery.write_now()
        show_exception(kind, error, place)


def run_window(file: str | None = None) -> int:
    """Open the window on a file or a built-in example (default: the first one) and return the exit code when it is closed."""
    application = make_application(sys.argv[:1])
    window = make_window(file, Settings())
    sys.excepthook = Rescue(window)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    application.file_requested.connect(window.files.open_path)
    show_window(window)
    return application.exec()
