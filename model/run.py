"""A run: the updates computed so far, kept as losses and checkpoints; any update's full record is replayed from the nearest one.

Only one thread may use a run; what a worker computes comes in by `append`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

import numpy as np

from model.data.batches import batch_indices, data
from model.evaluation import Split
from model.initializers import initial_parameters
from model.optimizers import OptimizerState, initial_state
from model.parameters import Parameters
from model.problem import Array, Problem, frozen
from model.record import Record, record_update
from model.stepper import Stepper, pack, unpack, usual_interval
from model.training.loop import Chunk, Divergence
from model.training.schedules import Schedule

# The history of a run of 100,000 updates stays below 64 MB; losses and learning rates take 16 bytes per update of it.
BUDGET = 58_000_000
_BYTES_OVERHEAD = 49  # what CPython needs for a bytes object beside its contents, and its place in the list
_CACHED_BYTES = 4_000_000
_NONE, _CONSTANT = Split(), Schedule()


class Series:
    """Numbers that are appended one by one or many at a time; `view` is a read-only array of all of them."""

    def __init__(self) -> None:
        self._values = np.empty(256)
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def extend(self, values: Array) -> None:
        """Append numbers, (k,). Views handed out before stay as they are."""
        n = self._n + len(values)
        if n > len(self._values):
            grown = np.empty(max(n, len(self._values) * 3 // 2))
            grown[: self._n] = self._values[: self._n]
            self._values = grown
        self._values[self._n : n] = values
        self._n = n

    def view(self) -> Array:
        """Return all numbers, (n,)."""
        result = self._values[: self._n]
        result.flags.writeable = False
        return result

    @property
    def nbytes(self) -> int:
        """Memory in use."""
        return self._values.nbytes


class Run:
    """The updates of one experiment, from update 1, as far as they have been computed.

    problem: the experiment. learning_rate: what updates beyond the last computed one use, as `schedule` shares it out; None if there
    is no update. split: which samples are held out; `samples` are the others, `rows` their numbers among all.
    interval: there is a checkpoint before the updates 1, 1 + interval, 1 + 2·interval, … `budget`: bytes for checkpoints; when they
    take more, every second one is dropped and the interval doubles.
    retunes: {update: learning rate from it on, before `schedule`}, as they came about. planned: such changes to be made again.
    offset: how many updates of an earlier run its initial weights had behind them, to compare the two.
    divergence: where a worker left the finite numbers, after the last update.
    """

    def __init__(
        self, problem: Problem, budget: int = BUDGET, split: Split = _NONE, schedule: Schedule = _CONSTANT,
        planned: Mapping[int, float] | None = None, offset: int = 0,
    ) -> None:  # fmt: skip
        self.problem, self.split, self.schedule, self.offset = problem, split, schedule, offset
        self.learning_rate = problem.learning_rate
        self.retunes: dict[int, float] = {}
        self._planned = dict(planned or {})
        self._by_hand = bool(planned)  # whether `retune` or a plan decides the learning rate
        self.divergence: Divergence | None = None
        self.interval = usual_interval(problem)
        self._budget = budget
        x, y = data(problem)
        self.rows, held_out = split.rows(len(x))
        self.held_out = (frozen(x[held_out]), frozen(y[held_out]))
        self._samples = (frozen(x[self.rows]), frozen(y[self.rows])) if len(held_out) else (x, y)
        params = initial_parameters(problem)
        first = pack(params, initial_state(problem.optimizer, len(params.theta)))
        self._checkpoints = [first]
        self._checkpoint_bytes = len(first) + _BYTES_OVERHEAD
        self._losses, self._rates = Series(), Series()
        self._stepper = Stepper(problem, *self._samples)
        self._stepper.restore(first, 0)
        self._at = 1  # the update whose starting parameters the stepper holds
        self._tail = (1, first)  # the same for the last update that a worker handed over
        self._records: OrderedDict[int, Record] = OrderedDict()

    @property
    def length(self) -> int:
        """Number of updates computed so far."""
        return len(self._losses)

    @property
    def losses(self) -> Array:
        """The loss before each computed update, (length,), read-only."""
        return self._losses.view()

    @property
    def rates(self) -> Array:
        """The learning rate of each computed update, (length,), read-only; NaN where there is none."""
        return self._rates.view()

    @property
    def trained(self) -> bool:
        """Whether a worker has computed updates, not only steps by hand."""
        return self._tail[0] > 1

    @property
    def samples(self) -> tuple[Array, Array]:
        """Inputs (M, n_0) and targets (M, n_L) that the run trains on, read-only; `held_out` has the others."""
        return self._samples

    @property
    def nbytes(self) -> int:
        """Memory that the history takes: checkpoints, losses and learning rates."""
        return self._checkpoint_bytes + self._losses.nbytes + self._rates.nbytes

    def record(self, t: int) -> Record:
        """Return the record of update t (from 1); beyond the last computed update, the run is extended to t."""
        cached = self._records.get(t)
        if cached is not None:
            self._records.move_to_end(t)
            return cached
        self._go_to(t)
        record = self._compute(t)
        self._remember(record)
        return record

    def parameters(self, t: int) -> Parameters:
        """Return the parameters before update t, 1 <= t; beyond length + 1 the run is extended to t − 1."""
        return self.state(t)[0]

    def state(self, t: int) -> tuple[Parameters, OptimizerState]:
        """Return the parameters and the optimiser state before update t, as `parameters`."""
        self._go_to(t)
        return unpack(self.problem, self._stepper.checkpoint(), self._stepper.buffers.clock.t)

    def append(self, chunk: Chunk) -> None:
        """Take over the updates that a worker computed from `state(length + 1)`. Raises ValueError if they do not continue this run."""
        if chunk.problem is not self.problem or chunk.first != self.length + 1:
            raise ValueError(f"a chunk that starts with update {chunk.first} cannot continue a run of {self.length} updates")
        rates = np.full(len(chunk.losses), np.nan) if chunk.rates is None else chunk.rates
        self._losses.extend(chunk.losses)
        self._rates.extend(rates)
        self.divergence = chunk.divergence
        if chunk.rates is not None and len(rates) and self.schedule.kind == "constant" and not self._by_hand:
            self.learning_rate = float(rates[-1])
        for step, checkpoint in (*chunk.checkpoints, (chunk.last + 1, chunk.end)):
            self._keep(step, checkpoint)
        self._tail = (chunk.last + 1, chunk.end)

    def retune(self, learning_rate: float) -> None:
        """Use another learning rate for the updates that nobody has begun yet; a worker sees it before its next update."""
        self.learning_rate, self._by_hand = learning_rate, True
        self._planned.clear()

    def new_rate(self, t: int) -> float | None:
        """Return the learning rate of update t, which is computed for the first time, here or in a worker; notes where it changes."""
        if t in self._planned:
            self.learning_rate = self._planned[t]
        base = self.learning_rate
        if base is None:
            return None
        if base != self.base_rate(t):
            self.retunes = {first: rate for first, rate in self.retunes.items() if first < t} | {t: base}
        return self.schedule.rate(base, t)

    def base_rate(self, t: int) -> float | None:
        """Return the learning rate of update t before the schedule."""
        known = self.retunes
        return known[max(first for first in known if first <= t)] if known and min(known) <= t else self.problem.learning_rate

    def _rate(self, t: int) -> float | None:
        if self.problem.learning_rate is None:
            return None
        return float(self._rates.view()[t - 1]) if t <= self.length else self.new_rate(t)

    def _go_to(self, t: int) -> None:
        """Bring the stepper to the start of update t, from the nearest known state before it."""
        if t < 1:
            raise ValueError(f"updates are numbered from 1; there is no update {t}")
        if self.problem.learning_rate is None and t <= self.length + 1:
            self._at = t
        if self._at != t:
            self._restore_before(t)
        with np.errstate(all="ignore"):
            while self._at < t:
                rate = self._rate(self._at)
                loss = self._stepper.step(self._at, rate)
                self._computed(self._at, loss, rate)

    def _restore_before(self, t: int) -> None:
        k = min((t - 1) // self.interval, len(self._checkpoints) - 1)
        start, checkpoint = 1 + k * self.interval, self._checkpoints[k]
        if start < self._tail[0] <= t:
            start, checkpoint = self._tail
        if not start <= self._at <= t:
            self._stepper.restore(checkpoint, 0 if self.problem.learning_rate is None else start - 1)
            self._at = start

    def _compute(self, t: int) -> Record:
        rate = self._rate(t)
        params, state = unpack(self.problem, self._stepper.checkpoint(), self._stepper.buffers.clock.t)
        ws = self._stepper.workspace(t)
        rows = tuple(self.rows[list(batch_indices(self.problem, t, self._stepper.m))].tolist())
        record = record_update(ws, params, state, step=t, samples=rows, learning_rate=rate)
        if rate is not None:
            ws.accept()
        self._computed(t, record.loss, rate)
        return record

    def _computed(self, t: int, loss: float, rate: float | None) -> None:
        """Note that the stepper has gone on from update t, which is new or a replay."""
        self._at = t + 1
        if t == self.length + 1:
            self._losses.extend(np.array([loss]))
            self._rates.extend(np.array([np.nan if rate is None else rate]))
            if (t % self.interval) == 0 and rate is not None:
                self._keep(t + 1, self._stepper.checkpoint())

    def _keep(self, step: int, checkpoint: bytes) -> None:
        """Keep the state before update `step` if it is the next one on the grid; thin the grid when the budget is spent."""
        if step != 1 + len(self._checkpoints) * self.interval:
            return
        self._checkpoints.append(checkpoint)
        self._checkpoint_bytes += len(checkpoint) + _BYTES_OVERHEAD
        while self._checkpoint_bytes > self._budget and len(self._checkpoints) > 1:
            del self._checkpoints[1::2]
            self.interval *= 2
            self._checkpoint_bytes = len(self._checkpoints) * (len(checkpoint) + _BYTES_OVERHEAD)

    def _remember(self, record: Record) -> None:
        """Keep the last records, at least two and no more than a few megabytes of them."""
        self._records[record.step] = record
        size = 8 * (3 * len(record.params.theta) + 6 * record.m * sum(self.problem.layers))
        while len(self._records) > max(2, min(32, _CACHED_BYTES // size)):
            self._records.popitem(last=False)
