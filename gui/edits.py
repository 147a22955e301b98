"""What a user can change in the experiment: pure functions from one state to the next, each with the reason for a refusal. No Qt.

Every edit makes a new `Problem` and a new `Run`; the cursor stays where it is, and all numbers follow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from gui.actions import Refusal, as_sentence, corresponding_tick
from gui.state import AppState, walk_of, with_usual_digits
from gui.trail import Trail
from model.data.batches import data
from model.evaluation import Split
from model.format.schema import OPTIMIZER_KEYS
from model.initializers import initial_parameters
from model.losses import refusal
from model.problem import ACTIVATION_NAMES, Array, Init, Optimizer, Problem, Rounding, frozen
from model.quantities import QUANTITIES
from model.stages import Ref
from model.training.schedules import Schedule

REPLAY_WORK = 20_000_000  # multiplications that may be repeated at once to keep the cursor in place after an edit
# The constants of the update rules with their largest values; the smallest is 0 for all.
CONSTANTS = {"momentum": math.inf, "alpha": 1.0, "beta1": math.nextafter(1, 0), "beta2": math.nextafter(1, 0), "epsilon": math.inf,
             "weight_decay": math.inf}  # fmt: skip
ADAMW_WEIGHT_DECAY = 0.01
# Said where a branch cannot take the optimiser state of its moment along.
FRESH_STATE = "The optimiser or its parameters are others now: its state begins anew, the order of the samples goes on."
NUDGE = "nudge of "  # and the number's name: what changes are called of which one after the other counts as one
MOST_UNITS = 1_000
MOST_LAYERS = 20
GIVEN = {"W": "A weight", "b": "A bias", "x": "An input", "y": "A target"}
# Said where there is no such number to change; weights and inputs there always are.
MISSING = {"b": "This network has no biases; switch them on in the panel first.", "y": "This experiment has no targets to change."}
T = TypeVar("T")


def set_problem(state: AppState, problem: Problem, split: Split | None = None, schedule: Schedule | None = None) -> AppState:
    """Take a changed experiment; the cursor stays unless the way back to it is too long, then it goes to the first update.

    split, schedule: of the new run, by default those of the old one.
    """
    check(problem)
    problem = _without_impossible_figures(problem)
    step = state.step if within_reach(problem, state.step) else 1
    run = state.run.again(problem, split=split, schedule=schedule)
    run.record(step)
    forgotten = state.run.begun is not None and state.run.begun.slots and run.begun is None
    notice = FRESH_STATE if forgotten else ""
    changed = replace(state, problem=problem, run=run, run_length=step, step=step, walked=0, notice=notice, anchors=())
    changed = replace(changed, playing=False, training=0)
    changed = with_usual_digits(state, changed)
    return replace(changed, tick=corresponding_tick(walk_of(state), walk_of(changed), state.tick))


def within_reach(problem: Problem, step: int) -> bool:
    """Return whether an update can be computed from the start so fast that nobody waits for it."""
    return problem.learning_rate is not None and step * sum(a * b for a, b in pairwise(problem.layers)) <= REPLAY_WORK


def _without_impossible_figures(problem: Problem) -> Problem:
    """Drop printed figures of an update that no longer takes place; all others stay, to be compared with."""
    if problem.learning_rate is not None or not problem.expected:
        return problem
    return replace(problem, expected=tuple(figure for figure in problem.expected if not QUANTITIES[figure.quantity].needs_update))


def check(problem: Problem) -> None:
    """Raise Refusal where choices do not go together, in words for the panel."""
    if any(name == "softmax" for name in problem.activations[:-1]):
        raise Refusal("Softmax works on the output layer only; in a hidden layer any other activation is allowed.")
    reason = refusal(problem.loss, problem.activations[-1], problem.layers[-1])
    if reason is not None:
        raise Refusal(as_sentence(reason))
    if problem.y is None and problem.dataset is None and problem.loss != "none":
        raise Refusal("This experiment has no targets, so only the loss “output itself” is possible.")
    if problem.bias_sharing == "per_layer" and problem.biases is not None and any(len(set(b)) > 1 for b in problem.biases):
        raise Refusal("One bias for a whole layer has to start as one value: make the biases of each layer equal first.")


def number(value: float, what: str, low: float = -math.inf, high: float = math.inf) -> float:
    """Return a finite number within bounds, or raise Refusal."""
    if not math.isfinite(value) or not low <= value <= high:
        bounds = f"a number from {low:g} to {high:g}" if high < math.inf else f"a number from {low:g}" if low > -math.inf else "any number"
        reason = "is too large" if value == math.inf else f"cannot be {value:g}"
        raise Refusal(f"{what} {reason}; allowed: {bounds}{' up to about 1.8e308' if value == math.inf == high else ''}.")
    return float(value)


def plain(text: str) -> str:
    """Return a typed number as Python reads it: with a point and a hyphen."""
    return text.strip().replace("−", "-").replace(",", ".")


def parse_number(text: str) -> float:
    """Return the number a person has typed, with a decimal point or comma and any kind of minus sign."""
    typed = text.strip()
    if not typed:
        raise Refusal("Nothing is typed; allowed: any number such as −0.25 or 3e−4.")
    try:
        value = float(plain(text))
    except ValueError:
        value = math.nan
    if math.isinf(value) and any(map(str.isdigit, typed)):
        raise Refusal(f"“{typed}” is too large; allowed: numbers up to about 1.8e308.")
    if not math.isfinite(value):
        raise Refusal(f"“{typed}” is not a number; allowed: any number such as −0.25 or 3e−4.")
    return value


def edit_number(state: AppState, ref: Ref, value: float) -> AppState:
    """Set one given number; see `edit_numbers`."""
    return edit_numbers(state, [(ref, value)])


def edit_numbers(state: AppState, numbers: Sequence[tuple[Ref, float]]) -> AppState:
    """Set given numbers: W and b on update 1, where they are the initial ones; x, y of samples of the present batch.

    Where one bias serves a whole layer, it is set for all of it.
    """
    changes: dict[tuple[str, int], list[tuple[Any, float]]] = {}
    for ref, value in numbers:
        why = fixed(state, ref)
        if why:
            raise Refusal(why)
        quantity = "x" if ref.quantity == "a" else ref.quantity
        array = (quantity, ref.layer if quantity in ("W", "b") else 0)
        changes.setdefault(array, []).append((_place(state, ref), number(value, GIVEN[quantity])))
    problem = state.problem
    for (quantity, layer), entries in changes.items():
        problem = _with_numbers(problem, quantity, layer, entries)
    return set_problem(state, problem)


def _place(state: AppState, ref: Ref) -> Any:
    """Return where a given number stands in its array; a bias that serves a whole layer in all places."""
    if ref.quantity == "W":
        return ref.unit, ref.from_ or 0
    if ref.quantity == "b":
        return slice(None) if state.problem.bias_sharing == "per_layer" else ref.unit
    record = state.run.record(state.step)
    return record.samples[min(state.options.sample if ref.sample is None else ref.sample, record.m - 1)], ref.unit


def _with_numbers(problem: Problem, quantity: str, layer: int, entries: Sequence[tuple[Any, float]]) -> Problem:
    """Return the experiment with numbers of one array replaced. layer: 0 for the samples. entries: (place, value)."""
    problem = with_weights(problem) if layer else with_data(problem)
    name = {"W": "weights", "b": "biases"}.get(quantity, quantity)
    arrays: Any = getattr(problem, name)
    if arrays is None:
        raise Refusal(MISSING[quantity])
    if entries[0][0] == slice(None) and len({value for _, value in entries}) > 1:
        raise Refusal("One bias serves a whole layer here; allowed: one number for all of them.")
    array = np.array(arrays[layer - 1] if layer else arrays)
    for place, value in entries:
        array[place] = value
    changed: Any = _swap(arrays, layer - 1, frozen(array)) if layer else frozen(array)
    return replace(problem, **{name: changed})


def fixed(state: AppState, ref: Ref) -> str:
    """Return why a number cannot be changed at the cursor, "" if it can."""
    if not can_edit(ref):
        return "This number follows from the others; allowed: inputs, targets, initial weights and biases."
    if ref.quantity in ("W", "b") and state.step > 1:
        return "Only initial weights and biases can be changed: go to update 1 (Home, Home), or branch here (Ctrl+Shift+R)."
    return ""


def can_edit(ref: Ref) -> bool:
    """Return whether a number is a given one, not computed from others."""
    return ref.unit is not None and (ref.quantity in ("x", "y", "W", "b") or (ref.quantity == "a" and ref.layer == 0))


def with_weights(problem: Problem) -> Problem:
    """Return the same experiment with its drawn initial weights written out."""
    if problem.weights is not None:
        return problem
    params = initial_parameters(problem)
    return replace(problem, weights=params.W, biases=params.b if problem.has_biases else None, init=None)


def with_data(problem: Problem) -> Problem:
    """Return the same experiment with the samples of its data set written out."""
    if problem.x is not None:
        return problem
    x, y = data(problem)
    return replace(problem, x=x, y=y, dataset=None)


def _swap(items: Sequence[T], i: int, new: T) -> tuple[T, ...]:
    return (*items[:i], new, *items[i + 1 :])


def set_learning_rate(state: AppState, value: float | None) -> AppState:
    """Set c / α / η; None computes gradients only. While a thread trains, it changes from the next update on and the run goes on."""
    rate = None if value is None else number(value, "The learning rate", low=0.0)
    if state.training and rate is not None:
        state.run.retune(rate)
        return state
    return set_problem(state, replace(state.problem, learning_rate=rate))


def set_loss(state: AppState, loss: str) -> AppState:
    """Choose the loss; refused where the outputs do not suit it."""
    return set_problem(state, replace(state.problem, loss=loss))


def set_activation(state: AppState, layer: int, name: str) -> AppState:
    """Choose φ of weight layer `layer` (from 1)."""
    if name not in ACTIVATION_NAMES:
        raise Refusal(f'There is no activation "{name}"; allowed: {", ".join(ACTIVATION_NAMES)}.')
    return set_problem(state, replace(state.problem, activations=_swap(state.problem.activations, layer - 1, name)))


def set_optimizer(state: AppState, name: str, **constants: float | bool) -> AppState:
    """Choose the update rule and its constants; without constants, the usual ones of the rule."""
    if name not in OPTIMIZER_KEYS:
        raise Refusal(f'There is no update rule "{name}"; allowed: {", ".join(OPTIMIZER_KEYS)}.')
    usual = Optimizer(name, weight_decay=ADAMW_WEIGHT_DECAY if name == "adamw" else 0.0)
    keep = state.problem.optimizer if name == state.problem.optimizer.name else usual
    for key, value in constants.items():
        if not isinstance(value, bool):
            number(value, key.replace("_", " ").capitalize(), 0.0, CONSTANTS[key])
    return set_problem(state, replace(state.problem, optimizer=replace(keep, **constants)))  # type: ignore[arg-type]


def set_convention(state: AppState, **changes: object) -> AppState:
    """Change batch_reduction, bias_sharing, train_biases, hidden_delta_uses, rounding, l2 or batch_size."""
    if "l2" in changes:
        number(float(str(changes["l2"])), "L2", low=0.0)
    problem = state.problem
    if changes.get("bias_sharing") == "per_layer":
        problem = _with_equal_biases(problem)
    return set_problem(state, replace(problem, **changes))  # type: ignore[arg-type]


def _with_equal_biases(problem: Problem) -> Problem:
    """Each layer's shared bias starts at the mean of its units' biases, so that nothing has to be typed again."""
    if problem.biases is None:
        return problem
    return replace(problem, biases=tuple(frozen(np.full_like(b, b[0] if len(set(b)) == 1 else b.mean())) for b in problem.biases))


def set_rounding(state: AppState, decimals: int | None, mode: str = "half_even") -> AppState:
    """Carry rounded values, as a hand calculation does; None carries full precision."""
    rounding = None if decimals is None else Rounding(decimals, mode)  # type: ignore[arg-type]
    return set_convention(state, rounding=rounding)


def set_biases(state: AppState, present: bool) -> AppState:
    """Give the network biases: those that it had until they were switched off, where their layers are as large as then, else 0."""
    if present == state.problem.has_biases:
        return state
    problem, spare = state.problem, state.spare_biases
    biases = None
    if not present:
        spare = problem.biases or ()
    elif problem.weights is not None:
        kept = [*spare, *([None] * problem.depth)]
        biases = tuple(b if b is not None and len(b) == n else frozen(np.zeros(n)) for b, n in zip(kept, problem.layers[1:], strict=False))
    changed = replace(problem, biases=biases, has_biases=present)
    there = reshaped(state, _with_equal_biases(changed) if changed.bias_sharing == "per_layer" else changed)
    return replace(there, spare_biases=spare)


def randomise(state: AppState, seed: int, scheme: str | None = None) -> AppState:
    """Draw new initial weights from a seed that can be written down; biases start at 0."""
    used = scheme or (state.problem.init.scheme if state.problem.init else usual_scheme(state.problem.activations))
    changed = set_problem(state, replace(state.problem, weights=None, biases=None, init=Init(used, seed)))
    return replace(changed, run_length=1, step=1, tick=0)


def usual_scheme(activations: Sequence[str]) -> str:
    """Return the scheme that suits the hidden layers."""
    return "he_uniform" if any(name in ("relu", "leaky_relu", "elu", "gelu") for name in activations) else "xavier_uniform"


def resize_layer(state: AppState, layer: int, units: int) -> AppState:
    """Give neuron layer `layer` (0 = inputs) another number of units; all weights and samples that can be kept are kept."""
    if not 1 <= units <= MOST_UNITS:
        raise Refusal(f"A layer of {units:,} units is not possible here; allowed: 1 to {MOST_UNITS:,}.")
    layers = _swap(state.problem.layers, layer, units)
    return _restructure(state, layers, state.problem.activations, keep=range(len(layers)))


def add_layer(state: AppState, units: int, activation: str = "sigmoid") -> AppState:
    """Add a hidden layer below the output layer."""
    if len(state.problem.layers) >= MOST_LAYERS:
        raise Refusal(f"More than {MOST_LAYERS} layers cannot be drawn; open a file for deeper networks.")
    p = state.problem
    names = (*p.activations[:-1], activation, p.activations[-1])
    keep = (*range(p.depth), None, p.depth)
    return _restructure(state, (*p.layers[:-1], units, p.layers[-1]), names, keep)


def remove_layer(state: AppState, layer: int) -> AppState:
    """Remove a hidden layer."""
    p = state.problem
    if not 0 < layer < p.depth:
        raise Refusal("The input layer and the output layer cannot be removed; allowed: hidden layers.")
    keep = tuple(i for i in range(p.depth + 1) if i != layer)
    names = (*p.activations[: layer - 1], *p.activations[layer:])
    return _restructure(state, (*p.layers[:layer], *p.layers[layer + 1 :]), names, keep)


def _restructure(state: AppState, layers: tuple[int, ...], activations: tuple[str, ...], keep: Sequence[int | None]) -> AppState:
    """Change the shape. keep[l]: the layer of the old network that layer l was, None for a new one."""
    problem = state.problem
    if problem.dataset is not None and (layers[0], layers[-1]) != (problem.layers[0], problem.layers[-1]):
        raise Refusal(f"The data set “{problem.dataset.get('name')}” fixes {problem.layers[0]} inputs and {problem.layers[-1]} outputs.")
    x = None if problem.x is None else _fitted(problem.x, (len(problem.x), layers[0]))
    y = None if problem.y is None else _fitted(problem.y, (len(problem.y), layers[-1]))
    changed = replace(problem, layers=layers, activations=activations, x=x, y=y, expected=())
    if problem.weights is not None:
        changed = with_kept_weights(problem, changed, keep)
    return reshaped(state, changed)


def reshaped(state: AppState, problem: Problem) -> AppState:
    """Take an experiment of another shape: no place of the old walk has a meaning in it, so it starts anew."""
    changed = set_problem(replace(state, step=1), replace(problem, expected=()))
    return replace(changed, run_length=1, step=1, tick=0, selection=None, hover=None, trail=Trail())


def _fitted(array: Array, shape: tuple[int, ...], filler: Array | None = None) -> Array:
    """Return `array` cut or extended to `shape`; new places are taken from `filler` or are 0."""
    result = np.zeros(shape) if filler is None else np.array(filler)
    common = tuple(slice(0, min(a, b)) for a, b in zip(array.shape, shape, strict=True))
    result[common] = array[common]
    return frozen(result)


def with_kept_weights(old: Problem, new: Problem, keep: Sequence[int | None]) -> Problem:
    """Draw all weights of the new shape, then put back those between layers that were neighbours before, and others that still fit."""
    drawn = initial_parameters(replace(new, weights=None, biases=None, init=Init(usual_scheme(new.activations), 0)))
    assert old.weights is not None
    W, b = list(drawn.W), list(drawn.b)
    for l in range(1, new.depth + 1):
        source, below = keep[l], keep[l - 1]
        if source is not None and source > 0 and (below == source - 1 or old.weights[source - 1].shape == W[l - 1].shape):
            W[l - 1] = _fitted(old.weights[source - 1], W[l - 1].shape, W[l - 1])
        if source is not None and source > 0 and old.biases is not None:
            b[l - 1] = _fitted(old.biases[source - 1], b[l - 1].shape)
    if old.bias_sharing == "per_layer" and old.biases is not None:
        b = [np.full_like(values, values[0]) for values in b]
    return replace(new, weights=tuple(map(frozen, W)), biases=tuple(map(frozen, b)) if old.biases is not None else None)
