"""Asking on the terminal what a union's file would say, in Chinese and English."""

from collections.abc import Callable, Sequence
from typing import Any

from bot.faults import Exit, Stop
from bot.union_file import described
from domain.units import UnitKind

KINDS = {
    UnitKind.FEDERATION: "federation 总工会",
    UnitKind.REGION: "region 区县、街道、园区",
    UnitKind.SECTOR: "sector 行业联合会",
    UnitKind.ENTERPRISE: "enterprise 企业工会",
    UnitKind.PLATFORM: "platform 平台工会",
    UnitKind.SITE: "site 站点、厂区、工地",
    UnitKind.GROUP: "group 工会小组",
}
HOURS = "09:00-12:00, 13:30-18:00"
YES, NO = ("y", "yes", "是", "对", "好"), ("n", "no", "否", "不", "没有")


class Asking:
    """One conversation; every answer is checked where it is given."""

    def __init__(
        self, calendars: Sequence[str], read: Callable[[str], str], say: Callable[[str], None]
    ) -> None:
        self._calendars = calendars
        self._read = read
        self._say = say

    def union(self) -> dict[str, Any]:
        """Ask until there is a union that can be set up."""
        name = self._text("Name of the union 工会名称")
        table: dict[str, Any] = {
            "name": name,
            "area": self._text("Area it looks after 管哪里", name.removesuffix("总工会")),
            "calendar": self._one_of("Calendar 日历", {each: each for each in self._calendars}),
            "working_hours": list(STANDARD_HOURS),
            "channels": ["browser"],
        }
        self._hours(table)
        self._units(table)
        if self._yes("Telegram as well? It also needs STEWARD_TELEGRAM_TOKEN. 也用 Telegram 吗", False):
            table["channels"].append("telegram")
        return table

    def _hours(self, table: dict[str, Any]) -> None:
        """Duty hours, until they can be read."""
        while True:
            said = self._text("Duty hours of a working day 值班钟点", HOURS)
            spans = (part.strip() for part in said.replace("，", ",").split(","))
            table["working_hours"] = [span for span in spans if span]
            top = {"top": {"name": "x", "kind": "federation"}}
            if self._fits({**table, "unit": top}):
                return

    def _units(self, table: dict[str, Any]) -> None:
        self._say("Now the units, the topmost first. 现在说各级工会，从最上面的开始。")
        units = table["unit"] = {}
        while not units:
            self._unit(table, self._text("Its name 名称", table["name"]), None)
        while name := self._text("The next unit's name, empty when that is all 下一个单位，没有了就回车", ""):
            names = {key: unit["name"] for key, unit in units.items()}
            self._unit(table, name, self._one_of("It belongs to 属于哪个", names))

    def _unit(self, table: dict[str, Any], name: str, parent: str | None) -> None:
        units = table["unit"]
        default = "union" if parent is None else f"unit{len(units) + 1}"
        key = self._text("Short name for commands 命令里用的短名", default)
        while key in units:
            key = self._text(f"{key} is taken 已经有了, another 换一个", default)
        kind = self._one_of("Kind 类型", {kind.value: words for kind, words in KINDS.items()})
        units[key] = {"name": name, "kind": kind}
        if parent is not None:
            units[key]["parent"] = parent
        inside = parent is not None and units[parent].get("workplace", False)
        if inside or self._yes("Run from inside one employer? 设在用人单位里面吗", False):
            units[key]["workplace"] = True
        if not self._fits(table):
            del units[key]

    def _fits(self, table: dict[str, Any]) -> bool:
        try:
            described(table, self._calendars, "")
        except Stop as fault:
            self._say(f"  That does not fit 不对: {str(fault).removeprefix(': ')}")
            return False
        return True

    def _text(self, question: str, default: str | None = None) -> str:
        """A line; an empty one stands for the default."""
        shown = f" [{default}]" if default else ""
        while True:
            said = "".join(sign for sign in self._read(f"{question}{shown}: ") if sign.isprintable()).strip()
            if said or default is not None:
                return said or default or ""

    def _one_of(self, question: str, options: dict[str, str]) -> str:
        """One of a few, by its number or as it is written."""
        keys = list(options)
        if len(keys) == 1:
            return keys[0]
        for number, words in enumerate(options.values(), 1):
            self._say(f"  {number}. {words}")
        while True:
            said = self._text(f"{question} (1-{len(keys)})")
            if said in options:
                return said
            if said.isdecimal() and 1 <= int(said) <= len(keys):
                return keys[int(said) - 1]

    def _yes(self, question: str, default: bool) -> bool:
        while True:
            said = self._text(f"{question} (y/n)", "y" if default else "n").lower()
            if said in (*YES, *NO):
                return said in YES


STANDARD_HOURS = tuple(HOURS.split(", "))


def ask_for_union(calendars: Sequence[str]) -> dict[str, Any]:
    """Ask on the terminal.

    Raises:
        Stop: the person leaves.
    """
    try:
        return Asking(calendars, input, print).union()
    except (EOFError, KeyboardInterrupt):
        raise Stop("nothing was set up", Exit.INTERRUPTED) from None
