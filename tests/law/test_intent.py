"""Free text comes to the right door: a rule, help, the union, somebody else's number, or rescue (R3)."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.categories import categories_from
from domain.hotlines import hotlines_from
from law.intent import IntentReader
from law.understanding import Understander

HERE = Path(__file__).parent
KNOWLEDGE = HERE.parents[1] / "knowledge"
ROWS = tomllib.loads((HERE / "questions.toml").read_text(encoding="utf-8"))
MESSAGES = [(text, tuple(row["kinds"])) for row in ROWS["intent"] for text in row["texts"]]
CUES = tomllib.loads((KNOWLEDGE / "intents.toml").read_text(encoding="utf-8"))
OURS = {"law", "help", "union"}


def test_nearly_every_invented_message_finds_its_door(understander: Understander) -> None:
    missed = [(text, kinds) for text, kinds in MESSAGES if understander.read(text).intent.kind not in kinds]
    assert len(missed) / len(MESSAGES) <= 0.05, missed


def test_labour_matters_are_told_from_others(understander: Understander) -> None:
    judged = [(kinds[0] in OURS, understander.matter(text).kind in OURS) for text, kinds in MESSAGES]
    hits = sum(ours and read for ours, read in judged)
    precision, recall = hits / sum(read for _, read in judged), hits / sum(ours for ours, _ in judged)
    assert 2 * precision * recall / (precision + recall) >= 0.92


@pytest.mark.parametrize(
    ("text", "kind", "category"),
    [
        ("帮帮我，老板拖欠工资", "help", "wages"),
        ("厂里不给交社保合法吗", "law", "social_insurance"),
        ("骑手超时扣钱怎么申诉", "law", "platform_rules"),
        ("我要投诉站长穿小鞋", "help", "retaliation"),
        ("我想加入工会", "union", "join"),
        ("我的案子办到哪一步了", "union", "cases"),
        ("工会活动怎么报名", "union", "activities"),
        ("会员卡丢了", "union", "card"),
        ("上班压力太大，睡不着", "help", "mental"),
        ("孩子没人带，有没有托管班", "law", "child_care"),
    ],
)
def test_the_category_comes_with_the_intent(
    understander: Understander, text: str, kind: str, category: str
) -> None:
    intent = understander.read(text).intent
    assert (intent.kind, intent.category) == (kind, category)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("我要跟老公离婚", "12338"),
        ("网上买的东西是假货", "12315"),
        ("小区物业乱收费", "12345"),
        ("朋友借钱不还", "12348"),
        ("我被诈骗了两万", "110"),
    ],
)
def test_what_is_not_ours_gets_the_number_of_whose_it_is(
    understander: Understander, text: str, number: str
) -> None:
    intent = understander.read(text).intent
    assert intent.kind == "elsewhere"
    assert number in intent.hotlines


def test_danger_comes_before_everything_else(understander: Understander) -> None:
    read = understander.read("你好，老板拖欠工资三个月，我不想活了")
    assert read.intent.kind == "danger"
    assert read.intent.danger == "self_harm"
    assert read.intent.hotlines[0] == "12356"
    assert read.danger is not None


def test_a_card_never_answers_alone_what_is_somebody_elses(understander: Understander) -> None:
    for text, kinds in MESSAGES:
        read = understander.read(text)
        if "elsewhere" in kinds and read.intent.kind == "elsewhere":
            assert read.finding.confidence != "sure", text


def test_every_number_and_category_named_exists() -> None:
    read = {
        name: tomllib.loads((KNOWLEDGE / f"{name}.toml").read_text("utf-8"))
        for name in ("hotlines", "danger")
    }
    raw_categories = tomllib.loads((KNOWLEDGE / "categories.toml").read_text("utf-8"))
    hotlines = hotlines_from(read["hotlines"])
    categories = {category.key for category in categories_from(raw_categories, hotlines)}
    danger = read["danger"]
    rows = [*CUES["elsewhere"], *({"hotlines": kind["numbers"]} for kind in danger["kinds"])]
    rows += [{"hotlines": sign["numbers"]} for sign in danger["signs"] if "numbers" in sign]
    assert {number for row in rows for number in row["hotlines"]} <= {hotline.number for hotline in hotlines}
    assert {row["category"] for row in CUES["labour"] if "category" in row} <= categories
    assert {kind["category"] for kind in danger["kinds"]} <= categories


def test_every_concept_named_exists() -> None:
    concepts = tomllib.loads((KNOWLEDGE / "lexicon.toml").read_text("utf-8"))["concepts"]
    assert {one for row in CUES["labour"] for one in row.get("concepts", ())} <= concepts.keys()


def test_a_row_with_an_unknown_field_is_refused() -> None:
    broken = {**CUES, "union": [{"service": "join", "weight": 1.0, "wrods": ["入会"]}]}
    with pytest.raises(ValueError, match="wrods"):
        IntentReader(broken)


@given(st.text(max_size=300))
def test_any_text_wants_something(understander: Understander, text: str) -> None:
    intent = understander.read(text).intent
    assert (intent.kind == "danger") == (intent.danger is not None)
