"""The picture made in advance is the picture that would have been made."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from pane_helpers import on_screen

from gui import actions as act
from gui import edits
from gui.canvas.foresight import Foresight
from gui.canvas.graph_canvas import GraphCanvas
from gui.diagram.changes import changed
from gui.diagram.primitives import Diagram
from gui.look_ahead import LookAhead
from gui.state import initial_state, moment_of
from gui.store import Store
from model.examples import open_problem
from model.stages import Ref

BLANK = Diagram(1.0, 1.0, (0, 0, 0), ())
MOVES: list[tuple[Any, ...]] = [
    (act.back,),
    (act.end_of_update,),
    (act.seek, 1, 5),
    (act.select, Ref("W", 1, 0, 1)),
    (act.hover, Ref("a", 1, 0)),
    (act.hover, None),
    (act.set_granularity, "term"),
    (act.set_granularity, "layer"),
    (act.set_decimals, 3),
    (act.switch_theme,),
    (act.toggle_form,),
    (act.toggle_zeros,),
    (edits.edit_number, Ref("W", 1, 0, 0), 0.25),
]


@pytest.fixture
def canvas(qtbot: Any) -> GraphCanvas:
    return on_screen(GraphCanvas(Store(initial_state(open_problem("dyda-sigmoid")))), qtbot, 900, 620)


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 8))])
def test_steps_show_the_same_whether_they_were_prepared_or_not(canvas: GraphCanvas, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.canvas.foresight.WORTH", math.inf)  # however busy the machine is
    store, chance, taken = canvas.store, random.Random(seed), 0
    for _ in range(60):
        following = act.step(store.state)
        canvas.prepare(following, moment_of(following))
        if chance.random() < 0.4:
            action, *values = chance.choice(MOVES)
            store.dispatch(action, *values)
        store.dispatch(act.step)
        found = canvas._foresight.take(store.state, canvas._size)
        taken += found is not None and found.after is canvas.diagram
        assert changed(canvas.diagram, canvas.make_diagram(store.state.hover)) == []
    assert taken > 20


def test_pictures_that_take_long_are_not_made_in_advance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.canvas.foresight.WORTH", -1.0)
    made: list[int] = []
    state, foresight = initial_state(open_problem("dyda-sigmoid")), Foresight()
    for _ in range(3):
        state = act.step(state)
        foresight.prepare(state, (900, 620), BLANK, lambda: made.append(1))
    assert len(made) == 1


def test_the_next_step_is_prepared_after_a_step_but_not_while_training(canvas: GraphCanvas, qtbot: Any) -> None:
    seen: list[int] = []
    LookAhead(canvas.store, lambda state, moment: seen.append(state.tick), canvas)
    canvas.store.dispatch(act.step)
    qtbot.waitUntil(lambda: seen == [act.step(canvas.store.state).tick])
    canvas.store.dispatch(act.start_training, 10)
    canvas.store.dispatch(act.back)
    seen.clear()
    qtbot.wait(150)
    assert seen == []
