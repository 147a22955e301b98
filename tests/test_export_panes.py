"""`render --show`: what panes show as pictures and tables, drawn by the panes themselves and recorded as shapes and texts."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explain_helpers import network
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QTableView, QWidget
from shiboken6 import isValid

from gui.actions import set_options
from gui.diagram.primitives import Curve, Diagram, Label, Picture, Turned
from gui.diagram.tikz import tikz
from gui.export.cli import moment_at
from gui.export.image import PictureOptions, pdf, sharpness, svg
from gui.export.pane_picture import PaneParts, pane_picture
from gui.export.recording import recorded
from gui.export.sheet import Page
from gui.export.shows import SHOWS as PANES
from gui.export.shows import shown, state_of
from gui.export.table_picture import TableSheet, table_exhibit
from gui.plots.loss_plot import LossPlot
from gui.session.file import session_of
from gui.state import initial_state, theme_of
from gui.store import Store
from gui.theme import THEMES
from gui.theme_qt import colour, font
from main import SHOWS, build_parser, main
from model.examples import open_problem, open_run
from model.format.file import save
from model.run import Run


def test_the_parser_knows_every_pane() -> None:
    assert ["network", *PANES] == list(SHOWS)


@pytest.mark.parametrize("what", [what for what in SHOWS if what != "network"])
def test_what_a_pane_shows_is_the_same_bytes_twice(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: Any) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for suffix in (".png", ".svg", ".pdf", ".tex"):
        files = [tmp_path / f"{number}{suffix}" for number in range(2)]
        for file in files:
            assert main(["render", "xor", "--show", what, "--steps", "9", "--page", "480x300", "-o", str(file)]) == 0
        assert files[0].read_bytes() == files[1].read_bytes()
        assert files[0].stat().st_size > 1000


def test_a_plot_shows_the_updates_that_were_asked_for(tmp_path: Path, qapp: Any) -> None:
    out = tmp_path / "loss.csv"
    assert main(["render", "xor", "--show", "loss", "--step", "3", "--steps", "9", "-o", str(out)]) == 0
    rows = list(csv.reader(out.read_text().splitlines()))
    run = Run(open_problem("xor"))
    run.record(9)
    assert [(int(x), float(y)) for x, y in rows[1:10]] == list(zip(range(1, 10), run.losses.tolist(), strict=True))


def test_a_saved_run_is_shown_as_far_as_it_went(tmp_path: Path, qapp: Any) -> None:
    problem = open_problem("xor")
    state = initial_state(problem)
    state.run.record(7)
    state = replace(state, run_length=7, step=2)
    file, out = tmp_path / "xor.json", tmp_path / "norms.csv"
    save(problem, str(file), session_of(state, problem))
    assert main(["render", str(file), "--show", "norms", "-o", str(out)]) == 0
    assert [line.partition(",")[0] for line in out.read_text().splitlines()[:8]] == ["update", *map(str, range(1, 8))]


@pytest.mark.parametrize("theme", ["light", "dark", "projector", "print"])
@pytest.mark.parametrize("what", ["loss", "map", "weights", "confusion"])
def test_pictures_of_panes_have_their_theme_and_letters_to_read(what: str, theme: str, qapp: Any) -> None:
    args = build_parser().parse_args(["render", "xor", "--show", what, "--steps", "9", "--theme", theme, "-o", "a.png"])
    page = Page(1280, 720, 96)
    diagram = shown(args, state_of(args), page)
    assert isinstance(diagram, Diagram)
    assert diagram.background == THEMES[theme].panel
    smallest = 720 / 40 if theme == "projector" else 720 / 45
    labels = [*diagram.labels, *(item.label for item in diagram.items if isinstance(item, Turned))]
    assert len(labels) > 4
    for label in labels:
        assert label.block.size >= smallest - 0.5, label.block.plain
        left, top, right, bottom = label.bounds
        assert left >= 0
        assert right <= 1280
        assert top >= 0
        assert bottom <= 720
    for one, other in combinations(diagram.labels, 2):
        a, b = one.bounds, other.bounds
        apart = a[2] <= b[0] + 3 or b[2] <= a[0] + 3 or a[3] <= b[1] + 4 or b[3] <= a[1] + 4
        assert apart, (one.block.plain, other.block.plain)


@pytest.mark.parametrize("what", [what for what in SHOWS if what != "network"])
def test_every_number_of_a_picture_has_the_decimal_sign_of_the_view(what: str, qapp: Any) -> None:
    args = build_parser().parse_args(["render", "xor", "--show", what, "--steps", "9", "-o", "a.png"])
    state, show = state_of(args), PANES[what]
    make, fmt = getattr(import_module(show.module), show.name), state.options.fmt
    written = []
    for comma in (False, True):
        there = set_options(state, fmt=replace(fmt, comma=comma))
        diagram = pane_picture(make, there, THEMES["light"], show.choices, PaneParts(), Page(900, 600, 96))
        labels = [*diagram.labels, *(item.label for item in diagram.items if isinstance(item, Turned))]
        written.append(sorted(label.block.plain for label in labels))
    points, commas = (sorted(re.sub(r"(?<=\d)[.,](?=\d)", "?", text) for text in texts) for texts in written)
    assert points == commas, "nothing else changes"
    assert not [text for text in written[1] if re.search(r"\d\.\d", text)]
    assert not [text for text in written[0] if re.search(r"\d,\d", text)]
    assert written[0] != written[1] or what == "neurons"  # whose ends are whole here


def test_a_picture_has_the_desktops_accent_only_as_on_screen(qapp: Any) -> None:
    args = build_parser().parse_args(["render", "xor", "--show", "confusion", "--steps", "9", "-o", "a.png"])
    state, show, page = state_of(args), PANES["confusion"], Page(480, 300, 96)
    make = getattr(import_module(show.module), show.name)
    orange = set_options(state, accent=(233, 84, 32), theme="light")
    plain, dressed, on_screen = (
        pane_picture(make, taken, theme, {}, PaneParts(), page)
        for taken, theme in ((state, THEMES["light"]), (orange, THEMES["light"]), (orange, theme_of(orange)))
    )
    assert plain.items == dressed.items
    assert plain.items != on_screen.items


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--show", "loss", "--formulas"], "--formulas: this does not go with --show loss; allowed with --show network"),
        (["--show", "norms", "--of", "z"], "'z' is not possible with --show norms; allowed: both, gradients, weights"),
        (["--show", "weights", "--layer", "7"], "there is no weight layer 7; allowed: 1 to 2"),
        (["--show", "loss", "--steps", "3", "--step", "7"], "update 7 is not among the 3 of --steps; allowed: 1 to 3"),
        (["--show", "map", "--sample", "9"], "update 1 has no sample 9; allowed: 1 to 4"),
        (["--show", "confusion", "--of", "held-out"], "no samples are held out in this file; allowed: training"),
        (["--show", "weights", "--form", "images"], "only the first layer of a network whose inputs are pixels has images"),
        (["--sample", "9"], "update 1 has no sample 9; allowed: 1 to 4"),
        (["--layer", "1"], "--layer: this does not go with --show network; allowed with --show traces, weights"),
        (["--steps", "4"], "--steps: this does not go with --show network"),
    ],
)
def test_what_does_not_go_together_is_refused(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], qapp: Any
) -> None:
    assert main(["render", "xor", "-o", str(tmp_path / "a.png"), *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_pane_that_has_nothing_to_show_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str], qapp: Any) -> None:
    assert main(["render", "theta-digits", "--show", "map", "-o", str(tmp_path / "a.png")]) == 2
    assert "a decision map exists for networks with two inputs" in capsys.readouterr().err
    assert main(["render", "xor", "--show", "map", "-o", str(tmp_path / "a.csv")]) == 2
    assert "is no table of numbers" in capsys.readouterr().err
    for suffix in (".png", ".csv"):
        assert main(["render", "jacob", "--show", "accuracy", "-o", str(tmp_path / f"a{suffix}")]) == 2
        assert "accuracy needs targets that name classes" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_chosen_sample_is_the_one_that_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Run] = []
    begin = Run.__init__
    monkeypatch.setattr(Run, "__init__", lambda run, *args, **kwargs: made.append(run) or begin(run, *args, **kwargs))
    for number in (1, 4):
        args = build_parser().parse_args(["render", "xor", "--sample", str(number), "-o", "a.png"])
        moment = moment_at(open_run("xor"), args)
        assert moment.sample == number - 1
    assert len(made) == 2  # none is made only to learn how many samples there are
    assert main(["render", "xor", "--sample", "1", "-o", str(tmp_path / "1.svg"), "--svg-text", "text"]) == 0
    assert main(["render", "xor", "--sample", "4", "-o", str(tmp_path / "4.svg"), "--svg-text", "text"]) == 0
    assert "1 of 4" in (tmp_path / "1.svg").read_text()
    assert "4 of 4" in (tmp_path / "4.svg").read_text()


@pytest.mark.parametrize("fails", ["choose", "complete", "exhibit"])
def test_nothing_is_left_of_a_pane_that_could_not_be_drawn(fails: str, qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def make(store: Store) -> LossPlot:
        made[:] = store, LossPlot(store)
        monkeypatch.setattr(made[1], fails, lambda *_: 1 // 0)
        return made[1]  # type: ignore[no-any-return]

    with pytest.raises(ZeroDivisionError):
        pane_picture(make, initial_state(open_problem("xor")), THEMES["light"], {}, PaneParts(), Page(480, 300, 96))
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [isValid(thing) for thing in made] == [False, False]


def test_recorded_shapes_are_where_they_were_painted(qapp: Any) -> None:
    def draw(painter: QPainter) -> None:
        painter.translate(10, 20)
        painter.scale(1, -1)
        painter.setPen(QPen(colour(THEMES["light"].text), 2, Qt.PenStyle.DashLine))
        painter.drawLine(0, 0, 30, 10)
        cells = np.zeros((2, 1, 3), dtype=np.uint8)
        cells[0] = 255
        painter.drawImage(QRectF(0, 0, 5, 10), QImage(cells.tobytes(), 1, 2, 3, QImage.Format.Format_RGB888))

    line, image = recorded(100, 50, 2.0, draw)
    assert isinstance(line, Curve)
    assert line.parts == (((20.0, 40.0), (80.0, 20.0)),)
    assert line.line_width == pytest.approx(4)
    assert line.line == THEMES["light"].text
    assert len(line.dash) == 2
    assert isinstance(image, Picture)
    assert (image.x, image.y, image.width, image.height) == (20, 20, 10, 20)
    assert image.cells[:, 0, 0].tolist() == [0, 255]  # turned upside down, as it was painted


def test_a_text_of_two_scripts_stays_one(qapp: Any) -> None:
    """Each kind of file sets it in letters of its own width: in pieces they would lie on each other."""

    def draw(painter: QPainter) -> None:
        painter.setFont(font("regular", 13))
        painter.drawText(10, 30, "Y₁ → E(Θ) → ℒ(θ)")
        painter.drawText(10, 60, "one")
        painter.drawText(90, 60, "other")

    said = [item.block.plain for item in recorded(200, 80, 2.0, draw) if isinstance(item, Label)]
    assert said == ["Y₁ → E(Θ) → ℒ(θ)", "one", "other"]


def test_signs_and_turned_texts_are_recorded(qapp: Any) -> None:
    def draw(painter: QPainter) -> None:
        painter.setFont(font("semibold", 10))
        painter.setPen(colour(THEMES["light"].text))
        painter.drawText(QPointF(0, 20), "● name ▼")
        painter.translate(50, 40)
        painter.rotate(-90)
        painter.drawText(QPointF(0, 0), "upwards")

    first, name, last, turned = recorded(100, 50, 1.0, draw)
    assert isinstance(first, Curve)
    assert isinstance(last, Curve)
    assert isinstance(name, Label)
    assert name.block.plain == "name"
    assert name.block.runs[0].face == "semibold"
    assert isinstance(turned, Turned)
    assert turned.angle == pytest.approx(-90)
    assert turned.label.x + 0.36 * 10 == pytest.approx(50, abs=0.6)
    code = tikz(Diagram(100, 50, THEMES["light"].panel, (turned,)))
    assert "rotate=90" in code


@pytest.mark.parametrize("what", ["weights", "loss", "confusion"])
def test_what_a_pane_shows_can_be_transparent(what: str, tmp_path: Path, qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "a.png"
    monkeypatch.setattr("gui.export.cli.open_run", lambda _: pytest.fail("the file was read a second time"))
    assert main(["render", "xor", "--show", what, "--steps", "9", "--transparent", "--page", "480x300", "-o", str(out)]) == 0
    image = QImage(str(out))
    alphas = [image.pixelColor(x, y).alpha() for x in range(0, 480, 6) for y in range(0, 300, 6)]
    assert alphas.count(0) > 0.5 * len(alphas)
    assert max(alphas) == 255


@pytest.mark.parametrize(("activation", "ends"), [("sigmoid", ["0", "0.5", "1"]), ("tanh", ["−1", "0", "1"])])
def test_maps_of_neurons_say_what_their_colours_mean(activation: Any, ends: list[str], tmp_path: Path, qapp: Any) -> None:
    problem = open_problem("xor")
    save(replace(problem, activations=(activation, "sigmoid")), str(tmp_path / "x.json"))
    args = build_parser().parse_args(["render", str(tmp_path / "x.json"), "--show", "neurons", "-o", "a.png"])
    diagram = shown(args, state_of(args), Page(960, 540, 96))
    assert isinstance(diagram, Diagram)
    said = [label.block.plain for label in diagram.labels if label.y < diagram.height / 2]
    assert [text for text in said if text in ends] == ends
    maps = [item for item in diagram.items if isinstance(item, Picture)]
    bottom = max(item.y + item.height for item in maps)
    names = [label for label in diagram.labels if label.y > bottom]
    assert min(label.y - 0.4 * label.block.size for label in names) > bottom  # raised indices too


def test_maps_of_neurons_of_several_scales_say_each(tmp_path: Path, qapp: Any) -> None:
    problem = replace(network((2, 3, 2, 1)), activations=("sigmoid", "relu", "sigmoid"))
    save(problem, str(tmp_path / "x.json"))
    args = build_parser().parse_args(["render", str(tmp_path / "x.json"), "--show", "neurons", "-o", "a.png"])
    diagram = shown(args, state_of(args), Page(1280, 720, 96))
    assert isinstance(diagram, Diagram)
    assert re.search(r"colours: layer 1 0 to 1, layer 2 ±\d", " ".join(label.block.plain for label in diagram.labels))


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_the_name_of_an_axis_stands_off_its_numbers(theme: str, tmp_path: Path, qapp: Any) -> None:
    save(replace(open_problem("xor"), learning_rate=0.01), str(tmp_path / "x.json"))
    args = build_parser().parse_args(
        ["render", str(tmp_path / "x.json"), "--show", "rate", "--steps", "9", "--theme", theme, "-o", "a.png"]
    )
    diagram = shown(args, state_of(args), Page(1280, 720, 96))
    assert isinstance(diagram, Diagram)
    (name,) = [item.label for item in diagram.items if isinstance(item, Turned)]
    right = name.x + 0.58 * name.block.size  # below the baseline of letters that are turned
    beside = [label for label in diagram.labels if abs(label.y - name.y) < name.block.width / 2 and label.x < 0.1 * diagram.width]
    assert beside
    assert min(label.left for label in beside) > right


def test_very_many_cells_are_images_that_keep_their_colours(tmp_path: Path, qapp: Any) -> None:
    """In all pictures together, in several pixels each, and not as JPEG; the dialog says so."""
    cells = np.random.default_rng(1).integers(0, 255, (60, 60, 3), dtype=np.uint8)
    tiles = tuple(Picture(70.0 * i, 0.0, 60.0, 60.0, cells) for i in range(2))
    one, both = (Diagram(140.0, 60.0, (255, 255, 255), tiles[:n]) for n in (1, 2))
    assert b"<image" not in svg(one, PictureOptions())
    assert svg(both, PictureOptions()).count(b"<image") == 2
    data = pdf(both, PictureOptions())
    assert b"/DCTDecode" not in data
    assert b"/Subtype /Image" in data
    assert sharpness(one, ".pdf", PictureOptions()) == "sharp at every size"
    assert (
        sharpness(both, ".pdf", PictureOptions()) == sharpness(one, ".tex", PictureOptions()) == "sharp at every size, its cells as images"
    )
    assert sharpness(both, ".svg", PictureOptions(text=True)) == "sharp at every size"


def test_the_loss_of_held_out_samples_is_not_computed_again(qapp: Any) -> None:
    state = state_of(build_parser().parse_args(["render", "xor", "--show", "loss", "--steps", "9", "-o", "a.png"]))
    one, other = (LossPlot(Store(state)) for _ in range(2))
    one.choose(other.choices())
    assert one.choices()["known"] is other.choices()["known"]
    for plot in (one, other):
        plot.deleteLater()


@pytest.mark.parametrize("what", ["norms", "accuracy", "traces"])
def test_a_picture_takes_what_its_pane_has_computed_already(what: str, qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    args = build_parser().parse_args(["render", "xor", "--show", what, "--steps", "30", "-o", "a.png"])
    state, show = state_of(args), PANES[what]
    make = getattr(import_module(show.module), show.name)
    pane = make(Store(state))
    pane.complete()
    known = pane.choices()["known"]
    computed = list(known._known)
    assert len(computed) > 10
    monkeypatch.setattr(type(known), "work", lambda self, length: pytest.fail("computed again") if self is not known else iter(()))
    assert pane_picture(make, state, THEMES["light"], pane.choices(), PaneParts(), Page(480, 300, 96)).items
    assert list(known._known) == computed
    pane.deleteLater()


def test_a_table_that_its_pane_has_no_room_for_is_in_the_picture(qapp: Any) -> None:
    pane = QWidget()
    hidden = QWidget(pane)
    table = QTableView(hidden)
    model = QStandardItemModel(1, 2, table)
    model.setItem(0, 0, QStandardItem("a → L"))
    table.setModel(model)
    table.setAccessibleName("paths")
    hidden.hide()
    found = table_exhibit(pane)
    assert found is not None
    assert found.table is not None
    assert found.table[1][0] == "a → L"
    found.body.deleteLater()
    table.hide()  # as its pane does while there is nothing to list
    assert table_exhibit(pane) is None
    pane.deleteLater()


@pytest.mark.parametrize(("width", "height", "whole"), [(300, 90, True), (250, 90, True), (300, 72, True), (120, 90, False)])
def test_rows_are_set_smaller_rather_than_cut(width: int, height: int, whole: bool, qapp: Any) -> None:
    sheet = TableSheet([["through", "product"], ["a → L", "0.4472 · 0.2478 · 0.6 · 0.25"], ["b → L", "1"]], [False, False])
    sheet.setFont(font("regular", 15))
    sheet.resize(width, height)
    items = recorded(width, height, 1.0, lambda painter: sheet.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren))
    texts = [item.block.plain for item in items if isinstance(item, Label)]
    assert ("0.4472 · 0.2478 · 0.6 · 0.25" in texts and "1" in texts) == whole, texts
    sheet.deleteLater()


@pytest.mark.parametrize(("count", "rest"), [(20, False), (30, False), (5000, True)])
def test_a_long_table_stands_beside_itself(count: int, rest: bool, qapp: Any) -> None:
    sheet = TableSheet([["of", "value"], *([f"w{i}", str(i)] for i in range(count))], [False, True])
    sheet.setFont(font("regular", 15))
    sheet.resize(420, 345)
    items = recorded(420, 345, 1.0, lambda painter: sheet.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren))
    labels = [item for item in items if isinstance(item, Label)]
    texts = [label.block.plain for label in labels]
    heads = [label.left for label in labels if label.block.plain == "of"]
    assert len(heads) == len(set(heads)) > 1
    assert max(label.bounds[2] for label in labels) <= 420
    assert max(label.bounds[3] for label in labels) <= 345
    shown = sum(text.startswith("w") for text in texts)
    assert [text for text in texts if "more rows" in text] == ([f"… {count - shown:,} more rows"] if rest else [])
    assert (shown == count) == (not rest)
    assert shown > 25 or not rest
    sheet.deleteLater()
