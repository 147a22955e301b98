"""A field for a figure of one's own below the formula that is pinned: whether it agrees, and if not, why."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from gui.diagnosis.notes import belongs
from gui.panes.pane import Pane
from gui.state import AppState, same_moment
from gui.store import Store
from gui.theme import Theme
from model.diagnosis.note import NOTHING_MORE, note_of
from model.diagnosis.typed import LONGEST, read_figure
from model.explain.origin import exists_in, is_single
from model.expr.small_scripts import small_scripts
from model.moment import Moment
from model.stages import Ref

CAPTION = "Compare with your hand calculation"
AGREES, DIFFERS = "✓", "≠"
SHARE = 0.42  # of the pane's height that the answer may take before it is scrolled
NOT_YET = "The walk has not come to this number yet: your figure is compared when it does."
SINGLE = "Click one number of it: figures are compared one by one."


class FigureField(QLineEdit):
    """Takes a figure. **Signals:** left(): the user is done with it."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__(placeholderText="your figure", clearButtonEnabled=True)
        self.setMaxLength(4 * LONGEST)
        self.setAccessibleName(CAPTION)
        self.setToolTip("Type a number as you have written it, as 0.13 or 0,13; Enter compares it, Esc leaves")
        self.set_room()

    def set_room(self) -> None:
        """Have room for a figure of nine digits, beside the button that clears it."""
        letters = self.fontMetrics()
        self.setMinimumWidth(letters.horizontalAdvance("−0.000000000") + 2 * letters.height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.set_room()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_for_typing(event):
            event.accept()  # or it would be a key of the walk
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _is_for_typing(event: QKeyEvent) -> bool:
    keys = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Escape)
    plain = not event.modifiers() & (
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    )
    return plain and (event.key() in keys or (event.text().isprintable() and bool(event.text())))


class FigureRow(Pane):
    """Compares a typed figure with the pinned number, and says what the note prints for it.

    What was typed stays with its number while the walk goes on. small_field: the field for another place, where there is too
    little room for a row of its own. **Signals:** left(): the keyboard is to go back to the walk.
    """

    left = Signal()

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, 0, parent)
        self._is_small = False
        self._key: tuple[object, ...] = ()  # what the answer on screen is for
        self._asked: tuple[Ref, str] | None = None  # the number that a figure was typed for, and the figure
        self._own, self.small_field = FigureField(), FigureField()
        for field in self._fields:
            field.returnPressed.connect(self._on_return_pressed)
            field.left.connect(self._on_left)
            field.textChanged.connect(self._on_text_changed)
        self.small_field.hide()
        self._caption = QLabel(CAPTION)
        self._caption.setObjectName("quiet")
        self._caption.setBuddy(self._own)
        self._mark = QLabel()
        self._answer = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._answer.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._answer)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._arrange()

    def _arrange(self) -> None:
        typed, said = QHBoxLayout(), QHBoxLayout()
        typed.addWidget(self._caption)
        typed.addWidget(self._own, 1)
        said.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self._area, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 4)
        layout.setSpacing(3)
        layout.addLayout(typed)
        layout.addLayout(said)

    def enter(self) -> None:
        """Give the keyboard to the field."""
        self._stale = True
        self.refresh()  # or it might not be known yet that there is a number to compare with
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    @property
    def field(self) -> FigureField:
        """The field that is seen."""
        return self.small_field if self._is_small else self._own

    @property
    def _fields(self) -> tuple[FigureField, FigureField]:
        return self._own, self.small_field

    def set_small(self, small: bool) -> None:
        """Take only the room that an answer needs, while the field stands elsewhere (`small_field`); or have it here."""
        typing, self._is_small = self.field.hasFocus(), small
        self.small_field.setVisible(small)
        for widget in (self._own, self._caption):
            widget.setVisible(not small)
        if typing:
            self.field.setFocus()
        self._stale = True
        self.refresh()

    @property
    def answer(self) -> str:
        """What is said, with its mark."""
        return f"{self._mark.text()} {self._answer.text()}".strip()

    def touches(self, old: AppState, new: AppState) -> bool:
        belonging = (old.problem is old.saved) != (new.problem is new.saved)
        return old.trail != new.trail or belonging or not same_moment(old, new)

    def set_theme(self, theme: Theme) -> None:
        font = self._mark.font()
        font.setBold(True)
        self._mark.setFont(font)
        self.invalidate()

    def show_state(self, state: AppState) -> None:
        ref, moment = state.trail.current, self.store.moment
        if self._asked is not None and ref != self._asked[0]:
            self._asked = None
            self.field.clear()
        can_be_compared = ref is not None and exists_in(moment, ref)
        for field in self._fields:
            field.setEnabled(can_be_compared)
        if ref is None or not can_be_compared:
            self._key = ()
            self._say("", "")
            return
        asked = None if self._asked is None else self._asked[1]
        belonging = belongs(state, moment.record)
        key = (moment.record, ref, asked, moment.notation, moment.fmt.comma, moment.sample, moment.known(ref), belonging, self._is_small)
        if key != self._key:  # looking for a reason takes longer than a step of the walk may
            self._key = key
            if asked is not None:
                self._say(*_compared(moment, ref, asked))
            else:
                self._say(*(self._note(moment, ref) if belonging else ("", "")))

    def _note(self, moment: Moment, ref: Ref) -> tuple[str, str]:
        """Return what the note prints for a number; nothing where it agrees and there is little room: the blackboard says so, too."""
        note = small_scripts(note_of(moment, ref))
        return "", "" if self._is_small and note.endswith(NOTHING_MORE) else note

    def forget_run(self) -> None:
        self._key = ()

    def _say(self, mark: str, text: str) -> None:
        self._mark.setText(mark)
        self._mark.setVisible(bool(mark))
        self._mark.setAccessibleName({AGREES: "agrees", DIFFERS: "differs"}.get(mark, ""))
        self._answer.setText(text)
        self._answer.setAccessibleName(text)
        self._area.setVisible(bool(text))
        self._fit()

    def _fit(self) -> None:
        """Give the answer the height it needs, up to its share of the pane."""
        width = max(self.width() - 24 - (self._mark.sizeHint().width() + 6 if self._mark.text() else 0), 80)
        place = self.parentWidget()
        most = round(SHARE * place.height()) if place is not None else 200
        self._area.setFixedHeight(max(min(self._answer.heightForWidth(width) + 2, most), self._answer.fontMetrics().height() + 2))

    def _on_text_changed(self, text: str) -> None:
        """Keep what is one field in two places, of which one is seen, the same."""
        for field in self._fields:
            if field.text() != text:
                field.setText(text)

    def _on_left(self) -> None:
        """Go back to the walk; what was refused is not kept."""
        if self._asked is None:
            self.field.clear()
            self._key = ()
            self.show_state(self.store.state)
        self.left.emit()

    def _on_return_pressed(self) -> None:
        ref = self.store.state.trail.current
        if ref is None:
            return
        text = self.field.text()
        self._asked, self._key = (ref, text), ()
        self.show_state(self.store.state)
        try:
            read_figure(text)
        except ValueError:
            self._asked = None  # there is no figure to compare at a later step
        if self._mark.text() == DIFFERS or self._asked is None:
            self.field.selectAll()  # for another try: what is typed next would be keys of the walk elsewhere
        else:
            self.left.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _compared(moment: Moment, ref: Ref, typed: str) -> tuple[str, str]:
    """Return a mark and a sentence for a figure that was typed for a number."""
    from model.diagnosis.case import Case  # nobody need wait for the slips who only starts the program
    from model.diagnosis.diagnose import diagnose
    from model.diagnosis.sentence import sentence

    try:
        read_figure(typed)
    except ValueError as refused:
        return "", str(refused)
    if not is_single(ref):
        return "", SINGLE
    if not moment.known(ref):
        return "", NOT_YET
    found = diagnose(Case(moment.record, ref, moment.notation, moment.sample), typed)
    return AGREES if found.outcome == "agree" else DIFFERS, small_scripts(sentence(found, comma=moment.fmt.comma))
