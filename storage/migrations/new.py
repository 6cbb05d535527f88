"""`python -m storage.migrations.new MESSAGE` writes the next migration from what changed in the tables."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

from storage import schema
from storage.engine import open_engine


def write(message: str, folder: Path = schema.FOLDER) -> Path | None:
    """Compare the tables with what the migrations make of an empty database and write down the difference.

    Args:
        message: what changes, a line.
        folder: where the migrations are.

    Returns:
        The new file, or None when nothing has changed.
    """
    engine = open_engine("sqlite://")
    with engine.connect() as connection, connection.begin():
        config = schema.config(connection, folder)
        command.upgrade(config, "head")
        made = command.revision(
            config,
            message,
            autogenerate=True,
            rev_id=f"{_last_number(config) + 1:04}",
            process_revision_directives=_leave_out_empty,
        )
    engine.dispose()
    return Path(made.path) if isinstance(made, Script) else None


def _last_number(config: Config) -> int:
    return int(ScriptDirectory.from_config(config).get_current_head() or 0)


def _leave_out_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    if directives and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def main(argv: Sequence[str] | None = None) -> int:
    """Write it and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m storage.migrations.new", description=__doc__)
    parser.add_argument("message", help="what changes, in one line")
    path = write(parser.parse_args(argv).message)
    if path is not None:
        subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)
    else:
        print("The tables are what the migrations make of them; there is nothing to write.", file=sys.stderr)
        return 1
    print(f"Wrote {path}. Read it, and think of rows that are there already, before you commit it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
