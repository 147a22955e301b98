"""What a picture says once it has left the window: nothing is found under a pointer there. No Qt."""

from __future__ import annotations

import re
from dataclasses import replace

from gui.diagram.primitives import Diagram, Label
from gui.diagram.text import words

POINTER = "under the pointer"
_SAID = (
    (re.compile(rf"its (\d+) numbers {POINTER}"), r"no room for \1 numbers"),
    (re.compile(rf"filled by activation, numbers {POINTER}"), "filled by activation, without numbers"),
    (re.compile(rf"numbers {POINTER}"), "not all numbers fit"),
)


def on_paper(diagram: Diagram) -> Diagram:
    """Return a picture whose notes say what is missing, and not where the window would show it."""
    notes = tuple(_reworded(note) for note in diagram.notes)
    items = tuple(_label(item) if isinstance(item, Label) and item.kind == "note" else item for item in diagram.items)
    return replace(diagram, items=items, notes=notes)


def _label(label: Label) -> Label:
    if POINTER not in label.block.plain:
        return label
    return replace(label, block=words(_reworded(label.block.plain), label.block.size))


def _reworded(text: str) -> str:
    for pattern, said in _SAID:
        text = pattern.sub(said, text)
    return text
