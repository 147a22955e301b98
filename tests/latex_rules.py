"""Works out formulas in LaTeX whose letters are bound to units and samples; takes derivatives by differences of its own forward pass.

Nothing of how the program writes or evaluates formulas is used: only the LaTeX that it shows, and its table of symbols.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from explain_helpers import FORMULAS, slope
from latex_reader import CannotRead, key_of

from model.moment import number
from model.notation.profile import load_notation
from model.stages import Ref

STEP = 1e-5
MOST_BINDINGS = 5  # of the letters of one formula
_QUANTITIES = (
    "z", "a", "X", "dadz", "dLda", "delta", "dLdX", "W", "b", "dW", "db", "W_new", "b_new", "W_old", "b_old", "dW_sample", "db_sample",
    "y", "loss_output",
)  # fmt: skip
_TWO = ("W", "dW", "W_new", "W_old", "dW_sample")
_BIAS = {"W": "b", "dW": "db", "W_new": "b_new", "dW_sample": "db_sample"}


class World:
    """The numbers of a record, in a forward pass of its own in which one of them may be another."""

    def __init__(self, record, notation, layer, changed=None, by=0.0, table=None):
        self.record, self.problem, self.profile = record, record.problem, load_notation(notation)
        self.notation, self.layer, self.changed, self.by = notation, layer, changed, by
        self.depth, self.sizes = self.problem.depth, self.problem.layers
        self.table = symbol_table(record, self.profile, layer) if table is None else table
        self.forward = self._forward()

    def _forward(self):
        values = {}
        for s in range(self.record.m):
            a = self.record.x[s].copy()
            for l in range(self.depth + 1):
                if l:
                    W, b = self.record.params.W[l - 1].copy(), self.record.params.b[l - 1].copy() if self.problem.has_biases else 0.0
                    c = self.changed
                    if c and (c.quantity, c.layer) == ("W", l):
                        W[c.unit, c.from_] += self.by
                    if c and (c.quantity, c.layer) == ("b", l):
                        b[c.unit] += self.by
                    z = self._moved("z", l, s, W @ a + b)
                    values["z", l, s] = z
                    name = self.problem.activations[l - 1]
                    a = np.exp(z) / np.exp(z).sum() if name == "softmax" else np.array([FORMULAS[name](float(v)) for v in z])
                a = self._moved("a", l, s, a)
                values["a", l, s] = a
        return values

    def _moved(self, quantity, l, s, vector):
        c = self.changed
        if c and (c.quantity, c.layer) == (quantity, l) and c.sample in (None, s):
            vector = vector.copy()
            vector[c.unit] += self.by
        return vector

    def _loss(self, s):
        a, y, n = self.forward["a", self.depth, s], self.record.y[s], self.sizes[-1]
        square = float(((a - y) ** 2).sum())
        with np.errstate(all="ignore"):
            class_log = -float(np.where(y == 0, 0.0, y * np.log(a)).sum())
            yes_or_no = class_log - float(np.where(y == 1, 0.0, (1 - y) * np.log(1 - a)).sum())
        return {
            "half_squared_error": square / 2, "squared_error": square, "mean_squared_error_over_outputs": square / n, "none": float(a[0]),
            "half_mean_squared_error_over_outputs": square / (2 * n), "cross_entropy": class_log, "binary_cross_entropy": yes_or_no,
        }[self.problem.loss]  # fmt: skip

    def value(self, ref: Ref):
        s = ref.sample or 0
        if ref.quantity == "loss_sample":
            return self._loss(s)
        if ref.quantity == "loss":
            share = 1 / self.record.m if self.problem.batch_reduction == "mean" else 1.0
            return share * sum(self._loss(i) for i in range(self.record.m)) + self.record.penalty
        if ref.quantity in ("z", "a"):
            return float(self.forward[ref.quantity, ref.layer, s][ref.unit])
        return number(self.record, ref._replace(quantity={"X": "a", "W_old": "W", "b_old": "b"}.get(ref.quantity, ref.quantity)), s)


def symbol_table(record, profile, layer):
    """Return for each symbol, in canonical form, the quantity, layer and the letters or numbers of its indices.

    layer: whose second index letter is meant, which notations have but one of.
    """
    problem, m, table = record.problem, record.m, {}
    letters = [letter for role, letter in profile.letters.items() if role != "sample"] + ["\\ell"]
    samples = [profile.letters["sample"], *(str(s + 1) for s in range(m))] if m > 1 else [profile.letters["sample"], "1"]
    for q in _QUANTITIES:
        for l in [0] if q in ("y", "loss_output") else range(0 if q == "a" else 1, problem.depth + 1):
            if (q.startswith(("b", "db")) and not problem.has_biases) or (q.endswith("_new") and record.new_params is None):
                continue
            at = problem.depth if q in ("y", "loss_output") else l - 1 if q in ("X", "dLdX") else l
            if q not in profile.symbols:
                continue
            for unit, source, sample in product(
                _names(profile, problem, at, letters, layer), _sources(profile, problem, q, l, letters, layer), samples
            ):
                latex = profile.name_of(q, l, problem, m, unit=unit, source=source, sample=sample)
                key = key_of(latex)
                if key is not None:
                    table.setdefault(key, (q, l, unit, source, sample))
    for sample in samples:
        table[key_of(profile.name_of("loss_sample", 0, problem, m, sample=sample))] = ("loss_sample", 0, None, None, sample)
    table[key_of(profile.name_of("loss", 0, problem, m))] = ("loss", 0, None, None, None)
    table[key_of(profile.symbols["learning_rate"])] = ("learning_rate", 0, None, None, None)
    table["\\lambda",] = ("lambda", 0, None, None, None)
    return table


def _names(profile, problem, layer, letters, meant):
    numbers = [str(j + 1) for j in range(min(problem.layers[layer], 4))]
    if profile.by_layer(problem):
        second = [profile.spare["second_index"]] if layer == meant else []
        return [profile.layer_letters[layer], *second, *numbers]
    return [*dict.fromkeys(letters), *numbers]


def _sources(profile, problem, q, l, letters, meant):
    return [*_names(profile, problem, l - 1, letters, meant), "0"] if q in _TWO else [None]


def free(world: World, node, bound=frozenset()):
    """Return the letters of a formula that no sum binds."""
    kind = node[0]
    if kind in ("atom", "d") and (found := world.table.get(node[1] if kind == "atom" else node)):
        return {t for t in found[2:] if t and not t.isdigit()} - bound - {r"\ell"} - _unmarked(world, found)
    if kind == "atom" or kind == "number":
        return set()
    if kind == "is":
        return {t for t in node[1:] if not t.isdigit()} - bound - {r"\ell"}
    if kind == "sum":
        return free(world, node[5], bound | {node[1]}) | ({node[4]} - bound if node[4] and not node[4].isdigit() else set())
    if kind == "+":
        return set().union(*(free(world, part, bound) for _, part in node[1]))
    parts = node[1] if kind == "*" else [p for p in node[1:] if isinstance(p, tuple) and p and isinstance(p[0], str) and len(p[0]) <= 6]
    return set().union(*(free(world, part, bound) for part in parts if part[0] in _KINDS), set())


_KINDS = ("atom", "d", "D", "is", "sum", "+", "*", "/", "f", "**", "number")


def _unmarked(world, found):
    """A symbol that does not change with the sample has no letter for it."""
    q, l, unit, source, sample = found
    name = lambda n: world.profile.name_of(q, l, world.problem, world.record.m, unit=unit, source=source, sample=n)  # noqa: E731
    return {sample} if unit is None or name("1") == name("2") else set()


def size_of(world: World, letter: str, node):
    """Return how many values a letter has, from where it stands as an index."""
    kind = node[0]
    if kind in ("atom", "d") and (found := world.table.get(node[1] if kind == "atom" else node)):
        q, l, unit, source, sample = found
        if unit == letter:
            return world.sizes[world.depth if q in ("y", "loss_output") else l - 1 if q in ("X", "dLdX") else l]
        if source == letter:
            return world.sizes[l - 1]
        return world.record.m if sample == letter and not _unmarked(world, found) else 0
    parts = [p for _, p in node[1]] if kind == "+" else node[1] if kind == "*" else [p for p in node[1:] if isinstance(p, tuple)]
    return max((size_of(world, letter, p) for p in parts if p and p[0] in _KINDS), default=0)


def work_out(world: World, node, env):
    """Return the value of a formula with its letters bound: env gives for each letter its number, from 1 (0: the constant input)."""
    kind = node[0]
    if kind == "number":
        return node[1]
    if kind == "+":
        return sum(sign * work_out(world, part, env) for sign, part in node[1])
    if kind == "*":
        result = 1.0
        for part in node[1]:
            result = np.dot(result, work_out(world, part, env))
        return result
    if kind == "/":
        return work_out(world, node[1], env) / work_out(world, node[2], env)
    if kind == "**":
        return work_out(world, node[1], env) ** node[2]
    if kind == "is":
        a, b = (_bound(t, env) for t in node[1:])
        return float(a == b)
    if kind == "f":
        return _function(world, node[1], work_out(world, node[2], env))
    if kind == "sum":
        return _sum(world, node, env)
    if kind == "D":
        return _difference(world, node[1], node[2], env)
    if kind == "d":
        if node in world.table:
            return _number(world, node, env)
        return _difference(world, node[1], node[2], env)
    return _number(world, node[1], env)


def _bound(text, env):
    if text.isdigit():
        return int(text)
    if text not in env:
        raise AssertionError(f"the letter {text} is not bound")
    return env[text]


def _function(world, name, value):
    if isinstance(name, str):
        return {"\\ln": math.log, "\\log": math.log, "\\exp": math.exp}[name](value)
    for l, function in enumerate(world.problem.activations, 1):
        letter, below, *_ = key_of(world.profile.name_of("phi", l, world.problem)) or (None, None)
        if (letter, below) == name[:2]:
            return slope(function, value) if name[3] else FORMULAS[function](value)
    raise CannotRead(name)


def _sum(world, node, env):
    _, letter, first, last, skipped, body = node
    constants = {"M": world.record.m, "D_O": world.sizes[-1], "D_I": world.sizes[0], "D_H": world.sizes[1]}
    n = size_of(world, letter, body) if last is None else constants.get(last.replace("{", "").replace("}", "")) or int(last)
    values = [v for v in range(int(first or 1), n + 1) if skipped is None or v != _bound(skipped, env)]
    if not n:
        raise CannotRead(node)
    return sum(work_out(world, body, {**env, letter: v}) for v in values)


def _difference(world, over, under, env):
    if world.changed is not None or under[0] != "atom":
        raise CannotRead(under)
    ref = _ref(world, under[1], env)
    if ref.quantity not in ("W", "b", "z", "a", "X"):
        raise CannotRead(under)
    ref = ref._replace(quantity="a", layer=ref.layer - 1) if ref.quantity == "X" else ref
    sides = []
    for by in (STEP, -STEP):
        sides.append(work_out(World(world.record, world.notation, world.layer, ref, by, world.table), over, env))
    return (sides[0] - sides[1]) / (2 * STEP)


def _ref(world, key, env):
    found = world.table.get(key)
    if found is None:
        raise CannotRead(key)
    q, l, unit, source, sample = found
    j, k = (None if t is None else _bound(t, env) for t in (unit, source))
    s = (_bound(sample, env) if sample.isdigit() or sample in env else 1) - 1 if sample is not None else 0
    if source is not None and k == 0:
        return Ref(_BIAS[q], l, j - 1, sample=s)
    if j == 0:
        return Ref("one" if q in ("X", "a") else q, l, 0, sample=s)
    shift = 0 if q == "dLdX" else 1
    return Ref(q, l, None if j is None else j - shift, None if k is None else k - 1, s)


def _number(world, key, env):
    if key == ("\\lambda",) or key == ("\\lambda", "", "", ""):
        return world.problem.l2
    vector = _vector(world, key, env)
    if vector is not None:
        return vector
    ref = _ref(world, key, env)
    if ref.quantity == "one":
        return 1.0
    if ref.quantity == "learning_rate":
        return world.record.learning_rate
    if ref.quantity == "X":
        ref = ref._replace(quantity="a", layer=ref.layer - 1)
    return world.value(ref)


def _vector(world, key, env):
    """Return Θ's rows of weights and columns of δ, which (7) multiplies."""
    if world.notation != "theta" or world.problem.depth != 2 or not isinstance(key, tuple) or len(key) != 4:
        return None
    name, below, above, _ = key
    params = {"j": world.record.params, "\\mathrm{new},j": world.record.new_params}.get(below)
    if name == "\\Theta" and above == "(2)" and params is not None:
        return params.W[1][:, env["j"] - 1] if env["j"] else params.b[1]
    return world.record.delta[1][env["m"] - 1] if (name, below, above) == ("\\delta", "m", "(3)") else None


def bindings(world, letters, nodes):
    """Yield some ways to bind letters, the first and the last value of each among them."""
    ranges = []
    for letter in letters:
        n = max(size_of(world, letter, node) for node in nodes)
        ranges.append([1] if n < 2 else [1, n])
    for values in list(product(*ranges))[:MOST_BINDINGS]:
        yield dict(zip(letters, values, strict=True))
