"""A notation's symbols as plain characters, for labels, tooltips and screen readers. No Qt."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from gui.diagram.latex import pieces

_RAISED = str.maketrans("0123456789+−-()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+−-()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")


@lru_cache(maxsize=2048)
def plain_symbol(latex: str) -> str:
    """Return a LaTeX symbol as one line of plain characters, such as W²₁₂ or ∂L/∂a²."""
    parts = []
    for text, script in pieces(latex):
        plain = unicodedata.normalize("NFC", "".join(_letter(character) for character in text))
        if script:
            plain = _script(plain.replace("[", "").replace("]", ""), script > 0)
        parts.append(plain)
    return "".join(parts)


def _script(text: str, raised: bool) -> str:
    """Return an index with small digits, or behind ^ or _ where it has letters that do not come small."""
    table = _RAISED if raised else _LOWERED
    words = any(character.isalpha() and ord(character) not in table for character in text) and len(text) > 1
    return f"{'^' if raised else '_'}{text}" if words else text.translate(table)


def _letter(character: str) -> str:
    """Return the ordinary letter for a mathematical one; everything else stays."""
    code = ord(character)
    return unicodedata.normalize("NFKC", character) if code >= 0x1D400 or character == "ℎ" else character
