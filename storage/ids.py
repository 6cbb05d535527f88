"""The one place ids and secrets are made."""

import hashlib
import secrets
import threading
import time


def new_id() -> str:
    """An id nobody can guess, 32 hex digits."""
    return secrets.token_hex(16)


def new_token() -> str:
    """A handle of 128 random bits, 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


def new_secret() -> str:
    """A key of 256 random bits, 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def random_bytes(count: int) -> bytes:
    """Random bytes for codes a person writes down."""
    return secrets.token_bytes(count)


def new_alias() -> str:
    """Four digits to call somebody by who gave no name; drawn anew each time, so that it links nothing."""
    return f"{secrets.randbelow(9000) + 1000}"


def token_hash(token: str) -> str:
    """What is kept of a secret of full strength: its SHA-256, 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


class Sequence:
    """Row ids that only grow, known before the insert and below 2**53.

    They follow the machine's clock (never the demo offset) and keep growing when it steps back.
    """

    def __init__(self, last: int = 0) -> None:
        self._last = last
        self._lock = threading.Lock()

    def next(self) -> int:
        """The next id."""
        with self._lock:
            self._last = max(self._last + 1, int(time.time() * 1000) << 12)
            return self._last
