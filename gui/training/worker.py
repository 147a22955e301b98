"""Trains in a thread of its own: consumes `model.training.loop.train` and hands its chunks to the window about 30 times a second."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSemaphore, QThread, Signal

from gui.actions import as_sentence, extend, stop_training
from gui.state import AppState
from gui.store import Store
from gui.training.garbage import Garbage
from model.evaluation import Evaluator
from model.explain.divergence import divergence_told
from model.run import Run
from model.training.loop import Chunk, Stop, train
from model.training.stopping import StopRule, watch


class _Thread(QThread):
    """Computes one order of updates. **Signals:** produced(generation, chunk), failed(generation, error)."""

    produced = Signal(int, object)
    failed = Signal(int, object)

    def __init__(self, run: Run, updates: int, rule: StopRule, generation: int, parent: QObject) -> None:
        super().__init__(parent)  # without one, Python would destroy it in the very moment in which it says that it has finished
        params, state = run.state(run.length + 1)
        self._history = run
        self._work = train(
            run.problem, params, state, run.length + 1, updates=updates, learning_rate=_rates(run), interval=self._interval,
            samples=run.samples, stop=_stop(run, rule), offset=run.offset,
        )  # fmt: skip
        self._generation = generation
        self.free = QSemaphore(0)

    def _interval(self) -> int:
        return self._history.interval

    def run(self) -> None:
        try:
            for chunk in self._work:
                if self.isInterruptionRequested():
                    return
                self.produced.emit(self._generation, chunk)
                while not self.free.tryAcquire(1, 50):
                    if self.isInterruptionRequested():
                        return
        except Exception as error:
            self.failed.emit(self._generation, error)
        finally:
            del self._work, self._history  # Python keeps the object of a thread for longer than Qt, and the run takes many megabytes


def _rates(run: Run) -> Callable[[int], float] | None:
    """Return what gives each update its learning rate, which may be changed while the thread runs; None without updates."""
    if run.learning_rate is None:
        return None
    return run.new_rate  # type: ignore[return-value]


def _stop(run: Run, rule: StopRule) -> Stop | None:
    """Return what decides after each update whether training goes on."""
    m = len(run.samples[0])
    batches = -(-m // min(run.problem.batch_size or m, m))
    held_out = Evaluator(run.problem, *run.held_out) if rule.active and len(run.held_out[0]) else None
    return watch(rule, batches, held_out, run.offset)


class TrainingWorker(QObject):
    """Runs while `state.training` is positive. Only this object, in the window's thread, appends to the run."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._threads: list[_Thread] = []
        self._generation = 0
        self._garbage = Garbage()
        store.changed.connect(self._on_store_changed)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if new.training and not old.training:
            self._start(new)
        elif old.training and not new.training:
            self._interrupt()

    def _start(self, state: AppState) -> None:
        self._interrupt()
        self._garbage.begin()
        thread = _Thread(state.run, state.training, state.stop, self._generation, self)
        thread.produced.connect(self._on_thread_produced)
        thread.failed.connect(self._on_thread_failed)
        thread.finished.connect(self._on_thread_finished)
        self._threads.append(thread)
        thread.start()

    def _interrupt(self) -> None:
        """Ask the threads to end, without waiting; from now on what they still hand over is ignored."""
        self._generation += 1
        for thread in self._threads:
            thread.requestInterruption()

    def stop(self) -> None:
        """End the threads and wait for it; nobody follows the run any more."""
        self._interrupt()
        self._store.turns.clear()
        self._store.pauses.clear()
        for thread in self._threads:
            thread.wait()
        self._garbage.end()

    def _on_thread_produced(self, generation: int, chunk: Chunk) -> None:
        if generation != self._generation:
            return
        state = self._store.state
        state.run.append(chunk)
        if chunk.divergence is not None:
            self._store.dispatch(extend, max(1, state.run.length), state.training)
            self._store.dispatch(stop_training, as_sentence(divergence_told(chunk.divergence, state.notation, state.problem)))
            return
        self._store.dispatch(extend, state.run.length, max(0, state.training - len(chunk.losses)))
        if chunk.stopped:
            self._store.dispatch(stop_training, chunk.stopped)
        if self._store.state.training:
            self._store.turns.ask(self._garbage.look)
            self._store.turns.serve(self._threads[-1].free.release)

    def _on_thread_failed(self, generation: int, error: Exception) -> None:
        if generation == self._generation:
            self._store.dispatch(stop_training, "Training ended with an error.")
            raise error

    def _on_thread_finished(self) -> None:
        running = [thread for thread in self._threads if thread.isRunning()]
        for thread in self._threads:
            if thread not in running:
                thread.deleteLater()
        self._threads = running
        if not running and not self._store.state.training:  # before, a thread that still works might destroy what is the window's
            self._garbage.end()
