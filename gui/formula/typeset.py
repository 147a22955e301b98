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
    # Otherwise symbols become <symbol>/<use> pairs, which need a viewer that resolves them.
    config.svg2 = False
    config.precision = 3
    unknown = re.search(r"\\[A-Za-z]+", convert(latex))
    if unknown:
        raise LatexError(f'"{latex}" uses {unknown.group()}, which is no known LaTeX command')
    return _atom(Latex(_with_space(latex), size=EM, margin=0).svgxml())


def _with_space(latex: str) -> str:
    """Return source with thin spaces inside the bars of a norm: the typesetter puts them right on indices, as if they were letters."""
    return latex.replace("\\lVert", "\\lVert\\,").replace("\\rVert", "\\,\\rVert")


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
