"""Every step of every example in every notation is readable on the blackboard, in a small window and on a projector: it has room there
or, where that would take type that is too small, is scrolled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from board_helpers import METRICS, ROOMS, Room

from gui.board.blackboard import Blackboard
from gui.board.history import ExplanationCache, board_step
from gui.formula.boxes import AtomInk, LaidOut, TextInk
from gui.formula.lines import LAST
from gui.formula.page import LEGIBLE, BoardStep, layout_step, style_for
from gui.theme import THEMES
from model.examples import example_names, open_problem
from model.expr.tree import NumberFormat
from model.moment import Moment
from model.notation.profile import load_notation, notation_names
from model.run import Run
from model.stages import Granularity, build_walk

pytestmark = pytest.mark.usefixtures("qapp")
PER_STAGE = 6  # components or terms of a stage that are looked at from its start; then the last


def steps(example: str, notation: str, granularity: Granularity) -> Iterator[tuple[str, BoardStep, NumberFormat]]:
    """Return the steps of an update with their addresses; of many alike the first few and the last."""
    record = Run(open_problem(example)).record(1)
    profile = load_notation(notation)
    walk, fmt = build_walk(record.problem, record.m, profile.presentation), NumberFormat(profile.decimals)
    tick: int | None = 0
    while tick is not None:
        yield (
            walk.address(tick, granularity),
            board_step(Moment(record, walk, tick, granularity, profile, fmt), tick, ExplanationCache()),
            fmt,
        )
        stage = walk.stages[walk.stage_at(tick + 1)] if tick < walk.total else None
        if stage and granularity in ("neuron", "term"):
            each = stage.terms if granularity == "neuron" else 1
            start, end = walk.starts[walk.stage_at(tick + 1)], walk.ends[walk.stage_at(tick + 1)]
            tick = end - each if start + PER_STAGE * each <= tick < end - each else tick
        tick = walk.next(tick, granularity)


def faults(page: LaidOut, room: Room) -> Iterator[str]:
    least = max(LEGIBLE, style_for(THEMES[room.theme]).smallest)
    if page.width > room.width + 0.5:
        yield f"{page.width / room.width:.2f} times too wide"
    if page.height > room.height + 0.5 and page.size > least:
        yield f"{page.height / room.height:.2f} times too high"
    sizes = [piece.box.ink.size for piece in page.pieces if isinstance(piece.box.ink, TextInk | AtomInk)]
    if sizes and min(sizes) < 0.7 * LAST * style_for(THEMES[room.theme]).smallest:  # indices of symbols in sentences are 0.7 of the words
        yield f"letters of {min(sizes):.1f} pixels"


def found(example: str, notation: str, granularity: Granularity) -> dict[str, list[str]]:
    result = {}
    for address, step, fmt in steps(example, notation, granularity):
        for room in ROOMS:
            page = layout_step(step, fmt, style_for(THEMES[room.theme]), room.width, METRICS, room.height)
            wrong = list(faults(page, room))
            if wrong:
                result[f"{address} in {room}"] = wrong
    return result


@pytest.mark.parametrize("notation", notation_names())
def test_every_step_of_a_lecture_has_room(notation: str) -> None:
    assert found("dyda-sigmoid", notation, "layer") == {}


@pytest.mark.parametrize("address", ["start", "dLda:1", "dW:2", "dW:1", "W_new:2"])
@pytest.mark.parametrize("example", ["biswas-figure-1", "soletskyi-one-hidden", "soletskyi"])
def test_formulas_are_not_shrunk_below_what_is_read_for_their_height(example: str, address: str) -> None:
    room = Room("light", 328, 347)
    step, fmt = next((step, fmt) for at, step, fmt in steps(example, open_problem(example).notation, "layer") if at == address)
    page = layout_step(step, fmt, style_for(THEMES[room.theme]), room.width, METRICS, room.height)
    words = [
        p.box.ink.size for p in page.pieces if isinstance(p.box.ink, TextInk) and p.box.ink.face == "words" and p.box.ink.role == "text"
    ]
    assert page.size >= 14.0  # digits of ten pixels
    assert min(words) >= 13.0
    assert page.width <= room.width


def test_what_is_read_from_far_away_grows_with_the_screen(qtbot: Any) -> None:
    board = Blackboard()
    qtbot.addWidget(board)
    for theme, grows in (("projector", True), ("light", False)):
        board.set_theme(THEMES[theme])
        board.resize(1300, 885)
        usual = board.sizes().size
        board.resize(1300, 2045)
        assert (board.sizes().size > 2 * usual) == grows
    board.close_loader()


def test_what_is_given_stands_side_by_side_and_has_room_in_a_small_window() -> None:
    _, step, fmt = next(steps("biswas-figure-1", "biswas", "layer"))
    page = layout_step(step, fmt, style_for(THEMES["light"]), 328, METRICS, 347)
    equals = [round(p.y, 1) for p in page.pieces if isinstance(p.box.ink, TextInk) and p.box.ink.text == "="]
    assert page.height <= 347
    assert [equals.count(y) for y in sorted(set(equals))] == [2, 2, 2, 2]  # input and target, then weights and biases of each layer


@pytest.mark.slow
@pytest.mark.parametrize("granularity", ["layer", "neuron", "term"])
@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("example", example_names())
def test_every_step_of_every_example_has_room(example: str, notation: str, granularity: Granularity) -> None:
    assert found(example, notation, granularity) == {}


@pytest.mark.slow
@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("example", example_names())
def test_no_phase_is_wider_than_the_board_or_in_illegible_type(example: str, notation: str) -> None:
    """A whole phase may be scrolled: it lists the equations of all its layers."""
    wrong = {where: [w for w in what if "high" not in w] for where, what in found(example, notation, "phase").items()}
    assert not any(wrong.values()), wrong
