"""Law cards: what is told to a worker about one question, with its sources, checked before use."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from domain.tables import Table, Wording

ANSWER_CHARACTERS = {"zh": 90, "en": 420}  # R20: the answer fits one glance on a phone
ASKS_AT_LEAST, ASKS_AT_MOST = 5, 15

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ARTICLE = re.compile(r"\d{1,4}(之[一二三四五六七八九十])?|\d{1,2}(\.\d{1,2}){1,3}")
UNVERIFIED_SAID = re.compile(r"没有.{0,4}核实|以.{0,4}当地规定为准")


class CardFault(ValueError):
    """A card cannot be used as written; the message names every faulty card and its fault."""


class WorkerKind(StrEnum):
    """Whom a card speaks to; the same rule seldom holds for all of them."""

    EMPLOYEE = "employee"
    PARTLY_EMPLOYEE = "partly_employee"  # managed by a platform without a full employment relationship
    SELF_EMPLOYED = "self_employed"
    DISPATCHED = "dispatched"
    OVER_AGE = "over_age"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a rule stands: a law by its short name, an article, and the day this version took effect.

    The article is empty where the document is cited as a whole because its articles were not read; the day is
    None where it was not checked. Neither happens on a verified card.
    """

    law: str
    article: str
    effective: date | None


@dataclass(frozen=True, slots=True)
class Card:
    """One question of working people and its plain answer.

    `verified` is true only where the text of the cited articles was read; `related` holds ids of other cards.

    Source: R20.
    """

    id: str
    category: str
    question: Wording
    asks: tuple[str, ...]
    answer: Wording
    do_now: tuple[Wording, ...]
    keep: tuple[Wording, ...]
    deadline: Wording
    citations: tuple[Citation, ...]
    applies_to: tuple[WorkerKind, ...]
    checked_on: date
    verified: bool
    related: tuple[str, ...]


def cards_from(tables: Iterable[Mapping[str, object]]) -> tuple[Card, ...]:
    """Make cards of parsed tables, in the order of their ids.

    Raises:
        CardFault: naming the fault of every faulty card, so that one reading mends them all.
    """
    cards: list[Card] = []
    faults: list[str] = []
    for values in tables:
        try:
            cards.append(_card(Table(f"card {values.get('id', 'without id')}", values)))
        except ValueError as error:
            faults.append(str(error))
    if faults := faults or _faults_between(cards):
        raise CardFault("\n".join(faults))
    return tuple(sorted(cards, key=lambda card: card.id))


def load_cards(folder: Path) -> tuple[Card, ...]:
    """Read every card of a folder, one TOML file each, whose name is the card's id.

    Raises:
        CardFault: a file does not parse, is misnamed, or holds a faulty card.
    """
    tables = []
    for path in sorted(folder.glob("*.toml")):
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CardFault(f"{path.name}: {error}") from error
        if values.get("id") != path.stem:
            raise CardFault(f"{path.name}: the id is {values.get('id')!r}, not the file's name")
        tables.append(values)
    return cards_from(tables)


def _card(row: Table) -> Card:
    row.only(Card.__slots__)
    card = Card(
        id=row.text("id"),
        category=row.text("category"),
        question=_words(row, "question"),
        asks=row.texts("asks"),
        answer=_words(row, "answer", ANSWER_CHARACTERS),
        do_now=_lines(row, "do_now"),
        keep=_lines(row, "keep"),
        deadline=_words(row, "deadline"),
        citations=tuple(_citation(one) for one in row.tables("citations")),
        applies_to=tuple(WorkerKind(kind) for kind in row.texts("applies_to")),
        checked_on=row.day("checked_on"),
        verified=row.flag("verified"),
        related=row.texts("related"),
    )
    _check(card, row)
    return card


def _check(card: Card, row: Table) -> None:
    if not SLUG.fullmatch(card.id):
        raise row.fault("the id must be lower-case words joined by hyphens")
    if not ASKS_AT_LEAST <= len(card.asks) <= ASKS_AT_MOST:
        raise row.fault(f"asks has {len(card.asks)} lines, not {ASKS_AT_LEAST} to {ASKS_AT_MOST}")
    if not card.citations or not card.applies_to:
        raise row.fault("citations and applies_to need at least one entry")
    if "verified" not in row.values:
        raise row.fault("verified is missing")
    if card.verified and not all(one.article and one.effective for one in card.citations):
        raise row.fault("a verified card gives article and effective date of every citation")
    if not card.verified and not UNVERIFIED_SAID.search(card.answer.in_language("zh")):
        raise row.fault("the Chinese answer of an unverified card says 没有核实 or 以当地规定为准")


def _words(row: Table, key: str, longest: Mapping[str, int] | None = None) -> Wording:
    return _both_languages(row, row.wording(key, longest))


def _lines(row: Table, key: str) -> tuple[Wording, ...]:
    lines = tuple(_both_languages(line, Wording(_said(line))) for line in row.tables(key))
    if not lines:
        raise row.fault(f"{key} needs at least one line")
    return lines


def _said(line: Table) -> Mapping[str, str]:
    line.only(("zh", "en"))
    return {language: line.text(language) for language in ("zh", "en")}


def _both_languages(row: Table, words: Wording) -> Wording:
    if not CHINESE.search(words.in_language("zh")) or CHINESE.search(words.in_language("en")):
        raise row.fault(f"zh and en of {words.in_language('en')!r} are not in their own language")
    return words


def _citation(row: Table) -> Citation:
    row.only(Citation.__slots__)
    article = row.text("article") if row.values.get("article") else ""
    if article and not ARTICLE.fullmatch(article):
        raise row.fault(f"{article!r} is not the number of an article")
    return Citation(row.text("law"), article, row.day("effective") if "effective" in row.values else None)


def _faults_between(cards: list[Card]) -> list[str]:
    """Faults that only show when the cards are seen together."""
    ids = [card.id for card in cards]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    astray = [(card.id, other) for card in cards for other in card.related if other not in ids]
    return [
        *(f"card {one}: the id is given twice" for one in twice),
        *(f"card {one}: no card is called {other!r}" for one, other in astray),
    ]
