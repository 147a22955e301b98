"""What the note prints stands below each step of the blackboard, and a figure of one's own is compared beside the pinned formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from board_helpers import METRICS, ROOMS, Room
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gui import actions as act
from gui.board.history import ExplanationCache, board_step
from gui.diagnosis.actions import compare, toggle_printed
from gui.diagnosis.figure_row import AGREES, DIFFERS, NOT_YET, SINGLE, FigureField, FigureRow
from gui.diagnosis.notes import Notes
from gui.edits import set_learning_rate
from gui.formula.boxes import TextInk
from gui.formula.page import BoardStep, layout_step, style_for
from gui.panes.origin_view import OriginView
from gui.state import AppState, initial_state, moment_of
from gui.store import Store
from gui.theme import THEMES
from model.diagnosis.note import note_of, note_of_step
from model.examples import open_problem
from model.moment import Moment
from model.problem import Problem
from model.stages import Ref

pytestmark = pytest.mark.usefixtures("qapp")


def at(address: str, problem: Problem | None = None, notation: str = "jacob") -> AppState:
    """Return the state of an experiment, Jacob's if no other, at an address of its first update."""
    state = initial_state(problem or open_problem("jacob"))
    state = act.set_notation(state, notation)
    return act.seek(state, 1, moment_of(state).walk.find(address))


def wrong(printed: str, erratum: str | None = None) -> Problem:
    """Return Jacob's example with another figure for the first error of the outputs."""
    problem = open_problem("jacob")
    figures = [
        replace(e, printed=(printed, "-0.17"), erratum=erratum) if (e.quantity, e.layer) == ("dLda", 2) else e for e in problem.expected
    ]
    return replace(problem, expected=tuple(figures))


# What is said below a step


def test_the_note_is_said_at_the_step_that_forms_its_numbers() -> None:
    assert note_of_step(moment_of(at("z:1"))) == "In the note: 0.41 0.47 · agrees"
    assert note_of_step(moment_of(at("dW:2"))) == "In the note: 0.08 0.08 −0.02 −0.02 · agrees"
    assert note_of_step(moment_of(at("loss"))) == ""  # of which the note prints nothing
    said = note_of_step(moment_of(at("dW:1")))
    assert said.startswith("In the note: 0.08 0.08 0.1 0.5 · differs: ∂L/∂w⁽¹⁾ is ∂L/∂b⁽¹⁾ times the inputs")
    assert note_of_step(moment_of(at("start"))).startswith("From the file: All figures printed in the note.")


def test_of_a_single_neuron_only_its_figure_is_told() -> None:
    state = act.set_granularity(at("z:1"), "neuron")
    first = replace(moment_of(state), tick=moment_of(state).walk.find("z:2:0"))
    assert note_of_step(first) == "In the note: 1.02 · agrees"
    assert note_of(first, Ref("z", 2, 1)) == ""  # has not been formed yet
    assert note_of(first, Ref("z", 2, 0)) == "In the note: 1.02 · agrees"


def test_a_figure_without_an_erratum_is_diagnosed_and_the_file_has_the_first_word() -> None:
    said = note_of_step(moment_of(at("dLda:2", wrong("1.37"))))
    assert said.startswith("In the note: 1.37 −0.17 · 1 of 2 differ: 1.37 comes out when the factor ½ of the loss is left out")
    assert note_of_step(moment_of(at("dLda:2", wrong("1.37", "A slip of the pen.")))).endswith("· 1 of 2 differ: A slip of the pen.")
    carried = note_of_step(moment_of(at("dLda:2", wrong("0.69"))))
    assert carried.endswith("1 of 2 differ in the last digit, as it does when rounded values are carried on")
    comma = act.toggle_comma(at("dLda:2", wrong("1.37")))
    assert "1,37 −0,17 · 1 of 2 differ: 1,37 comes out" in note_of_step(moment_of(comma))


def test_reasons_are_looked_for_after_the_step_stands() -> None:
    state, notes = at("dLda:2", wrong("1.37")), Notes()
    assert notes.line(state, moment_of(state)) == "In the note: 1.37 −0.17 · 1 of 2 differ"
    assert notes.is_waiting
    full = notes.line(state, moment_of(state), now=True)
    assert "comes out when" in full
    assert notes.line(state, moment_of(state)) == full
    assert not notes.is_waiting


def test_the_note_is_silent_where_it_is_switched_off_or_about_something_else() -> None:
    state, notes = at("z:1"), Notes()
    assert notes.line(state, moment_of(state))
    off = toggle_printed(state)
    assert notes.line(off, moment_of(off)) == ""
    other = set_learning_rate(state, 0.3)
    assert notes.line(other, moment_of(other)) == ""


def page_sizes(step: BoardStep, room: Room, moment: Moment) -> tuple[float, float]:
    theme = THEMES[room.theme]
    style = style_for(theme)
    page = layout_step(step, moment.fmt, style, room.width, METRICS, room.height)
    return page.height, page.size


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_is_scrolled_because_the_note_agrees(room: Room) -> None:
    shown = 0
    state = at("start")
    for tick in (0, *moment_of(state).walk.ends):
        moment = replace(moment_of(state), tick=tick)
        step = board_step(moment, tick, ExplanationCache())
        printed = step._replace(printed=note_of_step(moment))
        before, after = page_sizes(step, room, moment)[0], page_sizes(printed, room, moment)[0]
        assert after <= room.height or after == before or not printed.printed.endswith("agrees")
        shown += after > before or (bool(printed.printed) and page_sizes(printed, room, moment)[1] < page_sizes(step, room, moment)[1])
    assert shown >= 10


def test_where_a_line_is_too_short_the_verdict_stays() -> None:
    moment = moment_of(at("dW:2"))
    step = board_step(moment, moment.tick, ExplanationCache())._replace(printed=note_of_step(moment))
    lines = []
    for width in (ROOMS[0].width, 220.0):
        page = layout_step(step, moment.fmt, style_for(THEMES["light"]), width, METRICS)
        lines += [piece.box.ink.text for piece in page.pieces if isinstance(piece.box.ink, TextInk) and "In the note" in piece.box.ink.text]
    whole, short = lines
    assert whole == "In the note: 0.08 0.08 −0.02 −0.02 · agrees"
    assert short.startswith("In the note: 0.08 ")
    assert short.endswith("… · agrees")


@pytest.mark.parametrize(
    "said", ["From the file: ½ · ½ Σ(a − y)², one of them is the note's own.", "In the note: 0.08 · differs: ½ · ½ was taken."]
)
def test_a_remark_and_a_reason_are_whole_even_where_they_have_to_be_scrolled(said: str) -> None:
    address = "start" if said.startswith("From") else "dW:1"
    moment = moment_of(at(address))
    step = board_step(moment, moment.tick, ExplanationCache())._replace(printed=f"{said} {'And so on. ' * 30}".strip())
    page = layout_step(step, moment.fmt, style_for(THEMES["light"]), 328, METRICS, 200)
    words = " ".join(piece.box.ink.text for piece in page.pieces if isinstance(piece.box.ink, TextInk) and piece.box.ink.role == "dim")
    assert step.printed in " ".join(words.split())


# A figure of one's own


class Plain(QWidget):
    """A board that shows nothing."""

    def set_content(self, *_shown: object) -> None: ...
    def set_theme(self, _theme: object) -> None: ...
    def set_highlight(self, _refs: object) -> None: ...


@pytest.fixture
def store() -> Store:
    return Store(at("delta:2"))


@pytest.fixture
def row(store: Store) -> Iterator[FigureRow]:
    row = FigureRow(store)
    view = OriginView(store, Plain(), foot=row)
    row.left.connect(view.closed)
    view.resize(430, 400)
    view.show()
    yield row
    view.close()


def typed(row: FigureRow, text: str) -> str:
    row.field.setText(text)
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    return row.answer


def test_the_first_number_of_the_step_is_asked_for_and_the_chosen_one_if_it_is_of_this_step() -> None:
    assert compare(at("db:2")).trail.current == Ref("db", 2, 0)
    chosen = act.select(at("db:2"), Ref("db", 2, 1))
    assert compare(chosen).trail.current == Ref("db", 2, 1)
    assert compare(act.select(at("db:2"), Ref("z", 1, 1))).trail.current == Ref("db", 2, 0)
    assert compare(at("start")).trail.current == Ref("loss")
    assert compare(at("db:2")).trail.shown


def test_a_figure_is_compared_and_explained(store: Store, row: FigureRow) -> None:
    store.dispatch(act.ask, Ref("dLda", 2, 0))
    row.refresh()
    assert row.answer == "In the note: 0.68 · agrees"
    assert typed(row, "0,68") == f"{AGREES} 0.68 agrees to 2 decimals; more exactly 0.6849."
    said = typed(row, "1.3699")
    assert said.startswith(f"{DIFFERS} 1.3699 comes out when the factor ½ of the loss is left out; here L = ½ Σ(a⁽³⁾ − y)²")
    store.dispatch(act.step)
    row.refresh()
    assert row.answer == said  # stays while the walk goes on
    store.dispatch(act.ask, Ref("dLda", 2, 1))
    row.refresh()
    assert row.field.text() == ""
    assert row.answer == "In the note: −0.17 · agrees"


def test_only_a_figure_that_agrees_gives_the_keyboard_back(store: Store, row: FigureRow) -> None:
    """What is typed for another try would be keys of the walk elsewhere."""
    left: list[int] = []
    row.left.connect(lambda: left.append(1))
    store.dispatch(act.ask, Ref("dLda", 2, 0))
    row.refresh()
    row.enter()
    assert typed(row, "1.3699").startswith(DIFFERS)
    assert left == []
    QTest.keyClicks(row.field, "0.68")
    assert row.field.text() == "0.68"
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert row.answer.startswith(AGREES)
    assert left == [1]


def test_stepping_on_looks_for_no_reason_again(store: Store, row: FigureRow, monkeypatch: pytest.MonkeyPatch) -> None:
    store.dispatch(act.ask, Ref("dLda", 2, 0))
    row.refresh()
    said = typed(row, "1.37")
    monkeypatch.setattr("model.diagnosis.diagnose.diagnose", None)
    for _ in range(3):
        store.dispatch(act.step)
        row.refresh()
    assert row.answer == said


def test_what_is_not_known_yet_is_compared_when_it_is(store: Store, row: FigureRow) -> None:
    store.dispatch(act.ask, Ref("W_new", 2, 0, 0))
    row.refresh()
    assert typed(row, "0.45") == NOT_YET
    store.dispatch(act.end_of_update)
    row.refresh()
    assert row.answer.startswith(f"{AGREES} 0.45 agrees to 2 decimals")


@pytest.mark.parametrize(("text", "said"), [("", "no figure yet"), ("abc", "is not a number"), ("∞", "finite"), ("1" * 60, "too long")])
def test_what_is_no_figure_is_refused_in_one_sentence(store: Store, row: FigureRow, text: str, said: str) -> None:
    store.dispatch(act.ask, Ref("dLda", 2, 0))
    row.refresh()
    assert said in typed(row, text)
    assert AGREES not in row.answer
    assert DIFFERS not in row.answer
    QTest.keyClick(row.field, Qt.Key.Key_Escape)
    assert (row.field.text(), row.answer) == ("", "In the note: 0.68 · agrees")


def test_a_whole_matrix_has_no_one_figure(store: Store, row: FigureRow) -> None:
    store.dispatch(act.ask, Ref("W", 2))
    row.refresh()
    assert typed(row, "0.5") == SINGLE


def test_keys_are_for_typing_in_the_field_and_escape_leaves_it() -> None:
    field, left = FigureField(), []
    field.left.connect(lambda: left.append(True))
    for key, text in ((Qt.Key.Key_Left, ""), (Qt.Key.Key_1, "1"), (Qt.Key.Key_Comma, ","), (Qt.Key.Key_Escape, "\x1b")):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier, text)
        event.ignore()
        QApplication.sendEvent(field, event)
        assert event.isAccepted(), key
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert left == [True]


def test_where_there_is_little_room_the_field_stands_in_the_head(store: Store, row: FigureRow) -> None:
    view = row.parentWidget()
    assert row.isAncestorOf(row.field)
    row.field.setText("0.6")
    view.resize(300, 130)
    QApplication.processEvents()
    assert row.field.isVisible()
    assert row.field.width() >= row.field.fontMetrics().horizontalAdvance("−0.05543884") + row.field.fontMetrics().height()
    assert not row.isAncestorOf(row.field)
    assert not view._title.isVisible(), "the name of the number has its room"
    assert row.field.text() == "0.6"
    store.dispatch(act.ask, Ref("dLda", 2, 0))
    row.refresh()
    assert typed(row, "0.68").startswith(AGREES)


def test_the_field_can_be_typed_in_as_soon_as_the_view_is_shown(store: Store) -> None:
    row = FigureRow(store)
    view = OriginView(store, Plain(), foot=row)
    store.dispatch(compare)
    view.show()
    row.enter()
    assert row.field.isEnabled()
    assert view.focusWidget() is row.field
    view.close()
