"""What the dialogs for taking things away have in common: a form at the left, what comes out at the right, a line that tells, buttons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui.settings import Settings
from gui.state import AppState
from gui.theme import Theme
from gui.theme_qt import colour
from gui.window_style import polish

CHECK = 9  # pixels of a square of the ground that stands for transparency
Kinds = Sequence[tuple[str, str]]


class Form(QDialog):
    """A dialog of sections that scroll where the screen is small: add sections to `column`, other parts to `side`."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        page = QWidget()
        page.setObjectName("panel")
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(0, 0, 12, 0)
        self.column.setSpacing(14)
        self._area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame, focusPolicy=Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(page)
        self.side = QVBoxLayout()
        self.side.setSpacing(8)
        self.note = QLabel(wordWrap=True)
        self.note.setObjectName("quiet")
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.note.setMinimumHeight(2 * self.fontMetrics().height())
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.rejected.connect(self.reject)
        parts = QHBoxLayout()
        parts.setSpacing(18)
        parts.addWidget(self._area)
        parts.addLayout(self.side, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(parts, 1)
        layout.addWidget(self.note)
        layout.addWidget(self.buttons)

    def add_button(self, text: str, name: str, *, default: bool = False) -> QPushButton:
        """Add a button to the row at the bottom."""
        button = cast(QPushButton, self.buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole))
        if default:
            button.setObjectName("primary")
            polish(button)
        button.setAccessibleName(name)
        button.setAutoDefault(False)
        button.setDefault(default)
        return button

    def settle(self, width: float, height: float) -> None:
        """Close the column below its last section, and take a size in letters' heights, as far as the screen has room."""
        self.column.addStretch(1)
        em, room = self.fontMetrics().height(), self.screen().availableSize()
        page = self._area.widget().sizeHint()
        self._area.setFixedWidth(min(max(page.width(), round(17 * em)) + 14, round(0.58 * room.width())))
        self.resize(min(round(width * em), room.width() - 40), min(round(height * em), room.height() - 60))

    def tell(self, sentence: str, *, refused: bool = False) -> None:
        """Say something above the buttons."""
        self.note.setText(sentence)
        self.note.setObjectName("refusal" if refused else "quiet")
        polish(self.note)


class Preview(QWidget):
    """Shows an image as large as there is room; what is transparent in it stands on a chequered ground."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._theme: Theme | None = None
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 160)

    def show_image(self, image: QImage | None, theme: Theme) -> None:
        """Show an image (None: nothing) in a window of this theme."""
        self._image, self._theme = image, theme
        self.update()

    def room(self, ratio: float) -> int:
        """Return how many pixels wide a picture of a ratio of width to height can be shown."""
        scale = self.devicePixelRatioF()
        return max(64, round(scale * min(self.width() - 2, (self.height() - 2) * ratio)))

    def sizeHint(self) -> QSize:
        return QSize(620, 420)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), colour(self._theme.window))
        if self._image is not None:
            self._paint_image(painter, self._image, self._theme)
        painter.end()

    def _paint_image(self, painter: QPainter, image: QImage, theme: Theme) -> None:
        share = min((self.width() - 2) / image.width(), (self.height() - 2) / image.height())
        w, h = image.width() * share, image.height() * share
        place = QRectF((self.width() - w) / 2, (self.height() - h) / 2, w, h)
        if image.hasAlphaChannel():
            painter.fillRect(place, colour(theme.panel))
            for row in range(int(h / CHECK) + 1):
                for column in range(row % 2, int(w / CHECK) + 1, 2):
                    square = QRectF(place.left() + column * CHECK, place.top() + row * CHECK, CHECK, CHECK)
                    painter.fillRect(square.intersected(place), colour(theme.raised))
        painter.drawImage(place, image)
        painter.setPen(colour(theme.rule))
        painter.drawRect(place)


def two_lines() -> QLabel:
    """Return a label that says what will come out, with room for a second line from the start: below a preview none is made for it."""
    label = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignTop)
    label.setObjectName("quiet")
    label.setMinimumHeight(2 * label.fontMetrics().lineSpacing() + 2)
    return label


def whole(low: int, high: int, value: int, name: str, tip: str, suffix: str = "") -> QSpinBox:
    """Return a field for a whole number."""
    field = QSpinBox(minimum=low, maximum=high, keyboardTracking=False, groupSeparatorShown=True, suffix=suffix)
    field.setValue(value)
    field.setAccessibleName(name)
    field.setToolTip(f"{tip} (Up, Down)")
    return field


def folder_of(settings: Settings) -> Path:
    """Return where something was saved last, or where the last problem file is."""
    last = settings.get("take_away/folder", "")
    if last and Path(last).is_dir():
        return Path(last)
    return Path(settings.recent[0]).parent if settings.recent else Path.home()


def ask_path(parent: QWidget, settings: Settings, title: str, name: str, kinds: Kinds) -> Path | None:
    """Let the user choose where to save; None if not. kinds: (suffix, words), the first is added to a name without one.

    The folder is remembered for the next time.
    """
    filters = ";;".join(f"{words} (*{suffix})" for suffix, words in kinds)
    path, chosen = QFileDialog.getSaveFileName(parent, title, str(folder_of(settings) / name), filters)
    if not path:
        return None
    settings.set("take_away/folder", str(Path(path).parent))
    if Path(path).suffix.lower() in [suffix for suffix, _ in kinds]:
        return Path(path)
    suffix = next((suffix for suffix, words in kinds if chosen.startswith(f"{words} (")), kinds[0][0])
    complete = Path(path + suffix)
    return complete if not complete.exists() or _may_replace(parent, complete) else None


def _may_replace(parent: QWidget, path: Path) -> bool:
    """Ask about a file of which the file dialog did not know that it was meant."""
    buttons = QMessageBox.StandardButton
    box = QMessageBox(QMessageBox.Icon.Question, "Save", f"Replace “{path.name}”?", buttons.Yes | buttons.Cancel, parent)
    box.setInformativeText(f"There is already a file of this name in {path.parent}.")
    answer = box.exec()
    box.deleteLater()
    return bool(answer == buttons.Yes)


def suggested_name(state: AppState) -> str:
    """Return a name for what is taken away: that of the user's own file, else the title that the user gave, else that of the example."""
    renamed = not state.own_file and state.problem.title != state.saved.title
    return plain_name(state.problem.title, None if renamed else state.path)


def plain_name(title: str, path: str | None) -> str:
    """Return a name for files: that of the problem file, or the title as far as every system takes it."""
    name = Path(path).stem if path else title
    return "".join(c for c in name if c.isalnum() or c in " .-_ ()").strip(" .")[:80] or "deltastep"
