"""What no picture of a network may show: texts on texts or nodes, numbers out of their halves, anything cut off."""

from __future__ import annotations

from itertools import combinations

from gui.diagram.primitives import Box, Circle, Diagram, Half, Label, Picture

Bounds = tuple[float, float, float, float]
Capsule = tuple[float, float, float, float]


def meet(a: Bounds, b: Bounds, slack: float = 0.5) -> bool:
    return a[0] < b[2] - slack and b[0] < a[2] - slack and a[1] < b[3] - slack and b[1] < a[3] - slack


def box_bounds(box: Box) -> Bounds:
    return (box.x - box.width / 2, box.y - box.height / 2, box.x + box.width / 2, box.y + box.height / 2)


def faults(picture: Diagram) -> list[tuple[str, ...]]:
    """Everything that is wrong with a picture."""
    found = [("overlap", *pair) for pair in overlapping_texts(picture)]
    found += [("on a node", text) for text in texts_on_nodes(picture)]
    found += [("out of its half", text) for text in outside_their_neuron(picture)]
    found += [("cut off", text) for text in cut_off(picture)]
    return found + [("covered", *pair) for pair in covered_texts(picture)]


def overlapping_texts(picture: Diagram) -> list[tuple[str, str]]:
    return [(a.block.plain, b.block.plain) for a, b in combinations(picture.labels, 2) if meet(a.bounds, b.bounds)]


def texts_on_nodes(picture: Diagram) -> list[str]:
    """Numbers of edges, badges, names, heads and captions that touch a node."""
    halves = [item for item in picture.items if isinstance(item, Half)]
    discs = [item for item in picture.items if isinstance(item, Circle) and item.ref is not None and item.fill is not None]
    shapes = [(h.x, h.y, h.rx, h.r) for h in halves] + [(c.x, c.y, c.r, c.r) for c in discs]
    boxes = [node_bounds(item) for item in picture.items if isinstance(item, Box) and is_node(item)]
    outside = [label for label in picture.labels if label.kind]
    return [
        label.block.plain
        for label in outside
        if any(covers(shape, label.bounds) for shape in shapes) or any(meet(box, label.bounds, 1.0) for box in boxes)
    ]


def is_node(box: Box) -> bool:
    """Whether a box is an input, a target, the loss, or the lower half of a neuron whose numbers stand above each other."""
    return (box.ref is not None and box.ref.quantity in ("x", "y", "loss", "a") and box.line_width != 0.0) or stacked_half(box)


def stacked_half(box: Box) -> bool:
    return box.ref is not None and box.ref.quantity == "a" and box.line is None


def node_bounds(box: Box) -> Bounds:
    left, top, right, bottom = box_bounds(box)
    return (left, top - box.height if stacked_half(box) else top, right, bottom)


def covers(shape: Capsule, box: Bounds) -> bool:
    """Whether a capsule around (x, y) of half width rx and half height r meets a box."""
    x, y, rx, r = shape
    core = rx - r
    dx = max(box[0] - (x + core), (x - core) - box[2], 0.0)
    dy = max(box[1] - y, y - box[3], 0.0)
    return dx * dx + dy * dy < (r - 0.5) ** 2


def outside_their_neuron(picture: Diagram) -> list[str]:
    """Numbers and symbols of neurons that reach over the rim or the middle of their half."""
    halves = {item.ref: item for item in picture.items if isinstance(item, Half)}
    boxes = {item.ref: item for item in picture.items if isinstance(item, Box) and item.line is None}
    inner = [label for label in picture.labels if not label.kind and label.ref is not None]
    out = [label for label in inner if label.ref in halves and not within(halves[label.ref], ink(label))]
    out += [label for label in inner if label.ref in boxes and label.ref not in halves and not within_box(boxes[label.ref], ink(label))]
    return [label.block.plain for label in out]


def ink(label: Label) -> Bounds:
    """Where a text really is: digits and most letters end on the baseline."""
    left, _, right, bottom = label.bounds
    flat = all(run.dy == 0 for run in label.block.runs) and not set("gjpqyfφβμρζξ𝑔𝑗𝑝𝑞𝑦𝑓,()[]/") & set(label.block.plain)
    return left, label.baseline - 0.72 * label.block.size, right, label.baseline if flat else bottom


def within(half: Half, box: Bounds) -> bool:
    core = half.rx - half.r
    corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    inner = all((x - half.x) * side(half) > -1 for x, _ in corners)
    return inner and all(max(abs(x - half.x) - core, 0.0) ** 2 + (y - half.y) ** 2 <= (1.06 * half.r) ** 2 for x, y in corners)


def within_box(box: Box, text: Bounds) -> bool:
    left, top, right, bottom = box_bounds(box)
    return left - 1 <= text[0] and text[2] <= right + 1 and top - 1.5 <= text[1] and text[3] <= bottom + 1.5


def side(half: Half) -> int:
    return 1 if half.side == "right" else -1


def cut_off(picture: Diagram) -> list[str]:
    """Texts, and badges around them, that reach over the rim of the picture."""
    texts = [(label.block.plain, label.bounds) for label in picture.labels]
    texts += [(str(item.ref), box_bounds(item)) for item in picture.items if isinstance(item, Box) and item.ref is not None]
    return [text for text, (left, top, right, bottom) in texts if min(left, top) < 0 or right > picture.width or bottom > picture.height]


def covered_texts(picture: Diagram) -> list[tuple[str, str]]:
    """Texts under a badge, a plate or the ramp of the legend that were painted later or before, but not for them."""
    found = []
    for item in picture.items:
        if isinstance(item, Box) and item.ref is not None and not is_node(item):
            area = box_bounds(item)
        elif isinstance(item, Picture):
            area = (item.x, item.y, item.x + item.width, item.y + item.height)
        else:
            continue
        for label in picture.labels:
            same = isinstance(item, Box) and label.ref is not None and label.ref == item.ref
            if not same and meet(area, label.bounds, 1.5):
                found.append((str(item.ref), label.block.plain))
    return found


def ground_under(picture: Diagram, i: int) -> object:
    """The colour of the topmost filled shape painted before item i around its middle."""
    label = picture.items[i]
    assert isinstance(label, Label)
    x, y = (label.bounds[0] + label.bounds[2]) / 2, label.y
    for item in reversed(picture.items[:i]):
        if isinstance(item, Box) and item.fill is not None and abs(x - item.x) <= item.width / 2 and abs(y - item.y) <= item.height / 2:
            return item.fill
        if isinstance(item, Circle) and item.fill is not None and (x - item.x) ** 2 + (y - item.y) ** 2 <= item.r**2:
            return item.fill
        if isinstance(item, Half) and item.fill is not None and abs(y - item.y) <= item.r and 0 <= (x - item.x) * side(item) <= item.rx:
            return item.fill
        if isinstance(item, Picture) and item.x <= x <= item.x + item.width and item.y <= y <= item.y + item.height:
            return None
    return picture.background
