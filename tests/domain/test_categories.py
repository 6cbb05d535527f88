"""The matters a worker may bring are complete, plain and safe by default (R9, R10, R11, R16)."""

import re
import tomllib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from domain.cases import Kind, Reader, Route, Track
from domain.categories import categories_from
from domain.hotlines import hotlines_from

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
WRITTEN = tomllib.loads((KNOWLEDGE / "categories.toml").read_text("utf-8"))
HOTLINES = hotlines_from(tomllib.loads((KNOWLEDGE / "hotlines.toml").read_text("utf-8")))
CATEGORIES = categories_from(WRITTEN, HOTLINES)
EACH = pytest.mark.parametrize("key", [category.key for category in CATEGORIES])

REQUIRED = {
    "wages",
    "hours",
    "protection",
    "lodging",
    "skills",
    "women",
    "child_care",
    "social_insurance",
    "injury",
    "contract",
    "dismissal",
    "platform_rules",
    "traffic",
    "account_ban",
    "platform_injury",
    "deposit",
    "violence",
    "retaliation",
    "discrimination",
    "licence",
    "harassment",
    "mental",
    "hardship",
    "legal",
    "suggestion",
    "other",
}
PLATFORM_RULES = ["dispatch", "commission", "timeout", "appeal", "rest", "rewards"]
NEVER_SAID = re.compile("尽快|及时|系统|非法|提交成功|根据|相关规定|请知悉|予以|兹|特此|贵单位|有误|[！!]|你")


def sayings(category_key: str) -> list[tuple[str, str]]:
    """Every Chinese and English wording of one category."""
    category = CATEGORIES[category_key]
    wordings = [category.label, *(item.words for item in category.evidence)]
    for question in category.questions:
        wordings += [question.question, *(choice.label for choice in question.choices)]
    if category.since:
        wordings.append(category.since)
    return [(wording.in_language("zh"), wording.in_language("en")) for wording in wordings]


def test_every_matter_of_the_requirement_is_there() -> None:
    assert {category.key for category in CATEGORIES} == REQUIRED


def test_every_platform_rule_can_be_named() -> None:
    asked = CATEGORIES["platform_rules"].questions[0]
    assert [choice.key for choice in asked.choices] == PLATFORM_RULES


def test_the_menu_reaches_every_category_once() -> None:
    reached = [category.key for group in CATEGORIES.groups for category in CATEGORIES.of_group(group.key)]
    assert reached == [category.key for category in CATEGORIES]


@EACH
def test_typing_a_label_or_a_synonym_opens_it(key: str) -> None:
    category = CATEGORIES[key]
    for word in (*category.synonyms, *category.label.by_language.values()):
        assert CATEGORIES.named(f"  {word.upper()}。") is category


def test_synonyms_are_read_without_zero_width_signs_and_in_full_width() -> None:
    assert CATEGORIES.named("工\u200b伤") is CATEGORIES["injury"]
    assert CATEGORIES.named("Ｎ＋１") is CATEGORIES["dismissal"]
    assert CATEGORIES.named("今天天气") is None


@EACH
def test_words_are_plain_in_both_languages(key: str) -> None:
    for chinese, english in sayings(key):
        assert not NEVER_SAID.search(chinese), chinese
        assert not re.search(r"[\u4e00-\u9fff]", english), english
        assert "!" not in english


@EACH
def test_a_question_ends_as_a_question(key: str) -> None:
    category = CATEGORIES[key]
    asked = [question.question for question in category.questions]
    for wording in [*asked, *([category.since] if category.since else [])]:
        assert wording.in_language("zh").endswith("？")
        assert wording.in_language("en").endswith("?")


def test_the_short_limit_is_for_the_four_matters_of_the_rule() -> None:
    short = {category.key for category in CATEGORIES if category.short}
    assert short == {"wages", "injury", "platform_injury", "women", "dismissal"}


def test_illness_injury_crisis_and_hardship_take_the_priority_track() -> None:
    priority = {category.key for category in CATEGORIES if category.track is Track.PRIORITY}
    assert priority >= {"injury", "platform_injury", "traffic", "violence", "mental", "hardship"}


def test_what_could_cost_a_job_goes_past_the_workplace_by_default() -> None:
    sensitive = {category.key for category in CATEGORIES if category.sensitive}
    assert sensitive == {"harassment", "mental", "discrimination", "retaliation"}
    kept = {category.key for category in CATEGORIES if category.level is Reader.AREA}
    assert kept >= sensitive | {
        "wages",
        "hours",
        "social_insurance",
        "dismissal",
        "contract",
        "women",
        "other",
    }


def test_a_woman_cadre_is_offered_where_it_is_easier_to_speak_to_one() -> None:
    assert {category.key for category in CATEGORIES if category.woman_cadre} == {"women", "harassment"}


def test_every_route_is_proposed_by_some_category() -> None:
    assert {category.route for category in CATEGORIES} == set(Route)


def test_legal_questions_and_suggestions_are_kinds_of_their_own() -> None:
    kinds = {category.key: category.kind for category in CATEGORIES if category.kind is not Kind.HELP}
    assert kinds == {"legal": Kind.LEGAL, "suggestion": Kind.SUGGESTION}


def wages(broken: dict[str, Any]) -> dict[str, Any]:
    """The table most mistakes are made in here."""
    table: dict[str, Any] = broken["category"]["wages"]
    return table


def move(broken: dict[str, Any], categories: list[str], group: str) -> None:
    """Put categories into another group."""
    for key in categories:
        broken["category"][key]["group"] = group


MISTAKES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a misspelt field": (lambda b: wages(b).update(rout="x"), "nothing reads rout"),
    "no route": (lambda b: wages(b).pop("route"), r"categories\.category\.wages: route is missing"),
    "an unknown route": (
        lambda b: wages(b).update(route="letter"),
        "route is 'letter', not one of immediate",
    ),
    "a long label": (lambda b: wages(b).update(label={"zh": "工资工资工资工", "en": "x"}), "longer than 6"),
    "no English": (lambda b: wages(b).update(label={"zh": "工资"}), "en is missing"),
    "an empty word": (lambda b: wages(b).update(label={"zh": " ", "en": "x"}), "zh is empty"),
    "a flag in words": (lambda b: wages(b).update(short="yes"), "short must be a bool"),
    "an unknown hotline": (lambda b: wages(b).update(hotlines=["12399"]), "hotline '12399' is not known"),
    "a hotline twice": (
        lambda b: wages(b).update(hotlines=["12351", "12351"]),
        "hotlines names something twice",
    ),
    "an unknown group": (lambda b: wages(b).update(group="money"), "group 'money', which does not exist"),
    "a seventh group": (lambda b: b["group"].update(new=b["group"]["pay"]), "first menu has 7 buttons"),
    "a group without categories": (
        lambda b: move(b, ["legal", "suggestion", "other"], "pay"),
        "'other' has 0 buttons",
    ),
    "a seventh button": (lambda b: wages(b).update(group="safety"), "'safety' has 7 buttons"),
    "a shared synonym": (
        lambda b: wages(b)["synonyms"].append("辞退"),
        "'辞退' opens both 'wages' and 'dismissal'",
    ),
    "three questions": (
        lambda b: wages(b)["questions"].append(wages(b)["questions"][0]),
        "more than 2 extra",
    ),
    "one question twice": (
        lambda b: wages(b).update(questions=[wages(b)["questions"][0]] * 2),
        "are the same",
    ),
    "a choice of nothing": (lambda b: wages(b)["questions"][1].pop("choices"), "a choice, and nothing else"),
    "an amount with choices": (
        lambda b: wages(b)["questions"][0].update(choices=wages(b)["questions"][1]["choices"]),
        r"wages\.questions\[0\]: a choice, and nothing else",
    ),
    "little evidence": (lambda b: wages(b)["evidence"].clear(), "evidence has 0 items"),
    "short without coordination": (lambda b: wages(b).update(route="bargaining"), "only coordination"),
    "open to the employer": (lambda b: wages(b).update(level="workplace"), "goes to the area's union"),
    "a list for a table": (lambda b: b.update(group=[]), "categories: group must be a table"),
    "a word for a list": (lambda b: wages(b).update(synonyms="钱"), "synonyms must be a list"),
    "numbers for words": (lambda b: wages(b).update(synonyms=[1]), "synonyms must be a list of words"),
    "words for tables": (lambda b: wages(b).update(evidence=["x"]), "evidence must be a list of tables"),
    "no date": (lambda b: b.pop("checked_on"), "checked_on is missing"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_stops_the_start_and_says_what_it_is(mistake: str) -> None:
    spoil, fault = MISTAKES[mistake]
    broken: dict[str, Any] = deepcopy(WRITTEN)
    spoil(broken)
    with pytest.raises(ValueError, match=fault):
        categories_from(broken, HOTLINES)


def test_a_further_language_needs_no_code() -> None:
    grown: dict[str, Any] = deepcopy(WRITTEN)
    wages(grown)["label"]["ug"] = "ئىش ھەققى"
    label = categories_from(grown, HOTLINES)["wages"].label
    assert label.in_language("ug") == "ئىش ھەققى"
    assert label.in_language("fr") == label.in_language("zh")
