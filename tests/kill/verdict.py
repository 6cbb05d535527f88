"""What became of everybody, by the fake server's ledger and people's screens, then by the database."""

import json
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram_calls import keyboard_sweep
from tests.kill.crowd import AGAIN, RECEIVED, Crowd
from tests.kill.home import Kept
from tests.telegram_server.ledger import Ledger
from tests.telegram_server.people import Person

SWEEP = keyboard_sweep("0").params["text"]  # takes a keyboard away and is deleted at once
_NUMBER = re.compile(r"\d{4}-\d{4,6}")


@dataclass(slots=True)
class Said:
    """One message of the bot's, and how many copies of it arrived."""

    text: str
    markup: str
    copies: int = 1

    @property
    def labels(self) -> list[str]:
        """What its buttons said when it was sent."""
        markup = json.loads(self.markup) if self.markup else {}
        rows = markup.get("inline_keyboard", markup.get("keyboard", []))
        return [button["text"] for row in rows for button in row]


def said_to(ledger: Ledger) -> dict[int, list[Said]]:
    """What each chat was told, copies of one message together.

    The handles on buttons are drawn anew for every message, so equal words with equal buttons are copies;
    without buttons, equal words that follow each other are.
    """
    chats: dict[int, list[Said]] = defaultdict(list)
    for call in ledger.delivered("sendMessage"):
        params = call["params"]
        text, markup = params["text"], params.get("reply_markup", "")
        if text == SWEEP:
            continue
        told = chats[call["chat_id"]]
        earlier = told if "callback_data" in markup else told[-1:]
        first = next((said for said in earlier if (said.text, said.markup) == (text, markup)), None)
        if first is None:
            told.append(Said(text, markup))
        else:
            first.copies += 1
    return chats


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, one sentence each, and the figures of the run."""

    wrong: Sequence[str]
    figures: Mapping[str, Any]

    def __str__(self) -> str:
        figures = ", ".join(f"{value} {name}" for name, value in self.figures.items())
        return "\n".join((figures, *self.wrong[:20]))


def judge(crowd: Crowd, cadre: Person, ledger: Ledger, kept: Kept) -> Verdict:
    """Hold everything that was promised against what was seen."""
    told = said_to(ledger)
    wrong = [
        *_acknowledged(ledger),
        *_finished(crowd),
        *_answers(crowd, told),
        *_numbers(crowd, told),
        *_notices(crowd, told[cadre.id]),
        *_copies(told),
        *_database(crowd, kept),
    ]
    everything = [said for chat in told.values() for said in chat]
    receipts = [walker for walker in crowd.walkers if walker.finished]
    figures = {
        "people": len(crowd.walkers),
        "updates": len(ledger.created()),
        "messages": len(everything),
        "receipts": len(receipts),
        "repeats": sum(said.copies - 1 for said in everything),
        "asked anew": sum(said.text.endswith(AGAIN) for said in everything),
    }
    return Verdict(wrong, figures)


def _acknowledged(ledger: Ledger) -> Iterator[str]:
    left = set(ledger.created()) - ledger.acknowledged()
    if left:
        yield f"{len(left)} updates were never acknowledged"


def _finished(crowd: Crowd) -> Iterator[str]:
    for walker in crowd.unfinished:
        newest = walker.person.newest
        yield f"{walker.person.id} is stuck before {newest.text[:60] if newest else 'the first word'!r}"


def _answers(crowd: Crowd, told: Mapping[int, Sequence[Said]]) -> Iterator[str]:
    """Every act of a person's has one answer, and a question is asked anew only with the words for it."""
    for walker in crowd.walkers:
        said = told.get(walker.person.id, ())
        asked, anew = sum(bool(each.labels) for each in said), sum(each.text.endswith(AGAIN) for each in said)
        if not walker.acts <= asked <= walker.acts + anew and walker.finished:
            yield f"{walker.person.id} did {walker.acts} things and had {asked} answers, {anew} of them anew"


def _numbers(crowd: Crowd, told: Mapping[int, Sequence[Said]]) -> Iterator[str]:
    owners = Counter[str]()
    for walker in crowd.walkers:
        receipts = [said.text for said in told.get(walker.person.id, ()) if RECEIVED in said.labels]
        numbers = {number for text in receipts for number in _NUMBER.findall(text)}
        owners.update(numbers)
        if walker.finished and numbers != {walker.number}:
            yield f"{walker.person.id} has the numbers {sorted(numbers)} for one matter"
    yield from (f"{number} was given to {count} people" for number, count in owners.items() if count > 1)


def _notices(crowd: Crowd, told: Sequence[Said]) -> Iterator[str]:
    """The cadre is called once for each case."""
    called = Counter(number for said in told for number in _NUMBER.findall(said.text))
    expected = {walker.number for walker in crowd.walkers if walker.number}
    yield from (f"the cadre was never told of {number}" for number in sorted(expected - set(called)))
    yield from (f"the cadre was told {count} times of {each}" for each, count in called.items() if count > 1)


def _copies(told: Mapping[int, Sequence[Said]]) -> Iterator[str]:
    """A message whose sending ended without an answer is repeated once at most."""
    for chat, said in told.items():
        for each in said:
            if each.copies > 2:
                yield f"{chat} had {each.copies} copies of {each.text[:40]!r}"


def _database(crowd: Crowd, kept: Kept) -> Iterator[str]:
    receipts = {walker.number: walker.told for walker in crowd.walkers if walker.number}
    if kept.integrity != "ok":
        yield f"the database says {kept.integrity}"
    if kept.broken_audit:
        yield f"the audit chain is broken in {kept.broken_audit} places"
    if kept.cases != len(receipts):
        yield f"{kept.cases} cases are kept for {len(receipts)} receipts"
    for number, words in receipts.items():
        found = kept.tellings.get(number)
        if found is None or words not in found:
            yield f"under {number} is kept {found!r} instead of {words!r}"
    left = {state: count for state, count in kept.inbox.items() if state != "done"}
    if left:
        yield f"left in the inbox: {left}"
    if kept.outbox.get("pending") or kept.outbox.get("sending"):
        yield f"left in the outbox: {kept.outbox}"


def times(seconds: Sequence[float]) -> str:
    """The middle and the longest, for people to read."""
    return f"{statistics.median(seconds):.2f} s in the middle, {max(seconds):.2f} s at most"
