"""Pointing at the picture finds what is drawn there."""

from __future__ import annotations

import pytest
from diagram_cases import diagram

from gui.diagram.hit_test import hit
from gui.diagram.primitives import Box, Circle, Half, Picture
from model.stages import Ref


@pytest.mark.parametrize("name", ["dyda-sigmoid", "8-8-8-8", "soletskyi"])
def test_halves_inputs_targets_and_loss_are_found(name: str) -> None:
    picture = diagram(name)
    for item in picture.items:
        if isinstance(item, Half):
            step = item.rx / 2 if item.side == "right" else -item.rx / 2
            assert hit(picture, item.x + step, item.y - 0.6 * item.r) == item.ref
        if isinstance(item, (Circle, Box)) and item.ref is not None and item.ref.quantity in ("x", "y", "one", "loss"):
            assert hit(picture, item.x, item.y) == item.ref


def test_badges_are_found() -> None:
    picture = diagram("dyda-sigmoid")
    badges = [item for item in picture.items if isinstance(item, Box) and item.ref is not None and item.ref.quantity == "delta"]
    assert len(badges) == 4
    assert all(hit(picture, badge.x, badge.y) == badge.ref for badge in badges)


def test_edges_are_found_near_their_line_and_not_further() -> None:
    picture = diagram("dyda-sigmoid", numbers="none")
    for lines in picture.edges:
        for i in range(len(lines)):
            x0, y0, x1, y1 = lines.xy[i]
            x, y = x0 + 0.11 * (x1 - x0), y0 + 0.11 * (y1 - y0)
            assert hit(picture, x, y) == lines.ref(i)
    assert hit(picture, 512, 690) is None
    assert hit(picture, -50, -50) is None


def test_bias_edges_and_error_lines_have_their_own_names() -> None:
    refs = {lines.ref(i) for lines in diagram("dyda-sigmoid").edges for i in range(len(lines))}
    assert {Ref("b", 1, 0), Ref("b", 2, 1), Ref("W", 1, 1, 0), Ref("dLda", 2, 1)} <= refs
    assert len(refs) == 6 + 6 + 2


def test_pixels_of_an_image_input_are_found() -> None:
    picture = diagram("64-16-10")
    image = next(item for item in picture.items if isinstance(item, Picture) and item.ref is not None)
    cell = image.width / 8
    assert hit(picture, image.x + 0.5 * cell, image.y + 0.5 * cell) == Ref("x", 0, 0)
    assert hit(picture, image.x + 7.5 * cell, image.y + 7.5 * cell) == Ref("x", 0, 63)
    assert hit(picture, image.x + 2.5 * cell, image.y + 1.5 * cell) == Ref("x", 0, 10)
