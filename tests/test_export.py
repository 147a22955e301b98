"""Pictures as files: every suffix, the same bytes twice, whole or not at all, and the fast strokes against the exact ones."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from diagram_cases import diagram
from PySide6.QtGui import QImage, QPainter

import main
from gui.diagram.paint import paint
from gui.diagram.primitives import Diagram
from gui.diagram.tikz import tikz
from gui.export.image import EXPORTERS, PictureOptions, raster, save
from gui.theme import LIGHT, THEMES
from gui.theme_qt import font, load_fonts

ROOT = Path(__file__).resolve().parents[1]
APPROVED = Path(__file__).parent / "approved"


@pytest.fixture(autouse=True)
def _application(qapp: object) -> None:
    load_fonts()


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return data[:, : image.width(), 2::-1].astype(np.int32)


def painted(picture: Diagram, scale: float = 1.0, *, fast: bool, dense: float = 1.0) -> np.ndarray:
    """The pixels of a picture. scale: of what is painted; dense: pixels of the screen for each that a program sees."""
    size = (picture.width * scale * dense, picture.height * scale * dense)
    image = QImage(round(size[0]), round(size[1]), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(dense)
    painter = QPainter(image)
    painter.scale(scale, scale)
    paint(painter, picture, fast=fast)
    painter.end()
    return pixels(image)


@pytest.mark.parametrize("suffix", EXPORTERS)
def test_every_suffix_from_the_command_line(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"ein Bild für morgen{suffix}"
    assert main.main(["render", "dyda-sigmoid", "-o", str(out), "--at", "delta:2", "--notation", "jacob", "--decimals", "3"]) == 0
    head = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".tex": b"%"}[suffix]
    assert out.read_bytes().startswith(head)


@pytest.mark.parametrize("suffix", EXPORTERS)
def test_two_runs_give_the_same_bytes(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / f"{n}{suffix}" for n in (1, 2)]
    for file, epoch in zip(files, ("1700000000", "1700000000"), strict=True):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        save(diagram("dyda-sigmoid"), str(file))
    assert files[0].read_bytes() == files[1].read_bytes()


def test_pdf_takes_its_date_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    save(diagram("1-1-1"), str(tmp_path / "a.pdf"))
    data = (tmp_path / "a.pdf").read_bytes()
    assert set(re.findall(rb"Date \(D:(\d{14})", data)) == {b"20010909014640"}
    assert set(re.findall(rb'Date="(.{19})', data)) == {b"2001-09-09T01:46:40"}


def test_svg_has_outlines_instead_of_text_and_the_right_size(tmp_path: Path) -> None:
    save(diagram("dyda-sigmoid"), str(tmp_path / "a.svg"), PictureOptions(width=640))
    root = ET.parse(tmp_path / "a.svg").getroot()
    tags = [element.tag.split("}")[1] for element in root.iter()]
    assert "text" not in tags
    assert "image" not in tags
    assert root.attrib["width"] == "640px"
    assert root.attrib["viewBox"] == "0 0 1024 700"


def test_width_dpi_and_transparency_of_a_png(tmp_path: Path) -> None:
    assert main.main(["render", "1-1-1.json", "-o", str(tmp_path / "a.png")]) == 2
    arguments = ["render", "jacob", "-o", str(tmp_path / "a.png"), "--width", "500", "--dpi", "300", "--transparent", "--theme", "dark"]
    assert main.main(arguments) == 0
    image = QImage(str(tmp_path / "a.png"))
    assert image.width() == 500
    assert image.dotsPerMeterX() == round(300 / 0.0254)
    assert image.pixelColor(2, 2).alpha() == 0
    assert raster(diagram("1-1-1"), PictureOptions(dpi=192)).width() == 2048


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "a.bmp"], "allowed: .png, .svg, .pdf, .tex"),
        (["-o", "a"], "allowed: .png"),
        (["-o", "a.png", "--at", "gamma:1"], "no micro-step"),
        (["-o", "a.png", "--at", "dW:9"], "allowed: start, end"),
        (["-o", "a.png", "--width", "20000", "--dpi", "10"], "too large"),
        (["-o", "missing/a.png"], "missing/a.png"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main.main(["render", "dyda-sigmoid", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert words in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [1e308, 1e-308])
@pytest.mark.parametrize("step", ["1", "2"])
def test_numbers_at_the_ends_of_the_range_are_painted(size: float, step: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = [[[size, -size], [size, size]]] * 2
    keys = {"format": "deltastep-problem/1", "layers": [2, 2, 2], "activations": ["identity"] * 2, "loss": "half_squared_error"}
    data = {"weights": weights, "biases": [[size, -size]] * 2, "x": [[size, -size]], "y": [[1, 0]], "learning_rate": 0.1}
    file = tmp_path / "range.json"
    file.write_text(json.dumps({**keys, **data}))
    for at in ("start", "loss", "end"):
        for quantity in ("gradient", "weight", "update", "contribution", "none"):
            arguments = ["render", str(file), "-o", str(tmp_path / "a.tex"), "--at", at, "--colour-by", quantity, "--step", step]
            assert main.main([*arguments, "--formulas", "--tables"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_without_a_learning_rate_every_moment_is_painted(optimizer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = json.loads((ROOT / "resources" / "examples" / "dyda-sigmoid.json").read_text(encoding="utf-8"))
    file, out = tmp_path / "gradients.json", tmp_path / "a.svg"
    file.write_text(json.dumps({**source, "learning_rate": None, "expected": [], "steps": 1, "optimizer": {"name": optimizer}}))
    assert main.main(["trace", "--micro", str(file)]) == 0
    addresses = [line.split()[1] for line in capsys.readouterr().out.splitlines()]
    for at in (*addresses, "end"):
        assert main.main(["render", str(file), "-o", str(out), "--at", at]) == 0, capsys.readouterr().err
    assert main.main(["animate", str(file), "-o", str(tmp_path / "a.gif"), "--granularity", "phase", "--width", "320", "--cuts"]) == 0


@pytest.mark.parametrize("verb", ["render", "solve", "animate"])
@pytest.mark.parametrize("epoch", ["99999999999999999999", "253402300800", "-1", "1e9", "abc", "²"])
def test_a_date_that_is_none_is_refused(
    verb: str, epoch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert main.main([verb, "jacob", "-o", str(tmp_path / "a.pdf")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("deltastep: SOURCE_DATE_EPOCH: ")
    assert "from 0 to 253,402,300,799" in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_latest_date_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "253402300799")
    assert main.main(["render", "jacob", "-o", str(tmp_path / "a.pdf")]) == 0
    assert b"Date (D:99991231235959" in (tmp_path / "a.pdf").read_bytes()


def test_a_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"old")
    with pytest.raises(ValueError, match="too large"):
        save(diagram("1-1-1"), str(file), PictureOptions(width=100_000))
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize(("name", "tolerance"), [("dyda-sigmoid", 0.3), ("biswas-figure-1", 0.6), ("30-30", 3.0), ("64-16-10", 3.0)])
def test_fast_strokes_look_like_exact_ones(name: str, tolerance: float, scale: float) -> None:
    """On average 0.3 to 3 of 255, by the share of the picture that is edges; at most 4 % of the pixels more than 48 away (dash ends)."""
    for theme in (LIGHT, THEMES["dark"]):
        picture = diagram(name, "end", theme)
        away = np.abs(painted(picture, scale, fast=True) - painted(picture, scale, fast=False)).max(axis=2)
        assert away.mean() < tolerance
        assert (away > 48).mean() < 0.04


@pytest.mark.parametrize("dense", [1.25, 2.0])
def test_fast_strokes_stand_where_exact_ones_do_on_dense_screens(dense: float) -> None:
    picture = diagram("biswas-figure-1", "end", size=(600, 400))
    for scale in (1.0, 1.3):
        away = np.abs(painted(picture, scale, fast=True, dense=dense) - painted(picture, scale, fast=False, dense=dense)).max(axis=2)
        assert away.mean() < 1.2
        assert (away > 48).mean() < 0.02


def test_fast_strokes_would_be_caught_if_they_were_wrong() -> None:
    picture = diagram("biswas-figure-1", "end")
    without = Diagram(picture.width, picture.height, picture.background, tuple(i for i in picture.items if i not in picture.edges))
    away = np.abs(painted(without, fast=True) - painted(picture, fast=False)).max(axis=2)
    assert away.mean() > 2 * 0.6


@pytest.mark.parametrize(
    ("name", "at", "theme"),
    [
        ("dyda-sigmoid", "delta:2", "light"),
        ("biswas-figure-1", "dW:2", "dark"),
        ("8-8-8-8", "a:2", "projector"),
        ("soletskyi", "end", "print"),
    ],
)
def test_pictures_are_the_approved_ones(name: str, at: str, theme: str, request: pytest.FixtureRequest) -> None:
    """Approve a new picture by deleting the old one, running this test, and looking at what it wrote."""
    file = APPROVED / f"{name}-{at.replace(':', '')}-{theme}.png"
    made = raster(diagram(name, at, THEMES[theme]), PictureOptions(width=768))
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        made.save(str(file))
        pytest.fail(f"{file.name} was not there and has been written; look at it")
    away = np.abs(pixels(made) - pixels(QImage(str(file)))).max(axis=2)
    assert (away > 32).mean() < 0.002


def test_fonts_measure_as_the_layout_thinks() -> None:
    from PySide6.QtGui import QFontMetricsF

    from gui.diagram.text import FILES, text_width

    samples = {"math": ("𝑛𝑒𝑡", "𝜕𝐿/𝜕𝑎", "𝑊\u0303", "[2]")}
    for face in FILES:
        for text in samples.get(face, ("−0.55354082", "2 neurons · sigmoid", "½ Σ (a − y)²")):
            assert QFontMetricsF(font(face, 40)).horizontalAdvance(text) == pytest.approx(text_width(text, face, 40), rel=0.02), (
                face,
                text,
            )


@pytest.mark.parametrize("name", ["dyda-sigmoid", "biswas-figure-1", "soletskyi", "64-16-10"])
def test_tikz_is_balanced_plain_ascii_where_tex_needs_it(name: str) -> None:
    text = tikz(diagram(name, "end"), "a title")
    assert text.count("{") - text.count("\\{") == text.count("}") - text.count("\\}")
    assert text.count("\\begin{tikzpicture}") == text.count("\\end{tikzpicture}") == 1
    assert [c for c in text if ord(c) > 0x24F] == []
    defined = set(re.findall(r"\\definecolor\{(ds[0-9a-f]{6})\}", text))
    assert set(re.findall(r"\bds[0-9a-f]{6}\b", text)) == defined


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex with TikZ")
@pytest.mark.parametrize("name", ["dyda-sigmoid", "biswas-figure-1", "jacob", "soletskyi"])
def test_tikz_compiles_alone_and_inside_a_slide(name: str, tmp_path: Path) -> None:
    save(diagram(name, "end"), str(tmp_path / "net.tex"))
    slide = r"\documentclass{article}\usepackage{tikz}\usepackage{amssymb}\begin{document}\resizebox{5cm}{!}{\input{net}}\end{document}"
    (tmp_path / "slide.tex").write_text(slide, encoding="utf-8")
    for what in ("map", "norms"):  # a large image, curves and turned letters
        assert main.main(["render", "xor", "--show", what, "--steps", "9", "-o", str(tmp_path / f"{what}.tex")]) == 0
    for file in ("net", "slide", "map", "norms"):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", file], cwd=tmp_path, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout[-1500:]
        assert (tmp_path / f"{file}.pdf").exists()
