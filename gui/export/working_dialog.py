"""A dialog that makes files which take a while: a bar, cancel at once, and the window goes on answering meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialogButtonBox, QProgressBar, QWidget

from gui.export.idle_task import IdleTask
from gui.export.parts import Form


class WorkingDialog(Form):
    """Add sections, then `finish`. While a task runs, the sections are locked and Close is Cancel."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._task: IdleTask | None = None
        self._saved = ""
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName("how much is done")
        self.save_button = self.add_button("&Save as…", "choose where to save, and begin", default=True)
        self._close = self.buttons.button(QDialogButtonBox.StandardButton.Close)

    def finish(self, save: Callable[[], object], width: float, height: float) -> None:
        """Complete the dialog: its bar, its size, and what its button does."""
        self.layout().insertWidget(1, self._bar)  # type: ignore[union-attr]
        self._bar.hide()
        self.save_button.clicked.connect(save)
        self.settle(width, height)

    @property
    def working(self) -> bool:
        """Whether files are being made."""
        return self._task is not None

    def run(self, task: IdleTask, what: str, saved: str) -> None:
        """Begin. what: is said meanwhile; saved: when it is complete."""
        self._task, self._saved = task, saved
        task.setParent(self)
        task.progressed.connect(self._on_progressed)
        task.ended.connect(self._on_ended)
        self._lock(True)
        self._bar.setRange(0, 0)
        self.tell(what)
        task.start()

    def cancel(self) -> None:
        """Give up at once."""
        if self._task is not None:
            self._task.cancel()
            self._end("Cancelled; nothing was written.")

    def _lock(self, locked: bool) -> None:
        self._area.widget().setEnabled(not locked)
        self.save_button.setEnabled(not locked)
        self._bar.setVisible(locked)
        self._close.setText("&Cancel" if locked else "&Close")

    def _end(self, sentence: str, *, refused: bool = False) -> None:
        if self._task is not None:
            self._task.deleteLater()
            self._task = None
        self._lock(False)
        self.tell(sentence, refused=refused)

    def _on_progressed(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def _on_ended(self, sentence: str) -> None:
        self._end(f"{sentence[0].upper()}{sentence[1:]}." if sentence else self._saved, refused=bool(sentence))

    def reject(self) -> None:
        """Esc and the button cancel while something is being made; otherwise they close."""
        if self.working:
            self.cancel()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.cancel()
        super().closeEvent(event)
