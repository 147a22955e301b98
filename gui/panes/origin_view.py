"""Where a number comes from: its formula stays pinned while the walk goes on, and its factors are links in turn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gui import actions as act
from gui.formula.page import BoardStep
from gui.icons import icon
from gui.panes.pane import Pane
from gui.state import AppState, same_moment
from gui.store import Store
from gui.theme import Theme, css
from gui.tips import name_of
from model.explain.origin import exists_in, origin
from model.expr.tree import Explanation, NumberFormat
from model.stages import Ref

CRUMBS = 5  # numbers of the way that are named
LEAST_LINES = 12  # of text: the height from which there is room for a field in a row of its own
GONE = Explanation("", "This number is no longer part of the network.", ())


class Board(Protocol):
    """What shows the formula: a blackboard of its own."""

    def set_content(self, current: BoardStep | None, earlier: Sequence[BoardStep] = (), fmt: NumberFormat | None = None) -> None: ...
    def set_theme(self, theme: Theme) -> None: ...
    def set_highlight(self, refs: Collection[Ref]) -> None: ...


class Foot(Protocol):
    """What stands below the formula. small_field: the part of it that stands in the head instead where there is little room."""

    small_field: QWidget

    def set_small(self, small: bool) -> None: ...


class OriginView(Pane):
    """Shows the formula at the state's trail. board: shows formulas; foot: stands below them. Both are owned by this view from now on.

    **Signals:** closed(): the user wants the keyboard back where it was.
    """

    closed = Signal()

    def __init__(self, store: Store, board: Board, parent: QWidget | None = None, foot: Foot | None = None) -> None:
        super().__init__(store, 0, parent)
        self._board = board
        self._shown: tuple[object, ...] = ()
        self._back = _button("Back to the number before (Alt+Left)", "back", self._on_back_clicked)
        self._forward = _button("Forward again (Alt+Right)", "forward", self._on_forward_clicked)
        self._close = _button("Hide (W)", "hide where it comes from", self._on_close_clicked)
        self._way = QLabel(textFormat=Qt.TextFormat.RichText)
        self._way.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard)
        self._way.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._way.setAccessibleName("numbers asked for")
        self._way.linkActivated.connect(self._on_crumb_clicked)
        head = QHBoxLayout()
        head.setContentsMargins(10, 4, 6, 0)
        head.setSpacing(4)
        self._title = QLabel("WHERE FROM")
        self._title.setObjectName("heading")
        for widget in (self._title, self._back, self._forward):
            head.addWidget(widget)
        head.addWidget(self._way, 1)
        head.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(cast(QWidget, board), 1)
        self._foot, self._is_small = foot, False
        if foot is not None:
            head.insertWidget(head.indexOf(self._close), foot.small_field, 1)
            layout.addWidget(cast(QWidget, foot))
        self.setFocusProxy(cast(QWidget, board))

    def touches(self, old: AppState, new: AppState) -> bool:
        return old.trail != new.trail or old.hover != new.hover or old.selection != new.selection or not same_moment(old, new)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for button, name in ((self._back, "chevron-left"), (self._forward, "chevron-right"), (self._close, "x")):
            button.setIcon(icon(name, css(theme.text), css(theme.rule)))
            size = round(self.fontMetrics().height() * 1.1)
            button.setIconSize(QSize(size, size))
        self._board.set_theme(theme)
        self.invalidate()

    def show_state(self, state: AppState) -> None:
        trail, moment = state.trail, self.store.moment
        self._back.setEnabled(trail.can_go_back)
        self._forward.setEnabled(trail.can_go_forward)
        self._board.set_highlight(frozenset(ref for ref in (state.hover,) if ref is not None))
        shown = (trail, moment, self._theme)
        if shown == self._shown:
            return
        self._shown = shown
        ref = trail.current
        self._way.setText(self._crumbs(state))
        if ref is None:
            self._board.set_content(None)
            return
        self.explanation = origin(moment, ref) if exists_in(moment, ref) else GONE
        self._board.set_content(BoardStep(moment.tick, None, _formula_first(self.explanation)), (), moment.fmt)

    def _crumbs(self, state: AppState) -> str:
        """Return the way as links; the pinned number stands last and is none."""
        crumbs = state.trail.crumbs
        names = [name_of(self.store.moment, ref) if exists_in(self.store.moment, ref) else "gone" for ref in crumbs]
        first = max(0, len(crumbs) - CRUMBS)
        metrics, room = self.fontMetrics(), self._way.width() - 20
        while first < len(crumbs) - 1 and metrics.horizontalAdvance(" → ".join(["…", *names[first:]])) > room:
            first += 1
        colour = css(self._theme.accent)
        links = [f'<a href="{i}" style="color: {colour}; text-decoration: none">{names[i]}</a>' for i in range(first, len(crumbs) - 1)]
        dots = ["…"] if first and metrics.horizontalAdvance(f"… → {names[-1]}") <= room else []
        return " → ".join([*dots, *links, f"<b>{names[-1]}</b>"]) if names else ""

    def _on_back_clicked(self) -> None:
        self.store.dispatch(act.walk_trail, -1)

    def _on_forward_clicked(self) -> None:
        self.store.dispatch(act.walk_trail, 1)

    def _on_crumb_clicked(self, index: str) -> None:
        self.store.dispatch(act.go_on_trail, int(index))

    def _on_close_clicked(self) -> None:
        self.store.dispatch(act.show_trail, False)
        self.closed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_field(self.height() < LEAST_LINES * self.fontMetrics().height())
        roomy = self.width() > 16 * self._title.sizeHint().height() + self._title.sizeHint().width()
        self._title.setVisible(roomy and not self._is_small)  # the number's name needs the room
        self._shown = ()
        self.invalidate()

    def _place_field(self, small: bool) -> None:
        """Have the field of what stands below in a row of its own, or in the head."""
        if self._foot is None or small == self._is_small:
            return
        self._is_small = small
        self._foot.set_small(small)

    def sizeHint(self) -> QSize:
        return QSize(430, 230)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 110)


def _formula_first(told: Explanation) -> Explanation:
    """Return what is told with the words in small type below the formula, which has to be seen first where there is little room."""
    if not told.equations:
        return Explanation("", told.words, (), told.focus)
    *others, last = told.equations
    note = " ".join(part for part in (last.note, told.words) if part)
    return Explanation("", "", (*others, replace(last, note=note)), conventions=told.conventions)


def _button(tip: str, name: str, clicked: Any) -> QToolButton:
    button = QToolButton(toolTip=tip, autoRaise=True, focusPolicy=Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    button.clicked.connect(clicked)
    return button
