"""Where does this come from? From any number back to what is given, with a history; nothing is told that the walk has not reached."""

from collections.abc import Iterator

import pytest
from explain_helpers import NOTATIONS, moment_at, network, record_of
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from window_helpers import find, press

from gui import actions, edits
from gui.links import covers
from gui.main_window import MainWindow
from gui.panes.origin_view import OriginView
from gui.state import initial_state
from gui.tips import tip
from gui.trail import LONGEST, Trail
from model.examples import open_problem
from model.explain.origin import NOT_YET, exists_in, origin
from model.explain.steps import explain
from model.expr.tree import Explanation, Expr, Num, Sym
from model.moment import is_state
from model.optimizers import SLOT_NAMES
from model.problem import Optimizer
from model.stages import GIVEN, Ref

A, B, C, D = (Ref("z", 1, i) for i in range(4))


def refs_in(expr: Expr) -> Iterator[Ref]:
    if isinstance(expr, Num | Sym) and expr.ref is not None:
        yield expr.ref
    for name in ("items", "numerator", "denominator", "argument", "base"):
        part = getattr(expr, name, ())
        for inner in part if isinstance(part, tuple) else (part,):
            yield from refs_in(inner)
    for row in getattr(expr, "rows", ()):
        for cell in row:
            yield from refs_in(cell)


def links(explanation) -> set[Ref]:
    return {ref for equation in explanation.equations for _, side in equation.sides for ref in refs_in(side)}


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("example", ["dyda-sigmoid", "dyda-softmax", "biswas-figure-1", "soletskyi"])
def test_links_lead_from_the_last_number_to_all_that_is_given(example, notation):
    moment = moment_at(record_of(open_problem(example)), notation, "end")
    problem = moment.record.problem
    waiting, seen = [Ref("W_new", 1, 0, 0)], set()
    while waiting:
        ref = waiting.pop()
        if ref in seen:
            continue
        seen.add(ref)
        said = origin(moment, ref)
        assert said.words, ref
        assert said.equations, ref
        waiting += links(said)
    single = {ref for ref in seen if ref.unit is not None}
    assert {ref.layer for ref in single if ref.quantity == "W"} == set(range(1, problem.depth + 1))
    assert {"y", "a", "delta", "dW"} <= {ref.quantity for ref in single}
    assert Ref("learning_rate") in seen
    assert any((ref.quantity, ref.layer) == ("a", 0) for ref in single)


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("rule", ["sgd_momentum", "rmsprop", "adam"])
def test_what_an_optimiser_remembers_is_linked_too(rule, notation):
    """Numbers without a name in any lecture note: velocity, averages, corrected averages, and what the update before left behind."""
    record = record_of(network(optimizer=Optimizer(rule)), step=2)
    moment = moment_at(record, notation, "end")
    waiting, seen = [Ref("W_new", 1, 0, 0)], set()
    while waiting:
        ref = waiting.pop()
        if ref not in seen:
            seen.add(ref)
            said = origin(moment, ref)
            assert said.words, ref
            assert said.equations, ref
            assert tip(moment, ref)
            waiting += links(said)
    states = {ref.quantity for ref in seen if is_state(record.problem, ref.quantity)}
    slots = SLOT_NAMES[rule]
    assert states == {name + part for name in slots for part in ("", "_old", *(["_hat"] if rule == "adam" else []))}
    of_bias = next(ref for ref in links(origin(moment, Ref("b_new", 1, 0))) if is_state(record.problem, ref.quantity))
    assert not covers(of_bias, Ref(of_bias.quantity, 1, 0, 0))  # the bias's is not taken for those of the neuron's weights
    assert tip(moment, of_bias)
    before = moment_at(record, notation, "W_new:1", "neuron")
    assert tip(before, Ref(slots[0], 1, 0, 0)).endswith("not computed yet") is not before.known(Ref("W_new", 1, 0, 0))


def test_what_is_not_computed_yet_is_not_told():
    moment = moment_at(record_of(network()), "dyda", "z:1")
    said = origin(moment, Ref("delta", 2, 0))
    assert said.words == NOT_YET
    assert links(said) <= {Ref("delta", 2, 0, None, 0), Ref("delta", 2, 0)}
    assert origin(moment, Ref("dW", 2)).equations == ()
    assert origin(moment, Ref("z", 1, 0)).words != NOT_YET


def test_a_whole_matrix_shows_the_equation_of_its_layer_and_a_given_one_itself():
    moment = moment_at(record_of(network()), "dyda", "end")
    assert origin(moment, Ref("delta", 1)).equations == explain(moment_at(moment.record, "dyda", "delta:1")).equations[-1:]
    (equation,) = origin(moment, Ref("W", 2)).equations
    assert {ref.quantity for ref in links(origin(moment, Ref("W", 2)))} == {"W", "b"}
    assert [kind for kind, _ in equation.sides] == ["symbol", "result"]


def test_given_numbers_say_that_they_are_given():
    moment = moment_at(record_of(network()), "jacob", "end")
    for ref in (Ref("W", 1, 0, 0), Ref("b", 2, 1), Ref("a", 0, 1), Ref("y", 0, 1), Ref("learning_rate")):
        said = origin(moment, ref)
        assert ref.quantity in GIVEN or ref == Ref("a", 0, 1)
        assert ("given" in said.words) or ("chosen" in said.words)
        assert len(said.equations) == 1
    later = moment_at(record_of(network(), 2), "jacob", "end")
    assert "update before" in origin(later, Ref("W", 1, 0, 0)).words


def test_numbers_of_a_larger_network_are_known_to_be_gone():
    moment = moment_at(record_of(network((2, 2, 1))), "dyda", "end")
    assert exists_in(moment, Ref("W", 1, 1, 1))
    assert not exists_in(moment, Ref("W", 1, 5, 0))
    assert not exists_in(moment, Ref("z", 3, 0))


def test_a_trail_goes_back_and_forward_and_forgets_what_it_left():
    trail = Trail().visit(A).visit(B).visit(C)
    assert (trail.current, trail.crumbs, trail.shown) == (C, (A, B, C), True)
    back = trail.go(trail.at - 1)
    assert (back.current, back.can_go_back, back.can_go_forward) == (B, True, True)
    assert back.go(2) == trail
    assert back.visit(D).refs == (A, B, D)
    assert back.visit(B) == back
    assert trail.go(-5).current == A
    assert trail.go(9) == trail
    assert Trail().go(1) == Trail()
    long = Trail()
    for i in range(2 * LONGEST):
        long = long.visit(Ref("z", 1, i))
    assert len(long.refs) == LONGEST
    assert long.current == Ref("z", 1, 2 * LONGEST - 1)


def test_asking_and_hiding_in_the_state():
    state = actions.ask(initial_state(open_problem("dyda-sigmoid")), A)
    assert (state.selection, state.trail.shown) == (A, True)
    assert actions.ask(state, None).trail == state.trail
    hidden = actions.toggle_trail(state)
    assert not hidden.trail.shown
    assert hidden.selection is None  # the choice that asking made
    again = actions.toggle_trail(hidden)
    assert (again.selection, again.trail) == (A, state.trail)
    assert actions.toggle_trail(actions.select(state, B)).selection == B  # another choice stays
    fresh = actions.toggle_trail(initial_state(open_problem("dyda-sigmoid")))
    assert fresh.trail.current == Ref("loss")
    assert edits.resize_layer(state, 1, 3).trail == Trail()
    assert edits.set_learning_rate(state, 0.2).trail == state.trail


def shown(view: OriginView) -> Explanation:
    view.refresh()
    return view.explanation


def test_click_follow_links_and_come_back(window: MainWindow) -> None:
    store, view = window.store, window.links.origin
    assert not view.isVisible()
    press(window.canvas, Qt.Key.Key_End)
    QTest.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=find(window, Ref("z", 2, 0)))
    assert view.isVisible()
    assert shown(view) == origin(store.moment, Ref("z", 2, 0))
    view._board.ref_clicked.emit(Ref("W", 2, 0, 1))
    assert "given" in shown(view).words
    assert store.state.trail.crumbs == (Ref("z", 2, 0), Ref("W", 2, 0, 1))
    press(window.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert shown(view) == origin(store.moment, Ref("z", 2, 0))
    press(window.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert store.state.selection == Ref("W", 2, 0, 1)
    view._way.linkActivated.emit("0")
    assert store.state.trail.current == Ref("z", 2, 0)
    press(window.canvas, Qt.Key.Key_Home)
    assert shown(view).words == NOT_YET
    press(window.canvas, Qt.Key.Key_Escape)
    assert not view.isVisible()
    press(window.canvas, Qt.Key.Key_W)
    assert view.isVisible()


def test_the_keyboard_reaches_the_factors(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: said.append(text))
    press(window.canvas, Qt.Key.Key_End)
    window.store.dispatch(actions.ask, Ref("loss"))
    window.links.origin.setFocus()
    board = window.links.origin._board
    assert board.hasFocus()
    for _ in range(3):
        press(board, Qt.Key.Key_Tab)
    pointed = window.store.state.hover
    assert pointed is not None
    assert said[-1] == window.canvas.describe(pointed)
    press(board, Qt.Key.Key_Return)
    assert window.store.state.trail.current == pointed


def test_symbols_of_steps_to_come_are_set_beforehand(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(window.board, "warm_up", told.extend)
    window.links.warm_up()
    for _ in range(40):
        window.links._on_warm_timeout()
    assert len(told) == len(window.store.moment.walk.ends)
    assert told[0].caption.startswith("Update 1 · forward")
    assert not window.links._warm_timer.isActive()
