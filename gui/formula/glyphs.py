"""The fonts and outlines that formulas are drawn with, and how wide everything is. QtGui only.

On screen text is drawn as runs of glyphs, which Qt keeps as small pictures (100 numbers take half a millisecond); in SVG
as outlines, which look the same wherever they are opened.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QGlyphRun, QPainterPath, QPainterPathStroker, QRawFont

import resources
from gui.formula import typeset
from gui.formula.boxes import AtomSize, Face
from gui.theme import MATH_FAMILY, TEXT_FAMILY

EM = typeset.EM
BOLDER = 0.036  # what bold adds to the thickness of a stroke, in em
LARGEST_GLYPHS = 26.0  # pixels per em up to which Qt draws bold glyphs bold; it adds the same few pixels to larger ones
_FILES = ("STIXTwoMath-Regular.ttf", "Inter-Regular.otf", "Inter-SemiBold.otf")


class Wanted(Protocol):
    """Takes the LaTeX of a symbol that is needed and has not been typeset yet."""

    def __call__(self, latex: str) -> None: ...


class GlyphMetrics:
    """Sizes of text and symbols. wanted: called for a symbol not typeset yet; without it, symbols are typeset on the spot."""

    def __init__(self, wanted: Wanted | None = None) -> None:
        self._wanted = wanted

    def advance(self, text: str, face: Face) -> float:
        """Return the width of a text in em."""
        return _words_advance(text, face) if face.startswith("words") else _math_advance(text)

    def atom(self, latex: str) -> AtomSize | None:
        """Return the size of a symbol in em, or None if it is not typeset yet. Bad source is shown as it is written."""
        found = typeset.known(latex)
        if found is None:
            if self._wanted is not None:
                self._wanted(latex)
                return None
            found = _typeset(latex)
        if isinstance(found, typeset.LatexError):
            return AtomSize(self.advance(latex, "math"), 0.74, 0.24)
        return AtomSize(found.width / EM, found.ascent / EM, found.descent / EM)


def _typeset(latex: str) -> typeset.Atom | typeset.LatexError:
    try:
        return typeset.typeset(latex)
    except typeset.LatexError as error:
        return error


@lru_cache(maxsize=1)
def load_fonts() -> None:
    """Make the bundled fonts known to Qt."""
    for name in _FILES:
        QFontDatabase.addApplicationFont(str(resources.path(f"fonts/{name}")))


@lru_cache(maxsize=64)
def font(face: Face, size: float) -> QFont:
    """Return the font of a face at `size` pixels per em."""
    load_fonts()
    result = QFont(MATH_FAMILY if face.startswith("math") else TEXT_FAMILY)
    result.setPixelSize(1)
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    result.setWeight({"math-bold": QFont.Weight.Bold, "words-bold": QFont.Weight.DemiBold}.get(face, QFont.Weight.Normal))
    result.setPixelSize(max(1, round(size)))
    if face.startswith("words"):  # the window's own font has it, and a painter would take it from there without measuring with it
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


@lru_cache(maxsize=64)
def raw_font(face: Face, size: float) -> QRawFont:
    """Return the glyphs of a face of the mathematics font at `size` pixels per em."""
    result = QRawFont.fromFont(font(face, size))
    result.setPixelSize(size)
    return result


@lru_cache(maxsize=1024)
def _glyph(character: str) -> int:
    return int(raw_font("math", 1000).glyphIndexesForString(character)[0])


@lru_cache(maxsize=1024)
def _advance(character: str) -> float:
    return float(raw_font("math", 1000).advancesForGlyphIndexes([_glyph(character)])[0].x()) / 1000


@lru_cache(maxsize=4096)
def _math_advance(text: str) -> float:
    return sum(_advance(c) for c in text)


@lru_cache(maxsize=4096)
def _words_advance(text: str, face: Face) -> float:
    return QFontMetricsF(font(face, EM)).horizontalAdvance(text) / EM


@lru_cache(maxsize=4096)
def glyph_run(text: str, face: Face, size: float) -> QGlyphRun:
    """Return a text in the mathematics font, ready to be drawn."""
    x, positions = 0.0, []
    for c in text:
        positions.append(QPointF(x, 0.0))
        x += _advance(c) * size
    run = QGlyphRun()
    run.setRawFont(raw_font(face, size))
    run.setGlyphIndexes([_glyph(c) for c in text])
    run.setPositions(positions)
    return run


@lru_cache(maxsize=2048)
def text_path(text: str, face: Face) -> QPainterPath:
    """Return the outlines of a text at 100 units per em."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    if face.startswith("words"):
        path.addText(0.0, 0.0, font(face, EM), text)
        return path
    x = 0.0
    for c in text:
        path.addPath(_outline(c, face).translated(x, 0.0))
        x += _advance(c) * EM
    return path


@lru_cache(maxsize=512)
def _outline(character: str, face: Face) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addText(0.0, 0.0, font("math", EM), character)
    if face == "math-bold":  # the font has no bold: Qt makes one for small glyphs, for outlines it is made here, equally strong
        stroker = QPainterPathStroker()
        stroker.setWidth(BOLDER * EM)
        stroker.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        path = path.united(stroker.createStroke(path))
        path.setFillRule(Qt.FillRule.WindingFill)
    return path


@lru_cache(maxsize=4096)
def atom_path(latex: str) -> QPainterPath:
    """Return the outlines of a symbol at 100 units per em; its source where it cannot be set."""
    atom = _typeset(latex)
    if isinstance(atom, typeset.LatexError):
        return text_path(latex, "math")
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    draw: dict[str, Callable[..., None]] = {"M": path.moveTo, "L": path.lineTo, "Q": path.quadTo, "C": path.cubicTo}
    for name, arguments in atom.commands:
        if name == "Z":
            path.closeSubpath()
        else:
            draw[name](*arguments)
    return path.simplified() if "Vert" in latex else path  # tall bars are overlapping pieces, whose soft edges would be drawn twice
