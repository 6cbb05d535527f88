"""Danger is recognised in many wordings, and everyday exaggeration is left alone (R3)."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.danger import Watch, load_watch
from law.reading import Reader, load_lexicon

HERE = Path(__file__).parent
SAID = tomllib.loads((HERE / "danger.toml").read_text(encoding="utf-8"))
DANGERS = [(kind, text) for kind, texts in SAID["danger"].items() for text in texts]
KNOWLEDGE = HERE.parents[1] / "knowledge"
WATCH = load_watch(KNOWLEDGE / "danger.toml", Reader(load_lexicon(KNOWLEDGE / "lexicon.toml")))


def test_the_lists_are_long_enough_to_mean_something() -> None:
    assert len(DANGERS) >= 60
    assert len(SAID["ordinary"]) >= 60


@pytest.mark.parametrize(("kind", "text"), DANGERS)
def test_danger_is_recognised_and_always_offers_the_union(kind: str, text: str) -> None:
    danger = WATCH.look(text)
    assert danger is not None
    assert kind in danger.kinds
    assert danger.numbers[-1] == "12351"


@pytest.mark.parametrize("text", SAID["ordinary"])
def test_ordinary_words_do_not_trigger(text: str) -> None:
    assert WATCH.look(text) is None


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("我不想活了", ("12356", "120", "110", "12351")),
        ("他的手卷进去了，血止不住", ("120", "12351")),
        ("仓库着火了", ("119", "120", "12351")),
        ("被车撞了", ("122", "120", "12351")),
        ("站长拿刀追我", ("110", "120", "12351")),
        ("我们被锁在车间里", ("110", "12351")),
        ("老板对我动手动脚", ("110", "12338", "12351")),
    ],
)
def test_the_numbers_belong_to_the_danger(text: str, numbers: tuple[str, ...]) -> None:
    danger = WATCH.look(text)
    assert danger is not None
    assert danger.numbers == numbers


def test_every_sign_written_down_can_be_seen() -> None:
    table = tomllib.loads((KNOWLEDGE / "danger.toml").read_text("utf-8"))
    for sign in table["signs"]:
        for words in (one for one in sign["words"] if "{" not in one):
            said = words.replace("……", "那个").replace("…", " x " if words.isascii() else "那")
            danger = WATCH.look(said)
            assert danger is not None, said
            assert sign["kind"] in danger.kinds, said


def test_a_denial_takes_a_sign_back_but_asking_whether_does_not() -> None:
    assert WATCH.look("没有被打") is None
    assert WATCH.look("从来没想过自杀") is None
    assert WATCH.look("有没有自杀的工友") is not None
    assert WATCH.look("没人管我，我就自杀") is not None


def test_a_story_of_long_ago_is_no_emergency_unless_it_is_one_again() -> None:
    assert WATCH.look("去年从架子上摔下来，骨折了") is None
    assert WATCH.look("去年的工伤没赔，现在我不想活了") is not None


def test_a_phrase_with_an_unknown_set_is_refused() -> None:
    table = tomllib.loads((KNOWLEDGE / "danger.toml").read_text("utf-8"))
    table["signs"].append({"kind": "violence", "words": ["拿{wepon}"]})
    with pytest.raises(ValueError, match="wepon"):
        Watch(table)


def test_a_sign_of_an_unknown_kind_is_refused() -> None:
    table = tomllib.loads((KNOWLEDGE / "danger.toml").read_text("utf-8"))
    table["signs"].append({"kind": "boredom", "words": ["无聊"]})
    with pytest.raises(ValueError, match="boredom"):
        Watch(table)


def test_the_gravest_kind_comes_first_when_there_are_several() -> None:
    danger = WATCH.look("他们打我，把我关起来，我不想活了")
    assert danger is not None
    assert danger.kinds == ("self_harm", "violence", "detention")
    assert danger.kind == "self_harm"


@given(st.sampled_from([text for _, text in DANGERS if not text.isascii()]), st.data())
def test_hiding_a_word_behind_invisible_marks_changes_nothing(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    mark = data.draw(st.sampled_from(["\u200b", "\u200d", "\ufeff", "\u2060"]))
    assert WATCH.look(text[:at] + mark + text[at:]) == WATCH.look(text)


@given(st.text(max_size=400))
def test_no_message_breaks_the_watch(text: str) -> None:
    danger = WATCH.look(text)
    assert danger is None or danger.numbers
