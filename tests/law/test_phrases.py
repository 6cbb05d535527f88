"""The small language of the data files: gaps, sets of words, whole English words."""

import pytest

from law.phrases import any_of


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("不让…走", "保安不让我们走", True),
        ("不让…走", "不让进,我们走", False),
        ("厂……14岁", "厂里有个孩子,才14岁", True),
        ("拿{weapon}", "他拿棍子打人", True),
        ("{weapon}…砍", "用刀要砍人", True),
        ("拿{weapon}", "他拿工资", False),
        ("hit me", "he hit me hard", True),
        ("hit me", "whit meadow", False),
        ("won't…out", "they won't let us out", True),
        ("?", "合法?", True),
        ("n+1", "给n+1吗", True),
        ("hr", "被hr劝退", True),
        ("hr", "three", False),
    ],
)
def test_a_phrase_finds_what_it_says(phrase: str, text: str, found: bool) -> None:
    sets = {"weapon": ["刀", "棍"]}
    assert bool(any_of([phrase], sets).search(text)) is found


def test_the_longest_phrase_wins() -> None:
    match = any_of(["工资", "工资条", "工"]).search("看工资条")
    assert match is not None
    assert match.group() == "工资条"


def test_no_phrase_finds_nothing() -> None:
    assert any_of([]).search("工资") is None


def test_an_unknown_set_is_refused() -> None:
    with pytest.raises(ValueError, match="wepon"):
        any_of(["拿{wepon}"], {"weapon": ["刀"]})
