"""`steward posters`: the QR codes of stations, sites and canteens, each knowing its place (R4)."""

import argparse
from pathlib import Path
from typing import Any

import segno

from bot import control
from bot.faults import Exit, Stop
from bot.settings import Settings, is_loopback
from casework.founding import COMMAND_LINE
from domain.units import UnitId
from handlers.welcome import ENTRANCE
from storage import audit, union
from storage.tx import Tx

SCALE = 12  # pixels a module of the printed picture


def command(args: argparse.Namespace) -> int:
    """Add a poster where a place is named, then print every link; draw them where a folder is named."""
    settings = Settings()
    if bool(args.unit) != bool(args.place):
        raise Stop("name the unit and the place, or neither", Exit.USAGE)
    request = {"do": "posters", "unit": args.unit or "", "place": args.place or ""}
    found, _ = control.do(settings, request, list_or_add)
    for poster in found:
        link = f"{settings.base}/chat#start={ENTRANCE}{poster['token']}"
        print(f"{poster['place']} ({poster['unit']})\n  {link}")
        if args.folder:
            print(f"  {_draw(args.folder, poster['place'], link)}")
    if not found:
        print("There is no poster yet: steward posters UNIT PLACE")
    elif is_loopback(settings.base):
        print("These addresses work on this machine only; set STEWARD_PUBLIC_URL before printing any.")
    return Exit.DONE


def list_or_add(tx: Tx, request: control.Request) -> list[dict[str, Any]]:
    """Every poster, with the one that was asked for.

    Raises:
        Stop: there is no union, or no such unit.
    """
    if not union.is_set_up(tx):
        raise Stop("no union is set up yet; `steward init` does that")
    tree = union.tree(tx)
    if request["unit"]:
        if request["unit"] not in tree:
            known = ", ".join(f"{unit.id} ({unit.name})" for unit in tree)
            raise Stop(f"there is no unit {request['unit']!r}; there are: {known}")
        union.add_entrance(tx, request["unit"], request["place"], "poster")
        audit.record(tx, COMMAND_LINE, "poster", request["unit"], "done")
    return [
        {"token": door.token, "place": door.site, "unit": tree[UnitId(door.unit_id)].name}
        for door in union.entrances_of(tx)
    ]


def _draw(folder: Path, place: str, link: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(sign if sign.isalnum() else "-" for sign in place)
    path = folder / f"{name}.svg"
    segno.make(link, error="m").save(str(path), scale=SCALE, border=4)
    return path
