"""Goes from update to update on one set of buffers: what `Run` replays with and what training runs."""

from __future__ import annotations

from functools import partial

import numpy as np

from model.backprop import backward, evaluate_loss, forward, update
from model.data.batches import batch_rows
from model.optimizers import OptimizerState
from model.parameters import Parameters, layer_slices
from model.problem import Array, Problem
from model.workspace import Operation, ParameterBuffers, Workspace

# The history of a run of 100,000 updates stays below 64 MB; losses and learning rates take 16 bytes per update of it.
BUDGET, LONG_RUN = 58_000_000, 100_000
STRIDE, PRODUCTS = 32, 4_000_000  # updates between two looks at the clock, fewer if they take more products of a sample and a parameter
BYTES_OVERHEAD = 49  # what CPython needs for a bytes object beside its contents, and its place in a list

# A workspace and the calls that gather inputs and targets into it.
_Batch = tuple[Workspace, Operation, Operation]


def unpack(problem: Problem, checkpoint: bytes, t: int) -> tuple[Parameters, OptimizerState]:
    """Return the parameters and the optimiser state, after t updates, that a checkpoint holds; read-only, nothing is copied."""
    vectors = np.frombuffer(checkpoint).reshape(ParameterBuffers.rows(problem), -1)
    return Parameters(problem.layers, problem.has_biases, vectors[0]), OptimizerState(t, tuple(vectors[1:]))


def pack(params: Parameters, state: OptimizerState) -> bytes:
    """Return parameters and optimiser state as a checkpoint."""
    return b"".join(vector.tobytes() for vector in (params.theta, *state.slots))


def usual_interval(problem: Problem) -> int:
    """Return how many updates may lie between two checkpoints at first: 1 for small networks, about 16 where copies take time.

    Doubled again and again, as a run grows, it comes to the least distance at which a long run just fits into the budget.
    """
    size = 8 * ParameterBuffers.rows(problem) * layer_slices(problem.layers, problem.has_biases)[-1].stop
    about = int(2 ** min(4, max(0, (size // 1024).bit_length() - 1)))
    first = -(-LONG_RUN * (size + BYTES_OVERHEAD) // BUDGET)
    while first > 1.5 * about:
        first = -(-first // 2)
    return first if first > about // 2 else about


class Stepper:
    """Parameters, optimiser state and the samples of a run, in buffers that every update reuses.

    x: (M, n_0), y: (M, n_L), all samples. offset: updates before update 1, which the order of the samples goes on from. Callers
    silence floating-point warnings, once for many updates. stride: so many updates take a few milliseconds, where a single one does.
    """

    def __init__(self, problem: Problem, x: Array, y: Array, offset: int = 0) -> None:
        self.problem, self.m, self._offset = problem, len(x), offset
        self.buffers = ParameterBuffers(problem)
        self._x, self._y = np.ascontiguousarray(x.T), np.ascontiguousarray(y.T)
        self._workspaces: dict[int, Workspace] = {}
        size = min(problem.batch_size or self.m, self.m)
        self._per_epoch = -(-self.m // size)
        self.stride = max(1, min(STRIDE, PRODUCTS // (size * self.buffers.vector.shape[-1])))
        self._epoch = -1
        self._batches: list[_Batch | None] = []
        self._loaded = -1  # the update whose batch lies in its workspace

    def restore(self, checkpoint: bytes, t: int) -> None:
        """Take parameters and optimiser state, after t updates, from a checkpoint."""
        self.buffers.vector[...] = np.frombuffer(checkpoint).reshape(self.buffers.vector.shape)
        self.buffers.clock.t = t

    def checkpoint(self) -> bytes:
        """Return the parameters and the optimiser state as they are now."""
        return self.buffers.vector.tobytes()

    def workspace(self, step: int) -> Workspace:
        """Return the workspace for the batch of update `step` (from 1), with the batch in it."""
        epoch, batch = divmod(step + self._offset - 1, self._per_epoch)
        if epoch != self._epoch:
            self._start_epoch(epoch)
        ws, take_x, take_y = self._batches[batch] or self._gather(step)
        if self._loaded != step:
            if self._per_epoch > 1 or self._loaded < 0:
                take_x()
                take_y()
            self._loaded = step
        return ws

    def _start_epoch(self, epoch: int) -> None:
        """Forget the batches of another order; in file order every epoch has the same ones."""
        if self._epoch < 0 or self.problem.shuffle_seed is not None:
            self._batches = [None] * self._per_epoch
            self._loaded = -1
        self._epoch = epoch

    def _gather(self, step: int) -> _Batch:
        """Bind the calls that gather the batch of update `step`, for this epoch or, in file order, for all."""
        rows = batch_rows(self.problem, step + self._offset, self.m)
        ws = self._workspace_for(len(rows))
        # The rows are in range; any mode but "raise" lets NumPy write straight into the buffer.
        batch = (ws, partial(self._x.take, rows, 1, ws.A[0], "clip"), partial(self._y.take, rows, 1, ws.Y, "clip"))
        self._batches[(step + self._offset - 1) % self._per_epoch] = batch
        return batch

    def _workspace_for(self, m: int) -> Workspace:
        if m not in self._workspaces:
            self._workspaces[m] = Workspace(self.problem, m, buffers=self.buffers)
        return self._workspaces[m]

    def compute(self, step: int, learning_rate: float | None) -> Workspace:
        """Compute update `step` without accepting its new parameters."""
        ws = self.workspace(step)
        forward(ws)
        evaluate_loss(ws)
        backward(ws, learning_rate)
        return ws

    def step(self, step: int, learning_rate: float | None) -> float:
        """Compute update `step`, accept its new parameters, and return the loss before it."""
        ws = self.workspace(step)
        if learning_rate is None:
            forward(ws)
            evaluate_loss(ws)
        else:
            update(ws, learning_rate)
        return float(ws.loss_batch)
