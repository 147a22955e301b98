"""From the JSON value of the key `session` to a `Session`: every key, its type and its range."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from model.evaluation import Split
from model.format.checks import LARGEST_SEED, JsonObject, RefusedError, check_keys, choice, number, shown, text, whole
from model.format.session import Bookmark, EarlierRun, SavedRun, Session
from model.history import History
from model.optimizers import OptimizerState
from model.problem import Array, frozen
from model.stages import GRANULARITIES
from model.training.loop import Divergence
from model.training.schedules import Schedule
from model.training.stopping import StopRule

T = TypeVar("T")
_SCHEDULE = ("kind", "every", "factor", "over", "lowest")
_RUN = ("length", "split", "schedule", "rates", "offset", "scheduled", "optimizer_state", "losses", "interval", "checkpoints", "diverged")
_EARLIER = ("changes", "without", "split", "schedule", "offset", "length", "stride", "losses")


def session_from(value: object) -> Session:
    """Return the session that a JSON value describes. Raises RefusedError; whether it fits the experiment shows when it is taken up."""
    given = check_keys(value, "session", ("experiment", "run", "stop", "cursor", "bookmarks", "earlier_runs"), ())
    cursor = check_keys(given["cursor"], "session.cursor", ("step", "tick", "granularity"), ())
    return Session(
        experiment=text(given["experiment"], "session.experiment"),
        run=_run(given["run"], "session.run"),
        stop=_stop(given["stop"], "session.stop"),
        step=_count(cursor, "step", "session.cursor", 1),
        tick=_count(cursor, "tick", "session.cursor"),
        granularity=choice(cursor["granularity"], "session.cursor.granularity", GRANULARITIES),  # type: ignore[arg-type]
        bookmarks=_each(given["bookmarks"], "session.bookmarks", _bookmark),
        earlier=_each(given["earlier_runs"], "session.earlier_runs", _earlier),
    )


def _count(given: Mapping[str, object], key: str, position: str, low: int = 0) -> int:
    return whole(given[key], f"{position}.{key}", low, LARGEST_SEED)


def _each(value: object, position: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
    if not isinstance(value, list):
        raise RefusedError(position, f"a list is needed, found {shown(value)}")
    return tuple(read(part, f"{position}[{i}]") for i, part in enumerate(value))


def _bookmark(value: object, position: str) -> Bookmark:
    given = check_keys(value, position, ("step", "tick", "notation", "note"), ())
    words = {key: text(given[key], f"{position}.{key}") for key in ("notation", "note")}
    return Bookmark(_count(given, "step", position, 1), _count(given, "tick", position), **words)


def _made(make: Callable[..., T], position: str, values: Mapping[str, Any]) -> T:
    """Return a value whose constructor checks its parts."""
    try:
        return make(**values)
    except ValueError as error:
        raise RefusedError(position, str(error)) from None


def _split(value: object, position: str) -> Split:
    given = check_keys(value, position, ("share", "seed"), ("lots",))
    values: dict[str, Any] = {"share": number(given["share"], f"{position}.share"), "seed": _count(given, "seed", position)}
    if "lots" in given:
        values["lots"] = _each(given["lots"], f"{position}.lots", lambda lot, where: whole(lot, where, 0, LARGEST_SEED))
    return _made(Split, position, values)


def _schedule(value: object, position: str) -> Schedule:
    given = check_keys(value, position, _SCHEDULE, ())
    values: dict[str, Any] = {key: _count(given, key, position) for key in ("every", "over")}
    values |= {key: number(given[key], f"{position}.{key}") for key in ("factor", "lowest")}
    return _made(Schedule, position, values | {"kind": text(given["kind"], f"{position}.kind")})


def _stop(value: object, position: str) -> StopRule:
    given = check_keys(value, position, ("target", "patience"), ())
    target = None if given["target"] is None else number(given["target"], f"{position}.target")
    patience = None if given["patience"] is None else _count(given, "patience", position)
    return _made(StopRule, position, {"target": target, "patience": patience})


def _run(value: object, position: str) -> SavedRun:
    given = check_keys(value, position, _RUN, ("here",))
    length = _count(given, "length", position, 1)
    losses = _numbers(given["losses"], f"{position}.losses", length)
    interval = _count(given, "interval", position, 1)
    history = History(losses, interval, _checkpoints(given["checkpoints"], f"{position}.checkpoints", length // interval),
                      _divergence(given["diverged"], f"{position}.diverged"), _here(given.get("here"), f"{position}.here"))  # fmt: skip
    return SavedRun(
        history, _split(given["split"], f"{position}.split"), _schedule(given["schedule"], f"{position}.schedule"),
        dict(_each(given["rates"], f"{position}.rates", _rate)), _count(given, "offset", position), _count(given, "scheduled", position),
        _state(given["optimizer_state"], f"{position}.optimizer_state"),
    )  # fmt: skip


def _here(value: object, position: str) -> tuple[int, bytes] | None:
    if value is None:
        return None
    given = check_keys(value, position, ("update", "state"), ())
    return _count(given, "update", position, 1), _bytes(given["state"], f"{position}.state")


def _rate(value: object, position: str) -> tuple[int, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise RefusedError(position, f"a pair [update, learning rate] is needed, found {shown(value)}")
    return whole(value[0], f"{position}[0]", 1, LARGEST_SEED), number(value[1], f"{position}[1]", 0.0)


def _state(value: object, position: str) -> OptimizerState | None:
    if value is None:
        return None
    given = check_keys(value, position, ("updates", "vectors"), ())
    return OptimizerState(_count(given, "updates", position), _each(given["vectors"], f"{position}.vectors", _numbers))


def _divergence(value: object, position: str) -> Divergence | None:
    if value is None:
        return None
    given = check_keys(value, position, ("update", "layer", "quantity"), ())
    layer = None if given["layer"] is None else _count(given, "layer", position, 1)
    return Divergence(_count(given, "update", position, 1), layer, text(given["quantity"], f"{position}.quantity"))


def _bytes(value: object, position: str) -> bytes:
    try:
        data = base64.b64decode(text(value, position), validate=True)
    except (binascii.Error, ValueError) as error:
        if isinstance(error, RefusedError):
            raise
        raise RefusedError(position, "this is not base64; allowed: base64 of little-endian float64") from None
    if len(data) % 8:
        raise RefusedError(position, f"{len(data):,} bytes are no whole numbers of 8 bytes each; allowed: base64 of little-endian float64")
    return data


def _numbers(value: object, position: str, count: int | None = None) -> Array:
    found = frozen(np.frombuffer(_bytes(value, position), dtype="<f8"))
    if count is not None and len(found) != count:
        raise RefusedError(position, f"{count:,} numbers are needed, found {len(found):,}")
    return found


def _checkpoints(value: object, position: str, count: int) -> tuple[bytes, ...]:
    data = _bytes(value, position)
    size = len(data) // max(count, 1)
    if size * count != len(data) or size % 8 or (count and not size):
        raise RefusedError(position, f"{count:,} equal parts of whole numbers are needed, one for each interval, found {len(data):,} bytes")
    return tuple(data[k * size : (k + 1) * size] for k in range(count))


def _earlier(value: object, position: str) -> EarlierRun:
    given = check_keys(value, position, _EARLIER, ())
    length, stride = _count(given, "length", position, 1), _count(given, "stride", position, 1)
    changes = given["changes"]
    if not isinstance(changes, JsonObject):
        raise RefusedError(f"{position}.changes", f"an object with keys of a problem file is needed, found {shown(changes)}")
    return EarlierRun(
        changes, _each(given["without"], f"{position}.without", text), _split(given["split"], f"{position}.split"),
        _schedule(given["schedule"], f"{position}.schedule"), _count(given, "offset", position), length, stride,
        _numbers(given["losses"], f"{position}.losses", -(-length // stride)),
    )  # fmt: skip
