"""A notation's symbols as plain characters, for labels, tooltips and screen readers. No Qt."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from gui.diagram.latex import pieces
from model.expr.small_scripts import small_scripts
from model.expr.text import latex_to_text
from model.notation.profile import Notation
from model.problem import Problem
from model.stages import Ref

_RAISED = str.maketrans("0123456789+−-()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+−-()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")


@lru_cache(maxsize=2048)
def plain_symbol(latex: str) -> str:
    """Return a LaTeX symbol as one line of plain characters, such as w⁽¹⁾₁₂ or ∂L/∂ŷ₁.

    Marks that do not come small stay as in sentences: a layer [2] would be read as a square without its brackets, so W₁₂^[2].
    """
    if any(script and not _comes_small(text, script > 0) for text, script, _ in pieces(latex)):
        return small_scripts(latex_to_text(latex)).replace("^[]", "")  # the number of no sample
    parts = []
    for text, script, _ in pieces(latex):
        plain = unicodedata.normalize("NFC", "".join(_letter(character) for character in text))
        if script:
            plain = _script(plain, script > 0)
        parts.append(plain)
    return "".join(parts)


def rate_letter(notation: Notation, problem: Problem) -> str:
    """Return the letter that a notation has for the learning rate."""
    return plain_symbol(notation.symbol(Ref("learning_rate"), problem))


def _comes_small(text: str, raised: bool) -> bool:
    return all(ord(character) in (_RAISED if raised else _LOWERED) or character == "," for character in text)


def _script(text: str, raised: bool) -> str:
    """Return an index in small digits."""
    return text.translate(_RAISED if raised else _LOWERED)


def _letter(character: str) -> str:
    """Return the ordinary letter for a mathematical one; everything else stays."""
    code = ord(character)
    return unicodedata.normalize("NFKC", character) if code >= 0x1D400 or character == "ℎ" else character
