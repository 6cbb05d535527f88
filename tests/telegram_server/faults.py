"""Faults a test scripts: what goes wrong with the next calls of a method."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "answer",  # answered with an error, nothing done
    "page",  # answered by something in between with a page, nothing done
    "reset before",  # the connection breaks, nothing done
    "reset after",  # done, then the connection breaks
    "hang after",  # done, then the answer is held back
    "slow",  # held back, then done and answered
    "truncated",  # done, then half of the answer's JSON comes
    "not ok",  # status 200 with an error inside
    "duplicate",  # each update handed over twice
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong once."""

    kind: Kind
    status: int = 0
    retry_after: int = 0
    seconds: float = 0.0


def too_many(retry_after: int) -> Fault:
    """429, with the seconds to wait."""
    return Fault("answer", 429, retry_after)


def answers(status: int) -> Fault:
    """An error in the Bot API's own shape."""
    return Fault("answer", status)


def page(status: int) -> Fault:
    """An HTML page of a gateway or portal."""
    return Fault("page", status)


def not_ok(status: int) -> Fault:
    """HTTP 200 around an error."""
    return Fault("not ok", status)


RESET_BEFORE = Fault("reset before")
RESET_AFTER = Fault("reset after")
TRUNCATED = Fault("truncated")
DUPLICATE = Fault("duplicate")


def hang_after(seconds: float) -> Fault:
    """Done at once, answered this much later."""
    return Fault("hang after", seconds=seconds)


def slow(seconds: float) -> Fault:
    """Done and answered this much later."""
    return Fault("slow", seconds=seconds)


class FaultScript:
    """Faults in waiting, per method in lower case; `webhook` and `file` count as methods."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = defaultdict(deque)
        self._lock = threading.Lock()

    def add(self, method: str, *faults: Fault, times: int = 1) -> None:
        """Let these strike the next calls of a method, in order, the whole list so many times."""
        with self._lock:
            self._waiting[method.lower()].extend(faults * times)

    def next(self, method: str) -> Fault | None:
        """The fault that strikes this call, if any."""
        with self._lock:
            waiting = self._waiting[method.lower()]
            return waiting.popleft() if waiting else None

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._waiting.clear()
