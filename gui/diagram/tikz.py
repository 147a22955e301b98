"""A diagram as TikZ: compiles on its own with pdflatex, and can be \\input in a document that loads tikz."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import singledispatch
from math import cos, radians, sin
from textwrap import wrap

from gui.diagram.primitives import (
    Box,
    Circle,
    Curve,
    Diagram,
    Formulas,
    Half,
    Label,
    Lines,
    Picture,
    Polygon,
    Primitive,
    Turned,
    dash_of,
)
from gui.diagram.tikz_formulas import formulas
from gui.theme import RGB
from model.expr.tex_text import tex_text

_HEAD = r"""% %TITLE%
% Compile this file with pdflatex, or \input it in the body of a document that says \usepackage{tikz} and \usepackage{amsmath,amssymb}.
\makeatletter
\ifx\@nodocument\relax
  \gdef\DeltastepEnd{}
\else
  \documentclass[border=0pt]{standalone}
  \usepackage[T1]{fontenc}
  \usepackage{lmodern}
  \usepackage{amsmath,amssymb}
  \usepackage{tikz}
  \begin{document}
  \gdef\DeltastepEnd{\end{document}}
\fi
\makeatother
"""
_ACCENTS = {"\u0302": "\\hat", "\u0303": "\\tilde", "\u0304": "\\bar"}
_ACCENTED = re.compile(rf"(\\[A-Za-z]+(?:\{{[^{{}}]*\}})?|[A-Za-z])([{''.join(_ACCENTS)}])")
_ODD = re.compile("[^\x00-\u024f]")
_POINT = 0.75  # a logical pixel in points
_AS_HIGH = 1.1  # at this share of their size the digits of Latin Modern are as high as the bundled font's, and still narrower
_BIG = 72 / 72.27  # TeX's points in those of PDF
MOST_AREAS = 1000  # cells of a picture that are areas of their own


def tikz(diagram: Diagram, title: str = "", *, background: bool = True) -> str:
    """Return the picture as TikZ, with its sizes in points and each colour defined once."""
    body = [line for item in diagram.items for line in _code(item)]
    ground = _name(diagram.background)
    used = {ground, *re.findall(r"\bds[0-9a-f]{6}\b", "\n".join(body))}
    colours = [f"\\definecolor{{{name}}}{{HTML}}{{{name[2:].upper()}}}" for name in sorted(used)]
    reduced = diagram.unit < 1.0
    frame = f"(0,0) rectangle ({_n(diagram.width)},{_n(diagram.height)})"
    return "\n".join(
        [
            _HEAD.replace("%TITLE%", " ".join(title.split()) or "A network, drawn by Deltastep").rstrip(),
            *([f"\\scalebox{{{_n(diagram.unit)}}}{{%"] if reduced else []),
            f"\\begin{{tikzpicture}}[x={_POINT}pt,y=-{_POINT}pt,inner sep=0pt,font=\\sffamily]",
            *colours,
            f"\\fill[{ground}] {frame};" if background else f"\\path {frame};",
            *body,
            "\\end{tikzpicture}" + ("}" if reduced else ""),
            "\\DeltastepEnd",
            "",
        ]
    )


def _name(colour: RGB) -> str:
    return "ds{:02x}{:02x}{:02x}".format(*colour)


def _n(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _pt(value: float) -> str:
    return f"{_n(value * _POINT)}pt"


def _style(fill: RGB | None, line: RGB | None = None, width: float = 0.0, *, dashed: bool = False) -> str:
    parts = [f"fill={_name(fill)}"] if fill is not None else []
    if line is not None and width > 0:
        parts += [f"draw={_name(line)}", f"line width={_pt(width)}"]
        if dashed:
            on, off = dash_of(width)
            parts.append(f"dash pattern=on {_pt(on)} off {_pt(off)}")
    return ",".join(parts)


@singledispatch
def _code(item: Primitive) -> Iterator[str]:
    raise TypeError(f"nothing writes {type(item).__name__} as TikZ")


@_code.register
def _lines(item: Lines) -> Iterator[str]:
    rows = zip(item.xy.tolist(), item.rgb.tolist(), item.width.tolist(), item.dashed.tolist(), strict=True)
    for (x0, y0, x1, y1), (red, green, blue), width, dashed in rows:
        style = _style(None, (red, green, blue), width, dashed=dashed)
        yield f"\\path[{style}] ({_n(x0)},{_n(y0)}) -- ({_n(x1)},{_n(y1)});"


@_code.register
def _polygon(item: Polygon) -> Iterator[str]:
    points = " -- ".join(f"({_n(x)},{_n(y)})" for x, y in item.points)
    yield f"\\path[{_style(item.fill)}] {points} -- cycle;"


@_code.register
def _circle(item: Circle) -> Iterator[str]:
    style = _style(item.fill, item.line, item.line_width, dashed=item.dashed)
    yield f"\\path[{style}] ({_n(item.x)},{_n(item.y)}) circle[radius={_pt(item.r)}];"


@_code.register
def _half(item: Half) -> Iterator[str]:
    if item.fill is None:
        return
    sign = -1 if item.side == "left" else 1
    corner = item.x + sign * (item.rx - item.r)
    arc = f"arc[start angle=270,end angle={270 + sign * 180},radius={_pt(item.r)}]"
    top, bottom = _n(item.y - item.r), _n(item.y + item.r)
    yield f"\\path[{_style(item.fill)}] ({_n(item.x)},{bottom}) -- ({_n(corner)},{bottom}) {arc} -- ({_n(item.x)},{top}) -- cycle;"


@_code.register
def _box(item: Box) -> Iterator[str]:
    style = _style(item.fill, item.line, item.line_width, dashed=item.dashed)
    radius = min(item.radius, item.width / 2, item.height / 2)
    left, top = item.x - item.width / 2, item.y - item.height / 2
    corners = f"({_n(left)},{_n(top)}) rectangle ({_n(left + item.width)},{_n(top + item.height)})"
    yield f"\\path[{style},rounded corners={_pt(radius)}] {corners};"


@_code.register
def _picture(item: Picture) -> Iterator[str]:
    if is_image(item):
        yield _image(item)
    else:
        yield from _areas(item)
    if item.line is not None:
        yield f"\\path[{_style(None, item.line, 1.0)}] ({_n(item.x)},{_n(item.y)}) rectangle +({_n(item.width)},{_n(item.height)});"


def _areas(item: Picture) -> Iterator[str]:
    """Write each cell as an area that reaches below the next ones, so that no seams show."""
    rows, columns = item.cells.shape[:2]
    w, h = item.width / columns, item.height / rows
    for i, (red, green, blue) in enumerate(item.cells.reshape(-1, 3).tolist()):
        row, column = divmod(i, columns)
        x, y = item.x + column * w, item.y + row * h
        right, bottom = min(x + 1.5 * w, item.x + item.width), min(y + 1.5 * h, item.y + item.height)
        yield f"\\fill[{_name((red, green, blue))}] ({_n(x)},{_n(y)}) rectangle ({_n(right)},{_n(bottom)});"


def is_image(item: Picture) -> bool:
    """Return whether cells are so many that they are written as one image."""
    return item.cells.shape[0] * item.cells.shape[1] > MOST_AREAS


def _image(item: Picture) -> str:
    """Return very many cells as one image, which pdfTeX takes as it is; as areas they would be more than its memory holds."""
    rows, columns = item.cells.shape[:2]
    digits = "\n".join(wrap(item.cells.tobytes().hex(), 120))
    width, height = item.width * _POINT * _BIG, item.height * _POINT * _BIG
    form = f"/Type /XObject /Subtype /Image /Width {columns} /Height {rows} /ColorSpace /DeviceRGB /BitsPerComponent 8"
    place = f"({_n(item.x)},{_n(item.y + item.height)})"
    return (
        "\\begingroup\\pdfcompresslevel=0 "  # a stream that is compressed once more would need two filters
        f"\\immediate\\pdfobj stream attr {{{form} /Filter /ASCIIHexDecode}} {{{digits}>}}\\endgroup\n"
        f"\\setbox0\\hbox to {_pt(item.width)}{{\\vrule width0pt height{_pt(item.height)}"
        f"\\pdfliteral{{q {width:.3f} 0 0 {height:.3f} 0 0 cm /Im Do Q}}\\hfil}}%\n"
        "\\immediate\\pdfxform resources {/XObject << /Im \\the\\pdflastobj\\space 0 R >>} 0\n"
        f"\\node[anchor=south west] at {place} {{\\pdfrefxform\\pdflastxform}};"
    )


@_code.register
def _curve(item: Curve) -> Iterator[str]:
    style = _style(item.fill, item.line, item.line_width)
    if item.line is not None and item.dash:
        pairs = zip(item.dash[::2], item.dash[1::2], strict=True)
        style += ",dash pattern=" + " ".join(f"on {_pt(on)} off {_pt(off)}" for on, off in pairs)
    if item.opacity < 1:
        style += f",opacity={_n(item.opacity)}"
    yield f"\\path[{style}] {' '.join(map(_part, item.parts))};"


def _part(part: tuple[tuple[float, ...], ...]) -> str:
    """Return one part of a curve; TeX reads no lines of any length, so they are broken."""
    places = [[f"({_n(x)},{_n(y)})" for x, y in zip(to[::2], to[1::2], strict=True)] for to in part]
    steps = [f"-- {to[0]}" if len(to) == 1 else f".. controls {to[0]} and {to[1]} .. {to[2]}" for to in places[1:]]
    if len(part) > 2 and part[0] == part[-1]:
        steps[-1] = "-- cycle" if len(places[-1]) == 1 else f"{steps[-1]} -- cycle"
    return "\n".join([places[0][0], *(" ".join(steps[i : i + 6]) for i in range(0, len(steps), 6))])


@_code.register
def _turned(item: Turned) -> Iterator[str]:
    label, turn = item.label, radians(item.angle)
    below = label.baseline - label.y
    at = replace(label, x=label.x - below * sin(turn), y=label.y + below * (cos(turn) - 1))
    for line in _label(at):
        yield line.replace("\\node[", f"\\node[rotate={_n(-item.angle)},", 1)


@_code.register
def _label(item: Label) -> Iterator[str]:
    size = item.block.size * _POINT * _AS_HIGH
    heavy = "\\bfseries " if any(run.face in ("semibold", "bold") for run in item.block.runs) else ""
    anchor = {"left": "base west", "centre": "base", "right": "base east"}[item.anchor]
    font = f"\\fontsize{{{_n(size)}}}{{{_n(1.2 * size)}}}\\selectfont {heavy}"
    latex = _ACCENTED.sub(_with_accent, _on_one_line(item.block.latex)).replace("\\mathbb{1}", "\\mathbf{1}")
    latex = _ODD.sub(_plainer, latex)
    yield f"\\node[anchor={anchor},text={_name(item.colour)}] at ({_n(item.x)},{_n(item.baseline)}) {{{font}{latex}}};"


def _on_one_line(latex: str) -> str:
    """Write fractions with a stroke, as pictures do: a label is one line high."""
    start = latex.find("\\frac{")
    while start >= 0:
        upper, middle = _group(latex, start + len("\\frac"))
        lower, end = _group(latex, middle)
        latex = f"{latex[:start]}{upper}/{lower}{latex[end:]}"
        start = latex.find("\\frac{")
    return latex


def _group(latex: str, start: int) -> tuple[str, int]:
    """Return what the braces that open at `start` hold, and where they have ended."""
    depth = 0
    for end in range(start, len(latex)):
        depth += (latex[end] == "{") - (latex[end] == "}")
        if depth == 0:
            return latex[start + 1 : end], end + 1
    return latex[start + 1 :], len(latex)


def _plainer(match: re.Match[str]) -> str:
    """Return a character that TeX's fonts do not have as they can set it: a small letter above the line as an index."""
    character = match[0]
    above = unicodedata.name(character, "").startswith(("SUPERSCRIPT ", "MODIFIER LETTER "))
    inner = unicodedata.normalize("NFKC", character)
    return f"\\textsuperscript{{{tex_text(inner)}}}" if above and inner != character else tex_text(character)


def _with_accent(match: re.Match[str]) -> str:
    return f"{_ACCENTS[match[2]]}{{{match[1]}}}"


@_code.register
def _formulas(item: Formulas) -> Iterator[str]:
    yield f"\\node[anchor=north west] at ({_n(item.x)},{_n(item.y)}) {{{formulas(item, _POINT, _name)}}};"
