"""Waiting for what a process on the other side does."""

import threading
import time
from collections.abc import Callable

from tests.telegram_server.ledger import Ledger


def wait(seconds: float) -> None:
    """Let so much time pass."""
    threading.Event().wait(seconds)


def until(check: Callable[[], bool], timeout: float = 30.0) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: it did not come to hold.
    """
    end = time.monotonic() + timeout
    while not check():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {timeout} s")
        wait(0.01)


def quiet(ledger: Ledger, seconds: float = 1.0) -> None:
    """Wait until nothing has happened on the server for so long."""
    before = -1
    while before != len(ledger):
        before = len(ledger)
        wait(seconds)
