"""The few small widgets that panels are made of: fields for numbers, a row of segments, a choice, a line of text, a section that folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFocusEvent,
    QIcon,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextCursor,
    QTextDocument,
    QTextLine,
    QValidator,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.edits import NUDGE, plain
from gui.panel.letters import Letters
from gui.panel.words import in_words, is_beyond, is_number, refusal

LONGEST = 40  # characters that can be typed into a field
ELLIPSIS = "…"
HUGE = 1e9  # bounds from here on are there for safety and not worth saying


def _scroll_or(field: QWidget, event: QWheelEvent, change: Callable[[QWheelEvent], None]) -> None:
    """Let the wheel change a field that has the keyboard, and scroll the panel otherwise."""
    if field.hasFocus():
        change(event)
    else:
        event.ignore()


class _Typed:
    """What spin boxes in which one can type have in common.

    letters: what happens in them. stepping: while a change is announced, whether it comes from arrows or the wheel and not from typing.
    """

    letters: Letters
    stepping = False

    def event(self, event: QEvent) -> bool:
        kind = QEvent.Type.ShortcutOverride
        return True if event.type() == kind and self.letters.leave(event) else super().event(event)

    def stepBy(self, steps: int) -> None:
        self.stepping = True
        super().stepBy(steps)
        self.stepping = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        _scroll_or(self, event, super().wheelEvent)


class CountField(_Typed, QSpinBox):
    """A spin box for whole numbers. What cannot be taken can be typed, so that it can be explained; the number before it comes back.

    **Signals:** refused(str): why the typed text was not taken.
    """

    refused = Signal(str)

    def __init__(self, low: int, high: int, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, minimum=low, maximum=high, keyboardTracking=False, groupSeparatorShown=True)
        self.setAccessibleName(name)
        self.setToolTip(f"{tip} (Up, Down)")
        self.letters = Letters(self)
        self.letters.taken.connect(self.refused)

    def validate(self, text: str, position: int) -> object:
        state, *rest = super().validate(text, position)
        return (QValidator.State.Intermediate if state == QValidator.State.Invalid and len(text) <= LONGEST else state), *rest

    def fixup(self, text: str) -> str:
        _refuse(self, text, f"whole numbers from {self.minimum():,} to {self.maximum():,}")
        return self.textFromValue(self.value())


class NumberField(_Typed, QDoubleSpinBox):
    """A spin box for any number: shows as many digits as there are, takes a decimal comma or point, steps by a tenth of the size.

    **Signals:** refused(str): why the typed text was not taken; the number before it comes back.
    """

    refused = Signal(str)

    def __init__(self, low: float, high: float, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(15)
        self.setRange(low, high)
        self.setKeyboardTracking(False)
        self.setMinimumWidth(60)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setAccessibleName(name)
        self.setToolTip(f"{tip} (Up, Down)")
        self.letters = Letters(self)
        self.letters.taken.connect(self.refused)

    def show_value(self, value: float) -> None:
        """Show a value without announcing a change."""
        set_quietly(self, value)

    def textFromValue(self, value: float) -> str:
        return f"{value:.12g}".replace("-", "−")

    def valueFromText(self, text: str) -> float:
        return float(plain(text))

    def validate(self, text: str, position: int) -> object:
        if is_number(text) and self.minimum() <= float(plain(text)) <= self.maximum():
            return QValidator.State.Acceptable, text, position
        return (QValidator.State.Intermediate if len(text) <= LONGEST else QValidator.State.Invalid), text, position

    def fixup(self, text: str) -> str:
        shown = self.maximum() < HUGE or is_beyond(text, self.maximum())
        high = f" to {self.maximum():,.12g}" if shown else ""
        _refuse(self, text, f"numbers from {self.minimum():g}{high}, such as 0.1 or 3e−4")
        return self.textFromValue(self.value())


def change_of(field: CountField | NumberField, name: str) -> str:
    """Return what an undoable change of a field's number is called: one nudge after the other is taken back at once."""
    return f"{NUDGE}{name}" if field.stepping else f"change of {name}"


def _refuse(field: CountField | NumberField, text: str, allowed: str) -> None:
    field.letters.typed = False
    field.refused.emit(refusal(field.accessibleName(), text, field.maximum(), allowed))


class Line(QLabel):
    """A label that takes the width it is given. Its `text` is always the whole one; only what is painted is shortened.

    rich: whether it may hold colours (HTML).
    """

    def __init__(self, name: str = "", *, rich: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.RichText if rich else Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, text: str) -> None:
        """Show a text, and all of it where it is pointed at."""
        self.setText(text)
        self.setToolTip(text)

    @property
    def shown(self) -> str:
        """The characters that are seen at the present width."""
        return self._document().toPlainText()

    def _document(self) -> QTextDocument:
        """Return the text as it is painted: as much of it as fits, and the ellipsis."""
        document = QTextDocument()
        document.setDocumentMargin(0)
        document.setDefaultFont(self.font())
        document.setHtml(self.text()) if self.textFormat() == Qt.TextFormat.RichText else document.setPlainText(self.text())
        room = self.contentsRect().width()
        if document.idealWidth() <= room:
            return document
        document.size()  # which lays the one line out
        line = document.firstBlock().layout().lineAt(0)
        end = line.xToCursor(float(room - self.fontMetrics().horizontalAdvance(ELLIPSIS)), QTextLine.CursorPosition.CursorOnCharacter)
        cursor = QTextCursor(document)
        cursor.setPosition(int(end))
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.insertText(ELLIPSIS)
        return document

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, room, document = QPainter(self), self.contentsRect(), self._document()
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette = self.palette()
        context.palette.setColor(QPalette.ColorRole.Text, self.palette().color(self.foregroundRole()))
        spare = room.width() - document.idealWidth() if self.alignment() & Qt.AlignmentFlag.AlignRight else 0.0
        painter.translate(room.left() + max(0.0, spare), room.top() + (room.height() - document.size().height()) / 2)
        document.documentLayout().draw(painter, context)
        painter.end()


class Choice(QComboBox):
    """A choice among (value, shown text).

    Letters seek an entry where the keyboard was brought here with Tab; after a click they go on to be commands of the window.

    **Signals:** chosen(value): the user took an entry.
    """

    chosen = Signal(object)
    _letters_seek = False

    def __init__(self, entries: Sequence[tuple[object, str]], name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setMinimumWidth(40)
        self.setAccessibleName(name)
        self.setToolTip(f"{tip} (Up, Down)")
        for value, text in entries:
            self.addItem(text, value)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(self._on_activated)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _scroll_or(self, event, super().wheelEvent)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._letters_seek = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._letters_seek and _seeks(event):
            event.accept()
            return True
        return super().event(event)

    def show_value(self, value: object) -> None:
        """Show an entry without announcing a choice."""
        values = [self.itemData(i) for i in range(self.count())]
        self.setCurrentIndex(values.index(value) if value in values else -1)

    def _on_activated(self, index: int) -> None:
        self.chosen.emit(self.itemData(index))


def _seeks(event: QKeyEvent) -> bool:
    """Return whether a key seeks an entry of a list: a letter or a digit, the first, the last."""
    plain_key = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
    return plain_key and (event.text().isalnum() or event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End))


class Tabs(QTabBar):
    """A row of tabs. Up and Down go to the neighbours, because Left and Right belong to the walk."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, drawBase=False, expanding=False, usesScrollButtons=True)
        self.setAccessibleName(name)
        self.setToolTip(f"{tip} (Up, Down)")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if way:
            self.setCurrentIndex(max(0, min(self.count() - 1, self.currentIndex() + way)))
        else:
            super().keyPressEvent(event)


class Segments(QWidget):
    """A row of buttons of which one is down. **Signals:** chosen(value): the user pressed another one."""

    chosen = Signal(object)

    def __init__(self, entries: Sequence[tuple[object, str, str]], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._values = [value for value, _, _ in entries]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for i, (_, text, tip) in enumerate(entries):
            button = QToolButton(text=text, checkable=True, toolTip=tip, focusPolicy=Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(f"{name}: {text}")
            button.setProperty(
                "segment", "only" if len(entries) == 1 else "first" if i == 0 else "last" if i == len(entries) - 1 else "inner"
            )
            self._group.addButton(button, i)
            layout.addWidget(button)
        self._group.idClicked.connect(self._on_clicked)

    def show_value(self, value: object) -> None:
        """Show which one is down."""
        self._group.button(self._values.index(value)).setChecked(True)

    def button(self, value: object) -> QWidget:
        """Return the button of an entry."""
        return self._group.button(self._values.index(value))

    def show_pictures(self, pictures: Sequence[QIcon]) -> None:
        """Put a picture before the text of each button."""
        for button, picture in zip(self._group.buttons(), pictures, strict=True):
            button.setIcon(picture)
            if isinstance(button, QToolButton):
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def _on_clicked(self, i: int) -> None:
        self.chosen.emit(self._values[i])


class Section(QWidget):
    """A titled form of label-and-field rows that can be folded away, and a line below for refusals.

    **Signals:** explained(QWidget): a refusal stands in this label.
    """

    explained = Signal(QWidget)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head = QToolButton(text=title.upper(), checkable=True, checked=True, focusPolicy=Qt.FocusPolicy.TabFocus)
        self._head.setObjectName("section")
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setAccessibleName(f"section {title}")
        self._head.setToolTip(f"Show or hide {title.lower()}")
        self._body = QWidget()
        self._grid = QGridLayout(self._body)
        self._grid.setContentsMargins(0, 2, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._refusal = QLabel(wordWrap=True, visible=False)
        self._refusal.setObjectName("refusal")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for widget in (self._head, self._body, self._refusal):
            layout.addWidget(widget)
        self._head.toggled.connect(self._on_toggled)
        self._on_toggled(True)

    def add_row(self, label: str, field: QWidget) -> QLabel:
        """Add a field with a label before it; returns the label."""
        row, text = self._grid.rowCount(), QLabel(label)
        text.setBuddy(field)
        self._grid.addWidget(text, row, 0)
        self._grid.addWidget(field, row, 1)
        return text

    def add_wide(self, widget: QWidget) -> None:
        """Add something that takes the whole width."""
        self._grid.addWidget(widget, self._grid.rowCount(), 0, 1, 2)

    def refuse(self, sentence: str) -> None:
        """Show why something was refused; "" takes it away."""
        self._refusal.setText(in_words(sentence))
        self._refusal.setVisible(bool(sentence))
        if sentence:
            self.explained.emit(self._refusal)

    def _on_toggled(self, unfolded: bool) -> None:
        self._head.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
        self._body.setVisible(unfolded)


def whole(low: int, high: int, name: str, tip: str, value: int | None = None) -> QSpinBox:
    """Return a field for a whole number, with what screen readers and tooltips say of it."""
    field = QSpinBox(minimum=low, maximum=high, keyboardTracking=False, groupSeparatorShown=True)
    if value is not None:
        field.setValue(value)
    field.setAccessibleName(name)
    field.setToolTip(f"{tip} (Up, Down)")
    return field


def set_quietly(field: QSpinBox | QDoubleSpinBox, value: float) -> None:
    """Show a value that the field has not been asked for."""
    with QSignalBlocker(field):
        field.setValue(value)
