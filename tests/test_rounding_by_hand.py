"""A batch with a penalty and every optimiser, rounded at each line: the record has what plain loops of decimals write."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from explain_helpers import network

from model.moment import number
from model.problem import Optimizer, Rounding
from model.rounding import rounded
from model.run import Run
from model.stages import Ref

MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "truncate": ROUND_DOWN}


def _batch_problem(mode, **changes):
    rule = {"l2": 0.3, "batch_reduction": "mean", "rounding": Rounding(3, mode), **changes}
    return network((2, 2, 1), seed=5, m=3, learning_rate=0.5, **rule)


class Clerk:
    """Works a batch of three with an L2 penalty out in plain loops of Python's decimals: whatever has a line of its own is rounded."""

    def __init__(self, problem) -> None:
        r = problem.rounding
        self.unit, self.mode, self.problem = Decimal(1).scaleb(-r.decimals), MODES[r.mode], problem
        exact = lambda array: np.vectorize(lambda v: Decimal(repr(float(v))))(array).tolist()  # noqa: E731
        self.W, self.b = [exact(W) for W in problem.weights], [exact(b) for b in problem.biases]
        self.x, self.y = exact(problem.x), exact(problem.y)
        self.samples = [self.sample(x, y) for x, y in zip(self.x, self.y, strict=True)]
        self.divisor = 3 if problem.batch_reduction == "mean" else 1
        self.l2 = Decimal(repr(problem.l2))
        squares = sum((w * w for W in self.W for row in W for w in row), Decimal(0))
        self.penalty = self.write(self.l2 / 2 * squares)
        self.loss = self.write(sum(s["loss"] for s in self.samples) / self.divisor + self.penalty)

    def write(self, value: Decimal) -> Decimal:
        return value.quantize(self.unit, self.mode)

    def sample(self, x, y):
        r, a, slopes = self.write, [x], []
        for W, b in zip(self.W, self.b, strict=True):
            z = [r(sum(w * v for w, v in zip(row, a[-1], strict=True)) + c) for row, c in zip(W, b, strict=True)]
            a.append([r(1 / (1 + (-v).exp())) for v in z])
            slopes.append([r(v * (1 - v)) for v in a[-1]])
        loss = r(sum(r((v - t) ** 2 / 2) for v, t in zip(a[-1], y, strict=True)))
        error, delta = [r(v - t) for v, t in zip(a[-1], y, strict=True)], []
        for l in (1, 0):
            delta.insert(0, [r(e * s) for e, s in zip(error, slopes[l], strict=True)])
            error = [r(sum(self.W[l][j][k] * delta[0][j] for j in range(len(delta[0])))) for k in range(len(a[l]))]
        gradient = [[[r(d * v) for v in a[l]] for d in delta[l]] for l in (0, 1)]
        return {"loss": loss, "delta": delta, "dW": gradient}

    def dW(self, l, j, k) -> Decimal:
        return self.write(sum(s["dW"][l][j][k] for s in self.samples) / self.divisor + self.l2 * self.W[l][j][k])

    def db(self, l, j) -> Decimal:
        return self.write(sum(s["delta"][l][j] for s in self.samples) / self.divisor)

    def entries(self):
        """Yield (layer, unit, from or None, old value, gradient) of every parameter."""
        for l, W in enumerate(self.W):
            for j, row in enumerate(W):
                yield l, j, None, self.b[l][j], self.db(l, j)
                for k, w in enumerate(row):
                    yield l, j, k, w, self.dW(l, j, k)


def _descent(clerk, o, w, g):
    return [w - Decimal("0.5") * g]


def _momentum(clerk, o, w, g):
    v = clerk.write(g)  # the first velocity
    return [v, w - Decimal("0.5") * (g + Decimal(repr(o.momentum)) * v if o.nesterov else v)]


def _mean_square(clerk, o, w, g):
    v = clerk.write((1 - Decimal(repr(o.alpha))) * g * g)
    return [v, w - Decimal("0.5") * g / (v.sqrt() + Decimal(repr(o.epsilon)))]


def _adam(clerk, o, w, g):
    g = g + Decimal(repr(o.weight_decay)) * w
    one, two = 1 - Decimal(repr(o.beta1)), 1 - Decimal(repr(o.beta2))
    m, v = clerk.write(one * g), clerk.write(two * g * g)
    m_hat, v_hat = clerk.write(m / one), clerk.write(v / two)
    return [m, v, m_hat, v_hat, w - Decimal("0.5") * m_hat / (v_hat.sqrt() + Decimal(repr(o.epsilon)))]


BY_HAND = {
    "sgd": ((), _descent), "sgd_momentum": (("buffer",), _momentum), "rmsprop": (("square_average",), _mean_square),
    "adam": (("mean", "square_mean", "mean_hat", "square_mean_hat"), _adam),
}  # fmt: skip


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("mode", MODES)
def test_a_batch_with_a_penalty_is_what_a_clerk_writes(mode, reduction):
    problem = _batch_problem(mode, batch_reduction=reduction)
    clerk, record = Clerk(problem), Run(problem).record(1)
    assert record.penalty == float(clerk.penalty)
    assert record.loss == float(clerk.loss)
    for n, sample in enumerate(clerk.samples):
        assert record.loss_sample[n] == float(sample["loss"])
        for l in (0, 1):
            for j, row in enumerate(sample["dW"][l]):
                assert number(record, Ref("db_sample", l + 1, j), n) == float(sample["delta"][l][j])
                assert [number(record, Ref("dW_sample", l + 1, j, k), n) for k in range(len(row))] == [float(v) for v in row]
    for l, j, k, _, gradient in clerk.entries():
        assert number(record, Ref("db" if k is None else "dW", l + 1, j, k)) == float(gradient)


def test_the_clerk_would_notice_a_sum_of_unrounded_products():
    """Some samples' own gradients add up otherwise than the exact products, or the test above could not fail."""
    record = Run(_batch_problem("truncate", batch_reduction="sum")).record(1)
    plain = [rounded(record.delta[l].T @ record.a[l] + 0.3 * record.params.W[l], Rounding(3, "truncate")) for l in (0, 1)]
    assert not all(np.array_equal(*pair) for pair in zip(plain, record.dW, strict=True))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "rule",
    [Optimizer("sgd"), Optimizer("sgd_momentum"), Optimizer("sgd_momentum", nesterov=True), Optimizer("rmsprop", alpha=0.9),
     Optimizer("adam", beta2=0.9, weight_decay=0.1, epsilon=0.01)],
    ids=lambda rule: rule.name + "+" * rule.nesterov,
)  # fmt: skip
def test_every_line_of_an_update_is_what_a_clerk_writes(rule, mode):
    problem = _batch_problem(mode, optimizer=rule)
    clerk, record = Clerk(problem), Run(problem).record(1)
    names, work_out = BY_HAND[rule.name]
    for l, j, k, old, gradient in clerk.entries():
        *states, new = work_out(clerk, rule, old, gradient)
        assert number(record, Ref("b_new" if k is None else "W_new", l + 1, j, k)) == float(clerk.write(new))
        assert [number(record, Ref(name, l + 1, j, k)) for name in names] == [float(value) for value in states]
