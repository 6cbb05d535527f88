"""A union's own file, written by hand or from what was asked on the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.asking import Asking
from bot.faults import Exit, Stop
from bot.init import calendars
from bot.union_file import described, parsed, written


def answered(*answers: str) -> tuple[dict[str, object], list[str]]:
    left, said = list(answers), list[str]()

    def read(question: str) -> str:
        said.append(question)
        return left.pop(0)

    table = Asking(["cn"], read, said.append).union()
    assert left == []
    return table, said


def test_answers_make_a_union_that_can_be_set_up() -> None:
    table, said = answered(
        *("临水县总工会", "", "8-12", "08:00-12:00，14:00-17:30"),  # name, area, hours twice
        *("", "county", "1", "n"),  # the topmost
        *("临水纸厂工会", "mill", "enterprise", "y"),
        *("制浆车间工会小组", "2", "mill", "pulp", "7"),  # its short name was taken
        *("", "y"),  # that is all; Telegram too
    )
    assert any("does not fit" in line for line in said)
    found = described(table, {"cn"}, "")
    assert [(unit.id, unit.parent_id, unit.workplace) for unit in found.union.tree] == [
        ("county", None, False),
        ("mill", "county", True),
        ("pulp", "mill", True),
    ]
    assert (found.union.name, found.union.area) == ("临水县总工会", "临水县")
    assert found.channels == ("browser", "telegram")
    assert parsed(written(table), "") == table


def test_leaving_sets_nothing_up() -> None:
    with pytest.raises(IndexError):
        answered("临水县总工会")


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)


@given(
    name=WORDS,
    units=st.dictionaries(st.text("abcxyz0189_-.长\"'\\\n ", min_size=1, max_size=12), WORDS, min_size=1),
)
def test_what_is_written_down_reads_back_as_it_was(name: str, units: dict[str, str]) -> None:
    table = {
        "name": name,
        "working_hours": ["09:00-12:00"],
        "unit": {key: {"name": words, "workplace": True} for key, words in units.items()},
    }
    assert parsed(written(table), "x") == table


def test_a_union_without_units_is_none() -> None:
    with pytest.raises(Stop, match="topmost") as caught:
        described({"name": "x", "area": "x", "calendar": "cn", "unit": {}}, calendars(), "x")
    assert caught.value.code is Exit.USAGE
