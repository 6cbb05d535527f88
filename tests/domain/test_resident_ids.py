"""Numbers that read as a resident ID are found in what people write, and others are left alone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people import check_place, without_resident_ids

GONE = "〔去掉〕"
DAYS = st.dates(date(1900, 1, 1), date(2020, 12, 31))
ROUND = st.text(st.characters(exclude_categories=("Nd", "Cs"), exclude_characters="xXｘＸ×"), max_size=20)


def number(area: int, born: date, order: int) -> str:
    """A well-formed invented number."""
    places = f"{area:06d}{born:%Y%m%d}{order:03d}"
    return places + check_place(places + "0")


@given(ROUND, st.integers(110000, 659999), DAYS, st.integers(0, 999), ROUND)
def test_every_id_is_taken_out_and_all_else_stays(
    before: str, area: int, born: date, order: int, after: str
) -> None:
    found = number(area, born, order)
    assert without_resident_ids(f"{before} {found} {after}", GONE) == f"{before} {GONE} {after}"


@given(st.integers(110000, 659999), DAYS, st.integers(0, 999))
def test_however_it_is_typed(area: int, born: date, order: int) -> None:
    plain = number(area, born, order)
    wide = plain.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)} | {ord("X"): 0xFF38})
    for typed in (plain.lower(), wide, f"{plain[:6]} {plain[6:14]} {plain[14:]}", "-".join(plain)):
        assert without_resident_ids(typed, GONE) == GONE


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    left = without_resident_ids(text, "")
    assert without_resident_ids(left, "") == left or len(left) < len(text)


@pytest.mark.parametrize(
    "text",
    [
        "手机13800138000",
        "卡号 6222020200112233445",  # 19 places
        "订单 123456789012345678",  # no day of birth in it
        "110105194913310021",  # a thirteenth month
        "1101051949123100",  # too short
        "欠我 18000，从 2026-08-15 到 2026-11-20",
        "案号 2611-0427，电话 0411-12345678",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert without_resident_ids(text, GONE) == text


def test_one_with_a_slip_in_its_last_place_is_taken_out_too() -> None:
    assert without_resident_ids("身份证110105194912310021", GONE) == f"身份证{GONE}"


def test_two_in_one_message() -> None:
    text = "我 11010519491231002X，她 440308199901010012。"
    assert without_resident_ids(text, GONE) == f"我 {GONE}，她 {GONE}。"
