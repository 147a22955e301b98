"""What every test gets: no display needed, settings of its own, the bundled fonts, and nothing left running behind it."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    from gui.main_window import MainWindow
    from gui.settings import Settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Set before anything of Qt is imported: no test may read or change the settings of the person who runs it.
HOME = Path(tempfile.mkdtemp(prefix="deltastep-tests-"))
FOLDERS = {name: HOME / name.lower() for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")}
for name, folder in FOLDERS.items():
    folder.mkdir(mode=0o700)
    os.environ[name] = str(folder)

# No deadline, for a busy machine is no failure. The usual run draws the same cases every time; the slow one goes on searching.
hypothesis.settings.register_profile("same cases", deadline=None, derandomize=True)
hypothesis.settings.register_profile("new cases", deadline=None)

_started_threads: weakref.WeakSet[Any] = weakref.WeakSet()


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("same cases" if config.getoption("markexpr") == "not slow" else "new cases")


def pytest_sessionfinish() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
    qt = sys.modules.get("PySide6.QtGui")
    if qt is not None and qt.QGuiApplication.instance() is not None:
        qt.QGuiApplication.clipboard().clear()  # the offscreen platform would let go of it after Python has ended, and crash


@pytest.fixture(autouse=True)
def own_settings() -> Iterator[None]:
    """Every test starts without settings, recent files or an autosave."""
    yield
    for folder in FOLDERS.values():
        for entry in list(folder.iterdir()):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


@pytest.fixture(scope="session")
def qapp(qapp: Any) -> Any:
    """The application with the bundled fonts, settings in the temporary folder and an eye on the threads that are started."""
    from PySide6.QtCore import QSettings, QThread
    from PySide6.QtGui import QFontDatabase

    import resources

    for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(kind, QSettings.Scope.UserScope, str(FOLDERS["XDG_CONFIG_HOME"]))
    for file in resources.path("fonts").glob("*.[ot]tf"):
        assert QFontDatabase.addApplicationFont(str(file)) >= 0, file
    start = QThread.start

    def remembered_start(thread: QThread, *priority: QThread.Priority) -> None:
        _started_threads.add(thread)
        start(thread, *priority)

    QThread.start = remembered_start  # type: ignore[method-assign,assignment]
    return qapp


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a top-level widget or a running thread; tests without Qt pay nothing for it."""
    before = {id(widget) for widget in _top_level_widgets()}
    yield
    left = [widget for widget in _top_level_widgets() if id(widget) not in before]
    if left:
        left.clear()
        gc.collect()
        left = [widget for widget in _top_level_widgets() if id(widget) not in before]
    names = [f"widget {type(widget).__name__}" for widget in left]
    _let_go_of_buttons()
    for widget in left:
        widget.close()
        widget.deleteLater()
    names += _stop_threads()
    assert not names, f"left behind: {', '.join(names)}"


def _let_go_of_buttons() -> None:
    """Release what a double click or a drag has left pressed: no tip would be shown in the next test."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is not None and widgets.QApplication.instance() is not None and widgets.QApplication.mouseButtons().value:
        from PySide6.QtTest import QTest

        widget = widgets.QWidget()
        QTest.mouseRelease(widget, widgets.QApplication.mouseButtons())
        widget.deleteLater()


def _top_level_widgets() -> list[Any]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    app = widgets and widgets.QApplication.instance()
    if app is None:
        return []
    core = sys.modules["PySide6.QtCore"]
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    own_by_qt = ("QTipLabel", "QDesktopWidget", "QShapedPixmapWindow")
    return [widget for widget in app.topLevelWidgets() if widget.parent() is None and widget.metaObject().className() not in own_by_qt]


def _stop_threads() -> list[str]:
    """Name the threads that still run, and end them so that the next test does not suffer."""
    shiboken = sys.modules.get("shiboken6")
    running = [thread for thread in list(_started_threads) if shiboken and shiboken.isValid(thread) and thread.isRunning()]
    for thread in running:
        thread.requestInterruption()
        thread.quit()
        thread.wait(2000)
    _started_threads.clear()
    return [f"thread {type(thread).__name__}" for thread in running]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a name as people give them."""
    folder = tmp_path / "meine Übungen"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a new user."""
    from gui.settings import Settings

    return Settings(str(tmp_path / "settings.ini"))


@pytest.fixture
def file() -> str | None:
    """What the window opens with; tests that need something else have a fixture of this name."""
    return None


@pytest.fixture
def window(qtbot: Any, settings: Settings, file: str | None) -> Iterator[MainWindow]:
    """The window as it opens for a new user."""
    from window_helpers import opened

    with opened(qtbot, settings, file) as window:
        yield window
