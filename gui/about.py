"""What Deltastep is and whose work it stands on, in one box."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from model import VERSION

ABOUT = (
    f"<b>Deltastep {VERSION}</b><br>Walks through backpropagation by hand. "
    "Every number on screen can be recomputed from other numbers on screen.<br><br>"
    "MIT licence. Qt for Python (LGPL-3.0), NumPy, pyqtgraph, ziamath, Pillow; fonts Inter and STIX Two Math (OFL), icons Lucide (ISC)."
)


def show_about(parent: QWidget) -> None:
    """Open the box over a window."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, "About Deltastep", ABOUT, QMessageBox.StandardButton.Close, parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
