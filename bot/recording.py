"""A session on the terminal, written down in the language of tests/transcripts."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.channels.terminal import Bubble, row_of

_RETURN_CODE = re.compile(r"\b\d{4}([ -])\d{4}\1\d{4}\1\d{4}\b")  # differs from run to run


class Recording:
    """Who was there, what happened, and what was seen of it.

    Args:
        begun: on the union's own clock.
    """

    def __init__(self, begun: datetime) -> None:
        self._begun = begun
        self._people: list[str] = []
        self._lines: list[str] = []

    def person(self, name: str, cadre: str | None, language: str) -> None:
        """Somebody speaks for the first time; `cadre` is the name a cadre goes by."""
        self._people.append(f"{name}=cadre {cadre}" if cadre else f"{name}=worker {language}")

    def line(self, words: str, seen: Sequence[Sequence[str]]) -> None:
        """One thing that happened, and what was seen, each thing as its lines."""
        shown = [_RETURN_CODE.sub(_masked, line) for item in seen for line in item]
        self._lines += [words, *shown, ""]

    def written(self, title: str) -> str:
        """The whole transcript."""
        heading = [
            f"title: {title}",
            "requirement: R?",
            f"clock: {self._begun:%Y-%m-%d %H:%M}",
            f"people: {', '.join(self._people)}",
        ]
        return "\n".join([*heading, "", *self._lines]).rstrip("\n") + "\n"


def changes(
    before: Mapping[str, Bubble], after: Mapping[str, Bubble], head: str, *, told: bool
) -> list[list[str]]:
    """What is new on one phone; of buttons that went away it is told where nothing new was said."""
    items = []
    fresh = after.keys() - before.keys()
    for key, bubble in after.items():
        if key in fresh:
            items.append(_written(f"  {head}> ", bubble.lines()))
        elif bubble.text != before[key].text:
            items.append(_written(f"  {head}~ ", bubble.lines()))
        elif told and not fresh and before[key].rows and not bubble.rows:
            items.append([f"  {head}x {' '.join(row_of(row) for row in before[key].rows)}"])
    return items


def _written(mark: str, lines: list[str]) -> list[str]:
    first, *rest = lines
    return [f"{mark}{first}".rstrip(), *(f"    {line}".rstrip() for line in rest)]


def _masked(found: "re.Match[str]") -> str:
    return found[1].join(["####"] * 4)
