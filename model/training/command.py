"""The verb `train`: many updates without a window, the trained network as a file, the losses as a table."""

from __future__ import annotations

import contextlib
import json
import os
from argparse import Namespace
from dataclasses import dataclass, replace
from typing import BinaryIO, TextIO

from model.atomic import writing
from model.data.batches import data
from model.examples import open_problem
from model.format.file import ProblemError, dumps
from model.initializers import initial_parameters
from model.optimizers import initial_state
from model.parameters import Parameters
from model.problem import Array, Problem, frozen
from model.report import json_number
from model.training.loop import Divergence, train
from model.training.progress import ProgressBar

_CHUNK_SECONDS = 0.1


@dataclass(slots=True)
class _Outcome:
    params: Parameters
    steps: int = 0
    seconds: float = 0.0
    first_loss: float = float("nan")
    last_loss: float = float("nan")
    divergence: Divergence | None = None


def run_train(args: Namespace, out: TextIO, err: TextIO) -> int:
    """`train FILE --steps N [-o OUT] [--log FILE.csv] [--json]`. Exit 1 if the run diverged; what came before is still written."""
    problem = open_problem(args.file)
    if problem.learning_rate is None:
        raise ProblemError(args.file, "learning_rate", "training needs a learning rate, found null; allowed: a finite number from 0")
    _refuse_log_over_network(args)
    with contextlib.ExitStack() as outputs:
        saved = outputs.enter_context(writing(args.output)) if args.output is not None else None
        log = outputs.enter_context(writing(args.log)) if args.log is not None else None
        outcome = _train(problem, args.steps, log)
        if saved is not None:
            saved.write(dumps(trained(problem, outcome.params)).encode())
    _report(problem, outcome, args.json, out)
    if outcome.divergence is not None:
        err.write(f"deltastep: {outcome.divergence}; what came before is kept, a smaller learning rate may help\n")
        return 1
    return 0


def _refuse_log_over_network(args: Namespace) -> None:
    """The losses must not replace the network: neither the one that is read nor the one that is written."""
    for other in (args.file, args.output):
        if args.log is not None and other is not None and os.path.realpath(args.log) == os.path.realpath(other):
            raise ProblemError(args.log, "--log", "this is the network's own file; allowed: another name for the losses")


def trained(problem: Problem, params: Parameters) -> Problem:
    """Return the experiment that starts from other parameters; printed figures are left out, they belong to the old start."""
    biases = tuple(frozen(b) for b in params.b) if params.has_biases else None
    return replace(problem, weights=tuple(frozen(W) for W in params.W), biases=biases, init=None, expected=())


def _train(problem: Problem, steps: int, log: BinaryIO | None) -> _Outcome:
    params = initial_parameters(problem)
    outcome = _Outcome(params)
    if log is not None:
        log.write(b"step,loss\n")
    state = initial_state(problem.optimizer, len(params.theta))
    with ProgressBar("train", steps) as progress:
        for chunk in train(problem, params, state, updates=steps, interval=lambda: steps, chunk_seconds=_CHUNK_SECONDS):
            if outcome.steps == 0 and len(chunk.losses):
                outcome.first_loss = float(chunk.losses[0])
            if log is not None:
                log.write(_rows(chunk.first, chunk.losses))
            outcome.steps += len(chunk.losses)
            outcome.seconds += chunk.seconds
            outcome.last_loss = float(chunk.losses[-1]) if len(chunk.losses) else outcome.last_loss
            outcome.params, outcome.divergence = chunk.parameters(), chunk.divergence
            progress.show(outcome.steps)
    return outcome


def _rows(first: int, losses: Array) -> bytes:
    return "".join(f"{step},{loss!r}\n" for step, loss in enumerate(losses.tolist(), first)).encode()


def _samples(problem: Problem, steps: int) -> int:
    """Return how many samples so many updates have seen; the last batch of an epoch may be smaller than the others."""
    m = len(data(problem)[0])
    size = min(problem.batch_size or m, m)
    epochs, batches = divmod(steps, -(-m // size))
    return epochs * m + min(batches * size, m)


def _report(problem: Problem, outcome: _Outcome, as_json: bool, out: TextIO) -> None:
    samples = _samples(problem, outcome.steps)
    per_second = samples / outcome.seconds if outcome.seconds else 0.0
    if as_json:
        result = {
            "steps": outcome.steps, "samples": samples, "seconds": outcome.seconds, "samples_per_second": per_second,
            "first_loss": json_number(outcome.first_loss), "last_loss": json_number(outcome.last_loss),
        }  # fmt: skip
        out.write(json.dumps(result, allow_nan=False) + "\n")
        return
    losses = f"loss {outcome.first_loss:.6g} before the first, {outcome.last_loss:.6g} before the last"
    speed = f"{outcome.seconds:.3g} s, {per_second:,.0f} samples a second"
    out.write(f"{outcome.steps:,} update{'' if outcome.steps == 1 else 's'}: {losses}; {speed}\n")
