"""A worker's own words find the right card, and doubt is said instead of guessed (R20)."""

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.cards import Card
from law.finding import Finder

HERE = Path(__file__).parent
ROWS = tomllib.loads((HERE / "questions.toml").read_text(encoding="utf-8"))
QUESTIONS = [(text, tuple(row["cards"])) for row in ROWS["question"] for text in row["texts"]]


def found(finder: Finder, text: str) -> list[str]:
    return [hit.card.id for hit in finder.rank(text, 3)]


def test_every_card_answers_some_invented_question(cards: tuple[Card, ...]) -> None:
    assert {card.id for card in cards} == {one for _, expected in QUESTIONS for one in expected}


def test_every_way_of_asking_written_on_a_card_finds_that_card(
    finder: Finder, cards: tuple[Card, ...]
) -> None:
    missed = [(card.id, ask) for card in cards for ask in card.asks if card.id not in found(finder, ask)]
    assert missed == []


def test_invented_questions_find_their_card_first_or_among_three(finder: Finder) -> None:
    ranked = [(found(finder, text), expected) for text, expected in QUESTIONS]
    first = sum(ids[0] in expected for ids, expected in ranked) / len(ranked)
    three = sum(any(one in expected for one in ids) for ids, expected in ranked) / len(ranked)
    assert first >= 0.80
    assert three >= 0.93


def test_a_card_answers_alone_often_and_seldom_wrongly(finder: Finder) -> None:
    findings = [(finder.find(text), expected) for text, expected in QUESTIONS]
    alone = [(finding, expected) for finding, expected in findings if finding.confidence == "sure"]
    wrong = [finding for finding, expected in alone if finding.best[0].card.id not in expected]
    assert len(alone) / len(findings) >= 0.5
    assert len(wrong) / len(findings) <= 0.03


def test_what_is_offered_fits_the_confidence(finder: Finder) -> None:
    offered = {"sure": 1, "maybe": 3, "none": 0}
    seen = set()
    for text, _ in QUESTIONS:
        finding = finder.find(text)
        seen.add(finding.confidence)
        assert len(finding.best) == offered[finding.confidence]
    assert {"sure", "maybe"} <= seen


@pytest.mark.parametrize("text", ["今天天气不错", "唱首歌吧", "", "。。。", "1234567", "asdfgh qwerty"])
def test_what_no_card_answers_is_not_answered(finder: Finder, text: str) -> None:
    assert finder.find(text).confidence == "none"


def test_typing_mistakes_do_not_change_the_card(finder: Finder) -> None:
    assert found(finder, "公伤怎么赔尝")[0] == found(finder, "工伤怎么赔偿")[0]
    assert found(finder, "老闆拖欠工資怎麼辦")[0] == "wages-unpaid"
    assert found(finder, "试 用 期\u200b最 长 多 久")[0] == "probation"


def test_several_questions_in_one_message_offer_the_card_of_each(finder: Finder) -> None:
    said = "老板拖欠三个月工资不给。公司还说我怀孕了要辞退我。没休的年假能折成钱吗？"
    finding = finder.find(said)
    assert finding.confidence == "maybe"
    assert {hit.card.id for hit in finding.best} == {"wages-unpaid", "pregnancy-dismissal", "annual-leave"}


@given(st.text(max_size=500))
def test_any_text_gets_an_answer_of_some_kind(finder: Finder, text: str) -> None:
    assert finder.find(text).confidence in ("sure", "maybe", "none")


def test_finding_takes_under_twenty_milliseconds(finder: Finder) -> None:
    texts = [text for text, _ in QUESTIONS] + ["，".join(text for text, _ in QUESTIONS[:25])[:500]]
    finder.find(texts[0])
    seconds = []
    for text in texts:
        began = time.process_time()
        finder.find(text)
        seconds.append(time.process_time() - began)
    assert sorted(seconds)[len(seconds) * 99 // 100] < 0.020
