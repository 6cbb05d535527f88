"""Numbers that people write down come back whole, and a mistyped one is told apart (I15, I45)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.numbers import (
    RANDOM_BYTES,
    REFUSALS,
    case_number,
    check_digit,
    membership_number,
    read_case_number,
    read_membership_number,
    read_return_code,
    return_code,
)

FULL_WIDTH = str.maketrans("0123456789-#", "０１２３４５６７８９－＃")
MONTHS = st.builds(lambda year, month: f"{year:02d}{month:02d}", st.integers(0, 99), st.integers(1, 12))
SEQUENCES = st.integers(1, 999_999)
RANDOM = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)
DIGITS = st.from_regex(r"[0-9]{1,20}", fullmatch=True)


def test_a_case_number_is_month_and_place_in_it() -> None:
    assert case_number("2611", 427) == "2611-0427"
    assert case_number("2612", 10_000) == "2612-10000"


@given(MONTHS, SEQUENCES, st.sampled_from(["", "编号", "编号：", "#", "No.", "№ ", "case no. ", "案号 "]))
def test_a_case_number_is_read_in_any_spelling(month: str, sequence: int, lead: str) -> None:
    number = case_number(month, sequence)
    for typed in (
        number,
        number.replace("-", ""),
        number.replace("-", " - "),
        number.replace("-", "—"),
        number.translate(FULL_WIDTH),
        f"\u200b{number}。",
    ):
        assert read_case_number(lead + typed) == number


@given(MONTHS, SEQUENCES)
def test_a_case_number_is_found_within_a_sentence(month: str, sequence: int) -> None:
    number = case_number(month, sequence)
    assert read_case_number(f"我想问 {number} 办得怎么样了，{number} 有没有消息") == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "编号",
        "2613-0427",
        "2600-0427",
        "2611-0000",
        "2611-042",
        "13012345678",
        "138-1212-3456",
        "20261103",
        "12351",
        "2611-0427 和 2611-0428",
        "6222 0211 0311 2345 678",
    ],
)
def test_what_is_no_single_case_number_is_not_read_as_one(typed: str) -> None:
    assert read_case_number(typed) is None


@given(st.integers(2000, 2099), st.integers(1, 99_999_999))
def test_a_membership_number_comes_back_whole(year: int, sequence: int) -> None:
    number = membership_number(year, sequence)
    for typed in (number, number.replace("-", ""), f"会员号：{number}".translate(FULL_WIDTH)):
        assert read_membership_number(typed) == number


def test_a_membership_number_is_short_enough_to_read_aloud() -> None:
    number = membership_number(2026, 123)
    assert number.startswith("26-000123-")
    assert len(number) == 11


@given(st.integers(2000, 2099), st.integers(1, 999_999), st.integers(0, 8), st.integers(1, 9))
def test_a_mistyped_membership_number_is_not_read(year: int, sequence: int, place: int, shift: int) -> None:
    digits = membership_number(year, sequence).replace("-", "")
    assert read_membership_number(mistyped(digits, place, shift)) is None


@given(RANDOM)
def test_a_return_code_is_four_groups_of_four_and_comes_back_whole(random: bytes) -> None:
    code = return_code(random)
    assert [len(group) for group in code.split(" ")] == [4, 4, 4, 4]
    digits = code.replace(" ", "")
    for typed in (code, digits, code.replace(" ", "-"), digits.translate(FULL_WIDTH), f"我的码是 {code}。"):
        assert read_return_code(typed) == code


@given(RANDOM, st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_of_a_return_code_is_always_told_apart(random: bytes, place: int, shift: int) -> None:
    digits = return_code(random).replace(" ", "")
    assert refusal(mistyped(digits, place, shift)) == "code.check"


@given(RANDOM, st.integers(0, 14))
def test_two_swapped_digits_of_a_return_code_are_always_told_apart(random: bytes, place: int) -> None:
    digits = return_code(random).replace(" ", "")
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    if swapped != digits:
        assert refusal(swapped) == "code.check"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "code.empty"),
        ("找不到了", "code.empty"),
        ("1234 5678 9012", "code.length"),
        ("1" * 17, "code.length"),
    ],
)
def test_what_is_no_code_is_refused_by_its_fault(typed: str, key: str) -> None:
    assert refusal(typed) == key


def test_a_return_code_takes_enough_chance() -> None:
    with pytest.raises(ValueError, match="16 random bytes, not 8"):
        return_code(bytes(8))


@given(RANDOM, RANDOM)
def test_other_chance_gives_another_code(one: bytes, other: bytes) -> None:
    if int.from_bytes(one) % 10**15 != int.from_bytes(other) % 10**15:
        assert return_code(one) != return_code(other)


@given(DIGITS)
def test_digits_with_their_check_digit_need_no_other(digits: str) -> None:
    assert check_digit(digits + check_digit(digits)) == "0"


@given(st.text(max_size=60))
def test_anything_typed_is_read_or_refused_in_known_words(typed: str) -> None:
    assert refusal(typed) in {None, *REFUSALS}
    number = read_case_number(typed)
    assert number is None or read_case_number(number) == number


def mistyped(digits: str, place: int, shift: int) -> str:
    """The digits with one of them changed."""
    return f"{digits[:place]}{(int(digits[place]) + shift) % 10}{digits[place + 1 :]}"


def refusal(typed: str) -> str | None:
    """The key a typed return code is refused with, or None."""
    try:
        read_return_code(typed)
    except Refusal as refused:
        return refused.key
    return None
