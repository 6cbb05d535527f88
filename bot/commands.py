"""The command line: `steward run` and what an operator needs beside it."""

import argparse
import sys
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from bot.settings import Settings

Command = Callable[[Settings, argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a fault is one clear sentence, never a stack trace."""
    parser = argparse.ArgumentParser(
        prog="steward", description="A trade union's chat, from first word to closed case."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="serve: the chat page, the channels and the clock")
    args = parser.parse_args(argv)
    try:
        settings = Settings()
    except ValidationError as fault:
        for error in fault.errors(include_url=False, include_input=False):
            print(error["msg"].removeprefix("Value error, "), file=sys.stderr)
        return 2
    from bot.serve import serve

    return {"run": serve}[args.command](settings, args)
