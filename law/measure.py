"""Measure finding and intents on labelled questions: python -m law.measure --law FILE --intents FILE.

A row of the law file is JSON with `query`, `category` and `gold`, a list of accepted {law, article}; a row of
the intents file has `text` and `union_scope`: core, none, or adjacent, which is left out.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from time import perf_counter
from typing import Any

from law.cards import Card
from law.intent import Intent
from law.understanding import Understander

OURS = ("law", "help", "union")
KNOWLEDGE = Path(__file__).parents[1] / "knowledge"


@dataclass(frozen=True, slots=True)
class Answered:
    """One law question and what became of it; `right` says of each card whether it cites what is accepted."""

    category: str
    right: tuple[bool, ...]
    confidence: str
    seconds: float

    @property
    def first(self) -> bool:
        """Whether the first card was right."""
        return self.right[:1] == (True,)

    @property
    def any_of_three(self) -> bool:
        """Whether one of the first three was right."""
        return any(self.right[:3])


def answer(understander: Understander, row: Mapping[str, Any]) -> Answered:
    """Ask one law question."""
    accepted = {(gold["law"], str(gold["article"])) for gold in row["gold"]}
    began = perf_counter()
    finding = understander.read(row["query"]).finding
    seconds = perf_counter() - began
    ranked = [hit.card for hit in understander.rank(row["query"], 3)]
    return Answered(
        row["category"], tuple(cites(card, accepted) for card in ranked), finding.confidence, seconds
    )


def cites(card: Card, accepted: set[tuple[str, str]]) -> bool:
    """Whether any citation of the card is among the accepted articles."""
    return any((citation.law, citation.article) in accepted for citation in card.citations)


def macro(answered: Sequence[Answered], attribute: str) -> float:
    """The mean over categories of the share within each."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for one in answered:
        groups[one.category].append(getattr(one, attribute))
    return mean(mean(group) for group in groups.values())


def law_lines(answered: Sequence[Answered]) -> list[str]:
    """The figures of finding, the two that count last."""
    seconds = sorted(one.seconds for one in answered)
    kinds = Counter(one.confidence for one in answered)
    wrong = sum(one.confidence == "sure" and not one.first for one in answered)
    return [
        f"questions {len(answered)}: "
        + ", ".join(f"{kind} {kinds[kind]}" for kind in ("sure", "maybe", "none")),
        f"answered alone and wrong {wrong} ({wrong / len(answered):.1%})",
        f"time p99 {seconds[min(len(seconds) - 1, len(seconds) * 99 // 100)] * 1000:.1f} ms",
        f"hit@1 micro {mean(one.first for one in answered):.2f}",
        f"hit@3 micro {mean(one.any_of_three for one in answered):.2f}",
        f"hit@1 macro {macro(answered, 'first'):.2f}",
        f"hit@3 macro {macro(answered, 'any_of_three'):.2f}",
    ]


def intent_lines(read: Sequence[tuple[str, Intent, bool]]) -> list[str]:
    """The figures of intents; each message comes as its scope, its intent, and whether it is ours."""
    kinds = Counter(intent.kind for _, intent, _ in read)
    judged = [(scope == "core", ours) for scope, _, ours in read if scope != "adjacent"]
    hits = sum(core and ours for core, ours in judged)
    precision = hits / max(1, sum(ours for _, ours in judged))
    recall = hits / max(1, sum(core for core, _ in judged))
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return [
        f"messages {len(read)}: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()),
        f"intent precision {precision:.2f} recall {recall:.2f}",
        f"intent F1 {f1:.2f}",
    ]


def main() -> None:
    """Read the files named on the command line and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m law.measure")
    parser.add_argument("--law", type=Path)
    parser.add_argument("--intents", type=Path)
    parser.add_argument("--knowledge", type=Path, default=KNOWLEDGE)
    chosen = parser.parse_args()
    understander = Understander.load(chosen.knowledge)
    understander.read("工资")
    lines: list[str] = []
    if chosen.law:
        lines += law_lines([answer(understander, row) for row in _rows(chosen.law)])
    if chosen.intents:
        lines += intent_lines([_intent(understander, row) for row in _rows(chosen.intents)])
    print("\n".join(lines))


def _intent(understander: Understander, row: Mapping[str, Any]) -> tuple[str, Intent, bool]:
    text = row["text"]
    return row["union_scope"], understander.read(text).intent, understander.matter(text).kind in OURS


def _rows(path: Path) -> Iterable[Mapping[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    main()
