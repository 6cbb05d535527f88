"""What people write of themselves is read forgivingly or refused in plain words (I15, I17, I85, I87, I89)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.people import (
    REFUSALS,
    AgeClass,
    Employment,
    Tag,
    age_class,
    age_on,
    check_place,
    masked_id,
    masked_mobile,
    mobile_number,
    person_name,
    resident_id,
    work_tags,
)

TODAY = date(2026, 11, 20)
BORN = st.dates(min_value=date(1900, 1, 1), max_value=TODAY)
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
IDEOGRAPHS = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
FULL_WIDTH = str.maketrans("0123456789+X", "０１２３４５６７８９＋Ｘ")


def id_number(born: date, region: str = "110105", order: str = "002") -> str:
    """An invented number with a fitting check place."""
    places = f"{region}{born:%Y%m%d}{order}"
    return places + check_place(places)


@given(MOBILES, st.sampled_from(["", "+86", "0086", "86", "+86 ", "(+86)", "0"]))
def test_a_mobile_number_is_read_with_any_prefix(number: str, prefix: str) -> None:
    assert mobile_number(prefix + number) == number


@given(MOBILES)
def test_a_mobile_number_is_read_in_any_spelling(number: str) -> None:
    spaced = f"{number[:3]} {number[3:7]}-{number[7:]}"
    for typed in (
        spaced,
        spaced.translate(FULL_WIDTH),
        f"\u200b{number}\u202e",
        f"我的手机是{number}，打这个",
    ):
        assert mobile_number(typed) == number


@pytest.mark.parametrize(
    "number", ["17012345678", "17112345678", "16212345678", "16512345678", "16712345678"]
)
def test_numbers_of_virtual_operators_are_taken(number: str) -> None:
    assert mobile_number(number) == number


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "phone.empty"),
        (" \u200b", "phone.empty"),
        ("没有手机", "phone.letters"),
        ("13812345678 或 13912345678", "phone.letters"),
        ("1381234567", "phone.length"),
        ("138123456789", "phone.length"),
        ("12345678901", "phone.not_mobile"),
        ("010-62345678", "phone.landline"),
        ("0755 2345 6789", "phone.landline"),
        ("+852 6123 4567", "phone.abroad"),
        ("00852 61234567", "phone.abroad"),
    ],
)
def test_a_number_that_cannot_be_used_is_refused_by_its_fault(typed: str, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        mobile_number(typed)
    assert refused.value.key == key


def test_a_wrong_length_says_how_many_digits_came() -> None:
    with pytest.raises(Refusal) as refused:
        mobile_number("138 1234 567")
    assert refused.value.values == {"digits": 10}


def test_the_example_of_the_standard_holds() -> None:
    assert resident_id("11010519491231002x", TODAY) == "11010519491231002X"


@given(BORN, st.from_regex(r"[1-9][0-9]{5}", fullmatch=True), st.from_regex(r"[0-9]{3}", fullmatch=True))
def test_a_true_number_is_read_in_any_spelling(born: date, region: str, order: str) -> None:
    number = id_number(born, region, order)
    spaced = f" {number[:6]} {number[6:14]}-{number[14:]}"
    for typed in (number, number.lower(), spaced, number.translate(FULL_WIDTH)):
        assert resident_id(typed, TODAY) == number


@given(BORN, st.integers(0, 16), st.integers(1, 9))
def test_one_mistyped_digit_is_always_noticed(born: date, position: int, shift: int) -> None:
    number = id_number(born)
    wrong = str((int(number[position]) + shift) % 10)
    with pytest.raises(Refusal):
        resident_id(number[:position] + wrong + number[position + 1 :], TODAY)


@given(BORN, st.integers(0, 16))
def test_two_swapped_neighbours_are_always_noticed(born: date, position: int) -> None:
    number = id_number(born)
    left, right = number[position], number[position + 1]
    if left != right:
        with pytest.raises(Refusal):
            resident_id(number[:position] + right + left + number[position + 2 :], TODAY)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "id.empty"),
        ("不想填", "id.letters"),
        ("1101051949123100X2", "id.letters"),
        ("M1234567890123456X", "id.letters"),
        ("110105491231002", "id.old"),
        ("11010519491231002", "id.length"),
        ("110105199902300024", "id.date"),
        ("110105200102290024", "id.date"),
        ("110105189912310024", "id.date"),
        ("110105194912310021", "id.check"),
    ],
)
def test_a_number_that_cannot_be_is_refused_by_its_fault(typed: str, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        resident_id(typed, TODAY)
    assert refused.value.key == key


def test_a_leap_day_is_a_birthday() -> None:
    assert resident_id(id_number(date(2000, 2, 29)), TODAY)


@given(st.integers(1, 3000))
def test_nobody_is_born_after_today(days: int) -> None:
    with pytest.raises(Refusal) as refused:
        resident_id(id_number(TODAY + timedelta(days=days)), TODAY)
    assert refused.value.key == "id.future"


@pytest.mark.parametrize(
    ("years", "on_the_day", "the_day_before"),
    [
        (14, AgeClass.MINOR, AgeClass.CHILD),
        (16, AgeClass.JUVENILE, AgeClass.MINOR),
        (18, AgeClass.ADULT, AgeClass.JUVENILE),
    ],
)
def test_the_rules_for_the_young_change_on_the_birthday(
    years: int, on_the_day: AgeClass, the_day_before: AgeClass
) -> None:
    born = TODAY.replace(year=TODAY.year - years)
    assert age_class(born, TODAY) is on_the_day
    assert age_class(born, TODAY - timedelta(days=1)) is the_day_before


def test_who_is_born_on_a_leap_day_grows_older_on_the_first_of_march() -> None:
    born = date(2008, 2, 29)
    assert age_on(born, date(2026, 2, 28)) == 17
    assert age_on(born, date(2026, 3, 1)) == 18


@given(BORN, st.dates(min_value=TODAY, max_value=date(2100, 12, 31)))
def test_age_only_grows(born: date, later: date) -> None:
    assert 0 <= age_on(born, TODAY) <= age_on(born, later)


@pytest.mark.parametrize(
    "name",
    [
        "邓",
        "王建国",
        "𠮷野",
        "\U00031350明",
        "王〇",
        "阿卜杜·热西提",
        "买买提·吐尔逊·艾合买提江·阿卜杜热合曼",
        "ئابدۇرېھىم",
        "བསྟན་འཛིན",
        "O'Neill",
        "Nguyễn Văn An",
        "李 Jean-Luc",
    ],
)
def test_a_name_is_taken_as_its_bearer_writes_it(name: str) -> None:
    assert person_name(name) == name


@given(st.text(IDEOGRAPHS, min_size=1, max_size=50))
def test_any_ideographs_up_to_fifty_are_a_name(name: str) -> None:
    assert person_name(f"  {name}\n") == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("阿卜杜•热西提", "阿卜杜·热西提"),
        ("阿卜杜・热西提", "阿卜杜·热西提"),
        (" 王  建国 ", "王 建国"),
        ("王\u202e建国", "王建国"),
        ("王\x00建国", "王建国"),
    ],
)
def test_dots_spaces_and_invisible_signs_are_put_right(typed: str, name: str) -> None:
    assert person_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "name.empty"),
        ("\u200b", "name.empty"),
        ("···", "name.empty"),
        ("13812345678", "name.digits"),
        ("１２３", "name.digits"),
        ("王建国138", "name.letters"),
        ("=王建国", "name.letters"),
        ("王建国😀", "name.letters"),
        ("王" * 51, "name.long"),
    ],
)
def test_what_is_no_name_is_refused_by_its_fault(typed: str, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        person_name(typed)
    assert refused.value.key == key


@given(MOBILES, BORN)
def test_what_is_masked_keeps_too_little_to_be_called_or_known_by(number: str, born: date) -> None:
    assert len(masked_mobile(number)) == len(number)
    assert sum(sign.isdigit() for sign in masked_mobile(number)) == 7
    places = id_number(born)
    assert len(masked_id(places)) == len(places)
    assert f"{born:%Y%m%d}" not in masked_id(places)
    assert sum(sign != "*" for sign in masked_id(places)) == 4


@pytest.mark.parametrize(
    ("employment", "occupation", "at_platform", "tags"),
    [
        (Employment.CROWD, None, False, {Tag.PLATFORM}),
        (Employment.EMPLOYEE, "rider", False, {Tag.PLATFORM}),
        (Employment.EMPLOYEE, "焊工", False, set()),
        (Employment.DISPATCHED, "driver", False, {Tag.PLATFORM, Tag.OUTSOURCED}),
        (Employment.OUTSOURCED, None, True, {Tag.PLATFORM, Tag.OUTSOURCED}),
        (None, None, False, set()),
    ],
)
def test_the_way_of_working_says_the_groups(
    employment: str | None, occupation: str | None, at_platform: bool, tags: set[Tag]
) -> None:
    assert work_tags(employment, occupation, at_platform) == tags


@given(st.text(max_size=60))
def test_anything_typed_is_read_or_refused_in_known_words(typed: str) -> None:
    for key in (_key(mobile_number, typed), _key(person_name, typed), _id_key(typed)):
        assert key is None or key in REFUSALS


def _key(read: object, typed: str) -> str | None:
    assert callable(read)
    try:
        read(typed)
    except Refusal as refused:
        return refused.key
    return None


def _id_key(typed: str) -> str | None:
    return _key(lambda text: resident_id(text, TODAY), typed)
