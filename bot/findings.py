"""What looking at an installation finds, a line each."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bot.faults import Exit, explain

Weight = Literal["ok", "note", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: something is well, worth knowing, or wrong."""

    weight: Weight
    about: str
    words: str

    def __str__(self) -> str:
        return f"{self.weight:<6} {self.about}: {self.words}"


def ok(about: str, words: str) -> Finding:
    """Something is well."""
    return Finding("ok", about, words)


def note(about: str, words: str) -> Finding:
    """Something is worth knowing."""
    return Finding("note", about, words)


def fault(about: str, words: str) -> Finding:
    """Something is wrong."""
    return Finding("fault", about, words)


Look = Callable[[], Iterable[Finding]]


def looked(about: str, look: Look) -> Iterator[Finding]:
    """What one look finds; a look that breaks is a finding too."""
    try:
        yield from look()
    except Exception as error:
        yield from (fault(about, sentence) for sentence in explain(error)[0])


def show(looks: Iterable[tuple[str, Look]]) -> int:
    """Print every finding and return the exit code."""
    wrong = False
    for about, look in looks:
        for found in looked(about, look):
            wrong = wrong or found.weight == "fault"
            print(found)
            sys.stdout.flush()
    return Exit.FOUND if wrong else Exit.DONE
