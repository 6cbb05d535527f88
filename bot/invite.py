"""`steward invite UNIT ROLE`: a one-use link that makes whoever opens it a cadre there."""

import argparse
from typing import Any

from bot import control
from bot.faults import Exit, Stop
from bot.settings import Settings, is_loopback
from casework import cadres
from domain.roles import Role
from domain.units import UnitId
from storage import union
from storage.tx import Tx


def command(args: argparse.Namespace) -> int:
    """Make an invitation and print its link."""
    settings = Settings()
    if args.role not in list(Role):
        raise Stop(f"{args.role!r} is no role; there are: {', '.join(Role)}", Exit.USAGE)
    request = {"do": "invite", "unit": args.unit, "role": args.role, "duty": args.duty}
    made, _ = control.do(settings, request, make)
    duty = ", on duty" if args.duty else ""
    print(f"Invitation: {args.role} in {made['unit']}{duty}.")
    for line in links(settings, made["payload"]):
        print(line)
    return Exit.DONE


def make(tx: Tx, request: control.Request) -> dict[str, Any]:
    """Make an invitation.

    Raises:
        Stop: there is no such unit, or no union at all.
    """
    if not union.is_set_up(tx):
        raise Stop("no union is set up yet; `steward init` does that")
    tree = union.tree(tx)
    if request["unit"] not in tree:
        known = ", ".join(f"{unit.id} ({unit.name})" for unit in tree)
        raise Stop(f"there is no unit {request['unit']!r}; there are: {known}")
    payload = cadres.invite(tx, None, request["unit"], Role(request["role"]), bool(request["duty"]))
    return {"payload": payload, "unit": tree[UnitId(request["unit"])].name}


def links(settings: Settings, payload: str) -> list[str]:
    """How an invitation is opened, a line each."""
    hours = int(cadres.INVITATION_LIVES.total_seconds()) // 3600
    lines = [
        f"It works once, within {hours} hours, for whoever opens it first; hand it over yourself.",
        f"  In the browser: {settings.base}/chat#start={payload}",
    ]
    if is_loopback(settings.base):
        lines.append("    (this address works on this machine only; set STEWARD_PUBLIC_URL for others)")
    if settings.telegram_token:
        lines.append(f"  In Telegram:    https://t.me/BOT?start={payload}")
        lines.append("    (put your bot's user name in place of BOT)")
    return lines
