"""Faults that strike by chance, at rates and with a seed."""

import random  # noqa: TID251  (a seed replays a run)
import threading
from collections.abc import Mapping, Sequence

from tests.telegram_server.faults import Fault, FaultScript

Shares = Sequence[tuple[float, Fault]]
ELSE = "*"


class Chance(FaultScript):
    """A share of all calls goes wrong.

    Args:
        shares: method in lower case, or `*` for every other -> how often each fault strikes.
    """

    def __init__(self, seed: int, shares: Mapping[str, Shares]) -> None:
        super().__init__()
        self.struck: list[tuple[str, Fault]] = []
        self._dice = random.Random(seed)
        self._shares = shares
        self._dice_lock = threading.Lock()

    def next(self, method: str) -> Fault | None:
        """The fault that strikes this call, if any."""
        with self._dice_lock:
            drawn = self._dice.random()
            for share, fault in self._shares.get(method.lower(), self._shares.get(ELSE, ())):
                if drawn < share:
                    self.struck.append((method, fault))
                    return fault
                drawn -= share
        return None
