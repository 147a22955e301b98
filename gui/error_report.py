"""What happens with an exception that nobody expected: a dialog with a report to copy, and the program goes on."""

from __future__ import annotations

import platform
import sys
import traceback
from types import TracebackType

import numpy as np
from PySide6 import __version__ as qt_version
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

_MOST = 20_000  # characters of a report


class ErrorReport(QDialog):
    """Shows one report; further errors while it is open are added to it."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        words = QLabel("This was not expected. Nothing of your experiment is lost, and you can go on; saving now is a good idea.")
        words.setWordWrap(True)
        self._text = QPlainTextEdit(report, readOnly=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setAccessibleName("report")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy report", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._on_copy_clicked)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        for widget in (words, self._text, buttons):
            layout.addWidget(widget)
        self.resize(680, 420)

    def add(self, report: str) -> None:
        """Add another error."""
        if len(self._text.toPlainText()) < _MOST:
            self._text.appendPlainText(f"\n{report}")

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())


_open: list[ErrorReport] = []


def report_text(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> str:
    """Return what helps to find the fault: versions and the place."""
    system = f"Deltastep on {platform.system()} {platform.release()}, "
    system += f"Python {platform.python_version()}, Qt {qt_version}, NumPy {np.__version__}"
    return f"{system}\n\n{''.join(traceback.format_exception(kind, error, place))}"


def show_exception(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    """Take the place of `sys.excepthook` while the window is open."""
    if issubclass(kind, KeyboardInterrupt) or QApplication.instance() is None:
        sys.__excepthook__(kind, error, place)
        return
    report = report_text(kind, error, place)
    sys.stderr.write(report)
    if _open:
        _open[0].add(report)
        return
    dialog = ErrorReport(report, QApplication.activeWindow())
    _open.append(dialog)
    dialog.finished.connect(_on_dialog_finished)
    dialog.open()


def _on_dialog_finished() -> None:
    _open.pop().deleteLater()
