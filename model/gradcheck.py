"""The gradient check: the batch loss differentiated numerically by every weight and bias, beside the gradient of a record.

A complex step h = 10⁻³⁰i gives ∂L/∂θ = Im L(θ + h)/10⁻³⁰ without cancellation, to the last digit; where an activation has no
complex form (gelu) or the complex value is not finite, central differences are taken, with about ten digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.activations import ACTIVATIONS
from model.backprop import evaluate_loss, forward
from model.parameters import matrices, views
from model.problem import Array, Problem
from model.record import Record
from model.workspace import Workspace

COMPLEX_STEP = 1e-30
CENTRAL_STEP = 6e-6  # about the cube root of the precision of a double, where cancellation and curvature err alike
MOST_PARAMETERS = 4000
_TOLERANCE = {"complex step": 1e-10, "central differences": 1e-6}


@dataclass(frozen=True, slots=True, eq=False)
class GradientCheck:
    """dW: per layer (n_l, n_{l-1}); db: per layer (n_l,), empty without biases: numerical derivatives of the batch loss with penalty.

    NaN where a parameter was left out (large networks) or has no finite derivative. method: "complex step" or "central differences".
    difference: the largest |numerical − computed|. ok: whether they agree; None if the check was skipped. verdict: one sentence.
    """

    dW: tuple[Array, ...]
    db: tuple[Array, ...]
    method: str
    difference: float
    checked: int
    ok: bool | None
    verdict: str


def check_gradient(record: Record, most: int = MOST_PARAMETERS) -> GradientCheck:
    """Differentiate the loss of a record's batch at its parameters, by `most` parameters spread evenly if there are more."""
    p = record.problem
    if p.rounding is not None:
        reason = "not checked: rounded values are carried, and a loss that moves in steps has no derivative to compare with"
        return GradientCheck((), (), "", np.nan, 0, None, reason)
    groups = _groups(p, len(record.params.theta))
    chosen = [groups[i] for i in np.unique(np.linspace(0, len(groups) - 1, min(most, len(groups))).astype(int))]
    method = "complex step" if all(ACTIVATIONS[name].analytic for name in p.activations) else "central differences"
    with np.errstate(all="ignore"):
        numerical = _complex_step(record, chosen) if method == "complex step" else _central(record, chosen)
        if method == "complex step" and not np.isfinite(numerical).all():
            method, numerical = "central differences", _central(record, chosen)
    flat = np.full(len(record.params.theta), np.nan)
    for group, value in zip(chosen, numerical, strict=True):
        flat[group] = value
    return _compare(record, flat, method, len(chosen))


def _groups(p: Problem, size: int) -> list[NDArray[np.intp]]:
    """Return the places in theta that move together: one each, but all biases of a layer where they are one bias."""
    if p.bias_sharing != "per_layer" or not p.has_biases:
        return [np.array([i]) for i in range(size)]
    groups = []
    for places in matrices(np.arange(size), p.layers, p.has_biases):
        groups += [np.array([i]) for i in places[:, 1:].ravel()]
        groups.append(places[:, 0].copy())
    return groups


def _loaded(record: Record, dtype: type) -> Workspace:
    ws = Workspace(record.problem, record.m, dtype)
    ws.load(record.params, type(record.state)(0, tuple(np.zeros_like(record.params.theta) for _ in ws.slots)))
    ws.load_batch(record.x, record.y)
    return ws


def _loss_at(ws: Workspace, group: NDArray[np.intp], values: object) -> complex:
    """Return the loss with some parameters set to `values`, and put them back."""
    before = ws.theta[group]
    ws.theta[group] = values
    forward(ws)
    evaluate_loss(ws)
    ws.theta[group] = before
    return complex(ws.loss)


def _complex_step(record: Record, groups: list[NDArray[np.intp]]) -> Array:
    ws = _loaded(record, complex)
    return np.array([_loss_at(ws, group, ws.theta[group] + COMPLEX_STEP * 1j).imag / COMPLEX_STEP for group in groups])


def _central(record: Record, groups: list[NDArray[np.intp]]) -> Array:
    ws = _loaded(record, float)
    result = []
    for group in groups:
        here = ws.theta[group]
        step = CENTRAL_STEP * max(1.0, float(np.abs(here).max()))
        up, down = here + step, here - step
        difference = _loss_at(ws, group, up) - _loss_at(ws, group, down)
        result.append(difference.real / float((up - down).max()))
    return np.array(result)


def _compare(record: Record, numerical: Array, method: str, checked: int) -> GradientCheck:
    p = record.problem
    dW, db = views(numerical, p.layers, p.has_biases)
    pairs = [*zip(dW, record.dW, strict=True), *zip(db, record.db, strict=True)]
    differences = np.concatenate([np.abs(mine - theirs).ravel() for mine, theirs in pairs])
    scale = max(1.0, *(float(np.nanmax(np.abs(mine), initial=0.0)) for mine, _ in pairs))
    usable = differences[np.isfinite(differences)]
    difference = float(usable.max(initial=0.0))
    skipped = int((~np.isfinite(numerical)).sum())
    ok = bool(len(usable)) and difference <= _TOLERANCE[method] * scale
    numerical.flags.writeable = False
    return GradientCheck(dW, db, method, difference, checked, ok, _verdict(record, ok, difference, method, checked, skipped))


def _verdict(record: Record, ok: bool, difference: float, method: str, checked: int, skipped: int) -> str:
    parameters = f"{checked:,} parameters" if checked != 1 else "1 parameter"
    found = f"largest difference {difference:.1e} over {parameters}, {method}"
    if skipped:
        found += f"; {skipped:,} entries left out"
    if ok:
        return f"the gradient agrees with the numerical derivative: {found}"
    if record.problem.hidden_delta_uses == "new" and record.learning_rate is not None:
        return f"the gradient differs, as it must where hidden deltas use the updated weights: {found}"
    return f"the gradient differs from the numerical derivative: {found}"
