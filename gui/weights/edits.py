"""Takes weights from a file into the experiment, as one edit that can be undone. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gui.actions import Refusal
from gui.edits import reshaped, set_problem
from gui.state import AppState
from model.exchange.weights import Imported
from model.problem import Array, Problem, frozen


def kept_activations(problem: Problem, depth: int) -> tuple[str, ...]:
    """Return the activations for a network of `depth` layers: the present ones, the last hidden one again where there are more."""
    hidden, last = problem.activations[:-1], problem.activations[-1]
    filler = hidden[-1] if hidden else "sigmoid"
    return (*hidden[: depth - 1], *[filler] * (depth - 1 - len(hidden)), last)


def take_weights(state: AppState, found: Imported, activations: Sequence[str] | None) -> AppState:
    """Start from the weights of a file; the network gets their shape. activations: per layer, None to keep the present ones.

    Samples are cut or filled up with 0 where the numbers of inputs or outputs differ; a data set refuses that.
    """
    old, layers = state.problem, found.layers
    names = tuple(activations or kept_activations(old, len(found.W)))
    ends = (layers[0], layers[-1])
    if old.dataset is not None and ends != (old.layers[0], old.layers[-1]):
        raise Refusal(
            f"The data set “{old.dataset.get('name')}” fixes {old.layers[0]} inputs and {old.layers[-1]} outputs; these weights have "
            f"{ends[0]} and {ends[1]}."
        )
    new = replace(
        old, layers=layers, activations=names, weights=found.W, biases=_shared(old, found.b), has_biases=found.b is not None, init=None,
        x=_fitted(old.x, ends[0]), y=_fitted(old.y, ends[1]),
    )  # fmt: skip
    if layers != old.layers or new.has_biases != old.has_biases:
        return reshaped(state, new)
    return replace(set_problem(replace(state, step=1), new), run_length=1)


def _shared(problem: Problem, biases: tuple[Array, ...] | None) -> tuple[Array, ...] | None:
    """Return the biases, refused where each layer has one of its own but the file's units differ."""
    if problem.bias_sharing == "per_layer" and biases is not None and any(len(set(b.tolist())) > 1 for b in biases):
        raise Refusal("One bias serves a whole layer here, but the file has a different one for each unit; choose one bias per unit first.")
    return biases


def _fitted(samples: Array | None, columns: int) -> Array | None:
    if samples is None or samples.shape[1] == columns:
        return samples
    result = np.zeros((len(samples), columns))
    common = min(columns, samples.shape[1])
    result[:, :common] = samples[:, :common]
    return frozen(result)
