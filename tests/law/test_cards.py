"""A card with a mistake stops the start and says where; the cards shipped keep the house rules (R20)."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from domain.categories import categories_from
from domain.hotlines import hotlines_from
from law.cards import Card, CardFault, cards_from, load_cards

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
CHINESE_NUMBER_ARTICLE = re.compile(r"第[一二三四五六七八九十百]+条")
OFFICIALESE = re.compile("尽快|及时|系统|非法输入|提交成功|根据相关规定|请知悉|予以|兹|特此|！|!")


def table(**changes: object) -> dict[str, object]:
    """A sound card, with changes."""
    words = {"zh": "加班有加班费。以当地规定为准。", "en": "Overtime is paid. Local rules decide."}
    sound: dict[str, object] = {
        "id": "overtime",
        "category": "wages",
        "question": {"zh": "加班怎么算", "en": "How is overtime paid?"},
        "asks": ["一", "二", "三", "四", "five"],
        "answer": words,
        "do_now": [words],
        "keep": [words],
        "deadline": words,
        "citations": [{"law": "劳动法", "article": "44", "effective": date(2018, 12, 29)}],
        "applies_to": ["employee"],
        "checked_on": date(2026, 11, 20),
        "verified": True,
        "related": [],
    }
    return {**sound, **changes}


def test_a_sound_table_becomes_a_card() -> None:
    (card,) = cards_from([table()])
    assert card.citations[0].article == "44"
    assert card.answer.in_language("en").startswith("Overtime")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answer": {"zh": "长" * 91, "en": "long"}}, "longer than 90"),
        ({"question": {"zh": "怎么算"}}, "en is missing"),
        ({"question": {"zh": "怎么算", "en": "怎么算"}}, "not in their own language"),
        ({"asks": ["一", "二"]}, "asks has 2 lines"),
        ({"asks": ["一", "一", "二", "三", "四"]}, "twice"),
        ({"citations": []}, "citations"),
        ({"citations": [{"law": "劳动法", "article": "第44条"}]}, "not the number of an article"),
        ({"citations": [{"law": "劳动法", "article": "44"}]}, "effective date of every citation"),
        ({"citations": [{"law": "劳动法", "effective": date(2018, 12, 29)}]}, "article and effective"),
        ({"verified": False, "answer": {"zh": "有加班费。", "en": "Paid."}}, "没有核实"),
        ({"checked_on": "2026-11-20"}, "checked_on must be a date"),
        ({"applies_to": ["everybody"]}, "everybody"),
        ({"related": ["nowhere"]}, "nowhere"),
        ({"id": "Over Time"}, "lower-case"),
        ({"anwser": "x"}, "nothing reads anwser"),
        ({"do_now": []}, "do_now needs"),
    ],
)
def test_a_faulty_card_is_refused_with_its_fault(changes: dict[str, object], said: str) -> None:
    with pytest.raises(CardFault, match=said):
        cards_from([table(**changes)])


def test_all_faulty_cards_are_named_at_once() -> None:
    with pytest.raises(CardFault) as fault:
        cards_from([table(id="one", asks=[]), table(), table(id="two", citations=[])])
    assert "card one" in str(fault.value)
    assert "card two" in str(fault.value)


def test_two_cards_of_one_id_are_refused() -> None:
    with pytest.raises(CardFault, match="given twice"):
        cards_from([table(), table()])


def test_a_file_is_named_after_its_card(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('id = "overtime"', encoding="utf-8")
    with pytest.raises(CardFault, match="not the file's name"):
        load_cards(tmp_path)


def test_a_file_that_does_not_parse_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("id = ", encoding="utf-8")
    with pytest.raises(CardFault, match=r"broken\.toml"):
        load_cards(tmp_path)


def test_at_least_thirty_cards_are_shipped(cards: tuple[Card, ...]) -> None:
    assert len(cards) >= 30


def test_every_category_of_a_card_exists(cards: tuple[Card, ...]) -> None:
    read = {
        name: tomllib.loads((KNOWLEDGE / f"{name}.toml").read_text("utf-8"))
        for name in ("categories", "hotlines")
    }
    categories = categories_from(read["categories"], hotlines_from(read["hotlines"]))
    known = {category.key for category in categories}
    assert {card.category for card in cards} <= known


def test_the_cards_speak_plainly(cards: tuple[Card, ...]) -> None:
    for card in cards:
        for words in (card.question, card.answer, card.deadline, *card.do_now, *card.keep):
            said = words.in_language("zh")
            assert not OFFICIALESE.search(said), f"{card.id}: {said}"
            assert not CHINESE_NUMBER_ARTICLE.search(said), f"{card.id}: {said}"


def test_no_card_holds_a_local_figure_that_changes_every_year(cards: tuple[Card, ...]) -> None:
    monthly = re.compile(r"\d{3,}\s*(元|块)|¥")
    for card in cards:
        for words in (card.answer, card.deadline, *card.do_now):
            assert not monthly.search(words.in_language("zh")), f"{card.id}: {words.in_language('zh')}"
