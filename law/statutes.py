"""The documents that cards cite, and whether each citation can be true."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.hotlines import SourceMark
from domain.tables import Table, Wording
from law.cards import Card, Citation

LEADING_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Statute:
    """A law, regulation, interpretation or guideline in the version in force.

    `effective` and `articles`, the highest number of an article, are None where they were not found.
    """

    name: Wording
    effective: date | None
    articles: int | None
    mark: SourceMark


def statutes_from(values: Mapping[str, object]) -> Mapping[str, Statute]:
    """The statutes of `knowledge/statutes.toml` by the short name cards use.

    Raises:
        ValueError: a field is missing, unknown or unfit.
    """
    file = Table("statutes", values)
    file.only({"checked_on", "statute"})
    file.day("checked_on")
    return {short: _statute(row) for short, row in file.named_tables("statute")}


def load_statutes(path: Path) -> Mapping[str, Statute]:
    """Read the statutes from their TOML file."""
    return statutes_from(tomllib.loads(path.read_text(encoding="utf-8")))


def faults(cards: Iterable[Card], statutes: Mapping[str, Statute]) -> list[str]:
    """What is wrong with the citations of the cards: one line each, none when all is well."""
    return [
        f"card {card.id}: {citation.law} {citation.article}: {fault}"
        for card in cards
        for citation in card.citations
        if (fault := _fault(card, citation, statutes.get(citation.law)))
    ]


def _fault(card: Card, citation: Citation, statute: Statute | None) -> str | None:
    if statute is None:
        return "is not among the statutes"
    number = LEADING_NUMBER.match(citation.article)
    if number and statute.articles and not 1 <= int(number.group()) <= statute.articles:
        return f"has only {statute.articles} articles"
    if citation.effective != statute.effective:
        return f"took effect on {statute.effective}, not {citation.effective}"
    if card.verified and statute.mark is not SourceMark.READ:
        return "was not read, so the card cannot be verified"
    return None


def _statute(row: Table) -> Statute:
    row.only({"name", "effective", "articles", "mark"})
    articles = row.values.get("articles")
    if not (articles is None or isinstance(articles, int)):
        raise row.fault("articles must be a whole number")
    return Statute(
        name=row.wording("name"),
        effective=row.day("effective") if "effective" in row.values else None,
        articles=articles,
        mark=row.one_of(SourceMark, "mark"),
    )
