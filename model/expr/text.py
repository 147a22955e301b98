"""Formulas as plain Unicode text: symbols on one line, matrices over several lines with their columns aligned."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from model.expr.small_scripts import small_scripts
from model.expr.tree import Equation, Expr, Fn, Frac, Mat, Num, NumberFormat, Op, Row, Sym, Text, number_text

_COMMANDS = {
    "partial": "∂", "delta": "δ", "varphi": "φ", "phi": "φ", "psi": "ψ", "sigma": "σ", "theta": "θ", "Theta": "Θ", "eta": "η",
    "alpha": "α", "beta": "β", "mu": "μ", "rho": "ρ", "epsilon": "ε", "lambda": "λ", "nabla": "∇", "sum": "Σ",
    "odot": " ⊙ ", "cdot": " · ", "times": " × ",
    "ell": "ℓ", "log": "log", "ln": "ln", "exp": "exp", "max": "max", "tanh": "tanh", "surd": "√", "Phi": "Φ", "Delta": "Δ", "quad": " ",
    "lVert": "‖", "rVert": "‖", "left": "", "right": "", "neq": "≠", "geq": "≥", "dots": "…", "ldots": "…", "cdots": "⋯", "setminus": "∖",
    "pi": "π", "gamma": "γ", "omega": "ω", "Omega": "Ω", "langle": "⟨", "rangle": "⟩", "infty": "∞", "in": "∈", "vdots": "⋮",
    "kappa": "κ", "tau": "τ", "zeta": "ζ", "xi": "ξ", "nu": "ν", "chi": "χ", "Sigma": "Σ", "Psi": "Ψ", "Gamma": "Γ", "Lambda": "Λ",
}  # fmt: skip
_ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "overline": "\u0305", "bar": "\u0304",
    "underline": "", "dot": "\u0307",
}  # fmt: skip
_NAMED = {"log", "ln", "exp", "max", "tanh"}
_GAPS = re.compile(r" {2,}")
_PLAIN = {"mathbf", "mathit", "mathrm", "text", "operatorname", "boldsymbol", "textit", "vec"}
_FONTS = {"mathcal": {"L": "ℒ"}, "mathbb": {"1": "𝟙"}}


@lru_cache(maxsize=8192)
def latex_to_text(latex: str) -> str:
    """Return one line of Unicode for a symbol's LaTeX: `\\frac{\\partial L}{\\partial W^{[2]}}` becomes ∂L/∂W^[2]."""
    text, _ = _parse(latex, 0, "")
    return _GAPS.sub(" ", text).strip()


def _parse(source: str, i: int, until: str) -> tuple[str, int]:
    out, scripted = "", False  # scripted: a sum or gradient sign has its limits and is followed by a space: Σ_(j=1)^2 y_j
    while i < len(source):
        c = source[i]
        if c == until:
            return out, i + 1
        if c in "^_":
            scripted = scripted or out.endswith(("Σ", "∇"))
            inner, i = _argument(source, i + 1)
            out += _script(c, inner)
            continue
        out, scripted = out + " " if scripted else out, False
        if c == "\\":
            piece, i = _command(source, i)
            out += piece
        elif c == "{":
            piece, i = _parse(source, i + 1, "}")
            out += piece
        else:
            out += {"-": "−", "~": " ", "'": "′"}.get(c, c)
            i += 1
    return out, i


def _script(mark: str, inner: str) -> str:
    if not inner:
        return ""
    simple = (inner[0] in "([⟨" and inner[-1] in ")]⟩") or all(c.isalnum() or (c == "," and mark == "_") for c in inner)
    return mark + (inner if simple or len(inner) == 1 else f"({inner})")


def _argument(source: str, i: int) -> tuple[str, int]:
    """Read one argument: a group, a command, or a single character."""
    while i < len(source) and source[i] == " ":
        i += 1
    if i < len(source) and source[i] == "{":
        return _parse(source, i + 1, "}")
    if i < len(source) and source[i] == "\\":
        return _command(source, i)
    return source[i : i + 1], i + 1


def _command(source: str, i: int) -> tuple[str, int]:
    end = i + 1
    while end < len(source) and source[end].isalpha():
        end += 1
    name = source[i + 1 : end]
    if not name:  # an escaped character such as \{ or \,
        return {",": " ", ";": " ", ":": " ", "!": ""}.get(source[i + 1 : i + 2], source[i + 1 : i + 2]), i + 2
    if name in ("frac", "dfrac", "tfrac"):
        top, end = _argument(source, end)
        bottom, end = _argument(source, end)
        return f"{_grouped(top)}/{_grouped(bottom)}", end
    if name == "sqrt":
        inner, end = _argument(source, end)
        return f"√({inner})" if width(inner) > 1 else f"√{inner}", end
    if name in _ACCENTS:
        inner, end = _argument(source, end)
        return _accented(inner, _ACCENTS[name]), end
    if name in _PLAIN or name in _FONTS:
        inner, end = _argument(source, end)
        return "".join(_FONTS.get(name, {}).get(c, c) for c in inner), end
    spaced = name in _NAMED and source[end : end + 1] == " "  # ln Y, but ln(Y)
    while end < len(source) and source[end] == " ":
        end += 1
    return _COMMANDS.get(name, name) + (" " if spaced and source[end : end + 1] != "(" else ""), end


def _grouped(text: str) -> str:
    return f"({text})" if any(c in text for c in " +−") else text


def _accented(inner: str, accent: str) -> str:
    """Put an accent over the first letter: W^[2] becomes W̃^[2]."""
    return unicodedata.normalize("NFC", inner[:1] + accent) + inner[1:] if accent else inner


def width(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    return sum(not unicodedata.combining(c) for c in text)


class Block:
    """A rectangle of text with a baseline row."""

    __slots__ = ("base", "lines")

    def __init__(self, lines: Sequence[str], base: int = 0) -> None:
        w = max((width(line) for line in lines), default=0)
        self.lines = [line + " " * (w - width(line)) for line in lines]
        self.base = base

    @property
    def width(self) -> int:
        """Columns of the rectangle."""
        return width(self.lines[0]) if self.lines else 0


def beside(blocks: Sequence[Block]) -> Block:
    """Return blocks side by side, on one baseline."""
    if not blocks:
        return Block([""])
    above = max(block.base for block in blocks)
    below = max(len(block.lines) - block.base for block in blocks)
    lines = []
    for i in range(-above, below):
        parts = [b.lines[b.base + i] if 0 <= b.base + i < len(b.lines) else " " * b.width for b in blocks]
        lines.append("".join(parts))
    return Block(lines, above)


def block_of(expr: Expr, fmt: NumberFormat) -> Block:
    """Return a formula as a rectangle of text."""
    if isinstance(expr, Sym):
        return Block([small_scripts(latex_to_text(expr.latex))])
    if isinstance(expr, Num):
        return Block([_number(expr, fmt)])
    if isinstance(expr, Op):
        return Block([{",": ", "}.get(expr.symbol, f" {expr.symbol} ")])
    if isinstance(expr, Text):
        return Block([expr.text])
    if isinstance(expr, Row):
        return beside(_spaced(expr, fmt))
    if isinstance(expr, Mat):
        return _matrix(expr, fmt)
    if isinstance(expr, Frac):
        return _fraction(expr, fmt)
    if isinstance(expr, Fn):
        return _function(expr, fmt)
    base = block_of(expr.base, fmt)
    mark = small_scripts("^" + latex_to_text(expr.latex))
    top = 0 if len(base.lines) > 1 else base.base
    return beside([base, Block([mark], base.base - top)])


def _number(num: Num, fmt: NumberFormat) -> str:
    text = number_text(num, fmt)
    return f"({text})" if num.bracket and text.startswith("−") else text


def _spaced(expr: Row, fmt: NumberFormat) -> list[Block]:
    """Return the items' blocks; a sign at the start has no space before it, neighbours that are both words or symbols have one."""
    blocks: list[Block] = []
    previous: Expr | None = None
    for item in expr.items:
        if isinstance(item, Op) and previous is None:
            blocks.append(Block([item.symbol]))
        else:
            gap = previous is not None and not isinstance(item, Op) and not isinstance(previous, Op) and not _hugs(previous, item)
            blocks += [Block([" "]), block_of(item, fmt)] if gap else [block_of(item, fmt)]
        previous = item
    return blocks


def _hugs(previous: Expr, item: Expr) -> bool:
    sums = isinstance(previous, Sym) and previous.latex.startswith("\\sum")
    apart = isinstance(previous, Text) and previous.text.endswith(" ")
    return (
        apart or isinstance(item, Text) or (isinstance(item, Fn) and not item.latex and not isinstance(previous, (Mat, Num)) and not sums)
    )


_BRACKETS = {"[": "⎡⎢⎣⎤⎥⎦", "(": "⎛⎜⎝⎞⎟⎠"}


def _matrix(mat: Mat, fmt: NumberFormat) -> Block:
    columns = [_column([line[j] for line in mat.rows], fmt) for j in range(len(mat.rows[0]))]
    lines: list[str] = []
    for cells in zip(*columns, strict=True):
        joined = beside([b for i, block in enumerate(cells) for b in ((Block(["  "]), block) if i else (block,))])
        lines += joined.lines
    return Block(_bracketed(lines, mat.bracket), (len(lines) - 1) // 2)


def _column(cells: list[Expr], fmt: NumberFormat) -> list[Block]:
    """Return the cells of a column as blocks of one width; numbers stand with their decimal points in line."""
    blocks = [block_of(cell, fmt) for cell in cells]
    tails = [_after_point(block.lines[0], fmt) if isinstance(cell, Num) else 0 for block, cell in zip(blocks, cells, strict=True)]
    longest = max(tails)
    padded = [
        Block([block.lines[0] + " " * (longest - tail)]) if isinstance(cell, Num) else block
        for block, cell, tail in zip(blocks, cells, tails, strict=True)
    ]
    wide = max(block.width for block in padded)
    return [_padded(block, wide, isinstance(cell, Num)) for block, cell in zip(padded, cells, strict=True)]


def _after_point(text: str, fmt: NumberFormat) -> int:
    """Return how many characters a number has from its decimal point on."""
    place = text.find("," if fmt.comma else ".")
    return 0 if place < 0 else len(text) - place


def _padded(block: Block, to: int, right: bool) -> Block:
    gap = " " * (to - block.width)
    return Block([gap + line if right else line + gap for line in block.lines], block.base)


def _bracketed(lines: list[str], bracket: str) -> list[str]:
    n = len(lines)
    if bracket == "":
        return lines
    if bracket == "{":
        marks = ["⎧", *["⎨" if i == (n - 1) // 2 else "⎪" for i in range(1, n - 1)], "⎩"] if n > 1 else ["{"]
        return [f"{mark} {line}" for mark, line in zip(marks, lines, strict=True)]
    if n == 1:
        return [f"{bracket}{lines[0]}{']' if bracket == '[' else ')'}"]
    tl, ml, bl, tr, mr, br = tuple(_BRACKETS[bracket])
    left, right = [tl, *[ml] * (n - 2), bl], [tr, *[mr] * (n - 2), br]
    return [f"{a}{line}{b}" for a, line, b in zip(left, lines, right, strict=True)]


def _fraction(frac: Frac, fmt: NumberFormat) -> Block:
    top, bottom = block_of(frac.numerator, fmt), block_of(frac.denominator, fmt)
    if len(top.lines) == len(bottom.lines) == 1:
        return Block([f"{_inline(top, frac.numerator)}/{_inline(bottom, frac.denominator)}"])
    w = max(top.width, bottom.width)
    return Block([*top.lines, "─" * w, *bottom.lines], len(top.lines))


def _inline(block: Block, expr: Expr) -> str:
    text = block.lines[0]
    alone = (isinstance(expr, Num) and "·" not in text) or isinstance(expr, Fn) or (isinstance(expr, Sym) and "/" not in text)
    return text if alone and not text.startswith("−") else f"({text})"


def _function(fn: Fn, fmt: NumberFormat) -> Block:
    name, inner = small_scripts(latex_to_text(fn.latex)), block_of(fn.argument, fmt)
    if len(inner.lines) == 1:
        return Block([f"{name}({inner.lines[0]})"])
    return beside([Block([name]), Block(_bracketed(inner.lines, "("), inner.base)])


def equation_text(equation: Equation, fmt: NumberFormat, columns: int = 100, indent: int = 2) -> str:
    """Return an equation as lines of at most `columns` characters where that can be; it is broken before "=", then before + and −."""
    lines: list[Block] = []
    current: list[Block] = []
    label = f"   {equation.number}" if equation.number else ""
    room = columns - indent - len(label)
    for i, (_, expr) in enumerate(equation.sides):
        first, *rest = _chunks(expr, fmt, room - 7)
        block = beside([Block(["= "]), first]) if i else first
        if current and sum(b.width + 1 for b in current) + block.width > room:
            lines.append(beside(current))
            current = [Block(["    "])]
        current += [Block([" "]), block] if current else [block]
        for chunk in rest:
            lines.append(beside(current))
            current = [Block([" " * 6]), chunk]
    lines.append(beside(current))
    space = " " * indent
    rows = [line for block in lines for line in (block.lines if len(block.lines) > 1 else _broken(block.lines[0], room))]
    rows[-1] += label
    return "\n".join((space + line).rstrip() for line in rows) + (f"\n{space}({small_scripts(equation.note)})" if equation.note else "")


def _chunks(expr: Expr, fmt: NumberFormat, room: int) -> list[Block]:
    """Return a side as one block, or a sum that is too wide as several, each but the first beginning with its sign."""
    whole = block_of(expr, fmt)
    if whole.width <= room or not isinstance(expr, Row):
        return [whole]
    parts: list[list[Expr]] = [[]]
    for item in expr.items:
        if isinstance(item, Op) and item.symbol in "+−" and parts[-1]:
            parts.append([])
        parts[-1].append(item)
    signs = (Block([f"{part[0].symbol} "]) if i and isinstance(part[0], Op) else Block([""]) for i, part in enumerate(parts))
    pieces = [
        beside([sign, block_of(Row(tuple(part[1:] if i else part)), fmt)]) for i, (sign, part) in enumerate(zip(signs, parts, strict=True))
    ]
    packed = [pieces[0]]
    for piece in pieces[1:]:
        if packed[-1].width + 1 + piece.width <= room:
            packed[-1] = beside([packed[-1], Block([" "]), piece])
        else:
            packed.append(piece)
    return packed


def _broken(line: str, room: int) -> list[str]:
    """Break a long line before a sign, if possible one that stands outside all brackets."""
    result: list[str] = []
    while width(line.rstrip()) > room:
        places = next((found for depth in (0, 1, 2) if (found := _signs(line, depth, room))), [])
        if not places:
            break
        result.append(line[: places[-1]].rstrip())
        line = " " * 9 + line[places[-1] :].lstrip()
    return [*result, line]


def _signs(line: str, depth: int, room: int) -> list[int]:
    """Return where a line may be broken: before + and − at a depth of brackets, after some text and not beyond `room`."""
    level, found = 0, []
    for i, c in enumerate(line):
        level += (c in "([") - (c in ")]")
        spaced = line[i - 1 : i] == " " and line[i + 1 : i + 2] == " "
        if level == depth and c in "+−" and spaced and width(line[:i]) <= room and line[:i].strip(" ="):
            found.append(i)
    return found
