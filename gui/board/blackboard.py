"""The blackboard: what happens now, in words, rule, numbers and result, with the earlier steps dimmed above it.

It only shows and asks: a click on a number, on an earlier step or a hover is a signal, and what is lit comes from outside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAction,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)  # fmt: skip
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QToolTip, QWidget

from gui.board.pages import BoardPages, Slot
from gui.board.pictures import PagePictures
from gui.formula.atoms import COMING, SEEN, AtomLoader
from gui.formula.boxes import Hit
from gui.formula.glyphs import GlyphMetrics
from gui.formula.image import step_image, step_svg
from gui.formula.layout import symbols
from gui.formula.lines import FormulaStyle
from gui.formula.page import BoardStep, style_for
from gui.formula.step_writers import WRITERS, Writer
from gui.theme import LIGHT, Theme
from model.expr.tree import Explanation, NumberFormat
from model.stages import Ref

MARGIN, FRAME = 14, 2
ABOVE = 0.32  # share of the height that is left to earlier steps where the current one leaves room
FAR_HEIGHT = 900  # pixels of a usual board on a projector, for which its type is made
SETTLE_MS = 25  # symbols arrive one by one; they are drawn together
ZOOM = (0.6, 3.0)


class Blackboard(QAbstractScrollArea):
    """Shows the current step and the earlier ones.

    writers: how a step is written as "text" (also what a screen reader is told) and as "LaTeX"; tip_for: the tooltip of a number;
    least: em of height below which a step is not set still smaller, but scrolled.

    Signals: seek_requested: to the tick of an earlier step; hovered: a Ref, or None; ref_clicked: a Ref ("where is this from?").
    """

    seek_requested = Signal(int)
    hovered = Signal(object)
    ref_clicked = Signal(object)

    def __init__(
        self,
        writers: Mapping[str, Writer] | None = None,
        tip_for: Callable[[Ref], str] | None = None,
        parent: QWidget | None = None,
        least: float = 0.0,
    ) -> None:
        super().__init__(parent)
        self._writers, self._tip_for, self._least = dict(WRITERS if writers is None else writers), tip_for, least
        self._theme, self._zoom = LIGHT, 1.0
        self._lit: Collection[Ref] = frozenset()
        self._under: Ref | None = None
        self._number: int | None = None  # which number of the current step has the keyboard
        self._focus_seen = False  # the frame is for those who move by keyboard
        self._follow = True  # stands at the current step until the user scrolls
        self._loader = AtomLoader(self)
        self._urgency, self._pictures = SEEN, PagePictures()
        self._pages = BoardPages(GlyphMetrics(self._want))
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._on_symbols_arrived)
        self._loader.arrived.connect(self._on_symbol_arrived)
        self.verticalScrollBar().actionTriggered.connect(self._on_scrolled_by_hand)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # nothing has to be painted under it
        self.setAccessibleName("Blackboard")

    def set_content(self, current: BoardStep | None, earlier: Sequence[BoardStep] = (), fmt: NumberFormat | None = None) -> None:
        """Show a step, and the earlier ones (oldest first) above it. Explanations that come again are not laid out again."""
        self._pages.show(current, earlier, fmt or self._pages.fmt)
        self._number, self._follow = None, True
        heard = current is not None and QAccessible.isActive()  # writing it all out takes milliseconds that only a listener is worth
        self.setAccessibleDescription(self._written("text") if heard else "")
        self._arrange()

    def prepare(self, step: BoardStep) -> None:
        """Lay out and paint a step that may come next while nobody waits."""
        self._urgency = COMING
        coming, current = self._pages.prepare(step)
        self._urgency = SEEN
        ratio = self.viewport().devicePixelRatioF()
        if not coming.pending:
            self._pictures.prepare(coming, self._theme, step.phase, step.explanation.focus, ratio)
        if current and not current.pending:
            self._pictures.prepare(current, self._theme, None, None, ratio)

    def _want(self, latex: str) -> None:
        self._loader.want(latex, self._urgency)

    def set_highlight(self, refs: Collection[Ref]) -> None:
        """Light up numbers; an index left open stands for all."""
        if refs != self._lit:
            self._lit = refs
            self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the colours and sizes of a theme."""
        self._theme = theme
        self._arrange()

    def warm_up(self, explanations: Iterable[Explanation]) -> None:
        """Have the symbols of steps to come typeset in the background, those of the first step first."""
        sides = (side for e in explanations for equation in e.equations for _, side in equation.sides)
        self._loader.warm_up(dict.fromkeys(name for side in sides for name in symbols(side)))

    def rest(self, resting: bool) -> None:
        """Have the background work rest, as far as nobody sees what is missing, or go on."""
        self._loader.rest(resting)

    def close_loader(self) -> None:
        """End the background work; for the window's closing."""
        self._loader.stop()

    # Where things stand

    def sizes(self) -> FormulaStyle:
        """Return the sizes of type of a step that has room enough: what is read from far away grows with the screen."""
        far = max(1.0, self.height() / FAR_HEIGHT) if self._theme.smallest_share else 1.0
        return style_for(self._theme, self._zoom * far)

    def _arrange(self) -> None:
        style = self.sizes()
        height = max(self.maximumViewportSize().height() - 2 * MARGIN, 60, self._least * style.size)
        self._pages.fit(max(self.viewport().width() - 2 * MARGIN, 60), height if self._zoom <= 1 else math.inf, style)
        self._set_ranges()
        self.viewport().update()

    def _set_ranges(self) -> None:
        view, bar = self.viewport().height(), self.verticalScrollBar()
        high = self._pages.current_height + 2 * MARGIN
        above = self._pages.height_above(min(bar.value() if not self._follow else 0, 0) - view)
        lowest = -round(above) - (MARGIN if above else 0)
        whole = self.maximumViewportSize().height()  # with the bar below or without: what is seen must not decide about it in turn
        home = max(lowest, -round(min(max(whole - high, 0), ABOVE * whole)))
        if high > whole and self._pages.forms_something:
            home = round(high - view)  # the result stands last
        bar.setRange(lowest, max(home, round(high - view)))
        bar.setPageStep(view)
        bar.setSingleStep(round(self._pages.style.size * 2))
        if self._follow:
            bar.setValue(home)
        widest = max((slot.page.width for slot in self._seen(whole)), default=0.0)
        across = self.horizontalScrollBar()
        across.setRange(0, max(0, round(widest + 2 * MARGIN - self.viewport().width())))
        across.setPageStep(self.viewport().width())
        across.setSingleStep(round(self._pages.style.size * 2))

    def _seen(self, height: int | None = None) -> list[Slot]:
        top = self.verticalScrollBar().value() - MARGIN
        return list(self._pages.slots(top, top + (self.viewport().height() if height is None else height)))

    def _origin(self) -> QPointF:
        """Return where (0, 0) of the pages stands in the viewport."""
        return QPointF(MARGIN - self.horizontalScrollBar().value(), MARGIN - self.verticalScrollBar().value())

    def _at(self, position: QPointF) -> tuple[Slot, Ref | None] | None:
        point = position - self._origin()
        return self._pages.at(point.x(), point.y())

    def rectangle_of(self, ref: Ref) -> QRectF | None:
        """Return where a number of the current step stands, in the viewport; None if it is not shown."""
        for hit in self._numbers():
            if hit.ref == ref:
                return QRectF(hit.x, hit.y, hit.width, hit.height).translated(self._origin())
        return None

    def _numbers(self) -> tuple[Hit, ...]:
        slot = next(self._pages.slots(0.0, 1.0), None)
        return slot.page.hits if slot else ()

    # What the user does

    def _on_symbol_arrived(self) -> None:
        if not self._settle.isActive():
            self._settle.start()

    def _on_symbols_arrived(self) -> None:
        seen = any(slot.page.pending for slot in self._seen())
        self._pages.drop_pending()
        if seen:
            self._arrange()

    def _on_scrolled_by_hand(self) -> None:
        self._follow = False

    def _hover(self, ref: Ref | None) -> None:
        if ref != self._under:
            self._under = ref
            self.hovered.emit(ref)

    def _focus_number(self, index: int | None) -> None:
        self._number = index
        numbers = self._numbers()
        self._hover(numbers[index].ref if index is not None else None)
        if index is not None:
            self._follow = False
            bar, hit = self.verticalScrollBar(), numbers[index]
            low, high = round(hit.y + hit.height) + 2 * MARGIN - self.viewport().height(), round(hit.y)
            bar.setValue(min(max(bar.value(), low), high))
            place = self._origin() + QPointF(hit.x, hit.y + hit.height + MARGIN / 2)
            QToolTip.showText(self.viewport().mapToGlobal(place.toPoint()), self._tip_for(hit.ref) if self._tip_for else "", self)
        self.viewport().update()

    def _written(self, kind: str) -> str:
        step = self._pages.current
        if step is None:
            return ""
        writer = self._writers.get(kind)
        return writer(step.explanation, self._pages.fmt) if writer else step.explanation.words

    def copy(self, kind: str) -> None:
        """Put the current step on the clipboard: "text", "LaTeX" or "picture"."""
        step = self._pages.current
        if step is None:
            return
        data = QMimeData()
        if kind == "picture":
            data.setImageData(step_image(step, self._theme, self._pages.fmt, self._pages.width))
            data.setData("image/svg+xml", step_svg(step, self._theme, self._pages.fmt, self._pages.width))
        else:
            data.setText(self._written(kind))
        QGuiApplication.clipboard().setMimeData(data)

    def menu(self, ref: Ref | None = None) -> QMenu:
        """Return the context menu, for a number where there is one under the mouse."""
        menu = QMenu(self)
        if ref is not None:
            menu.addAction("Where does this come from?").setData(ref)
            menu.addSeparator()
        for kind in (*[name for name in ("LaTeX", "text") if name in self._writers], "picture"):
            menu.addAction(f"Copy as {kind}").setData(kind)
        menu.triggered.connect(self._on_menu_triggered)
        return menu

    def _on_menu_triggered(self, action: QAction) -> None:
        chosen = action.data()
        if isinstance(chosen, str):
            self.copy(chosen)
        else:
            self.ref_clicked.emit(Ref(*chosen))

    # Qt's own names from here on

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor.fromRgb(*self._theme.panel))
        origin = self._origin()
        for slot in self._seen():
            at = QPointF(origin.x(), origin.y() + slot.top)
            if slot.place is None:
                self._paint_current(painter, slot, at)
            else:
                self._pictures.paint(painter, slot.page, at, self._theme, None, self._lit, None)
        if self._focus_seen:
            painter.setPen(QPen(QColor.fromRgb(*self._theme.select), FRAME))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.viewport().rect()).adjusted(FRAME / 2, FRAME / 2, -FRAME / 2, -FRAME / 2))
        painter.end()

    def _paint_current(self, painter: QPainter, slot: Slot, at: QPointF) -> None:
        self._pictures.paint(painter, slot.page, at, self._theme, slot.step.phase, self._lit, slot.step.explanation.focus)
        if self._pages.earlier:
            line = at.y() - self._pages.gap / 2
            painter.setPen(QColor.fromRgb(*self._theme.rule))
            painter.drawLine(QPointF(MARGIN, line), QPointF(self.viewport().width() - MARGIN, line))
        if self._number is not None and self.hasFocus():
            hit = slot.page.hits[self._number]
            painter.setPen(QPen(QColor.fromRgb(*self._theme.select), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(at.x() + hit.x, at.y() + hit.y, hit.width, hit.height).adjusted(-3, -2, 3, 2), 3, 3)

    def focusInEvent(self, event: QFocusEvent) -> None:
        reasons = Qt.FocusReason
        self._focus_seen = event.reason() in (reasons.TabFocusReason, reasons.BacktabFocusReason, reasons.ShortcutFocusReason)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focus_seen = False
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if not self._follow:
            self._set_ranges()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom = min(max(self._zoom * 1.1 ** (event.angleDelta().y() / 120), ZOOM[0]), ZOOM[1])
            self._arrange()
            event.accept()
            return
        self._follow = False
        super().wheelEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        ref = found[1] if found else None
        link = ref is not None or (found is not None and found[0].place is not None)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
        self._hover(ref)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # what is asked for depends on where the button is let go

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if found and found[1] is not None:
            self.ref_clicked.emit(found[1])
        elif found and found[0].place is not None:
            self.seek_requested.emit(found[0].step.tick)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._pages.current is not None:
            found = self._at(QPointF(self.viewport().mapFromGlobal(event.globalPos())))
            menu = self.menu(found[1] if found else None)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._at(QPointF(event.pos()))
            tip = self._tip_for(found[1]) if found and found[1] and self._tip_for else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll by Up and Down; everything else belongs to the window, whose stepping keys must work from here too."""
        bar, key = self.verticalScrollBar(), event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not event.modifiers():
            self._follow = False
            bar.setValue(bar.value() + bar.singleStep() * (1 if key == Qt.Key.Key_Down else -1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._number is not None:
            self.ref_clicked.emit(self._numbers()[self._number].ref)
        elif key == Qt.Key.Key_Escape and self._number is not None:
            self._focus_number(None)
        else:
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the numbers of the step, then on to the next widget; Escape leaves the numbers."""
        count = len(self._numbers())
        after = (0 if forward else count - 1) if self._number is None else self._number + (1 if forward else -1)
        if self.hasFocus() and 0 <= after < count:
            self._focus_number(after)
            return True
        if self._number is not None:
            self._focus_number(None)
        return super().focusNextPrevChild(forward)

    def sizeHint(self) -> QSize:
        return QSize(430, 560)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 160)
