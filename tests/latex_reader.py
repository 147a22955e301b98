"""Reads formulas in LaTeX as they are shown: sums with their letters, fractions, derivatives, functions, symbols with their scripts."""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+\.?\d*|[A-Za-z]|[{}()\[\]^_+\-/,'=]")


class CannotRead(Exception):
    """The formula has words, matrices or symbols in it that are not looked at here."""


def plain(latex: str) -> str:
    """Return LaTeX without what only changes its looks."""
    for old, new in (
        (r"(\theta)", ""),
        (r"(\Theta)", ""),
        (r"\left", ""),
        (r"\right", ""),
        (r"\,", " "),
        ("~", " "),
        (r"\mathbb", r"\mathbf"),
    ):
        latex = latex.replace(old, new)
    return re.sub(r"\\underline\{([^{}]*)\}", r"\1", latex)


def tokens(latex: str) -> list[str]:
    if re.search(r"\\begin|\\text|\\dots|\\lVert|\^\{?T\}?|softmax", latex):
        raise CannotRead(latex)
    return _TOKEN.findall(plain(latex))


@lru_cache(maxsize=100_000)
def key_of(latex):
    """Return a symbol in canonical form, whatever the order of its scripts, or None if it is none."""
    try:
        node = Reader(tokens(latex)).whole()
    except CannotRead:
        return None
    return node[1] if node[0] == "atom" else node if node[0] == "d" else None


class Reader:
    """Parses LaTeX into nodes: ("atom", key), ("d", over, under), ("sum", letter, first, last, skipped, body), +, *, …"""

    def __init__(self, source):
        self.source, self.i = source, 0

    def peek(self):
        return self.source[self.i] if self.i < len(self.source) else ""

    def take(self, wanted=None):
        token = self.peek()
        if wanted is not None and token != wanted:
            raise CannotRead(self.source)
        self.i += 1
        return token

    def whole(self):
        node = self.expression()
        if self.peek():
            raise CannotRead(self.source)
        return node

    def expression(self):
        sign = -1.0 if self.peek() == "-" else 1.0
        if self.peek() in ("-", "+"):
            self.take()
        parts = [(sign, self.term())]
        while self.peek() in ("+", "-"):
            sign = 1.0 if self.take() == "+" else -1.0
            parts.append((sign, self.term()))
        return parts[0][1] if len(parts) == 1 and sign == 1.0 else ("+", tuple(parts))

    def term(self):
        factors = []
        while self.peek() and self.peek() not in ("+", "-", ")", "]", "}", ",", "="):
            if self.peek() in ("\\cdot", "\\times", "\\odot"):
                self.take()
                if self.peek() == "-":  # 2 · −3
                    self.take()
                    factors.append(("number", -1.0))
            elif self.peek() == "\\sum":
                factors.append(self.sum())
            elif self.peek() == "\\frac" and self.is_operator():
                factors.append(self.operator())
            else:
                factors.append(self.factor())
        if not factors:
            raise CannotRead(self.source)
        return factors[0] if len(factors) == 1 else ("*", tuple(factors))

    def group(self):
        """Return the tokens of an argument: a group, or one token."""
        if self.peek() != "{":
            return [self.take()]
        depth, start = 0, self.i + 1
        while True:
            token = self.take()
            if not token:
                raise CannotRead(self.source)
            depth += (token == "{") - (token == "}")
            if depth == 0:
                return self.source[start : self.i - 1]

    def sum(self):
        self.take()
        below, above = [], []
        while self.peek() in ("_", "^"):
            which = below if self.take() == "_" else above
            which += self.group()
        if not below:
            raise CannotRead(self.source)
        letter, first, skipped = below[0], None, None
        if below[1:2] == ["="]:
            first = below[2]
        elif below[1:2] == ["\\neq"]:
            skipped = "".join(below[2:])
        return ("sum", letter, first, "".join(above) or None, skipped, self.term())

    def is_operator(self):
        at = self.i
        self.take()
        over = self.group()
        self.i = at
        return over == ["\\partial"]

    def operator(self):
        self.take()
        self.group()
        under = self.group()
        return ("D", self.factor(), Reader(under[1:]).whole())

    def factor(self):
        token = self.take()
        if token in ("(", "["):
            inner = self.expression()
            self.take(")" if token == "(" else "]")
            return self.raised(inner)
        if token == "{":
            self.i -= 1
            return self.raised(Reader(self.group()).whole())
        if token == "\\frac":
            over, under = self.group(), self.group()
            if over[:1] == ["\\partial"] and under[:1] == ["\\partial"]:
                return ("d", Reader(over[1:]).whole(), Reader(under[1:]).whole())
            return ("/", Reader(over).whole(), Reader(under).whole())
        if re.fullmatch(r"\d+\.?\d*", token):
            return self.raised(("number", float(token)))
        if token in ("\\ln", "\\log", "\\exp"):
            return ("f", token, self.factor())
        return self.atom(token)

    def raised(self, node):
        if self.peek() == "^":
            self.take()
            power = self.group()
            if not "".join(power).isdecimal():
                raise CannotRead(self.source)
            return ("**", node, int("".join(power)))
        return node

    def atom(self, token):
        if not (token.isalpha() or token.startswith("\\")):
            raise CannotRead(self.source)
        name = token
        if token in ("\\mathbf", "\\mathcal", "\\hat", "\\widetilde", "\\mathit", "\\nabla"):
            name += "".join(self.group())
        if self.source[self.i - 1 : self.i + 2] == ["n", "e", "t"]:
            name += self.take() + self.take()
        scripts = {"_": "", "^": "", "'": ""}
        while self.peek() in scripts:
            mark = self.take()
            scripts[mark] += "'" if mark == "'" else "".join(self.group())
        if name == "\\mathbf1" or scripts["_"].count("=") == 1:
            return ("is", *scripts["_"].split("="))
        key = (name, scripts["_"], scripts["^"], scripts["'"])
        if self.peek() in ("(", "[") and name in ("\\sigma", "\\varphi", "g", "O"):
            return ("f", key, self.factor())
        return ("atom", key)
