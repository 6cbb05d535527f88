"""What a person typed, read as the answer it means: numbers, money, days, yes or no, a choice, a command."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.errors import Refusal
from domain.people import mobile_number
from talk.days import find_day
from talk.numerals import number
from talk.typed import bare, clean, normalise, short

__all__ = [
    "Command",
    "Option",
    "Unread",
    "clean",
    "normalise",
    "read_choice",
    "read_command",
    "read_day",
    "read_int",
    "read_phone",
    "read_yes_no",
    "read_yuan",
]

Command = Literal["back", "skip", "cancel", "menu", "done", "later"]

_MOST_FEN = 10_000_000 * 100

_AROUND = re.compile(r"^(?:大概|大约|约|一共|共|about )|(?:左右|上下)$")
_GROUPED = re.compile(r"(?<=[0-9]) (?=[0-9]{3}(?![0-9]))")  # 3 500 is one number
_TWO = re.compile("[0-9] [0-9]")
_NEGATIVE = re.compile("[-\u2212\u2013\u2014负]")
_COUNTED = re.compile(r"(?:个|人|次|件|天|周|月|年|岁|小时|分钟|号|元|块)+$")
_CURRENCY = re.compile(r"^(?:¥|人民币|rmb|cny)|(?:人民币|rmb|cny|yuan)$")
_MONEY = re.compile(
    r"(?P<yuan>.+?)(?:(?:块钱?|元钱?|圆)(?:(?P<jiao>[0-9一二两三四五六七八九])[角毛]?)?"
    r"(?:(?P<fen>[0-9一二两三四五六七八九])分)?整?)?"
)
_CHOSEN = re.compile(
    r"(?:我?选|我?要|no\.? ?|option |number |#)?第?"
    r"(?P<number>[0-9]{1,3}|[一二两三四五六七八九十]{1,3})(?:个|项|条|种|号)?"
)
_PARTICLES = re.compile(r"(?:的|啊|呢|吧|了|呀|哦|嘛|哈)+$")

_YES = frozenset(
    {
        *(
            "是",
            "对",
            "好",
            "嗯",
            "嗯嗯",
            "行",
            "可以",
            "有",
            "同意",
            "要",
            "愿意",
            "没错",
            "没问题",
            "确定",
            "当然",
        ),
        *("yes", "y", "yep", "yeah", "sure", "ok", "okay", "true", "👍"),
    }
)
_NO = frozenset(
    {
        *(
            "不",
            "不是",
            "不对",
            "不好",
            "不行",
            "不可以",
            "没",
            "没有",
            "无",
            "不要",
            "不用",
            "不同意",
            "不愿意",
            "否",
            "不会",
        ),
        *("no", "n", "nope", "nah", "false", "👎"),
    }
)
_COMMANDS: dict[Command, frozenset[str]] = {
    "back": frozenset({"返回", "上一步", "退回", "回去", "back", "previous", "go back"}),
    "skip": frozenset({"跳过", "没有", "不填", "略过", "无", "skip", "none", "pass"}),
    "cancel": frozenset(
        {"不弄了", "取消", "算了", "不办了", "退出", "drop it", "cancel", "never mind", "stop", "quit"}
    ),
    "menu": frozenset({"菜单", "主菜单", "首页", "menu", "main menu", "home"}),
    "done": frozenset({"好了", "完成", "发完了", "就这些", "done", "finished", "that is all", "that's all"}),
    "later": frozenset({"先等等", "等等", "等会儿", "晚点", "later", "not now", "wait"}),
}
_COMMAND_OF = {said: command for command, sayings in _COMMANDS.items() for said in sayings}


class Unread(Refusal):
    """What was typed is no such answer; `key` says what is wanted."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: its id, what its button says, what else it is called, its number in the list."""

    id: str
    label: str
    synonyms: tuple[str, ...] = ()
    number: int | None = None


def read_int(text: str, *, minimum: int | None = None, maximum: int | None = None) -> int:
    """A whole number, in digits or Chinese, with or without a unit after it.

    Raises:
        Unread: kit.fault.not_whole, kit.fault.too_small (min), kit.fault.too_large (max).
    """
    typed = _squeezed(text)
    sign = -1 if _NEGATIVE.match(typed) else 1
    amount = number(_COUNTED.sub("", typed[1:] if sign < 0 else typed))
    if amount is None or amount != amount.to_integral_value():
        raise Unread("kit.fault.not_whole")
    value = sign * int(amount)
    if minimum is not None and value < minimum:
        raise Unread("kit.fault.too_small", min=minimum)
    if maximum is not None and value > maximum:
        raise Unread("kit.fault.too_large", max=maximum)
    return value


def read_yuan(text: str) -> int:
    """An amount of money of up to ten million yuan.

    Returns:
        The amount in fen.

    Raises:
        Unread: kit.fault.not_money, kit.fault.money_negative, kit.fault.money_too_large.
    """
    typed = _CURRENCY.sub("", _squeezed(text))
    negative = _NEGATIVE.match(typed)
    match = _MONEY.fullmatch(_CURRENCY.sub("", typed[1:] if negative else typed))
    yuan = number(match["yuan"]) if match else None
    if match is None or yuan is None or yuan * 100 % 1:
        raise Unread("kit.fault.not_money")
    fen = int(yuan * 100) + _digit(match["jiao"]) * 10 + _digit(match["fen"])
    if negative and fen:
        raise Unread("kit.fault.money_negative")
    if fen > _MOST_FEN:
        raise Unread("kit.fault.money_too_large")
    return fen


def read_day(text: str, today: date, *, past: bool = False, ahead: bool = False) -> date:
    """A day; without its year the nearest on the wanted side of today, else in this year.

    Args:
        today: the writer's own civil date.
        past: refuse a day after today.
        ahead: refuse a day before today.

    Raises:
        Unread: kit.fault.not_day, kit.fault.day_ahead, kit.fault.day_gone.
    """
    found = find_day(short(text), today, "past" if past else "ahead" if ahead else "any")
    if found is None:
        raise Unread("kit.fault.not_day")
    if past and found > today:
        raise Unread("kit.fault.day_ahead")
    if ahead and found < today:
        raise Unread("kit.fault.day_gone")
    return found


def read_phone(text: str) -> str:
    """The 11 digits of a mainland mobile number.

    Raises:
        Unread: a `phone.` key of `domain.people`.
    """
    try:
        return mobile_number(short(text))
    except Refusal as refusal:
        raise Unread(refusal.key, **refusal.values) from None


def read_yes_no(text: str) -> bool:
    """Yes or no.

    Raises:
        Unread: kit.fault.not_yes_no.
    """
    typed = bare(text)
    for said in (typed, _PARTICLES.sub("", typed)):
        if said in _YES or said in _NO:
            return said in _YES
    raise Unread("kit.fault.not_yes_no")


def read_choice(text: str, options: Sequence[Option]) -> str | None:
    """The id of the one option meant: by its label, a synonym, its number or an unambiguous beginning."""
    typed = bare(text)
    if not typed:
        return None
    labels = [(option.id, bare(option.label)) for option in options]
    names = labels + [(option.id, bare(name)) for option in options for name in option.synonyms]
    chosen = _CHOSEN.fullmatch(typed)
    wanted = number(chosen["number"]) if chosen else None
    return (
        _only(id_ for id_, name in labels if name == typed)
        or _only(id_ for id_, name in names if name == typed)
        or _only(option.id for option in options if wanted is not None and option.number == wanted)
        or _only(id_ for id_, name in names if len(typed) > 1 and name.startswith(typed))
    )


def read_command(text: str) -> Command | None:
    """The command that the whole text is, in either language; a sentence that only contains one is none."""
    return _COMMAND_OF.get(bare(text))


def _squeezed(text: str) -> str:
    """A short answer without spaces, unless one stands between two numbers."""
    typed = _AROUND.sub("", _GROUPED.sub("", short(text)))
    return typed if _TWO.search(typed) else typed.replace(" ", "")


def _digit(said: str | None) -> int:
    return int(number(said) or 0) if said else 0


def _only(ids: Iterable[str]) -> str | None:
    """The one id there is, or None where there is none or more than one."""
    found = set(ids)
    return found.pop() if len(found) == 1 else None
