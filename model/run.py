"""A run: the updates computed so far, kept as losses and checkpoints; any update's full record is replayed from the nearest one.

Only one thread may use a run; what a worker computes comes in by `append`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from time import perf_counter

import numpy as np

from model.crumbs import Crumbs
from model.data.batches import batch_indices, batch_rows, data
from model.evaluation import Split
from model.history import FAR, FINER, HISTORY, LEAST, SPARSE, History
from model.initializers import initial_parameters
from model.optimizers import OptimizerState, initial_state
from model.parameters import Parameters
from model.problem import Array, Problem, frozen
from model.record import Record, record_update
from model.series import Series
from model.stepper import BUDGET, BYTES_OVERHEAD, Stepper, pack, unpack, usual_interval
from model.training.loop import Chunk, Divergence
from model.training.schedules import Schedule

_CACHED_BYTES = 4_000_000
_NONE, _CONSTANT = Split(), Schedule()


class Run:
    """The updates of one experiment, from update 1, as far as they have been computed.

    problem: the experiment. learning_rate: what updates beyond the last computed one use, as `schedule` shares it out; None if there
    is no update. split: which samples are held out; `samples` are the others, `rows` their numbers among all.
    interval: there is a checkpoint before the updates 1, 1 + interval, 1 + 2·interval, … `budget`: bytes for checkpoints; when they
    take more, every second one is dropped and the interval doubles.
    retunes: {update: learning rate from it on, before `schedule`}, as they came about. planned: such changes to be made again.
    offset: how many updates of an earlier run its initial weights had behind them; the order of the samples goes on from there.
    begun: the optimiser state at the start, where it goes on too. scheduled: how many updates the schedule has behind it.
    divergence: where a worker left the finite numbers, after the last update.
    """

    def __init__(
        self, problem: Problem, budget: int = BUDGET, split: Split = _NONE, schedule: Schedule = _CONSTANT,
        planned: Mapping[int, float] | None = None, offset: int = 0, begun: OptimizerState | None = None, scheduled: int = 0,
    ) -> None:  # fmt: skip
        self.problem, self.split, self.schedule = problem, split, schedule
        self.offset, self.begun, self.scheduled = offset, begun, scheduled
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
        state = begun or initial_state(problem.optimizer, len(params.theta))
        first, self._t0 = pack(params, state), state.t
        self._checkpoints = [first]
        self._checkpoint_bytes = len(first) + BYTES_OVERHEAD
        self._losses, self._rates = Series(), Series()
        self._finer: dict[int, bytes] = {}  # states between distant checkpoints, laid down while a run that was taken up is replayed
        self._fine, self._refined = 0, 0
        self._crumbs = Crumbs(len(first))
        self._stepper = Stepper(problem, *self._samples, offset)
        self._stepper.restore(first, self._t0)
        self._at = 1  # the update whose starting parameters the stepper holds
        self._tail = (1, first)  # the same for the last update that a worker handed over
        self.trained_to = 0  # the last update that a worker has computed; steps by hand do not count
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
        return self.trained_to > 0

    @property
    def samples(self) -> tuple[Array, Array]:
        """Inputs (M, n_0) and targets (M, n_L) that the run trains on, read-only; `held_out` has the others."""
        return self._samples

    @property
    def nbytes(self) -> int:
        """Memory that the history takes: checkpoints, losses and learning rates."""
        between = sum(map(len, self._finer.values())) + self._crumbs.nbytes
        return self._checkpoint_bytes + between + self._losses.nbytes + self._rates.nbytes

    @property
    def footprint(self) -> int:
        """Memory of the whole run, about: history, samples as it keeps them, records and buffers at hand."""
        x, y = self._samples
        return self.nbytes + 2 * (x.nbytes + y.nbytes) + (len(self._records) + 2) * self._record_size

    @property
    def _record_size(self) -> int:
        m = min(self.problem.batch_size or self._stepper.m, self._stepper.m)
        return 3 * len(self._checkpoints[0]) + 48 * m * sum(self.problem.layers)

    def batch_size(self, t: int) -> int:
        """Return the number of samples in the batch of update t."""
        return len(batch_rows(self.problem, t + self.offset, self._stepper.m))

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

    def approach(self, t: int) -> Iterator[int]:
        """Compute what is missing before update t a little at a time; yields how many updates there are, so that a bar can grow."""
        for last in range(self.length + self._stepper.stride, t, self._stepper.stride):
            self._go_to(last)
            yield self.length

    def distance(self, t: int) -> int:
        """Return how many updates have to be computed, again or for the first time, before the record of update t can be."""
        return 0 if t in self._records else self._missing(t)

    def _missing(self, t: int) -> int:
        if self.problem.learning_rate is None and t <= self.length + 1:
            return 0
        start = self._nearest(t)[0]
        return t - (self._at if start <= self._at <= t else start)

    def nearest(self, t: int) -> int:
        """Return the computed update whose record is at hand, but for one update, that is nearest to update t."""
        before = t - self.distance(t)
        after = ((t - 1) // self.interval + 1) * self.interval + 1
        known = after <= self.length and (after - 1) // self.interval < len(self._checkpoints)
        return after if known and after - t < t - before else before

    def draw_near(self, t: int, seconds: float) -> int:
        """Compute what is missing before update t for a while, and return how many updates still are; others may use the run between."""
        return self._draw_near(t, perf_counter() + seconds) if self.distance(t) else 0

    def _draw_near(self, t: int, end: float) -> int:
        left = self._missing(t)
        while left:
            self._go_to(t - max(0, left - self._stepper.stride), towards=t)
            left = self._missing(t)
            if perf_counter() > end:
                break
        if left:
            self._crumbs.rest(self._at, self._stepper.checkpoint())
        return left

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
        self._tail, self.trained_to = (chunk.last + 1, chunk.end), chunk.last

    def again(
        self, problem: Problem | None = None, *, split: Split | None = None, schedule: Schedule | None = None,
        planned: Mapping[int, float] | None = None,
    ) -> Run:  # fmt: skip
        """Return a run from update 1 on that starts as this one, of the same experiment or of a changed one.

        What a branch has brought along goes with it: the order of the samples always, the schedule unless it is another one, the
        optimiser state as long as the optimiser and the number of parameters are the same.
        """
        problem = problem or self.problem
        fits = (problem.optimizer.name, problem.layers, problem.has_biases) == _sizes(self.problem)
        same_schedule = schedule is None or schedule == self.schedule
        return Run(
            problem, self._budget, split or self.split, schedule or self.schedule, planned, self.offset,
            self.begun if fits else None, self.scheduled if same_schedule else 0,
        )  # fmt: skip

    def plan(self) -> dict[int, float]:
        """Return {update: learning rate from it on}: the changes that were made, and those that are to follow."""
        made = {t: rate for t, rate in self.retunes.items() if t <= self.length}
        rate = self.learning_rate
        waiting = {self.length + 1: rate} if rate is not None and rate != self.base_rate(self.length) else {}
        return made | waiting | {t: rate for t, rate in self._planned.items() if t > self.length}

    def history(self, length: int, size: int = HISTORY, at: int = 1) -> History:
        """Return what the first `length` updates leave behind, with about `size` bytes of checkpoints or fewer, at wide distances.

        at: an update up to length + 1 that one is likely to go to first.
        """
        one = len(self._checkpoints[0])
        interval = self.interval
        while interval < SPARSE or length // interval * one > max(size, LEAST * one) or self._lacks(length, interval):
            interval *= 2
        every = interval // self.interval
        found = tuple(self._checkpoints[k * every] for k in range(1, length // interval + 1))
        broken = self.divergence
        broken = broken if broken is not None and broken.update <= length + 1 else None
        return History(self.losses[:length], interval, found, broken, self._state_at(at) if (at - 1) % interval > FAR else None)

    def _state_at(self, t: int) -> tuple[int, bytes]:
        self._go_to(t)
        return t, self._stepper.checkpoint()

    def _lacks(self, length: int, interval: int) -> bool:
        """Whether there is no checkpoint where a history with this interval would have its last one."""
        return length // interval * (interval // self.interval) >= len(self._checkpoints)

    def resume(self, history: History) -> None:
        """Take up a history of the same run, before anything is computed here. Raises ValueError where its sizes do not fit."""
        length, one, here = len(history.losses), len(self._checkpoints[0]), (history.here,) if history.here else ()
        fits = all(len(c) == one for c in history.checkpoints) and all(t <= length + 1 and len(state) == one for t, state in here)
        if self.length or len(history.checkpoints) != length // history.interval or not fits:
            raise ValueError("this history does not fit the experiment")
        if length >= self.interval:
            self._fine = max(self.interval, history.interval // FINER) if history.interval >= SPARSE else 0
            self.interval = history.interval
        self._checkpoints += history.checkpoints
        self._crumbs.states.update(here)
        self._checkpoint_bytes += len(history.checkpoints) * (one + BYTES_OVERHEAD)
        self.retunes = {t: rate for t, rate in self._planned.items() if t <= length}
        self._planned = {t: rate for t, rate in self._planned.items() if t > length}
        self.learning_rate = self._planned.get(length + 1, self.base_rate(length))
        self._losses.extend(history.losses)
        self._rates.extend(self._past_rates(length))
        self.divergence, self.trained_to = history.divergence, length

    def refine(self, seconds: float) -> bool:
        """Replay, for a while, the next part of a run that was taken up, so that seeking in it takes no longer than in one that was
        computed here. Returns whether there is more to do.
        """
        end = perf_counter() + seconds
        while self._fine and self._refined < self.trained_to:
            if self._draw_near(min(self._refined + self._fine, self.trained_to) + 1, end):
                return True
            self._refined += self._fine
            if perf_counter() > end:
                return True
        return False

    def _past_rates(self, length: int) -> Array:
        if self.problem.learning_rate is None:
            return np.full(length, np.nan)
        ends = [1, *sorted(t for t in self.retunes if t > 1), length + 1]
        bases = np.repeat([self.base_rate(t) for t in ends[:-1]], np.diff(ends)).astype(np.float64)
        if self.schedule.kind == "constant":
            return bases
        return np.array([self.schedule.rate(base, t + self.scheduled) for t, base in enumerate(bases.tolist(), 1)])

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
        return self.schedule.rate(base, t + self.scheduled)

    def base_rate(self, t: int) -> float | None:
        """Return the learning rate of update t before the schedule."""
        known = self.retunes
        return known[max(first for first in known if first <= t)] if known and min(known) <= t else self.problem.learning_rate

    def _rate(self, t: int) -> float | None:
        if self.problem.learning_rate is None:
            return None
        return float(self._rates.view()[t - 1]) if t <= self.length else self.new_rate(t)

    def _go_to(self, t: int, towards: int = 0) -> None:
        """Bring the stepper to the start of update t, from the nearest known state before it, on the way to a later one or to this."""
        if t < 1:
            raise ValueError(f"updates are numbered from 1; there is no update {t}")
        if self.problem.learning_rate is None and t <= self.length + 1:
            self._at = t
        if self._at != t:
            self._restore_before(t)
        goal = max(t, towards)
        start = (goal - 1) // self.interval * self.interval + 1
        crumbs = self._crumbs.places(start, self._at, goal) if goal - self._at > 2 and goal <= self.length + 1 else ()
        with np.errstate(all="ignore"):
            while self._at < t:
                if self._at in crumbs:
                    self._crumbs.states[self._at] = self._stepper.checkpoint()
                rate = self._rate(self._at)
                loss = self._stepper.step(self._at, rate)
                self._computed(self._at, loss, rate)
                if self._fine:
                    self._lay_down()

    def _restore_before(self, t: int) -> None:
        start, checkpoint = self._nearest(t)
        if not start <= self._at <= t:
            self._stepper.restore(checkpoint, self._t0 + (0 if self.problem.learning_rate is None else start - 1))
            self._at = start

    def _nearest(self, t: int) -> tuple[int, bytes]:
        """Return the last update up to t before which the state is kept, and that state."""
        k = min((t - 1) // self.interval, len(self._checkpoints) - 1)
        start, checkpoint = 1 + k * self.interval, self._checkpoints[k]
        if start < self._tail[0] <= t:
            start, checkpoint = self._tail
        near = self._crumbs.nearest(t)
        start, checkpoint = (near, self._crumbs.states[near]) if near > start else (start, checkpoint)
        if self._fine:
            near = 1 + (t - 1) // self._fine * self._fine
            start, checkpoint = (near, self._finer[near]) if near in self._finer and near > start else (start, checkpoint)
        return start, checkpoint

    def _lay_down(self) -> None:
        """Keep the state before the next update if it lies between the checkpoints of a run that was taken up; within the budget."""
        if (self._at - 1) % self._fine or self._at > self.trained_to or self._at in self._finer:
            return
        if self._checkpoint_bytes + (len(self._finer) + 1) * len(self._checkpoints[0]) > self._budget:
            self._finer.clear()
        self._finer[self._at] = self._stepper.checkpoint()

    def _compute(self, t: int) -> Record:
        rate = self._rate(t)
        params, state = unpack(self.problem, self._stepper.checkpoint(), self._stepper.buffers.clock.t)
        ws = self._stepper.workspace(t)
        rows = tuple(self.rows[list(batch_indices(self.problem, t + self.offset, self._stepper.m))].tolist())
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
        self._checkpoint_bytes += len(checkpoint) + BYTES_OVERHEAD
        while self._checkpoint_bytes > self._budget and len(self._checkpoints) > 1:
            del self._checkpoints[1::2]
            self.interval *= 2
            self._checkpoint_bytes = len(self._checkpoints) * (len(checkpoint) + BYTES_OVERHEAD)

    def _remember(self, record: Record) -> None:
        """Keep the last records, at least two and no more than a few megabytes of them."""
        self._records[record.step] = record
        while len(self._records) > max(2, min(32, _CACHED_BYTES // self._record_size)):
            self._records.popitem(last=False)


def _sizes(problem: Problem) -> tuple[str, tuple[int, ...], bool]:
    """Return what the vectors of an optimiser state depend on."""
    return problem.optimizer.name, problem.layers, problem.has_biases
