"""The command line: `steward run` and what an operator needs beside it."""

import argparse
import importlib
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.faults import EXITS, Exit, tell

ROLES = "group_leader, liaison, committee, chair, legal or admin"
MODULES = {
    "run": "bot.serve",
    "init": "bot.init",
    "migrate": "bot.migrate",
    "check": "bot.check",
    "invite": "bot.invite",
    "posters": "bot.posters",
    "chat": "bot.terminal",
    "doctor": "bot.doctor",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a fault is one clear sentence and an exit code, never a stack trace."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that has no Chinese stops nothing
    args = parser().parse_args(argv)
    try:
        done = importlib.import_module(MODULES[args.command]).command(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:  # whoever read our words has gone
        sys.stdout = None  # nothing is left to flush at the end
        return Exit.DONE
    except Exception as fault:
        return tell(fault)
    return int(done)


class _Parser(argparse.ArgumentParser):
    """Reads what the settings are only when somebody asks for help."""

    def format_help(self) -> str:
        """The help, with every setting and exit code at the end."""
        from bot.settings import described

        settings = [f"  {name}\n      {what}" for name, what in described()]
        codes = [f"  {code:<3} {what}" for code, what in EXITS]
        lines = ["settings, read from the environment:", *settings, "", "exit codes:", *codes]
        self.epilog = "\n".join(lines)
        return super().format_help()


def parser() -> argparse.ArgumentParser:
    """What may be typed."""
    made = _Parser(
        prog="steward",
        description="A trade union's chat, from first word to closed case.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = made.add_subparsers(dest="command", required=True, parser_class=argparse.ArgumentParser)
    commands.add_parser("run", help="serve: the chat page, the channels and the clock")
    _init(commands.add_parser("init", help="set a union up from its file or by asking; again, to change it"))
    commands.add_parser("migrate", help="bring the database to this release, after a copy of a SQLite file")
    commands.add_parser("check", help="look at settings, texts, knowledge, key file and database")
    _invite(commands.add_parser("invite", help="print a one-use link that makes somebody a cadre"))
    _posters(commands.add_parser("posters", help="the QR codes that know their place; add one"))
    _chat(commands.add_parser("chat", help="talk to a throw-away demo on the terminal"))
    commands.add_parser("doctor", help="say what is wrong with an installation, running or not")
    return made


def _init(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", nargs="?", type=Path, help="the union's file; without it, questions")
    command.add_argument("--example", action="store_true", help="print a file to start from")
    command.add_argument("--retire", action="store_true", help="take units out that left the file")


def _invite(command: argparse.ArgumentParser) -> None:
    command.add_argument("unit", metavar="UNIT", help="the unit's short name")
    command.add_argument("role", metavar="ROLE", help=ROLES)
    command.add_argument("--duty", action="store_true", help="is called for new cases")


def _posters(command: argparse.ArgumentParser) -> None:
    command.add_argument("unit", nargs="?", metavar="UNIT", help="the unit's short name")
    command.add_argument("place", nargs="?", metavar="PLACE", help="what the place is called")
    command.add_argument("--folder", type=Path, metavar="DIR", help="draw each code there as SVG")


def _chat(command: argparse.ArgumentParser) -> None:
    command.add_argument("--as", dest="who", default="worker", metavar="WHO", help="worker, or a cadre's key")
    command.add_argument("--language", choices=("zh", "en"), default="zh", help="a worker's")
    command.add_argument("--record", type=Path, metavar="FILE", help="write what was said as a transcript")
