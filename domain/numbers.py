"""The numbers people read, write down and type back: of a case, of a member, and the return code."""

import re
import unicodedata

from domain.errors import Refusal

REFUSALS = {
    "code.empty": "nothing that could be a code",
    "code.length": "not 16 digits; `digits` were given",
    "code.check": "one place was mistyped",
}  # text keys this module refuses with, and when

RANDOM_BYTES = 16  # what a return code is made from

# A quasigroup in which no digit follows itself unnoticed: every single wrong digit and every swap of two
# neighbours changes the check digit (H. M. Damm, 2004).
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_CODE_DIGITS = 16
_DASHES = re.compile("[\u2010-\u2015\u2212_~]")
_LEAD = re.compile(
    r"^(?:编号|案号|单号|会员号|会籍号|号码|号|case|member|number|no|#|[.:\s])+", re.IGNORECASE
)
_END = " .,;!?)。、'\"”」"
_MONTH = r"(\d\d(?:0[1-9]|1[0-2]))"
_CASE = re.compile(_MONTH + r"[\s-]{0,3}(\d{4,6})", re.ASCII)
_CASE_WITHIN = re.compile(r"(?<![\d-])" + _MONTH + r"-(\d{4,6})(?![\d-])", re.ASCII)
_MEMBER = re.compile(r"(\d\d)[\s-]{0,3}(\d{6,9})[\s-]{0,3}(\d)", re.ASCII)
_NOT_DIGITS = re.compile("[^0-9]+")


def case_number(month: str, sequence: int) -> str:
    """The public number of the month's n-th case, such as "2611-0427".

    Args:
        month: year and month as "yymm", in the zone of the union.
        sequence: from 1; four digits at least, more when a month has more.
    """
    return f"{month}-{sequence:04d}"


def read_case_number(text: str) -> str | None:
    """The case number somebody typed, alone in any spelling or once within a sentence, or None."""
    typed = _plain(text)
    alone = _CASE.fullmatch(_LEAD.sub("", typed).strip(_END))
    within = {_written(match) for match in ([alone] if alone else _CASE_WITHIN.finditer(typed))}
    return within.pop() if len(within) == 1 else None


def membership_number(year: int, sequence: int) -> str:
    """The number of the n-th member of a year, such as "26-000123-7"; the last digit is a check."""
    digits = f"{year % 100:02d}{sequence:06d}"
    return f"{digits[:2]}-{digits[2:]}-{check_digit(digits)}"


def read_membership_number(text: str) -> str | None:
    """The membership number somebody typed, or None when it is none or its check digit does not fit."""
    match = _MEMBER.fullmatch(_LEAD.sub("", _plain(text)).strip(_END))
    if match is None:
        return None
    year, sequence, check = match.groups()
    return "-".join(match.groups()) if check_digit(year + sequence) == check else None


def return_code(random: bytes) -> str:
    """The code that brings a worker back to their matters: 16 digits in four groups, the last one a check.

    Args:
        random: 16 bytes of chance.

    Raises:
        ValueError: fewer bytes than that.
    """
    if len(random) < RANDOM_BYTES:
        raise ValueError(f"a return code needs {RANDOM_BYTES} random bytes, not {len(random)}")
    digits = f"{int.from_bytes(random) % 10 ** (_CODE_DIGITS - 1):0{_CODE_DIGITS - 1}d}"
    return _grouped(digits + check_digit(digits))


def read_return_code(text: str) -> str:
    """The return code somebody typed, in the form `return_code` gives it.

    Raises:
        Refusal: a `code.` key of `REFUSALS`.
    """
    digits = _NOT_DIGITS.sub("", _plain(text))
    if not digits:
        raise Refusal("code.empty")
    if len(digits) != _CODE_DIGITS:
        raise Refusal("code.length", digits=len(digits))
    if check_digit(digits) != "0":
        raise Refusal("code.check")
    return _grouped(digits)


def check_digit(digits: str) -> str:
    """The digit to write after these; "0" when the last of them already is the right one."""
    row = 0
    for digit in digits:
        row = int(_DAMM[row][int(digit)])
    return str(row)


def _written(match: re.Match[str]) -> str | None:
    month, sequence = match.groups()
    return case_number(month, int(sequence)) if int(sequence) else None


def _grouped(digits: str) -> str:
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _plain(text: str) -> str:
    shown = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return _DASHES.sub("-", unicodedata.normalize("NFKC", shown)).strip()
