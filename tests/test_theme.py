"""The theme: enough contrast, colours that people with colour blindness can tell apart, and one scale for everything."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QCheckBox, QPushButton, QVBoxLayout, QWidget

from gui import actions
from gui.desktop import fitting_type, system_accent, system_type
from gui.state import initial_state, theme_of
from gui.theme import DARK, LIGHT, PROJECTOR, RGB, THEMES, Scale, Theme, colour_table, contrast, with_accent, with_type
from gui.window_style import dress, palette, style_sheet
from model.examples import open_problem

# Machado, Oliveira, Fernandes (2009), severity 1.0, on linear RGB.
MACHADO = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]),
}  # fmt: skip


def lab(colour: RGB, sight: str) -> np.ndarray:
    """CIE L*a*b* (D65) of a colour as somebody sees it."""
    c = np.array(colour) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    seen = np.clip(MACHADO[sight] @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = to_xyz @ seen / np.array([0.95047, 1.0, 1.08883])
    f = [t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(first: RGB, second: RGB, sight: str) -> float:
    return float(np.linalg.norm(lab(first, sight) - lab(second, sight)))


def text_pairs(theme: Theme) -> dict[str, tuple[RGB, RGB]]:
    """Every text role with every ground it is used on."""
    names = ("window", "panel", "canvas", "raised", "neuron", "gold_wash", "band")  # a tip stands on what is raised
    grounds = {name: getattr(theme, name) for name in names}
    inks = {name: getattr(theme, name) for name in ("text", "muted", "positive", "negative", "error")}
    inks |= {name: theme.phase(name).text for name in ("forward", "loss", "backward", "update")}
    pairs = {f"{ink} on {ground}": (inks[ink], grounds[ground]) for ink in inks for ground in grounds}
    pairs |= {f"accent on {ground}": (theme.accent, grounds[ground]) for ground in ("canvas", "panel")}
    pairs |= {f"{ink} on what is chosen": (inks[ink], theme.accent_wash) for ink in ("text", "muted", "positive", "negative")}
    pairs |= {"sign +": (theme.on_sign, theme.positive), "sign -": (theme.on_sign, theme.negative), "bias": (theme.bias_text, theme.bias)}
    pairs |= {"gold": (theme.on_gold, theme.gold), "accent button": (theme.on_accent, theme.accent)}
    for name in ("forward", "loss", "backward", "update"):
        phase = theme.phase(name)
        pairs |= {f"{name} wash": (phase.text, phase.wash), f"text on {name}": (phase.on_mark, phase.mark)}
    return pairs


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_text_has_enough_contrast(theme: Theme) -> None:
    weak = {name: round(contrast(*pair), 2) for name, pair in text_pairs(theme).items() if contrast(*pair) < 4.5}
    assert weak == {}


@pytest.mark.parametrize("sight", MACHADO)
@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_colours_that_mean_different_things_look_different(theme: Theme, sight: str) -> None:
    marks = {name: theme.phase(name).mark for name in ("forward", "loss", "backward", "update")}
    close = {
        (a, b): round(difference(marks[a], marks[b], sight), 1)
        for a, b in combinations(marks, 2)
        if difference(marks[a], marks[b], sight) < 10
    }
    assert close == {}
    assert difference(theme.positive, theme.negative, sight) > 25
    assert difference(theme.gold, theme.neuron_line, sight) > 25
    assert difference(theme.gold, theme.canvas, sight) > 20
    assert difference(theme.select, theme.gold, sight) > 25
    for mark in (theme.select, theme.gold):
        assert min(difference(mark, ground, sight) for ground in (theme.canvas, theme.neuron_line, theme.edge)) > 20
    for ink in (theme.positive, theme.negative):
        assert min(difference(ink, other, sight) for other in (theme.text, theme.muted)) > 15


@pytest.mark.parametrize("sight", MACHADO)
@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_signs_of_lines_look_different(theme: Theme, sight: str) -> None:
    scale = Scale(theme, 1.0)
    for value in (0.05, 0.2, 0.5, 1.0):
        plus, minus = (tuple(int(c) for c in scale.ink(v)) for v in (value, -value))
        assert difference(plus, minus, sight) > 15, value


def test_a_red_green_pair_is_caught() -> None:
    assert difference((200, 40, 40), (70, 120, 20), "deuteranopia") < 25 < difference((200, 40, 40), (70, 120, 20), "normal")


@pytest.mark.parametrize("name", ["CET-D1A", "CET-D4"])
def test_colour_tables_are_the_published_ones(name: str) -> None:
    pg = pytest.importorskip("pyqtgraph")
    published = pg.colormap.get(name).map(np.linspace(0, 1, 511))[:, :3].astype(int)
    assert np.abs(colour_table(name).astype(int) - published).max() <= 3


def test_scale_is_odd_bounded_and_monotonic() -> None:
    values = np.linspace(-3, 3, 601)
    for kind in ("linear", "symlog"):
        scale = Scale(LIGHT, 2.0, kind)
        position = scale.position(values)
        assert np.all(np.diff(position) >= 0)
        assert np.abs(position).max() == 1.0
        np.testing.assert_allclose(position, -scale.position(-values))
        assert scale.width(values, 1.0, 4.0).min() == pytest.approx(1.0, abs=0.05)
        assert scale.width(values, 1.0, 4.0).max() == 4.0


def test_logarithmic_scale_lifts_small_values() -> None:
    assert Scale(LIGHT, 1.0, "symlog").position(0.01) > 10 * Scale(LIGHT, 1.0).position(0.01)


def test_scale_of_nothing_and_of_undefined_values_is_neutral() -> None:
    assert Scale(LIGHT, 0.0).position([1.0, -1.0]).tolist() == [0.0, 0.0]
    assert tuple(Scale(LIGHT, 1.0).ink(float("nan"))) == LIGHT.edge
    assert Scale(LIGHT, 1.0).position([np.inf, -np.inf]).tolist() == [1.0, -1.0]
    assert not Scale(LIGHT, 1.0).dashed(0.0)
    assert Scale(LIGHT, 1.0).dashed(-0.1)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_lines_stand_out_from_the_ground(theme: Theme) -> None:
    scale = Scale(theme, 1.0)
    for value in (-1.0, -0.01, 0.01, 1.0):
        assert contrast(tuple(int(c) for c in scale.ink(value)), theme.canvas) > 1.4
    assert contrast(theme.edge, theme.canvas) > 1.8
    assert contrast(theme.neuron_line, theme.canvas) > 7


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_an_accent_of_the_users_can_be_read_everywhere(theme: Theme) -> None:
    for accent in product((0, 85, 170, 255), repeat=3):
        dressed = with_accent(theme, accent)
        pairs = text_pairs(dressed) | {"chosen": (dressed.accent, dressed.accent_wash), "accent raised": (dressed.accent, dressed.raised)}
        assert {name: pair for name, pair in pairs.items() if contrast(*pair) < 4.5} == {}, accent
    assert with_accent(theme, theme.accent).accent == theme.accent
    assert with_accent(theme, (0, 90, 60)) is with_accent(theme, (0, 90, 60))  # views compare themes by identity


def test_the_desktops_accent_is_taken_where_it_tells_one(qapp: object) -> None:
    from PySide6.QtGui import QColor, QPalette
    from PySide6.QtWidgets import QStyleFactory

    told = QStyleFactory.create("Fusion").standardPalette()
    assert system_accent(told) is None
    told.setColor(QPalette.ColorRole.Accent, QColor(233, 84, 32))
    accent = system_accent(told)
    assert accent == (233, 84, 32)
    state = actions.set_options(initial_state(open_problem("dyda-sigmoid")), theme="light", accent=accent)
    assert theme_of(state) == with_accent(LIGHT, (233, 84, 32))
    assert theme_of(actions.open_problem(state, open_problem("xor"))) is theme_of(state)
    assert theme_of(actions.set_options(state, projector=True)) is PROJECTOR
    told.setColor(QPalette.ColorRole.Accent, QColor(255, 255, 255))
    assert system_accent(told) is None, "white accentuates nothing"
    told.setColor(QPalette.ColorRole.Highlight, QColor(146, 110, 228))
    assert system_accent(told) == (146, 110, 228)


@pytest.mark.parametrize(
    ("family", "points", "wanted"),
    [("Sans Serif", 9.0, None), ("Sans", 10.0, None), ("Sans", 14.0, ""), ("DejaVu Serif", 9.0, "DejaVu Serif"), (".AppleUI", 13.0, "")],
)
def test_the_desktops_type_is_taken_where_it_tells_one(qapp: object, family: str, points: float, wanted: str | None) -> None:
    from PySide6.QtGui import QFont, QFontInfo

    told = QFont(family)
    told.setPointSizeF(points)
    found = system_type(told)
    assert found == (None if wanted is None else (wanted, QFontInfo(told).pixelSize()))
    state = actions.set_options(initial_state(open_problem("dyda-sigmoid")), theme="light", desktop_type=found)
    assert (theme_of(state) is LIGHT) == (wanted is None)
    if found is not None:
        assert theme_of(state).family == (wanted or "Inter")
        assert theme_of(state).text_size == max(found[1], 11)
        assert theme_of(state) is theme_of(actions.set_options(state, numbers="none")), "views compare themes by identity"


@pytest.mark.parametrize(("size", "width", "fits"), [(12, 1024, 12), (24, 1024, 15), (24, 1600, 23), (24, 3840, 24), (19, 500, 13)])
def test_type_is_no_larger_than_a_window_can_bear(qapp: object, size: int, width: int, fits: int) -> None:
    assert fitting_type(("", size), width) == ("", fits)
    assert fitting_type(("DejaVu Serif", size), width)[1] <= fits, "wide letters need more room"


def test_words_are_set_in_the_desktops_type_and_numbers_in_that_of_the_program(qapp: Any) -> None:
    from PySide6.QtWidgets import QLabel, QPushButton, QSpinBox, QTableView

    kept = (qapp.font(), qapp.palette(), qapp.styleSheet())
    theme = with_type(LIGHT, "DejaVu Serif", 19)
    try:
        dress(qapp, theme)
        words, numbers = (QLabel("words"), QPushButton("words")), (QTableView(), QSpinBox())
        for widget in numbers:
            widget.ensurePolished()
        assert {widget.font().families()[0] for widget in words} == {"DejaVu Serif"}
        assert {widget.font().family() for widget in numbers} == {"Inter"}
        assert {widget.font().pixelSize() for widget in (*words, *numbers)} == {19}
    finally:
        qapp.setFont(kept[0])
        qapp.setPalette(kept[1])
        qapp.setStyleSheet(kept[2])


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_what_is_not_ticked_or_cannot_be_pressed_is_seen(theme: Theme, qapp: Any) -> None:
    page = QWidget(objectName="panel")
    layout = QVBoxLayout(page)
    tick, button = QCheckBox(page), QPushButton("Save", page, objectName="primary", enabled=False)
    layout.addWidget(tick)
    layout.addWidget(button)
    page.setPalette(palette(theme))
    page.setStyleSheet(style_sheet(theme))
    page.setAutoFillBackground(True)
    page.resize(120, 90)
    image = page.grab().toImage()
    box = tick.geometry()
    seen = {image.pixelColor(x, box.center().y()).getRgb()[:3] for x in range(box.left(), box.left() + 24)}
    assert max(contrast(shade, theme.panel) for shade in seen) >= 3
    corner = button.geometry().topLeft()
    assert image.pixelColor(corner.x() + 12, corner.y() + 4).getRgb()[:3] == theme.raised
    page.deleteLater()


def test_larger_type_enlarges_pictures_and_formulas_as_far_as_they_can_bear_it() -> None:
    from gui.diagram.shape import sizes_for
    from gui.formula.page import style_for

    large = with_type(LIGHT, "", 19)
    assert style_for(large).size == pytest.approx(style_for(LIGHT).size * 19 / 13)
    for width, height in ((854.0, 630.0), (2534.0, 2045.0)):
        assert sizes_for(large, width, height).text == pytest.approx(sizes_for(LIGHT, width, height).text * 19 / 13, rel=0.06)
    assert sizes_for(large, 352, 340) == sizes_for(LIGHT, 352, 340)
    assert sizes_for(with_type(LIGHT, "", 11), 854, 630) == sizes_for(LIGHT, 854, 630), "nothing on the canvas becomes smaller than it is"
    assert with_type(PROJECTOR, "", 15).text_size == PROJECTOR.text_size
    assert with_type(PROJECTOR, "", 26).text_size == 26
