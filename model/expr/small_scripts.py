"""Indices in small Unicode characters where there are such: W_1 becomes W₁, δ_1^(3) becomes δ₁⁽³⁾, Σ_(j=1)^10 becomes Σ(j=1…10).

Marks whose characters do not come small, such as ^[2], keep their sign and stand behind the small ones.
"""

from __future__ import annotations

import re

_RAISED = dict(zip("0123456789+−=()abcdefghijklmnoprstuvwxyzT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ", strict=True))
_LOWERED = dict(zip("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_LOWERED[","] = ","  # there is no small comma; between small digits the usual one is read well
_GROUP = r"\((?:[^()]|\([^()]*\))*\)"
_MARK = rf"[_^](?:{_GROUP}|\[[^\]]*\]|⟨[^⟩]*⟩|[A-Za-z0-9]+(?:,[A-Za-z0-9]+(?![_A-Za-z0-9]))*|ℓ,\w+|[^\s\w])"
_MARKS = re.compile(f"(?:{_MARK})+")
_ONE = re.compile(_MARK)
_SUM = re.compile(rf"Σ_\((\w)=(\w+)\)\^({_GROUP}|\w+)")
_GRADIENT = re.compile(rf"∇_({_GROUP}|\S)")


def small_scripts(text: str) -> str:
    """Return a symbol, or a sentence with symbols, of `latex_to_text` with its indices in small characters."""
    text = _SUM.sub(lambda found: f"Σ({found[1]}={found[2]}…{_bare(found[3])})", text)
    text = _GRADIENT.sub(lambda found: f"∇{_bare(found[1])}", text)
    return _MARKS.sub(lambda found: _ordered(found[0]), text)


def _bare(group: str) -> str:
    return group[1:-1] if group.startswith("(") else group


def _ordered(marks: str) -> str:
    """Return all indices of one symbol: below, above, and then those that cannot be small."""
    parts = [(mark, _small(mark)) for mark in _ONE.findall(marks)]
    lowered = [small for mark, small in parts if small and mark[0] == "_"]
    raised = [small for mark, small in parts if small and mark[0] == "^"]
    rest = [mark[0] + small_scripts(mark[1:]) for mark, small in parts if not small]
    return "".join([*lowered, *raised, *rest])


def _small(mark: str) -> str:
    """Return one index in small characters, or "" if it has others."""
    table, inner = (_RAISED if mark[0] == "^" else _LOWERED), mark[1:]
    if inner.startswith("(−") or inner.endswith("))") or (mark[0] == "_" and inner.startswith("(")):
        inner = _bare(inner)
    return "".join(table[c] for c in inner) if all(c in table for c in inner) else ""
