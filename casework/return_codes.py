"""Codes that bring a worker back to their matters from another device (P23)."""

from domain import numbers
from storage import return_codes
from storage.ids import random_bytes
from storage.tx import Tx


def make(tx: Tx, person_id: str) -> str:
    """A new code, told once; earlier ones stop working."""
    code = numbers.return_code(random_bytes(numbers.RANDOM_BYTES))
    return_codes.add(tx, code, person_id)
    return code


def owner(tx: Tx, typed: str) -> str | None:
    """Whose code was typed; None when it is nobody's.

    Raises:
        Refusal: the keys of `domain.numbers.REFUSALS`, for a mistyped one.
    """
    return return_codes.find(tx, numbers.read_return_code(typed))
