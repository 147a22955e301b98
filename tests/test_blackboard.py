"""The blackboard alone: what it asks for, what it leaves to the window, and that it never waits for a symbol."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QToolTip

from gui.board import pictures
from gui.board.blackboard import Blackboard
from gui.formula import typeset
from gui.formula.page import BoardStep
from gui.formula.step_writers import WRITERS
from gui.theme import LIGHT, THEMES
from model.expr.tree import Equation, Explanation, Mat, Num, NumberFormat, Op, Row, Sym
from model.stages import Ref

FMT = NumberFormat(decimals=4)
NAMES = count()


def step(i: int, symbol: str = "a") -> BoardStep:
    cells = tuple((Num(v, Ref("a", i, unit)),) for unit, v in enumerate((0.25, -0.5)))
    equation = Equation((("symbol", Sym(symbol)), ("rule", Row((Num(2), Op("·"), Num(3)))), ("result", Mat(cells))))
    return BoardStep(10 * i, "forward", Explanation(f"caption {i}", f"words {i}", (equation,), (Ref("a", i),)))


STEPS = [step(i) for i in range(1, 24)]


@pytest.fixture
def board(qtbot: Any) -> Iterator[Blackboard]:
    typeset.typeset("a")
    writers = {"text": lambda e, fmt: f"text of {e.caption}", "LaTeX": lambda e, fmt: f"latex of {e.caption}"}
    widget = Blackboard(writers, lambda ref: f"tip {ref.quantity} {ref.unit}")
    qtbot.addWidget(widget)
    widget.resize(420, 500)
    widget.show()
    widget.set_content(STEPS[5], STEPS[:5], FMT)
    QApplication.processEvents()
    yield widget
    widget.close_loader()


def centre(board: Blackboard, ref: Ref) -> QPoint:
    rectangle = board.rectangle_of(ref)
    assert rectangle is not None
    return rectangle.center().toPoint()


def test_hovering_a_number_says_which_and_leaving_says_none(board: Blackboard, qtbot: Any) -> None:
    heard: list[Any] = []
    board.hovered.connect(heard.append)
    ref = Ref("a", 6, 1)
    qtbot.mouseMove(board.viewport(), centre(board, ref))
    qtbot.mouseMove(board.viewport(), centre(board, ref) + QPoint(1, 0))
    QApplication.sendEvent(board.viewport(), QEvent(QEvent.Type.Leave))
    assert heard == [ref, None]


def test_clicking_a_number_asks_where_it_comes_from(board: Blackboard, qtbot: Any) -> None:
    with qtbot.waitSignal(board.ref_clicked) as heard:
        qtbot.mouseClick(board.viewport(), Qt.MouseButton.LeftButton, pos=centre(board, Ref("a", 6, 0)))
    assert heard.args == [Ref("a", 6, 0)]


def test_clicking_an_earlier_step_asks_to_go_there(board: Blackboard, qtbot: Any) -> None:
    slot = next(slot for slot in board._seen() if slot.place == 4)
    point = (QPointF(2, slot.top + 5) + board._origin()).toPoint()
    with qtbot.waitSignal(board.seek_requested) as heard:
        qtbot.mouseClick(board.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert heard.args == [50]


def test_a_click_on_empty_ground_asks_for_nothing(board: Blackboard, qtbot: Any) -> None:
    heard: list[Any] = []
    for signal in (board.ref_clicked, board.seek_requested):
        signal.connect(heard.append)
    qtbot.mouseClick(board.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(400, 490))
    assert heard == []


@pytest.mark.parametrize("key", ["Left", "Right", "PageUp", "PageDown", "Home", "End", "Space", "P", "0"])
def test_the_stepping_keys_are_left_to_the_window(board: Blackboard, key: str) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, getattr(Qt.Key, f"Key_{key}"), Qt.KeyboardModifier.NoModifier)
    before = board.verticalScrollBar().value()
    board.keyPressEvent(event)
    assert not event.isAccepted()
    assert board.verticalScrollBar().value() == before


def test_up_and_down_scroll(board: Blackboard, qtbot: Any) -> None:
    before = board.verticalScrollBar().value()
    qtbot.keyClick(board, Qt.Key.Key_Up)
    assert board.verticalScrollBar().value() < before
    qtbot.keyClick(board, Qt.Key.Key_Down)
    assert board.verticalScrollBar().value() == before


def test_tab_goes_through_the_numbers_and_on_return_is_a_click(board: Blackboard, qtbot: Any) -> None:
    heard: list[Any] = []
    board.hovered.connect(heard.append)
    board.activateWindow()
    board.setFocus()
    qtbot.waitUntil(board.hasFocus)
    assert board.focusNextPrevChild(True)
    assert board.focusNextPrevChild(True)
    with qtbot.waitSignal(board.ref_clicked) as clicked:
        qtbot.keyClick(board, Qt.Key.Key_Return)
    assert clicked.args == [Ref("a", 6, 1)]
    qtbot.keyClick(board, Qt.Key.Key_Escape)
    assert heard == [Ref("a", 6, 0), Ref("a", 6, 1), None]


def test_tab_does_not_trap(board: Blackboard, qtbot: Any) -> None:
    board.activateWindow()
    board.setFocus()
    qtbot.waitUntil(board.hasFocus)
    for _ in range(3):
        board.focusNextPrevChild(True)
    assert board._number is None


def test_the_current_step_stays_put_when_the_earlier_ones_are_explored(board: Blackboard) -> None:
    board.set_content(STEPS[22], STEPS[:22], FMT)
    bar = board.verticalScrollBar()
    home = bar.value()
    assert home <= 0
    bar.triggerAction(bar.SliderAction.SliderToMinimum)
    QApplication.processEvents()
    bar.triggerAction(bar.SliderAction.SliderToMinimum)
    assert board._seen()[-1].place == 0
    board.set_content(STEPS[21], STEPS[:21], FMT)
    assert board.verticalScrollBar().value() == home


def test_a_step_is_laid_out_once(board: Blackboard, monkeypatch: pytest.MonkeyPatch) -> None:
    from gui.board import pages as board_pages

    made: list[str] = []
    for name in ("layout_step", "layout_compact"):
        original = getattr(board_pages, name)
        monkeypatch.setattr(board_pages, name, lambda s, *a, o=original: made.append(s.explanation.caption) or o(s, *a))
    for i in (20, 21, 22):
        board.set_content(STEPS[i], STEPS[:i], FMT)
        board.grab()
    first = len(made)
    for i in (20, 21, 22):
        board.set_content(STEPS[i], STEPS[:i], FMT)
        board.grab()
    assert len(made) == first
    assert first < 3 * 23, "only what is seen is laid out"
    board.set_content(STEPS[22], STEPS[:22], NumberFormat(decimals=2))
    assert len(made) > first


def test_a_symbol_not_typeset_yet_is_a_stand_in_first_and_then_itself(
    board: Blackboard, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    original = typeset._set

    def slow(latex: str) -> typeset.Atom:
        assert threading.current_thread() is not threading.main_thread(), "input would have to wait"
        assert go.wait(10)
        return original(latex)

    monkeypatch.setattr(typeset, "_set", slow)
    new = step(6, f"\\zeta_{{{next(NAMES)}9}}")
    board.set_content(new, STEPS[:5], FMT)
    page = board._seen()[0].page
    cold = board.grab().toImage()
    assert page.pending
    go.set()
    qtbot.waitUntil(lambda: not board._seen()[0].page.pending)
    assert board.grab().toImage() != cold


def test_symbols_of_steps_to_come_can_be_typeset_ahead(board: Blackboard, qtbot: Any) -> None:
    name = f"\\xi_{{{next(NAMES)}8}}"
    board.warm_up([step(7, name).explanation])
    qtbot.waitUntil(lambda: typeset.known(name) is not None)
    board.set_content(step(7, name), (), FMT)
    assert not board._seen()[0].page.pending


def test_bad_source_leaves_the_board_alive(board: Blackboard, qtbot: Any) -> None:
    board.set_content(step(6, "\\frac{"), STEPS[:5], FMT)
    qtbot.waitUntil(lambda: not board._seen()[0].page.pending)
    assert not board.grab().isNull()


def test_highlight_and_theme_change_the_picture(board: Blackboard) -> None:
    plain = board.grab().toImage()
    board.set_highlight(frozenset({Ref("a", 6, 0)}))
    lit = board.grab().toImage()
    assert lit != plain
    board.set_highlight(frozenset())
    assert board.grab().toImage() == plain
    board.set_theme(THEMES["dark"])
    assert board.grab().toImage().pixelColor(2, 495).getRgb()[:3] == THEMES["dark"].panel


def test_in_the_projector_theme_everything_is_large(board: Blackboard) -> None:
    small = board.rectangle_of(Ref("a", 6, 0))
    board.set_theme(THEMES["projector"])
    large = board.rectangle_of(Ref("a", 6, 0))
    assert small is not None
    assert large is not None
    assert large.height() >= 1.5 * small.height()


def test_a_tip_tells_about_the_number(board: Blackboard, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda position, text, widget: shown.append(text))
    for point in (centre(board, Ref("a", 6, 1)), QPoint(400, 490)):
        QApplication.sendEvent(board.viewport(), QHelpEvent(QEvent.Type.ToolTip, point, board.viewport().mapToGlobal(point)))
    assert shown == ["tip a 1", ""]


def test_a_screen_reader_hears_the_step(board: Blackboard, monkeypatch: pytest.MonkeyPatch) -> None:
    assert board.accessibleName() == "Blackboard"
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    board.set_content(step(6))
    assert board.accessibleDescription() == "text of caption 6"
    board.set_content(None)
    assert board.accessibleDescription() == ""


@pytest.mark.parametrize(("kind", "expected"), [("text", "text of caption 6"), ("LaTeX", "latex of caption 6")])
def test_copy_as_words(board: Blackboard, kind: str, expected: str) -> None:
    board.copy(kind)
    assert QGuiApplication.clipboard().text() == expected


def test_a_step_in_writing_holds_its_numbers() -> None:
    written = {kind: writer(STEPS[0].explanation, FMT) for kind, writer in WRITERS.items()}
    assert written["text"].startswith("caption 1\n\nwords 1\n\n  a = 2 · 3")
    assert "−0.5" in written["text"]
    assert written["LaTeX"].startswith("\\[ a = 2")
    assert "-0.5" in written["LaTeX"]


def test_copy_as_picture_gives_pixels_and_svg(board: Blackboard) -> None:
    board.copy("picture")
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert b"<svg" in bytes(data.data("image/svg+xml").data())


def test_the_menu_offers_the_question_for_a_number_only(board: Blackboard, qtbot: Any) -> None:
    plain, number = board.menu(), board.menu(Ref("a", 6, 1))
    assert [a.text() for a in plain.actions()] == ["Copy as LaTeX", "Copy as text", "Copy as picture"]
    with qtbot.waitSignal(board.ref_clicked) as heard:
        number.actions()[0].trigger()
    assert heard.args == [Ref("a", 6, 1)]


def test_nothing_to_show_is_fine(board: Blackboard, qtbot: Any) -> None:
    board.set_content(None)
    assert not board.grab().isNull()
    qtbot.keyClick(board, Qt.Key.Key_Down)
    qtbot.mouseClick(board.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(50, 50))


def test_what_is_wider_than_the_board_in_the_smallest_type_scrolls_sideways(board: Blackboard) -> None:
    wide = Equation((("result", Mat((tuple(Num(98765.4321 + k) for k in range(4)),))),))
    board.set_content(BoardStep(1, "forward", Explanation("", "", (wide,))), (), NumberFormat(15, trailing_zeros=True))
    assert board.horizontalScrollBar().maximum() > 0
    board.set_content(STEPS[5], (), FMT)
    assert board.horizontalScrollBar().maximum() == 0


def tall_step(count: int) -> BoardStep:
    equations = tuple(Equation((("symbol", Sym("a")), ("rule", Sym("a")), ("result", Num(i, Ref("a", 1, i))))) for i in range(count))
    return BoardStep(1, "forward", Explanation("", "why " * 30, equations, (Ref("a", 1),)))


def test_a_step_higher_than_the_board_is_set_smaller(board: Blackboard) -> None:
    board.set_content(tall_step(3), (), FMT)
    large = board.rectangle_of(Ref("a", 1, 0))
    board.set_content(tall_step(16), STEPS[:5], FMT)
    first, last = board.rectangle_of(Ref("a", 1, 0)), board.rectangle_of(Ref("a", 1, 15))
    assert None not in (large, first, last)
    assert first.height() < large.height()
    assert first.top() >= 0
    assert last.bottom() <= board.viewport().height()


def test_of_a_step_much_too_high_the_result_is_seen_first(board: Blackboard) -> None:
    board.set_content(tall_step(60), STEPS[:5], FMT)
    first, last = board.rectangle_of(Ref("a", 1, 0)), board.rectangle_of(Ref("a", 1, 59))
    assert None not in (first, last)
    assert first.bottom() < 0
    assert 0 < last.bottom() <= board.viewport().height()


def test_a_board_that_gets_higher_sets_the_step_larger_again(board: Blackboard) -> None:
    board.set_content(tall_step(16), (), FMT)
    small = board.rectangle_of(Ref("a", 1, 0))
    board.resize(420, 900)
    QApplication.processEvents()
    large = board.rectangle_of(Ref("a", 1, 0))
    assert None not in (small, large)
    assert large.height() > small.height()


def test_a_step_that_is_prepared_does_not_make_the_one_on_screen_wait(board: Blackboard, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(board._loader, "want", lambda latex, urgency: asked.append((latex, urgency)))
    here, there = f"\\rho_{{{next(NAMES)}6}}", f"\\rho_{{{next(NAMES)}6}}"
    board.set_content(step(6, here), (), FMT)
    board.prepare(step(7, there))
    urgencies = dict(reversed(asked))  # the first wish for each
    assert urgencies[here] < urgencies[there]


def test_the_frame_of_the_focus_is_for_those_who_move_by_keyboard(board: Blackboard, qtbot: Any) -> None:
    board.activateWindow()

    def corner(reason: Qt.FocusReason) -> tuple[int, ...]:
        board.clearFocus()
        board.setFocus(reason)
        qtbot.waitUntil(board.hasFocus)
        return tuple(board.grab().toImage().pixelColor(1, 200).getRgb()[:3])  # type: ignore[arg-type]

    assert corner(Qt.FocusReason.MouseFocusReason) == LIGHT.panel
    assert corner(Qt.FocusReason.ShortcutFocusReason) == LIGHT.select
    board.clearFocus()
    assert tuple(board.grab().toImage().pixelColor(1, 200).getRgb()[:3]) == LIGHT.panel  # type: ignore[arg-type]


def test_a_page_looks_the_same_whether_it_is_painted_or_copied(board: Blackboard, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    original = pictures._picture
    monkeypatch.setattr(pictures, "_picture", lambda *a: made.append(a) or original(*a))
    board.prepare(STEPS[6])
    assert len(made) == 2, "the coming step, and the current one as an earlier step"
    board.set_content(STEPS[6], STEPS[4:6], FMT)
    QApplication.processEvents()
    made.clear()
    board.viewport().update()
    copied = board.grab().toImage()
    assert made == []
    monkeypatch.setattr(pictures, "covers", lambda *refs: True)  # as if all were lit, by nothing that is there
    board.set_highlight(frozenset({Ref("b", 99)}))
    assert board.grab().toImage() == copied
