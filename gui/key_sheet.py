"""The F1 sheet: every key and gesture, by subject, made from the table in `gui.shortcuts`."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.shortcuts import COMMANDS, GESTURES, shown_key

COLUMNS = (("&Step", "&Train"), ("&View", "&File", "&Data", "&Edit", "&Notation", "&Help"))


class KeySheet(QDialog):
    """Shows all keys; closes with Esc."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        columns = QHBoxLayout()
        columns.setSpacing(34)
        for menus in COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(14)
            for menu in menus:
                rows = [(command.keys, command.plain_text) for command in COMMANDS if command.menu == menu and command.keys]
                column.addLayout(_table(menu.replace("&", ""), rows))
            if menus == COLUMNS[0]:
                column.addLayout(_table("Mouse and focus", [((key,), text) for key, text in GESTURES]))
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
        self.resize(min(hint.width() + 60, screen.width() - 40), min(hint.height() + 90, screen.height() - 60))


def _table(title: str, rows: list[tuple[tuple[str, ...], str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(5)
    head = QLabel(title.upper())
    head.setObjectName("heading")
    grid.addWidget(head, 0, 0, 1, 2)
    for i, (keys, text) in enumerate(rows, start=1):
        shown = QLabel("  or  ".join(shown_key(key) for key in keys))
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        grid.addWidget(QLabel(text), i, 0)
        grid.addWidget(shown, i, 1, Qt.AlignmentFlag.AlignRight)
    grid.setColumnStretch(0, 1)
    return grid
