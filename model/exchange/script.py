"""A network as a short program for NumPy, PyTorch or JAX that computes the loss and the gradients on display.

The NumPy program writes the backward pass out; the other two let their framework differentiate, as an independent check.
"""

from __future__ import annotations

import math
from textwrap import indent
from typing import Literal

from model.conventions import conventions
from model.problem import Array, Problem
from model.record import Record

Framework = Literal["numpy", "pytorch", "jax"]
FRAMEWORKS: tuple[Framework, ...] = ("numpy", "pytorch", "jax")

# (value of z, slope of z and a) in NumPy.
_NUMPY = {
    "sigmoid": ("1 / (1 + np.exp(-z))", "a * (1 - a)"),
    "tanh": ("np.tanh(z)", "1 - a**2"),
    "relu": ("np.maximum(z, 0)", "(z > 0) * 1.0"),
    "leaky_relu": ("np.maximum(z, 0.01 * z)", "np.where(z > 0, 1, 0.01)"),
    "elu": ("np.maximum(z, 0) + np.expm1(np.minimum(z, 0))", "np.exp(np.minimum(z, 0))"),
    "gelu": ("z * cdf(z)", "cdf(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)"),
    "softplus": ("np.logaddexp(0, z)", "1 / (1 + np.exp(-z))"),
    "identity": ("z", "np.ones_like(z)"),
    "softmax": ("np.exp(z - z.max(1, keepdims=True)) / np.exp(z - z.max(1, keepdims=True)).sum(1, keepdims=True)", ""),
}
_TORCH = {
    "sigmoid": "torch.sigmoid(z)", "tanh": "torch.tanh(z)", "relu": "torch.relu(z)",
    "leaky_relu": "torch.nn.functional.leaky_relu(z, 0.01)", "elu": "torch.nn.functional.elu(z)", "gelu": "torch.nn.functional.gelu(z)",
    "softplus": "torch.nn.functional.softplus(z)", "identity": "z", "softmax": "torch.softmax(z, 1)",
}  # fmt: skip
_JAX = {
    "sigmoid": "jax.nn.sigmoid(z)", "tanh": "jnp.tanh(z)", "relu": "jax.nn.relu(z)", "leaky_relu": "jax.nn.leaky_relu(z, 0.01)",
    "elu": "jax.nn.elu(z)", "gelu": "jax.nn.gelu(z, approximate=False)", "softplus": "jax.nn.softplus(z)", "identity": "z",
    "softmax": "jax.nn.softmax(z, axis=1)",
}  # fmt: skip
# (losses of the samples, ∂L/∂a); the names `log` and n stand for the framework's logarithm and the number of outputs.
_LOSSES = {
    "half_squared_error": ("0.5 * ((a - y) ** 2).sum(1)", "a - y"),
    "squared_error": ("((a - y) ** 2).sum(1)", "2 * (a - y)"),
    "mean_squared_error_over_outputs": ("((a - y) ** 2).sum(1) / n", "2 * (a - y) / n"),
    "half_mean_squared_error_over_outputs": ("((a - y) ** 2).sum(1) / (2 * n)", "(a - y) / n"),
    "binary_cross_entropy": ("-(y * log(a) + (1 - y) * log(1 - a)).sum(1)", "(1 - y) / (1 - a) - y / a"),
    "cross_entropy": ("-(y * log(a)).sum(1)", "-y / a"),
    "none": ("a.sum(1)", "np.ones_like(a)"),
}


def script(record: Record, framework: Framework = "numpy") -> str:
    """Return the program. Run, it prints loss and gradients and holds them as `loss`, `dW` and `db` (lists by layer).

    Raises ValueError with one sentence where the displayed gradients are not those of the loss: rounding carried along, or the
    hidden delta taken from updated weights.
    """
    problem = record.problem
    if problem.rounding is not None:
        raise ValueError("these gradients carry rounded values, which no other program reproduces; allowed: an experiment without rounding")
    if problem.hidden_delta_uses == "new":
        raise ValueError('these gradients use already updated weights and are not those of the loss; allowed: "hidden_delta_uses": "old"')
    return {"numpy": _numpy, "pytorch": _torch, "jax": _jax}[framework](record)


def _head(record: Record, imports: str) -> str:
    title = " ".join(record.problem.title.replace("\\", "/").replace('"', "'").split()) or "A network"
    said = "; ".join(conventions(record.problem))
    more = f"\n\nConventions: {said}.\n" if said else ""
    return f'"""{title}: loss and gradients before update {record.step}. Written by Deltastep.{more}"""\n\n{imports}\n'


def _literal(array: Array, indented: int = 4) -> str:
    """Return an array as nested lists that read back bit for bit, one row on a line."""
    if array.ndim == 1:
        return "[" + ", ".join(_number(v) for v in array.tolist()) + "]"
    rows = ",\n".join(" " * (indented + 4) + _literal(row) for row in array)
    return f"[\n{rows},\n{' ' * indented}]"


def _number(value: float) -> str:
    return repr(value) if math.isfinite(value) else f'float("{value}")'


def _data(record: Record, make: str) -> str:
    lines = [f"x = {make.format(_literal(record.x, 0))}", f"y = {make.format(_literal(record.y, 0))}"]
    lines.append("W = [\n" + "".join(f"    {make.format(_literal(W))},\n" for W in record.params.W) + "]")
    if record.problem.has_biases:
        lines.append("b = [\n" + "".join(f"    {make.format(_literal(b))},\n" for b in record.params.b) + "]")
    lines.append(f"m, n = {record.m}, {record.problem.layers[-1]}  # samples, outputs")
    return "\n".join(lines) + "\n"


def _share(problem: Problem) -> str:
    return " / m" if problem.batch_reduction == "mean" else ""


def _sum_of_squares(problem: Problem) -> str:
    return f" + {problem.l2!r} / 2 * sum((w**2).sum() for w in W)" if problem.l2 else ""


def _functions(problem: Problem, values: dict[str, str]) -> str:
    return "".join(f"def {name}(z):\n    return {values[name]}\n\n\n" for name in dict.fromkeys(problem.activations))


def _numpy(record: Record) -> str:
    problem = record.problem
    cdf = "cdf = np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)))  # of the normal distribution\n"
    gelu = "gelu" in problem.activations
    imports = "import math\n\nimport numpy as np" if gelu else "import numpy as np"
    values = {name: value for name, (value, _) in _NUMPY.items()}
    slopes = "".join(
        f"def {name}_slope(z, a):\n    return {_NUMPY[name][1]}\n\n\n" for name in dict.fromkeys(problem.activations) if name != "softmax"
    )
    per_sample, error = _LOSSES[problem.loss]
    bias = " + b[l]" if problem.has_biases else ""
    back = ", ".join(f"{name}_slope" if name != "softmax" else "None" for name in problem.activations)
    lines = [
        _head(record, imports), "\n", cdf if gelu else "", _data(record, "np.array({})"), "\n\n", _functions(problem, values), slopes,
        f"phi = [{', '.join(problem.activations)}]\nslope = [{back}]\n\n",
        "# Forward\nH, Z = [x], []\nfor l in range(len(W)):\n",
        f"    Z.append(H[l] @ W[l].T{bias})\n    H.append(phi[l](Z[l]))\na = H[-1]\n",
        f"loss = ({per_sample.replace('log(', 'np.log(')}).sum(){_share(problem)}{_sum_of_squares(problem)}\n\n",
        "# Backward\ndW, db = [None] * len(W), [None] * len(W)\n",
        f"error = {error}\nfor l in reversed(range(len(W))):\n", indent(_numpy_step(problem), "    "),
        _print_lines(problem),
    ]  # fmt: skip
    return "".join(lines)


def _numpy_step(problem: Problem) -> str:
    delta = "delta = error * slope[l](Z[l], H[l + 1])\n"
    if problem.activations[-1] == "softmax":
        jacobian = "delta = a * (error - (error * a).sum(1, keepdims=True))"
        delta = f"if slope[l] is None:  # softmax: every output depends on every sum\n    {jacobian}\nelse:\n    {delta}"
    penalty = f" + {problem.l2!r} * W[l]" if problem.l2 else ""
    bias = f"db[l] = delta.sum(0){_share(problem)}\n" if problem.has_biases else ""
    shared = "db[l] = np.full_like(db[l], db[l].sum())  # one bias for the whole layer\n"
    bias += shared if problem.has_biases and problem.bias_sharing == "per_layer" else ""
    return f"{delta}dW[l] = delta.T @ H[l]{_share(problem)}{penalty}\n{bias}error = delta @ W[l]\n"


def _print_lines(problem: Problem) -> str:
    bias = '\n    print(f"dL/db {l + 1}", db[l], sep="\\n")' if problem.has_biases else ""
    return f'\nprint("loss", loss)\nfor l in range(len(W)):\n    print(f"dL/dW {{l + 1}}", dW[l], sep="\\n"){bias}\n'


def _bias_of(problem: Problem) -> str:
    """Return how a layer's bias enters: a shared one through its mean, so that each entry's gradient is a share of the sum."""
    if not problem.has_biases:
        return ""
    return " + b[l].mean()" if problem.bias_sharing == "per_layer" else " + b[l]"


def _db(problem: Problem, gradient: str, length: str) -> str:
    """Return the bias gradients by layer: b.mean() hands each entry an n-th of the shared bias's gradient."""
    scale = f" * {length}" if problem.bias_sharing == "per_layer" else ""
    return gradient + scale


def _torch(record: Record) -> str:
    problem = record.problem
    per_sample = _LOSSES[problem.loss][0].replace("log(", "torch.log(")
    biases = "b = [v.requires_grad_() for v in b]\n" if problem.has_biases else ""
    db = f"db = [{_db(problem, 'v.grad', 'len(v)')} for v in b]\n" if problem.has_biases else ""
    lines = [
        _head(record, "import torch"), "\n", _data(record, "torch.tensor({}, dtype=torch.float64)"),
        f"W = [w.requires_grad_() for w in W]\n{biases}\n\n", _functions(problem, _TORCH),
        f"phi = [{', '.join(problem.activations)}]\n", "a = x\nfor l in range(len(W)):\n",
        f"    a = phi[l](a @ W[l].T{_bias_of(problem)})\n",
        f"loss = ({per_sample}).sum(){_share(problem)}{_sum_of_squares(problem)}\nloss.backward()\n",
        f"dW = [w.grad for w in W]\n{db}", _print_lines(problem),
    ]  # fmt: skip
    return "".join(lines)


def _jax(record: Record) -> str:
    problem = record.problem
    per_sample = _LOSSES[problem.loss][0].replace("log(", "jnp.log(")
    arguments = "W, b" if problem.has_biases else "W"
    numbers = "(0, 1)" if problem.has_biases else "0"
    results = "dW, db" if problem.has_biases else "dW"
    db = f"db = [{_db(problem, 'g', 'len(g)')} for g in db]\n" if problem.has_biases and problem.bias_sharing == "per_layer" else ""
    imports = 'import jax\nimport jax.numpy as jnp\n\njax.config.update("jax_enable_x64", True)'
    lines = [
        _head(record, imports), "\n", _data(record, "jnp.array({})"), "\n\n", _functions(problem, _JAX),
        f"phi = [{', '.join(problem.activations)}]\n\n\n", f"def loss_of({arguments}):\n    a = x\n    for l in range(len(W)):\n",
        f"        a = phi[l](a @ W[l].T{_bias_of(problem)})\n",
        f"    return ({per_sample}).sum(){_share(problem)}{_sum_of_squares(problem)}\n\n\n",
        f"loss = loss_of({arguments})\n{results} = jax.grad(loss_of, {numbers})({arguments})\n{db}", _print_lines(problem),
    ]  # fmt: skip
    return "".join(lines)
