"""The key `notation_profile` of a problem file: a notation of one's own, checked, with the position of what is wrong in it."""

from __future__ import annotations

from model.format.checks import JsonObject, RefusedError, check_keys, join, text
from model.notation.checks import KEYS
from model.notation.own import fault, parse_own
from model.notation.profile import Notation


def profile_from(value: object, position: str) -> Notation:
    """Return an own notation; what is wrong with it is said with the key in it."""
    _check_texts(check_keys(value, position, (), KEYS), position)
    try:
        return parse_own(value)
    except ValueError as error:
        place, message = fault(str(error))
        raise RefusedError(position + place, message) from None


def _check_texts(value: object, position: str) -> None:
    """Refuse keys that are written twice and texts that cannot be written again, anywhere in a value."""
    if isinstance(value, str):
        text(value, position)
    elif isinstance(value, JsonObject):
        for key, part in check_keys(value, position, (), tuple(value)).items():
            text(key, position)
            _check_texts(part, join(position, key))
    elif isinstance(value, list):
        for i, part in enumerate(value):
            _check_texts(part, f"{position}[{i}]")
