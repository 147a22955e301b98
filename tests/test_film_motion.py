"""What travels along the edges: forward to the right, errors to the left, along the edges of the step and along no others."""

from __future__ import annotations

import numpy as np
import pytest

from gui.diagram.build import DiagramOptions, build_diagram
from gui.diagram.current import current_of
from gui.diagram.motion import Travel, before_arrival, travel_of
from gui.diagram.primitives import Circle, Diagram, Label
from gui.theme import LIGHT
from model.examples import open_problem
from model.explain.steps import explain
from model.expr.tree import Num, NumberFormat
from model.moment import Moment
from model.notation.profile import load_notation
from model.run import Run
from model.stages import Granularity, Ref, build_walk


def moment_at(address: str, granularity: Granularity = "layer", name: str = "dyda-sigmoid") -> Moment:
    problem = open_problem(name)
    notation = load_notation(problem.notation)
    record = Run(problem).record(1)
    walk = build_walk(problem, record.m, notation.presentation)
    return Moment(record, walk, walk.find(address), granularity, notation, NumberFormat())


def picture(moment: Moment) -> Diagram:
    return build_diagram(moment, LIGHT, DiagramOptions(), 800, 600)


def travel(moment: Moment) -> Travel | None:
    return travel_of(picture(moment), moment, LIGHT)


@pytest.mark.parametrize(
    ("address", "granularity", "count", "to_the_right"),
    [
        ("z:1", "layer", 6, True),
        ("z:2:0", "neuron", 3, True),
        ("z:2:0:1", "term", 1, True),
        ("loss", "layer", 2, True),
        ("dLda:2", "layer", 2, False),
        ("dLdX:2", "layer", 6, False),
    ],
)
def test_terms_travel_along_the_edges_of_the_step(address: str, granularity: Granularity, count: int, to_the_right: bool) -> None:
    found = travel(moment_at(address, granularity))
    assert found is not None
    assert len(found.xy) == count
    assert np.all((found.xy[:, 2] > found.xy[:, 0]) == to_the_right)


@pytest.mark.parametrize("address", ["start", "a:1", "delta:2", "W_new:2"])
def test_steps_that_form_nothing_along_edges_stand_still(address: str) -> None:
    assert travel(moment_at(address)) is None


def test_input_and_error_meet_on_the_edge_whose_gradient_they_form() -> None:
    found = travel(moment_at("dW:2:0", "neuron"))
    assert found is not None
    from_right, from_left = found.xy
    assert from_right[0] > from_left[0]
    assert np.allclose(from_right[2:], from_left[2:])


def test_dots_stay_on_their_edges_and_move_on() -> None:
    found = travel(moment_at("z:1"))
    assert found is not None
    heads = [np.array([(dot.x, dot.y) for dot in found.dots(t)])[-6:] for t in (0.2, 0.5, 0.9)]
    start, way = found.xy[:, :2], found.xy[:, 2:] - found.xy[:, :2]
    for head in heads:
        across = (head - start)[:, 0] * way[:, 1] - (head - start)[:, 1] * way[:, 0]
        assert np.allclose(across, 0, atol=1e-6)
    assert np.all(heads[0][:, 0] < heads[1][:, 0])
    assert np.all(heads[1][:, 0] < heads[2][:, 0])


def test_nothing_is_drawn_before_setting_out_and_after_arrival() -> None:
    found = travel(moment_at("z:1"))
    assert found is not None
    assert list(found.dots(0.0)) == list(found.dots(1.0)) == []


def test_everything_drawn_lies_within_the_bounds() -> None:
    found = travel(moment_at("dLdX:2"))
    assert found is not None
    left, top, right, bottom = found.bounds()
    for t in np.linspace(0.01, 0.99, 23):
        for dot in found.dots(float(t)):
            assert isinstance(dot, Circle)
            reach = dot.r + dot.line_width
            assert left <= dot.x - reach
            assert dot.x + reach <= right
            assert top <= dot.y - reach
            assert dot.y + reach <= bottom


def test_a_network_with_thousands_of_edges_keeps_its_dots_few() -> None:
    found = travel(moment_at("z:1", name="theta-digits"))
    assert found is not None
    assert 0 < len(found.xy) <= 400


def test_a_new_number_appears_only_when_its_terms_have_arrived() -> None:
    after = moment_at("z:1")
    before = moment_at("start")
    waiting = before_arrival(picture(before), picture(after), after, 0)
    shown, arrived = texts(waiting), texts(picture(after))
    assert ("0.1" in arrived[Ref("z", 1, 1)], "0.1" in shown[Ref("z", 1, 1)]) == (True, False)
    assert shown[Ref("x", 0, 0)] == arrived[Ref("x", 0, 0)]
    assert len(waiting.edges) >= len(picture(before).edges)


@pytest.mark.parametrize(("name", "senders"), [("jacob", [0, 1, -1]), ("dyda-sigmoid", [-1, 0, 1])])
def test_terms_travel_in_the_order_in_which_the_notation_adds_them(name: str, senders: list[int]) -> None:
    for term, sender in enumerate(senders):
        moment = moment_at(f"z:2:1:{term}", "term", name)
        edges = [item for item in picture(moment).edges if item.kind == "edge"]
        rows = [
            (row, item.sender[i]) for item in edges for i, row in enumerate(item.xy.tolist()) if (item.layer[i], item.unit[i]) == (2, 1)
        ]
        found = travel(moment)
        assert found is not None
        assert [key for row, key in rows if row == found.xy[0].tolist()] == [sender]
        (_, running, *_) = explain(moment).equations
        if term == 0:
            number = running.sides[-1][1]
            assert isinstance(number, Num)
            shown = current_of(moment).running
            assert shown is not None
            assert shown[1] == pytest.approx(number.value)


def texts(diagram: Diagram) -> dict[Ref, set[str]]:
    result: dict[Ref, set[str]] = {}
    for item in diagram.items:
        if isinstance(item, Label) and item.ref is not None:
            result.setdefault(item.ref, set()).add(item.block.plain)
    return result
