"""What the fake server acknowledged and delivered: append-only, and the oracle of reliability tests.

It is written before the answer leaves, so whatever the bot under test believes, this is what a real
Telegram would have done.
"""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

What = Literal[
    "created",  # an update waits for the bot
    "handed",  # updates went out in an answer or a webhook call
    "acknowledged",  # an update was confirmed: by a poll's offset, or by a 2xx of the webhook
    "dropped",  # an update was thrown away on the bot's own request
    "expired",  # an update grew too old while nobody took it
    "delivered",  # a call took effect
    "refused",  # a call was answered with an error, or a push to the webhook did not get through
    "faulted",  # a scripted fault struck
]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger."""

    number: int
    at: float
    what: What
    details: Mapping[str, Any]


class Ledger:
    """The list of what happened.

    Args:
        path: also appended to this file, one JSON object a line, synced before the call returns.
    """

    def __init__(self, path: Path | None = None):
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8") if path else None

    def write(self, what: What, at: float, **details: Any) -> None:
        """Add one line."""
        with self._lock:
            entry = Entry(len(self._entries) + 1, at, what, details)
            self._entries.append(entry)
            if self._file is not None:
                self._file.write(_line(entry))
                self._file.flush()
                os.fsync(self._file.fileno())

    @classmethod
    def read(cls, path: Path) -> "Ledger":
        """A ledger that an earlier server left; a last line cut short is left out."""
        ledger = cls()
        for line in path.read_text("utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                found = json.loads(line)
                ledger._entries.append(Entry(found["number"], found["at"], found["what"], found["details"]))
        return ledger

    def entries(self, what: What | None = None) -> list[Entry]:
        """Every line, or those of one sort, oldest first."""
        with self._lock:
            return [entry for entry in self._entries if what is None or entry.what == what]

    def since(self, number: int) -> list[Entry]:
        """Every line after this one, oldest first."""
        with self._lock:
            return self._entries[number:]

    def __len__(self) -> int:
        return len(self._entries)

    def created(self) -> list[int]:
        """Numbers of the updates that ever waited for the bot."""
        return [entry.details["update_id"] for entry in self.entries("created")]

    def acknowledged(self) -> set[int]:
        """Numbers of the updates the bot said it has."""
        return {entry.details["update_id"] for entry in self.entries("acknowledged")}

    def delivered(self, *methods: str, chat_id: int | None = None) -> list[Mapping[str, Any]]:
        """What took effect by these methods (all of them when none is named), oldest first."""
        return [
            entry.details
            for entry in self.entries("delivered")
            if (not methods or entry.details["method"] in methods)
            and (chat_id is None or entry.details.get("chat_id") == chat_id)
        ]

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()


def _line(entry: Entry) -> str:
    fields = {"number": entry.number, "at": entry.at, "what": entry.what, "details": entry.details}
    return json.dumps(fields) + "\n"
