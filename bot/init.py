"""`steward init`: set a real union up from its file or by asking, and change its tree later."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot import control, invite
from bot.asking import ask_for_union
from bot.faults import Exit, Stop
from bot.settings import ROOT, Settings
from bot.union_file import described, parsed, written
from casework import founding
from casework.founding import NotFounded
from casework.rulebook import Rulebook
from storage.tx import Tx

EXAMPLE = ROOT / "knowledge" / "union_example.toml"
STANDARD = Path("union.toml")  # where what was asked is written down


def command(args: argparse.Namespace) -> int:
    """Set the union up, or bring it to what its file says now."""
    if args.example:
        print(EXAMPLE.read_text(encoding="utf-8"), end="")
        return Exit.DONE
    settings = Settings()
    if settings.demo:
        raise Stop("a demo brings its own invented union; unset STEWARD_MODE to set a real one up")
    table, where = _from_file(args.file) if args.file else _from_terminal()
    described(table, calendars(), where)
    request = {"do": "set_up", "union": table, "where": where, "retire": args.retire}
    done, running = control.do(settings, request, set_up, new=True)
    for line in report(settings, done, running=running):
        print(line)
    return Exit.DONE


def _from_file(path: Path) -> tuple[dict[str, Any], str]:
    try:
        return parsed(path.read_text(encoding="utf-8"), str(path)), str(path)
    except UnicodeDecodeError:
        raise Stop(f"{path}: not a text in UTF-8", Exit.USAGE) from None


def _from_terminal() -> tuple[dict[str, Any], str]:
    if not sys.stdin.isatty():
        raise Stop("name a file (`steward init --example` prints one), or run it on a terminal", Exit.USAGE)
    if STANDARD.exists():
        raise Stop(f"{STANDARD} is there already: change it and run `steward init {STANDARD}`", Exit.USAGE)
    table = ask_for_union(sorted(calendars()))
    STANDARD.write_text(written(table), encoding="utf-8")
    print(f"Written to {STANDARD}; change it and run `steward init {STANDARD}` whenever the union changes.")
    return table, str(STANDARD)


def calendars() -> set[str]:
    """The names of the calendars there are."""
    return set(Rulebook.load(ROOT / "knowledge").calendars)


def set_up(tx: Tx, request: control.Request) -> dict[str, Any]:
    """Make the union what a request says.

    Raises:
        Stop: it cannot be made that; nothing is changed.
    """
    said = described(request["union"], calendars(), request["where"])
    try:
        return asdict(founding.found(tx, said.union, said.channels, retire=bool(request["retire"])))
    except NotFounded as fault:
        raise Stop(str(fault)) from None


def report(settings: Settings, done: dict[str, Any], *, running: bool) -> list[str]:
    """What changed and what is to be done next, a line each."""
    lines = [
        f"{what}: {', '.join(done[key])}."
        for what, key in (("Added", "added"), ("Changed", "changed"), ("Retired", "retired"))
        if done[key]
    ] or ["The union is as the file says; nothing changed in its units."]
    if done["left"]:
        left = ", ".join(done["left"])
        lines.append(f"Not in the file and left as they are (--retire takes them out): {left}.")
    if running:
        lines.append("Units hold from now on; changed working hours from the next start.")
    if done["invitation"]:
        lines += ["", "The first administrator's invitation, shown this once:"]
        lines += invite.links(settings, done["invitation"])
        lines += ["", "Then `steward run` serves."]
    elif not done["administered"]:
        lines.append("Nobody administers the union yet: `steward invite UNIT admin` makes a new invitation.")
    return lines
