"""Which numbers stand at the axis of a plot, and how they are written. No Qt."""

from __future__ import annotations

import math

from model.expr.tree import significant, with_power

MANTISSAS = (1.0, 2.0, 2.5, 5.0, 10.0)


def linear_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return at most `most` round numbers from `low` to `high` with their labels."""
    if not high > low:
        return []
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(m * power for m in (*MANTISSAS, 20.0) if math.floor(high / (m * power)) - math.ceil(low / (m * power)) < most)
    decimals = min(12, max(0, 1 - math.floor(math.log10(step)))) if step < 10 else 0
    found = [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
    texts = [f"{value:.{decimals}f}" for value in found]
    while decimals and all(text.endswith("0") for text in texts):
        decimals, texts = decimals - 1, [text[:-1] for text in texts]
    words = [text.rstrip(".").replace("-", "−") for text in texts]
    return [(value, significant(value, 2) if abs(value) >= 1e6 else word) for value, word in zip(found, words, strict=True)]


def log_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return where a logarithmic axis from 10^low to 10^high has its labels: at powers of ten, or at 1, 2, 5 where there are few."""
    powers = range(math.ceil(low), math.floor(high) + 1)
    for digits in ((1, 2, 5), (1, 3)) if len(powers) < 3 else ():
        inside = _between(low, high, digits)
        if 2 < len(inside) <= most:
            return inside
    if len(powers) >= 2:
        step = -(-len(powers) // max(2, most))
        return [(float(n), _power(n)) for n in powers if (n - powers[0]) % step == 0]
    inside = _between(low, high, (1, 2, 5))
    if len(inside) >= 2:
        return inside
    n = math.floor(low) if high > 300 or low < -300 else 0  # near the ends of the range of numbers, only the digits
    ticks = linear_ticks(10.0 ** (low - n), 10.0 ** (high - n), max(3, most))
    return [(math.log10(value) + n, f"{text} · {_power(n)}" if n else text) for value, text in ticks if value > 0]


def _between(low: float, high: float, digits: tuple[int, ...]) -> list[tuple[float, str]]:
    """Return the numbers that begin with one of the digits and end in zeros, from 10^low to 10^high."""
    found = [(n + math.log10(d), n, d) for n in range(math.floor(low), math.ceil(high) + 1) for d in digits]
    return [(at, significant(d * 10.0**n, 6)) for at, n, d in found if low <= at <= high]


def _power(n: int) -> str:
    return f"{10.0**n:g}" if -3 <= n <= 3 else with_power(f"1e{n}")
