"""The conventions by which numbers are made, as rows of the panel: each can be changed in its place, and what is not plain is said."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel

from gui import edits
from gui.panel.fields import Choice, NumberField, Section, change_of
from gui.state import AppState
from gui.store import Store
from model.conventions import conventions

FACTORS = (
    ("half_squared_error", "½"),
    ("squared_error", "1"),
    ("mean_squared_error_over_outputs", "1/n, n outputs"),
    ("half_mean_squared_error_over_outputs", "1/2n, n outputs"),
)
ROUNDINGS: tuple[tuple[int | None, str], ...] = ((None, "none"), *((k, f"{k} decimals") for k in range(16)))
MODES = (("half_even", "half to even"), ("half_up", "half up"), ("truncate", "cut off"))
# attribute of the problem, label, tooltip, entries
CHOICES: tuple[tuple[str, str, str, tuple[tuple[object, str], ...]], ...] = (
    ("batch_reduction", "samples", "How samples are combined, in the loss and in every gradient", (("sum", "sum"), ("mean", "mean"))),
    ("train_biases", "biases", "Whether updates change the biases", ((True, "trained"), (False, "frozen"))),
    ("bias_sharing", "one bias", "A bias of its own for each unit, or one a layer", (("per_unit", "per unit"), ("per_layer", "per layer"))),
    (
        "hidden_delta_uses",
        "hidden δ uses",
        "The weights through which errors are handed down: before or after their update",
        (("old", "old weights"), ("new", "updated weights")),
    ),
)
LARGEST_L2 = 1e9


class ConventionFields(QObject):
    """Fills a section of the panel and follows the store."""

    def __init__(self, store: Store, section: Section) -> None:
        super().__init__(section)
        self._store, self._section = store, section
        self.factor = self._add("loss factor", "What stands before the squares; other losses have none", FACTORS, self._on_factor_chosen)
        self.factor.setPlaceholderText("none")
        self.choices: dict[str, Choice] = {}
        for key, label, tip, entries in CHOICES:
            self.choices[key] = self._add(label, tip, entries, self._on_convention_chosen)
            self.choices[key].setProperty("convention", key)
        self.rounding = self._add("rounding", "Round every quantity and go on with the rounded value", ROUNDINGS, self._on_rounding_chosen)
        self.mode = Choice(MODES, "rounding mode", "How a number half way between is rounded")
        self.mode.chosen.connect(self._on_mode_chosen)
        self._mode_label = section.add_row("rounding mode", self.mode)
        self.l2 = NumberField(0.0, LARGEST_L2, "L2", "λ of the penalty (λ/2) Σ W², which biases do not pay")
        self.l2.valueChanged.connect(self._on_l2_changed)
        self.l2.refused.connect(section.refuse)
        section.add_row("L2  λ", self.l2)
        self._said = QLabel(wordWrap=True)
        self._said.setObjectName("quiet")
        self._said.setAccessibleName("conventions that are not the plain ones")
        section.add_wide(self._said)
        self._fill(store.state)
        store.changed.connect(self._on_store_changed)

    def _add(self, label: str, tip: str, entries: tuple[tuple[object, str], ...], chosen: Callable[..., None]) -> Choice:
        choice = Choice(entries, label, tip)
        choice.chosen.connect(chosen)
        self._section.add_row(label, choice)
        return choice

    def _fill(self, state: AppState) -> None:
        p = state.problem
        self.factor.show_value(p.loss)
        self.factor.setEnabled(p.loss in dict(FACTORS))
        for key, choice in self.choices.items():
            choice.show_value(getattr(p, key))
        self.choices["train_biases"].setEnabled(p.has_biases)
        self.choices["bias_sharing"].setEnabled(p.has_biases)
        self.rounding.show_value(None if p.rounding is None else p.rounding.decimals)
        self.mode.show_value("half_even" if p.rounding is None else p.rounding.mode)
        self.mode.setVisible(p.rounding is not None)
        self._mode_label.setVisible(p.rounding is not None)
        self.l2.show_value(p.l2)
        said = conventions(p)
        self._said.setText(f"Changed: {', '.join(said)}." if said else "All plain.")

    def _edit(self, text: str, action: Callable[..., AppState], *args: object, **kwargs: object) -> None:
        refused = self._store.edit(text, action, *args, **kwargs)
        if refused:
            self._fill(self._store.state)
        self._section.refuse(refused)

    def _on_factor_chosen(self, loss: str) -> None:
        self._edit("change of the loss factor", edits.set_loss, loss)

    def _on_convention_chosen(self, value: object) -> None:
        self._edit("change of convention", edits.set_convention, **{str(self.sender().property("convention")): value})

    def _on_rounding_chosen(self, decimals: int | None) -> None:
        self._edit("change of rounding", edits.set_rounding, decimals, self.mode.currentData())

    def _on_mode_chosen(self, mode: str) -> None:
        self._edit("change of rounding", edits.set_rounding, self.rounding.currentData(), mode)

    def _on_l2_changed(self, value: float) -> None:
        self._edit(change_of(self.l2, "L2"), edits.set_convention, l2=value)

    def _on_store_changed(self, old: AppState, new: AppState) -> None:
        if old.problem is not new.problem:
            self._fill(new)
            self._section.refuse("")
