"""Texts of the diagram: measured and set without Qt, from words or from the LaTeX symbols of a notation.

Widths come from the bundled fonts themselves, so that the layout is the same on every machine and in every kind of picture.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import groupby
from math import ceil
from typing import Literal

import numpy as np

import resources
from gui.diagram.latex import Piece, pieces, tex_of

Face = Literal["regular", "medium", "semibold", "bold", "italic", "math"]
FILES: dict[str, str] = {
    "regular": "Inter-Regular.otf",
    "medium": "Inter-Medium.otf",
    "semibold": "Inter-SemiBold.otf",
    "bold": "Inter-Bold.otf",
    "italic": "Inter-Italic.otf",
    "math": "STIXTwoMath-Regular.ttf",
}
# Tabular digits are a feature of the font, which its table of widths does not know: all as wide as this.
_TABULAR = {"regular": 0.6477, "medium": 0.6590, "semibold": 0.6703, "bold": 0.6817, "italic": 0.6477}
_MATH_FACTOR = 1.14  # brings the math font's small letters to the height of the text font's
_SCRIPT = 0.7
_ALONE = {0: 0.0, 1: -0.52, -1: 0.32}  # how far indices stand below the line, in their own height
_PAIRED = {0: 0.0, 1: -0.68, -1: 0.5}  # and where one stands above the other: parentheses reach 0.3 below the line, letters 0.75 above
_SPACING = {"\u0303": "˜", "\u0302": "ˆ", "\u0304": "¯"}
_CAPITALS = re.compile("[A-Z\U0001d434-\U0001d44d\U0001d400-\U0001d419]")
_CAPITAL, _SLANT = 0.17, 0.07  # how far an accent stands higher over a capital, and further to the right, in em


@dataclass(frozen=True, slots=True)
class Run:
    """One stretch in one face and size; dx, dy: start of its baseline from the start of the text's baseline, y downwards."""

    text: str
    face: str
    size: float
    dx: float
    dy: float


@dataclass(frozen=True, slots=True)
class Block:
    """A line of text ready to be drawn. size: of its main letters; ascent, descent: of its ink; latex: the same for TeX."""

    runs: tuple[Run, ...]
    size: float
    width: float
    ascent: float
    descent: float
    latex: str

    @property
    def plain(self) -> str:
        """The characters without their arrangement."""
        return "".join(run.text for run in self.runs)

    @property
    def smallest(self) -> float:
        """The size of its smallest letters, in the text font's measure."""
        return min((run.size / (_MATH_FACTOR if run.face == "math" else 1) for run in self.runs), default=self.size)


@cache
def _advances(face: str) -> tuple[dict[int, float], float]:
    """Return the width of each character of a face in em, and that of the missing character."""
    data = resources.path(f"fonts/{FILES[face]}").read_bytes()
    tables = {
        data[12 + 16 * i : 16 + 16 * i]: struct.unpack(">II", data[20 + 16 * i : 28 + 16 * i]) for i in range(data[5] + 256 * data[4])
    }
    units = struct.unpack(">H", data[tables[b"head"][0] + 18 : tables[b"head"][0] + 20])[0]
    count = struct.unpack(">H", data[tables[b"hhea"][0] + 34 : tables[b"hhea"][0] + 36])[0]
    widths = np.frombuffer(data, dtype=">u2", count=2 * count, offset=tables[b"hmtx"][0])[::2] / units
    glyphs = _characters(data, tables[b"cmap"][0])
    last = len(widths) - 1
    return {code: float(widths[min(glyph, last)]) for code, glyph in glyphs.items()}, float(widths[0])


def _characters(data: bytes, start: int) -> dict[int, int]:
    """Return glyph by character from the font's segmented table of all characters (format 12)."""
    for i in range(struct.unpack(">H", data[start + 2 : start + 4])[0]):
        at = start + struct.unpack(">I", data[start + 8 + 8 * i : start + 12 + 8 * i])[0]
        if data[at : at + 2] == b"\0\x0c":
            groups = np.frombuffer(data, dtype=">u4", count=3 * struct.unpack(">I", data[at + 12 : at + 16])[0], offset=at + 16).reshape(
                -1, 3
            )
            return {code: int(glyph) + code - int(low) for low, high, glyph in groups for code in range(int(low), int(high) + 1)}
    raise ValueError("the font has no table of all characters")


@lru_cache(maxsize=8192)
def text_width(text: str, face: str, size: float) -> float:
    """Return how wide a text is in pixels."""
    widths, missing = _advances(face)
    tabular = _TABULAR.get(face)
    total = 0.0
    for character in text:
        code = ord(character)
        if 0x300 <= code <= 0x36F:
            continue  # an accent stands over the letter before it
        total += tabular if tabular is not None and character.isdigit() and code < 128 else widths.get(code, missing)
    return total * size


@lru_cache(maxsize=8192)
def words(text: str, size: float, face: str = "regular") -> Block:
    """Set plain words or a number; sizes are rounded to whole pixels."""
    size = float(round(size))
    return Block((Run(text, face, size, 0.0, 0.0),), size, text_width(text, face, size), 0.75 * size, 0.2 * size, _tex(text))


@lru_cache(maxsize=8192)
def symbol(latex: str, size: float, smallest: float = 0.0, *, short: bool = False, of: bool = False, nested: bool = False) -> Block:
    """Set a notation's symbol. smallest: least size of its indices; short: without indices and arguments, but those of what is
    differentiated if `of`; nested: with indices of indices in their places.
    """
    size = float(round(size)) if size > 2 else size
    found = pieces(latex, short=short, of=of, nested=nested)
    return set_pieces(found, size, smallest) if short else _set(found, size, smallest, f"${latex}$")


def set_pieces(parts: tuple[Piece, ...], size: float, smallest: float) -> Block:
    """Set a symbol that has been taken apart already. smallest: least size of its indices."""
    return _set(parts, size, smallest, f"${_tex_of(parts)}$")


def _tex_of(parts: tuple[Piece, ...]) -> str:
    """Return pieces as LaTeX, neighbours of one index in one group, with the indices that they have in turn."""
    marks = {0: "{}", 1: "^{{{}}}", -1: "_{{{}}}"}
    groups = ((script, list(group)) for script, group in groupby(parts, lambda piece: piece.script))
    written = ((script, "".join(marks[one.inner].format(tex_of(one.text).strip("$")) for one in group)) for script, group in groups)
    return "".join(marks[script].format(tex) for script, tex in written)


def joined(*parts: Block, gap: float = 0.0) -> Block:
    """Set texts side by side on one baseline."""
    runs: list[Run] = []
    x = 0.0
    for part in parts:
        runs += [replace(run, dx=run.dx + x) for run in part.runs]
        x += part.width + gap
    latex = "~".join(part.latex for part in parts) if gap else "".join(part.latex for part in parts)
    return Block(tuple(runs), max(p.size for p in parts), x - gap, max(p.ascent for p in parts), max(p.descent for p in parts), latex)


def shortened(block: Block, width: float) -> Block:
    """Return a text that is not wider than `width`: itself, or its beginning and "…"; symbols in it stay symbols."""
    if block.width <= width:
        return block
    dots = words("…", block.size, "regular")
    runs = list(block.runs)
    while runs:
        last = runs.pop()
        for length in range(len(last.text) - (not runs), 0, -1):
            text = last.text[:length].rstrip()
            end = last.dx + text_width(text, last.face, last.size)
            if text and end + dots.width <= width:
                kept = (*runs, replace(last, text=text), replace(dots.runs[0], dx=end))
                return replace(block, runs=kept, width=end + dots.width, latex=_tex("".join(run.text for run in kept)))
    return dots


def _set(parts: tuple[Piece, ...], size: float, smallest: float, latex: str) -> Block:
    """Put pieces side by side; an upper and a lower index that follow each other stand above each other."""
    script = _index_size(size, smallest)
    runs: list[Run] = []
    x = pending = 0.0
    ascent, descent = 0.72 * size, 0.2 * size
    groups = [list(group) for _, group in groupby(parts, lambda piece: piece.script)]
    levels = [0, *(group[0].script for group in groups), 0]
    for i, group in enumerate(groups):
        before, level, after = levels[i : i + 3]
        below = bool(level) and before == -level
        if not below:
            pending = x
        paired = below or (bool(level) and after == -level)
        shift = (_PAIRED if paired else _ALONE)[level] * script
        end, found = _side_by_side(group, script if level else size, pending if below else x, shift, smallest)
        for run, above, under in found:
            runs.append(run)
            ascent, descent = max(ascent, above), max(descent, under)
        x = max(x, end)
    return Block(tuple(runs), size, x, ascent, descent, latex)


def _index_size(size: float, smallest: float) -> float:
    """Return the height of indices of letters, which nothing makes smaller than `smallest` but the letters themselves."""
    return max(_SCRIPT * size, min(smallest, size))


def _side_by_side(group: list[Piece], size: float, x: float, shift: float, smallest: float) -> tuple[float, list[tuple[Run, float, float]]]:
    """Set the pieces of one index (or of the line) from x on; returns where they end, and runs with ascent and descent."""
    found: list[tuple[Run, float, float]] = []
    pending = x
    for i, piece in enumerate(group):
        inner = _index_size(size, smallest) if piece.inner else size
        beside = group[i - 1].inner if i else 0
        after = group[i + 1].inner if i + 1 < len(group) else 0
        below = bool(piece.inner) and beside == -piece.inner
        start = pending if below else x
        pending = start
        paired = below or (bool(piece.inner) and after == -piece.inner)
        dy = shift + (_PAIRED if paired else _ALONE)[piece.inner] * inner
        em = float(ceil(inner * _MATH_FACTOR - 1e-6)) if size > 2 else inner * _MATH_FACTOR
        bare, marks = _apart(piece.text)
        found.append((Run(bare, "math", em, start, dy), 0.74 * inner - dy, 0.22 * inner + dy))
        for at, mark in marks:
            before_it, letter, own = (text_width(part, "math", em) for part in (bare[:at], bare[at], mark))
            over = Run(mark, "math", em, start + before_it + (letter - own) / 2 + _SLANT * em, dy - _CAPITAL * em)
            found.append((over, (0.74 + _CAPITAL * _MATH_FACTOR) * inner - dy, 0.0))
        x = max(x, start + text_width(piece.text, "math", em))
    return x, found


def _apart(text: str) -> tuple[str, list[tuple[int, str]]]:
    """Take the accents off capitals, over which the font sets them too low; returns the places of the letters with their accents."""
    bare, marks = "", []
    for character in text:
        if bare and character in _SPACING and _CAPITALS.fullmatch(bare[-1]):
            marks.append((len(bare) - 1, _SPACING[character]))
        else:
            bare += character
    return bare, marks


_ESCAPES = {"−": "$-$", "·": "$\\cdot$", "½": "$\\frac12$", "Σ": "$\\Sigma$", "⋮": "$\\vdots$", "∂": "$\\partial$", "δ": "$\\delta$",
            "×": "$\\times$", "|": "$|$", "%": "\\%", "_": "\\_", "&": "\\&", "#": "\\#", "∞": "$\\infty$", "→": "$\\to$",
            "²": "$^2$", "Δ": "$\\Delta$", "η": "$\\eta$", "…": "\\dots{}", "φ": "$\\varphi$", "′": "$'$", "{": "\\{", "}": "\\}",
            "\\": "$\\backslash$", "^": "\\^{}", "~": "\\~{}", "$": "\\$", "<": "$<$", ">": "$>$", "‖": "$\\|$", "–": "--"}  # fmt: skip


def _tex(text: str) -> str:
    """Write plain words for TeX; what its fonts may lack is set as mathematics."""
    return "".join(_ESCAPES.get(c) or (c if ord(c) < 0x250 else tex_of(c)) for c in text)
