"""Sets LaTeX symbols as outlines, once each: the only place that knows the formula typesetter. No Qt.

Outlines are made at a size of 100 units per em and scaled by whoever draws them, so that a symbol is set once for every theme,
zoom and export. Setting one takes some 5 to 20 ms; `known` never sets anything and so never waits.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

EM = 100.0
SIDE = 0.03 * EM  # what stays empty left and right of the ink, as in the font's own letters
RULE_TOP, RULE_BOTTOM = -0.292 * EM, -0.224 * EM  # of the line of a fraction, as the font says
SHIFT, GAP, PAD = 0.64 * EM, 0.15 * EM, 0.04 * EM  # baselines from the fraction's, least space to its line, line beyond its parts
KEPT = 4096

Command = tuple[str, tuple[float, ...]]
_TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_ARGUMENTS = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}


class LatexError(ValueError):
    """Source that cannot be set; the message says in one sentence which and why."""


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """A symbol as outlines at 100 units per em, y downwards, the baseline at y = 0, the left edge of its box at x = 0.

    commands: M, L, Q, C with absolute coordinates, and Z; to be filled by the nonzero (winding) rule.
    """

    commands: tuple[Command, ...]
    width: float
    ascent: float
    descent: float


_atoms: OrderedDict[str, Atom | LatexError] = OrderedDict()
_lock = Lock()  # the typesetter keeps global state while it works


def known(latex: str) -> Atom | LatexError | None:
    """Return the symbol (or why it cannot be set) if that is known already, else None."""
    return _atoms.get(latex)


def typeset(latex: str) -> Atom:
    """Return the outlines of a LaTeX symbol. Raises LatexError with one sentence."""
    with _lock:
        found = _atoms.get(latex)
        if found is None:
            found = _atoms[latex] = _set_or_refuse(latex)
            if len(_atoms) > KEPT:
                _atoms.popitem(last=False)
    if isinstance(found, LatexError):
        raise found
    return found


def _set_or_refuse(latex: str) -> Atom | LatexError:
    try:
        return _set(latex)
    except LatexError as error:
        return error
    except Exception as error:  # the typesetter raises bare Exceptions, KeyErrors and IndexErrors of its own for bad source
        return LatexError(f'"{latex}" is no formula that can be set ({type(error).__name__})')


def _set(latex: str) -> Atom:
    from latex2mathml.converter import convert
    from ziamath.config import config
    from ziamath.zmath import Latex

    if not latex.strip():
        return Atom((), 0.0, 0.0, 0.0)
    parts = fraction_parts(latex)
    if parts:
        return _fraction(_part(parts[0]), _part(parts[1]))
    # Otherwise symbols become <symbol>/<use> pairs, which need a viewer that resolves them.
    config.svg2 = False
    config.precision = 3
    unknown = re.search(r"\\[A-Za-z]+", convert(latex))
    if unknown:
        raise LatexError(f'"{latex}" uses {unknown.group()}, which is no known LaTeX command')
    return _atom(Latex(_mended(latex), size=EM, margin=0).svgxml())


def fraction_parts(latex: str) -> tuple[str, str] | None:
    """Return numerator and denominator of source that is one fraction as a whole."""
    if not (latex.startswith("\\frac{") and latex.endswith("}")):
        return None
    depth, ends = 0, []
    for i, c in enumerate(latex):
        depth += (c == "{") - (c == "}")
        if c == "}" and depth == 0:
            ends.append(i)
    if len(ends) != 2 or latex[ends[0] + 1] != "{" or "\\{" in latex or "\\}" in latex:
        return None
    return latex[6 : ends[0]], latex[ends[0] + 2 : -1]


def _part(latex: str) -> Atom:
    """Return a part of a symbol that is being set, as often needed as symbols of one layer have the same numerator."""
    found = _atoms.get(latex)
    if found is None:
        found = _atoms[latex] = _set_or_refuse(latex)
    if isinstance(found, LatexError):
        raise found
    return found


def _fraction(over: Atom, under: Atom) -> Atom:
    """Put two symbols over each other: the typesetter sets the parts of a fraction eight times, which takes eight times as long."""
    width = max(over.width, under.width) + 2 * PAD
    y_over, y_under = -max(SHIFT, over.descent + GAP - RULE_TOP), max(SHIFT, under.ascent + GAP + RULE_BOTTOM)
    left, right = SIDE, width - SIDE
    line: tuple[Command, ...] = (
        ("M", (left, RULE_TOP)), ("L", (right, RULE_TOP)), ("L", (right, RULE_BOTTOM)), ("L", (left, RULE_BOTTOM)), ("Z", ()),
    )  # fmt: skip
    commands = (*_moved(over, (width - over.width) / 2, y_over), *_moved(under, (width - under.width) / 2, y_under), *line)
    return Atom(commands, width, over.ascent - y_over, under.descent + y_under)


def _moved(atom: Atom, x: float, y: float) -> Iterator[Command]:
    for name, a in atom.commands:
        yield name, tuple(v + (y if i % 2 else x) for i, v in enumerate(a))


def _mended(latex: str) -> str:
    """Return source around three faults of the typesetter: it puts the bars of a norm right on indices, as if they were letters, knows
    no double-struck digits, and lets parentheses around a sum grow without end."""
    latex = latex.replace("\\lVert", "\\lVert\\,").replace("\\rVert", "\\,\\rVert").replace("\\mathbb{1}", "𝟙")
    if "\\sum" in latex or "\\prod" in latex:
        latex = re.sub(r"\\left(?=[(\[])", r"\\Bigl", re.sub(r"\\right(?=[)\]])", r"\\Bigr", latex))
    return latex


def _atom(svg: Element) -> Atom:
    commands = [command for element in svg.iter() for command in _outline(element)]
    points = [(a[i], a[i + 1]) for _, a in commands for i in range(0, len(a), 2)]
    if not points:
        return Atom((), 0.25 * EM, 0.0, 0.0)
    left, right = min(x for x, _ in points) - SIDE, max(x for x, _ in points) + SIDE
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    moved = tuple((name, tuple(v - left if i % 2 == 0 else v for i, v in enumerate(a))) for name, a in commands)
    return Atom(moved, right - left, -top, bottom)


def _outline(element: Element) -> Iterator[Command]:
    tag = element.tag.rpartition("}")[2]
    if tag == "path":
        yield from _parsed(element.attrib["d"])
    elif tag == "rect":
        x, y, w, h = (float(element.attrib[name]) for name in ("x", "y", "width", "height"))
        yield from (("M", (x, y)), ("L", (x + w, y)), ("L", (x + w, y + h)), ("L", (x, y + h)), ("Z", ()))
    elif tag not in ("svg", "g"):
        raise LatexError(f"the typesetter drew a <{tag}>, which is not understood here")


def _parsed(data: str) -> Iterator[Command]:
    tokens: list[Any] = _TOKEN.findall(data)
    at, name = 0, ""
    while at < len(tokens):
        if tokens[at].isalpha():
            name, at = tokens[at], at + 1
        count = _ARGUMENTS[name]
        yield name, tuple(float(v) for v in tokens[at : at + count])
        at += count
