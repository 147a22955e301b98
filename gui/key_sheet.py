"""The F1 sheet: every key and gesture, by subject, made from the table in `gui.shortcuts`."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.shortcuts import COMMANDS, GESTURES, PLOT_GESTURES, shown_key

WIDE = 1080  # pixels, if the screen has them
LONG = 22  # characters; what is longer may break
MOUSE, PLOTS = "Mouse and focus", "Plots"
COLUMNS = (("&Step", "&File", "&Notation", "&Help"), ("&View", "&Edit", "&Train", "&Data"), (MOUSE, PLOTS))


class KeySheet(QDialog):
    """Shows all keys; closes with Esc."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        columns = QHBoxLayout()
        columns.setContentsMargins(0, 0, 12, 0)
        columns.setSpacing(22)
        for subjects in COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(14)
            for subject in subjects:
                column.addLayout(_table(subject.replace("&", ""), _rows(subject)))
            column.addStretch(1)
            columns.addLayout(column)
        page = QWidget()
        page.setObjectName("panel")
        page.setLayout(columns)
        area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        area.setWidget(page)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 14)
        layout.addWidget(area, 1)
        layout.addWidget(buttons)
        hint = page.sizeHint()
        screen = self.screen().availableSize()
        self.resize(min(max(WIDE, hint.width() + 60), screen.width() - 20), min(hint.height() + 90, screen.height() - 50))


def _rows(subject: str) -> list[tuple[tuple[str, ...], str]]:
    if subject in (MOUSE, PLOTS):
        return [((key,), text) for key, text in (GESTURES if subject == MOUSE else PLOT_GESTURES)]
    return [(command.keys, command.plain_text) for command in COMMANDS if command.menu.split("/")[0] == subject and command.keys]


def _table(title: str, rows: list[tuple[tuple[str, ...], str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(5)
    head = QLabel(title.upper())
    head.setObjectName("heading")
    grid.addWidget(head, 0, 0, 1, 2)
    for i, (keys, text) in enumerate(rows, start=1):
        shown = QLabel(" or ".join(shown_key(key) for key in keys))
        if len(keys) == 1 and len(keys[0]) > LONG // 2:
            shown.setWordWrap(True)
            shown.setAlignment(Qt.AlignmentFlag.AlignRight)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        label = QLabel(text, wordWrap=len(text) > LONG)
        if label.wordWrap():
            label.setMinimumWidth(LONG * label.fontMetrics().averageCharWidth())
        grid.addWidget(label, i, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(shown, i, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    grid.setColumnStretch(0, 1)
    return grid
