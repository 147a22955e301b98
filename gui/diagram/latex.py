"""From a notation's LaTeX symbol to letters with a level (index, exponent): the part of LaTeX that symbols are written in."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Piece(NamedTuple):
    """Characters of the math font; script: 0 on the line, 1 raised, -1 lowered; inner: the same within an index."""

    text: str
    script: int
    inner: int = 0


_STROKE = Piece("/", 0)  # of a fraction
_ARGUMENTS = re.compile(r"\([^()]*\)")
_NAMES = {
    "alpha": "𝛼", "beta": "𝛽", "gamma": "𝛾", "delta": "𝛿", "epsilon": "𝜖", "varepsilon": "𝜀", "zeta": "𝜁", "eta": "𝜂",
    "theta": "𝜃", "vartheta": "𝜗", "kappa": "𝜅", "lambda": "𝜆", "mu": "𝜇", "nu": "𝜈", "xi": "𝜉", "pi": "𝜋", "rho": "𝜌",
    "sigma": "𝜎", "tau": "𝜏", "phi": "𝜙", "varphi": "𝜑", "chi": "𝜒", "psi": "𝜓", "omega": "𝜔",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    "partial": "𝜕", "nabla": "∇", "ell": "ℓ", "sum": "∑", "cdot": "·", "times": "×", "odot": "⊙", "prime": "′", "infty": "∞",
    "top": "⊤", "mid": "|", "ln": "ln", "exp": "exp", "langle": "⟨", "rangle": "⟩", "geq": "≥", "leq": "≤", "neq": "≠",
}  # fmt: skip
_ACCENTS = {"widetilde": "\u0303", "tilde": "\u0303", "hat": "\u0302", "widehat": "\u0302", "underline": "\u0332", "bar": "\u0304",
            "overline": "\u0304", "vec": "\u20d7", "dot": "\u0307"}  # fmt: skip
_SCRIPT_LETTERS = {"L": "ℒ", "E": "ℰ", "H": "ℋ", "F": "ℱ", "B": "ℬ", "I": "ℐ", "M": "ℳ", "R": "ℛ"}
_DOUBLE_STRUCK = {"1": "𝟙", "R": "ℝ", "N": "ℕ", "E": "𝔼", "P": "ℙ"}
_TEX = {character: f"\\{name} " for name, character in _NAMES.items() if len(character) == 1}
_TEX |= {character: f"\\mathcal{{{letter}}}" for letter, character in _SCRIPT_LETTERS.items()} | {"−": "-", "′": "'"}
_TEX |= {character: f"\\mathbb{{{letter}}}" for letter, character in _DOUBLE_STRUCK.items()}
_TEX |= {chr(ord(slanted) - 0x1D6FC + ord("α")): f"\\{name} " for name, slanted in _NAMES.items() if "𝛼" <= slanted <= "𝜔"}
_ACCENT_NAMES = {"\u0303": "tilde", "\u0302": "hat", "\u0332": "underline", "\u0304": "bar", "\u20d7": "vec", "\u0307": "dot"}
_PARTS = re.compile(r"(?:(.)([\u0300-\u036f\u20d7]))|([a-zA-Z]+(?![\u0300-\u036f\u20d7]))|(.)")
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)


def italic(character: str) -> str:
    """Return the slanted mathematical letter; digits and signs stay upright."""
    if character == "h":
        return "ℎ"
    if "a" <= character <= "z":
        return chr(0x1D44E + ord(character) - ord("a"))
    if "A" <= character <= "Z":
        return chr(0x1D434 + ord(character) - ord("A"))
    if "α" <= character <= "ω":
        return chr(0x1D6FC + ord(character) - ord("α"))
    return {"-": "−", "'": "′", "*": "∗", "∂": "𝜕"}.get(character, character)


@lru_cache(maxsize=4096)
def pieces(latex: str, *, short: bool = False, of: bool = False, nested: bool = False) -> tuple[Piece, ...]:
    """Return the pieces of a symbol, fractions on one line with a stroke.

    short: no indices and no arguments in parentheses. of: but those of what is differentiated, such as which sample's loss.
    nested: indices of indices stand below and above these, not beside them.
    """
    reader = _Reader(_TOKEN.findall(latex), nested)
    result = reader.read(0)
    if short:
        over = next((i for i, piece in enumerate(result) if of and piece == _STROKE), 0)
        kept = merged([piece for i, piece in enumerate(result) if piece.script == 0 or i < over])
        return tuple(merged([piece if piece.script else Piece(_ARGUMENTS.sub("", piece.text), 0) for piece in kept]))
    return tuple(merged(result))


def tex_of(text: str) -> str:
    """Return the LaTeX of characters of the math font, letters that stand together as one word."""
    result = ""
    for match in _PARTS.finditer("".join(map(_plain, text))):
        letter, accent, word, other = match.groups()
        character = letter or other
        if word:
            result += f"\\mathit{{{word}}}" if len(word) > 1 else word
        else:
            one = _TEX.get(character, character)
            result += f"\\{_ACCENT_NAMES[accent]}{{{one}}}" if accent else one
    return f"${result}$"


def _plain(character: str) -> str:
    return "h" if character == "ℎ" else _upright(character)


def merged(parts: list[Piece]) -> list[Piece]:
    """Return pieces of which no two neighbours are on one level."""
    result: list[Piece] = []
    for piece in parts:
        if result and result[-1][1:] == piece[1:]:
            result[-1] = piece._replace(text=result[-1].text + piece.text)
        elif piece.text:
            result.append(piece)
    return result


class _Reader:
    """Reads tokens once, left to right. nested: whether indices of indices are told apart from them."""

    def __init__(self, tokens: list[str], nested: bool = False) -> None:
        self.tokens = [token for token in tokens if token.strip()]
        self.at, self.nested = 0, nested

    def _next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def read(self, script: int) -> list[Piece]:
        """Read to the end of the group."""
        result: list[Piece] = []
        while self._peek() not in ("", "}"):
            result += self._atom(script)
        return result

    def _group(self, script: int) -> list[Piece]:
        if self._peek() != "{":
            return self._atom(script)
        self._next()
        result = self.read(script)
        if self._peek() == "}":
            self._next()
        return result

    def _atom(self, script: int) -> list[Piece]:
        token = self._next()
        if token in "^_":
            own = 1 if token == "^" else -1
            level = script or own
            inside = self._group(level) if self._peek() else []
            return [Piece(piece.text, level, own if script and self.nested else piece.inner) for piece in inside]
        if token == "{":
            self.at -= 1
            return self._group(script)
        if not token.startswith("\\"):
            return [Piece(italic(token), script)]
        return self._command(token[1:], script)

    def _command(self, name: str, script: int) -> list[Piece]:
        if name in ("frac", "dfrac", "tfrac"):
            over = self._group(script)
            return [*over, _STROKE._replace(script=script), *self._group(script)]
        if name == "sqrt":
            return [Piece("√", script), *self._group(script)]
        if name in _ACCENTS:
            return _accented(self._group(script), _ACCENTS[name])
        if name in ("mathcal", "mathscr", "mathbb"):
            letters = _DOUBLE_STRUCK if name == "mathbb" else _SCRIPT_LETTERS
            return [Piece("".join(letters.get(_upright(p.text), p.text) for p in self._group(script)), script)]
        if name in ("mathrm", "text", "operatorname", "mathbf", "boldsymbol"):
            change = _bold if name in ("mathbf", "boldsymbol") else _upright
            return [piece._replace(text="".join(map(change, piece.text))) for piece in self._group(script)]
        if name in (",", ";", "!", " ", "quad", "left", "right", "bigl", "bigr"):
            return [Piece("\u2009", script)] if name in (",", ";", " ", "quad") else []
        return [Piece(_NAMES.get(name, name), script)]


def _accented(parts: list[Piece], mark: str) -> list[Piece]:
    """Put an accent on the first letter (a wide one would need to be drawn over several)."""
    if not parts or not parts[0].text:
        return parts
    first = parts[0]
    return [first._replace(text=first.text[0] + mark + first.text[1:]), *parts[1:]]


def _bold(character: str) -> str:
    letter = _upright(character)
    if "a" <= letter <= "z":
        return chr(0x1D41A + ord(letter) - ord("a"))
    return chr(0x1D400 + ord(letter) - ord("A")) if "A" <= letter <= "Z" else letter


def _upright(character: str) -> str:
    code = ord(character) if len(character) == 1 else 0
    if 0x1D44E <= code <= 0x1D467:
        return chr(code - 0x1D44E + ord("a"))
    if 0x1D434 <= code <= 0x1D44D:
        return chr(code - 0x1D434 + ord("A"))
    return "h" if character == "ℎ" else character
