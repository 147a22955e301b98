"""Symbols inside a sentence, as `model.expr.text` writes them on one line ("∂L/∂b^(2)", "∇_(a_3)"), set with real indices again."""

from __future__ import annotations

import re
from functools import lru_cache

from gui.diagram.latex import Piece, italic, merged
from gui.diagram.text import Block, joined, set_pieces, words

_INSIDE = re.compile(r"[\[(⟨]\d[\d,]*[\])⟩]")
_RUN = re.compile(r"[\w,]*\w|.")


@lru_cache(maxsize=2048)
def sentence(text: str, size: float, face: str, smallest: float, *, nested: bool = False) -> Block:
    """Set a sentence in which words with "^" or "_" are symbols. smallest: least size of their indices; nested: as in `symbol`."""
    parts: list[Block] = []
    plain: list[str] = []
    for i, word in enumerate(text.split(" ")):
        gap = " " if i else ""
        if "^" not in word and "_" not in word:
            plain.append(gap + word)
            continue
        bare = word.rstrip(":,;")
        parts += [words("".join([*plain, gap]), size, face)] if plain or gap else []
        parts.append(set_pieces(tuple(_pieces(bare, nested)), float(round(size)), smallest))
        plain = [word[len(bare) :]]
    return joined(*parts, words("".join(plain), size, face)) if any(plain) else joined(*parts)


def _pieces(word: str, nested: bool) -> list[Piece]:
    result: list[Piece] = []
    i = 0
    while i < len(word):
        if word[i] in "^_" and i + 1 < len(word):
            level = 1 if word[i] == "^" else -1
            inside, i = _script(word, i + 1)
            parts = _pieces(inside, nested) if nested else [Piece("".join(map(italic, inside.replace("_", "").replace("^", ""))), 0)]
            result += [Piece(piece.text, level, piece.script) for piece in parts]
        else:
            result.append(Piece(italic(word[i]), 0))
            i += 1
    return merged(result) if nested else result


def _script(word: str, i: int) -> tuple[str, int]:
    """Return an index and where it ends: a run of letters, numbers in brackets, or anything else that brackets hold together."""
    if word[i] not in "[(⟨":
        run = _RUN.match(word, i)
        assert run is not None
        first = run[0].split("_")[0]
        return first, i + len(first)
    start = i
    while (match := _INSIDE.match(word, i)) is not None:
        i = match.end()
    if i > start:
        return word[start:i], i
    depth = 0
    for end in range(i, len(word)):
        depth += (word[end] in "[(⟨") - (word[end] in "])⟩")
        if depth == 0:
            inner = word[i + 1 : end]
            return (inner if len(inner) > 1 else word[i : end + 1]), end + 1
    return word[i:], len(word)
