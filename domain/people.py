"""What a person gives about themselves, checked: name, mobile number, resident ID, employment."""

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import NewType

from domain.errors import Refusal

PersonId = NewType("PersonId", str)

REFUSALS = {
    "phone.empty": "nothing that could be a number",
    "phone.letters": "words, or more than one number",
    "phone.abroad": "a number of another country or region",
    "phone.length": "not 11 digits; `digits` were given",
    "phone.not_mobile": "11 digits, but no mainland mobile number",
    "phone.landline": "a landline, which receives no messages",
    "id.empty": "nothing that could be an ID number",
    "id.letters": "other signs than digits and a last X",
    "id.length": "not 18 places; `places` were given",
    "id.old": "the 15-digit number of an old card",
    "id.date": "a birthday that is on no calendar, or before 1900",
    "id.future": "a birthday after today",
    "id.check": "the last place does not fit the others",
    "id.young": "somebody under 16, whose number is not kept",
    "name.empty": "no name",
    "name.long": "longer than 50 characters",
    "name.digits": "digits only",
    "name.letters": "signs that are in no name",
}  # text keys this module refuses with, and when


class Employment(StrEnum):
    """The form of employment a person joins with (R5)."""

    EMPLOYEE = "employee"  # 单位直接招的
    DISPATCHED = "dispatched"  # 劳务派遣
    OUTSOURCED = "outsourced"  # 外包
    FRANCHISE = "franchise"  # 加盟站点
    CROWD = "crowd"  # 众包
    SELF_EMPLOYED = "self_employed"  # 自己干


class Shift(StrEnum):
    """When a person usually works."""

    DAY = "day"
    NIGHT = "night"
    ROTATING = "rotating"


class Tag(StrEnum):
    """A group a person belongs to; the first six are the union's service groups (R7)."""

    NEW_HIRE = "new_hire"  # 新入职
    FRONT_LINE = "front_line"  # 一线倒班
    WOMAN = "woman"  # 女职工
    POSTED_AWAY = "posted_away"  # 外派驻点
    HARDSHIP = "hardship"  # 困难职工
    NEAR_RETIREMENT = "near_retirement"  # 临近退休
    YOUNG = "young"  # 青年
    PLATFORM = "platform"  # 平台劳动者
    SEASONAL = "seasonal"  # 季节工
    OUTSOURCED = "outsourced"  # 外包派遣


SERVICE_GROUPS = (
    Tag.NEW_HIRE,
    Tag.FRONT_LINE,
    Tag.WOMAN,
    Tag.POSTED_AWAY,
    Tag.HARDSHIP,
    Tag.NEAR_RETIREMENT,
)


# Occupations that are offered; others are typed in a person's own words.
OCCUPATIONS = ("rider", "courier", "driver", "line", "cleaner", "guard")
PLATFORM_WORK = frozenset({"rider", "courier", "driver"})  # whose orders come from a platform


def work_tags(employment: str | None, occupation: str | None, at_platform: bool) -> frozenset[Tag]:
    """The groups that follow from how somebody works (R7).

    Args:
        employment: a value of `Employment`, when known.
        occupation: one of the offered occupations or the person's own words.
        at_platform: whether a platform's union covers the place of work.
    """
    tags = set()
    if at_platform or employment == Employment.CROWD or occupation in PLATFORM_WORK:
        tags.add(Tag.PLATFORM)
    if employment in (Employment.DISPATCHED, Employment.OUTSOURCED):
        tags.add(Tag.OUTSOURCED)
    return frozenset(tags)


class AgeClass(StrEnum):
    """What a person's age asks of us."""

    CHILD = "child"  # under 14: a guardian consents
    MINOR = "minor"  # 14 and 15: below working age, work here is child labour
    JUVENILE = "juvenile"  # 16 and 17: juvenile worker, specially protected
    ADULT = "adult"


_INVISIBLE = frozenset({"Cf", "Cc", "Cs", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d\u180e")  # part of the spelling in Uyghur and Mongolian names
_DIGIT = "[0-9\uff10-\uff19]"
_GAP = "[\\s\u200b-\u200d\u2060._-]?"
_ID_LIKE = re.compile(f"(?<!{_DIGIT})(?:{_DIGIT}{_GAP}){{17}}[0-9\uff10-\uff19xX\uff38\uff58](?!{_DIGIT})")
_SPACING = re.compile(r"[\s\-\u2010-\u2015\u2212_.()·]+")
_CHINA = re.compile(r"^(?:(?:\+|00)86|86(?=1\d{10}$)|0(?=1[3-9]\d{9}$))")
_ABROAD = re.compile(r"\+|00")
_LANDLINE = re.compile(r"0\d{9,11}$")
_MOBILE = re.compile(r"1[3-9]\d{9}$")
_DIGITS = re.compile(r"\d+")
_LOOK_LIKE_X = str.maketrans("\u00d7\u03a7\u0425", "XXX")  # multiplication sign, Greek Chi, Cyrillic Ha
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_OLDEST_YEAR = 1900
_MARKS_IN_NAMES = frozenset("·.'-, \u0f0b\u0f0c\u3007") | _JOINERS  # Tibetan dividers, the zero of 王〇
_DOTS = str.maketrans("\u2022\u30fb\u2027\u2219\u22c5\u16eb\u2019", "······'")
_IDEOGRAPHS = range(0x20000, 0x40000)  # later extensions are newer than the interpreter's tables
_LONGEST_NAME = 50


def mobile_number(text: str) -> str:
    """The 11 digits of a mainland mobile number, however it was typed.

    Numbers of virtual operators (162, 165, 167, 170, 171) are taken like any other.

    Raises:
        Refusal: a `phone.` key of `REFUSALS`.
    """
    typed = _CHINA.sub("", _number_in(_SPACING.sub("", _plain(text))))
    if _ABROAD.match(typed):
        raise Refusal("phone.abroad")
    if _LANDLINE.match(typed):
        raise Refusal("phone.landline")
    if len(typed) != 11:
        raise Refusal("phone.length", digits=len(typed))
    if not _MOBILE.match(typed):
        raise Refusal("phone.not_mobile")
    return typed


def _number_in(typed: str) -> str:
    if not typed:
        raise Refusal("phone.empty")
    if _only_digits(typed.removeprefix("+")):
        return typed
    runs = _DIGITS.findall(typed)
    if len(runs) != 1 or not runs[0].isascii():
        raise Refusal("phone.letters")
    found: str = runs[0]
    return found


def masked_mobile(number: str) -> str:
    """A mobile number as it is shown to whoever need not call it."""
    return f"{number[:3]}****{number[-4:]}"


def masked_id(places: str) -> str:
    """A resident identity number as it is shown by default: region and birthday hidden."""
    return f"{places[:2]}{'*' * 14}{places[-2:]}"


def resident_id(text: str, today: date) -> str:
    """The 18 places of a resident identity number, its X in capitals.

    Args:
        text: as typed; spaces, dashes, full-width digits and a small x are taken.
        today: civil date in the zone of the person's union.

    Raises:
        Refusal: an `id.` key of `REFUSALS`.

    Source: GB 11643-1999; its check place follows ISO 7064 MOD 11-2.
    """
    typed = _SPACING.sub("", _plain(text)).upper().translate(_LOOK_LIKE_X)
    if not typed:
        raise Refusal("id.empty")
    if not (_only_digits(typed) or (_only_digits(typed[:-1]) and typed.endswith("X"))):
        raise Refusal("id.letters")
    if len(typed) == 15:
        raise Refusal("id.old")
    if len(typed) != 18:
        raise Refusal("id.length", places=len(typed))
    if birthday(typed) > today:
        raise Refusal("id.future")
    if check_place(typed) != typed[17]:
        raise Refusal("id.check")
    return typed


def without_resident_ids(text: str, instead: str) -> str:
    """The text with every number that reads as a resident ID replaced, whether or not its last place fits.

    18 places that hold a day of birth count, with a space or a dash between them too; more places do not.
    """

    def replaced(found: "re.Match[str]") -> str:
        places = "".join(sign for sign in _plain(found[0]) if sign.isalnum())
        try:
            birthday(places)
        except Refusal:
            return found[0]
        return instead

    return _ID_LIKE.sub(replaced, text)


def worker_id(text: str, today: date) -> str:
    """The resident identity number of somebody old enough to work.

    Raises:
        Refusal: an `id.` key of `REFUSALS`.

    Source: Labour Law 15; Personal Information Protection Law 31.
    """
    places = resident_id(text, today)
    if age_class(birthday(places), today) in (AgeClass.CHILD, AgeClass.MINOR):
        raise Refusal("id.young")
    return places


def check_place(places: str) -> str:
    """The 18th place that belongs to the first 17 (ISO 7064 MOD 11-2)."""
    total = sum(weight * int(place) for weight, place in zip(_WEIGHTS, places[:17], strict=True))
    return _CHECKS[total % 11]


def birthday(places: str) -> date:
    """The day of birth an 18-place number carries.

    Raises:
        Refusal: "id.date".
    """
    try:
        born = date(int(places[6:10]), int(places[10:12]), int(places[12:14]))
    except ValueError:
        raise Refusal("id.date") from None
    if born.year < _OLDEST_YEAR:
        raise Refusal("id.date")
    return born


def age_on(born: date, today: date) -> int:
    """Full years of age, counting the birthday itself; that of 29 February is 1 March in common years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def age_class(born: date, today: date) -> AgeClass:
    """Which rules for the young apply on this day.

    Source: Personal Information Protection Law 31 (under 14); Labour Law 15 (no work under 16) and
        58 (16 and 17).
    """
    age = age_on(born, today)
    if age < 14:
        return AgeClass.CHILD
    if age < 16:
        return AgeClass.MINOR
    return AgeClass.JUVENILE if age < 18 else AgeClass.ADULT


def person_name(text: str) -> str:
    """A name as its bearer writes it, of one to 50 characters in any script.

    Only the space around it, invisible signs and the shape of the middle dot are put right.

    Raises:
        Refusal: a `name.` key of `REFUSALS`.
    """
    name = " ".join(_visible(text).split()).translate(_DOTS)
    if not any(_is_letter(sign) for sign in name):
        raise Refusal("name.digits" if any(sign.isnumeric() for sign in name) else "name.empty")
    if len(name) > _LONGEST_NAME:
        raise Refusal("name.long", characters=len(name), longest=_LONGEST_NAME)
    if not all(_is_letter(sign) or sign in _MARKS_IN_NAMES for sign in name):
        raise Refusal("name.letters")
    return name


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM" or ord(sign) in _IDEOGRAPHS


def _visible(text: str) -> str:
    return "".join(
        sign
        for sign in text
        if sign.isspace() or sign in _JOINERS or unicodedata.category(sign) not in _INVISIBLE
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", "".join(sign for sign in _visible(text) if sign not in _JOINERS))


def _only_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
