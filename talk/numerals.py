"""Numbers as people write them in Chinese and in digits: 3500, 3,500.50, 三千五, 3千5, 1.2万, 二〇二六."""

import re
from decimal import Decimal

_HAN = "零〇一壹二两贰三叁四肆五伍六陆七柒八捌九玖"
_DIGITS = str.maketrans(_HAN, "001122233445566778899")
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000}
_LARGE = {"万": 10_000, "w": 10_000, "亿": 100_000_000}
_UNITS = "".join([*_SMALL, *_LARGE])
_TOKEN = re.compile(rf"([0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)|([{_UNITS}])")
_WHOLE = re.compile(rf"(?:{_TOKEN.pattern})+")
_SEVERAL = re.compile(rf"[{_HAN[2:]}]{{2,}}[{_UNITS}]")  # 两三千 is two or three thousand
_RUN = re.compile(rf"[{_HAN}十]+")
_LONGEST = 40  # characters; nobody writes a longer number by hand


def number(text: str) -> Decimal | None:
    """The number that the whole text is, or None.

    Args:
        text: normalised, without spaces or sign.
    """
    if len(text) > _LONGEST or _SEVERAL.search(text):
        return None
    digits = text.translate(_DIGITS).casefold()
    if not _WHOLE.fullmatch(digits):
        return None
    return _sum([(amount.replace(",", ""), unit) for amount, unit in _TOKEN.findall(digits)])


def in_digits(text: str) -> str:
    """The text with every number written in Chinese characters up to 99, or digit by digit, in digits."""
    return _RUN.sub(lambda run: run[0] if (value := number(run[0])) is None else f"{value:f}", text)


def _sum(tokens: list[tuple[str, str]]) -> Decimal | None:
    """Add up amounts and units; None where units do not fall in size or an amount has no place."""
    total = section = Decimal(0)
    amount, last, small, large = "", 1, 10_000, 10**12
    for digits, unit in tokens:
        if digits and amount:
            return None
        if digits:
            amount = digits
            continue
        last = _SMALL.get(unit) or _LARGE[unit]
        if unit in _LARGE:
            section += Decimal(amount or 0)
            if last >= large or not section:
                return None
            total, section, small, large = total + section * last, Decimal(0), 10_000, last
        elif last >= small or not (amount or last == 10):
            return None
        else:
            section, small = section + Decimal(amount or 1) * last, last
        amount = ""
    rest = _rest(amount, last)
    return None if rest is None else total + section + rest


def _rest(amount: str, last: int) -> Decimal | None:
    """What a number's last digits are worth: the 五 of 三千五 is five hundred, that of 三千零五 is five."""
    if last >= 100 and len(amount) == 1:
        return Decimal(amount) * last / 10
    worth = Decimal(amount or 0)
    return worth if last == 1 or worth < last else None
