"""The public numbers are sound and say how well they are founded."""

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from domain.hotlines import Hotlines, SourceMark, hotlines_from

WRITTEN = tomllib.loads((Path(__file__).parents[2] / "knowledge/hotlines.toml").read_text("utf-8"))
SPOKEN_OF = ["12351", "12333", "12348", "12356", "12345", "12366", "12329", "12338", "12328", "12315"]


@pytest.fixture(scope="module")
def hotlines() -> Hotlines:
    """The numbers as shipped."""
    return hotlines_from(WRITTEN)


@pytest.mark.parametrize("number", [*SPOKEN_OF, "110", "120", "122"])
def test_every_number_has_a_line_short_enough_to_read_at_once(hotlines: Hotlines, number: str) -> None:
    line = hotlines[number].line
    assert len(line.in_language("zh")) <= 25
    assert len(line.in_language("en")) <= 70


def test_nothing_unchecked_claims_to_be_verified(hotlines: Hotlines) -> None:
    unchecked = {one.number for one in hotlines if one.mark is SourceMark.UNCHECKED}
    assert unchecked == {number for number, row in WRITTEN["hotline"].items() if not row["verified"]}
    assert unchecked == {one.number for one in hotlines if not one.verified}


def test_emergency_numbers_come_first(hotlines: Hotlines) -> None:
    urgent = [one.emergency for one in hotlines]
    assert urgent == sorted(urgent, reverse=True)
    assert {one.number for one in hotlines if one.emergency} == {"110", "119", "120", "122", "12356"}


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("mark", "certain", "mark is 'certain', not one of read, secondary, unchecked"),
        ("verified", True, "verified contradicts the mark"),
        ("source", " ", "source is empty"),
        ("line", {"zh": "12333 人社"}, "en is missing"),
        ("line", {"zh": "人社", "en": "12333"}, "does not say the number"),
        ("colour", "red", "nothing reads colour"),
    ],
)
def test_a_mistake_stops_the_start_and_names_its_place(field: str, value: object, fault: str) -> None:
    broken: dict[str, Any] = deepcopy(WRITTEN)
    broken["hotline"]["12333"][field] = value
    with pytest.raises(ValueError, match=rf"hotlines\.hotline\.12333.*{fault}"):
        hotlines_from(broken)


def test_a_number_that_cannot_be_dialled_is_refused() -> None:
    broken: dict[str, Any] = deepcopy(WRITTEN)
    broken["hotline"]["010-12351"] = broken["hotline"].pop("12351")
    with pytest.raises(ValueError, match="cannot be dialled"):
        hotlines_from(broken)
