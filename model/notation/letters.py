"""Letters for what no lecture note has, mostly optimisers: each the first of several that stands for nothing else in the notation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

# The last of each row is taken where all others stand for something already. No letter is in two rows that are shown together.
SPARE_LETTERS: Mapping[str, tuple[str, ...]] = {
    "gradient": ("g", "G", "q"),
    "velocity": ("v", "V", "\\nu"),
    "first_moment": ("m", "u", "p", "\\varpi"),
    "second_moment": ("v", "V", "r", "\\nu"),
    "momentum": ("\\mu", "\\kappa"),
    "rms_decay": ("\\rho", "\\gamma", "\\varrho"),
    "mean_decay": ("\\beta_{1}", "\\xi_{1}"),
    "square_decay": ("\\beta_{2}", "\\xi_{2}"),
    "small_number": ("\\epsilon", "\\tau"),
    "weight_decay": ("\\kappa", "\\omega"),
    "second_index": ("p", "r", "q", "h"),
}
_UPRIGHT = re.compile(r"\\(?:mathrm|text|operatorname)\{[^{}]*\}")
_PLACEHOLDER = re.compile(r"<[^<>]*>")
_LETTER = re.compile(r"\\[A-Za-z]+|[A-Za-z]")


def letters_of(latex: str) -> set[str]:
    """Return the letters in a symbol's LaTeX, Greek ones with their backslash, and the symbol itself."""
    plain = _PLACEHOLDER.sub(" ", _UPRIGHT.sub(" ", latex))
    return {*_LETTER.findall(plain), latex}


def taken_letters(profile: Mapping[str, Any]) -> set[str]:
    """Return all letters that stand for something of the network in a profile's JSON: in symbols, indices and remarks."""
    found: set[str] = set()
    for text in _texts(profile):
        found |= letters_of(text)
    return found


def _texts(profile: Mapping[str, Any]) -> Iterator[str]:
    for key, text in profile["symbols"].items():
        if key not in SPARE_LETTERS:
            yield text
    yield from profile["letters"].values()
    yield from profile.get("layer_letters", ())
    for remark in profile.get("remarks", ()):
        yield from remark.get("sides", ())


def clash(profile: Mapping[str, Any]) -> str:
    """Return in one sentence which of a profile's own spare letters stands for something else too, "" if none does."""
    taken = taken_letters(profile)
    for key in SPARE_LETTERS:
        text = profile["symbols"].get(key)
        if text in taken:
            return f'symbols["{key}"] is {text}, which stands for something else in this notation; allowed: a letter of its own'
    return ""


def spare_letters(profile: Mapping[str, Any]) -> dict[str, str]:
    """Return the LaTeX of every spare letter: the profile's own, or the first that is free."""
    taken = taken_letters(profile)
    return {
        key: profile["symbols"].get(key) or next((c for c in candidates if c not in taken), candidates[-1])
        for key, candidates in SPARE_LETTERS.items()
    }
