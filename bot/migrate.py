"""`steward migrate`: bring the database to this release, after a copy of a SQLite file."""

import argparse

from bot.faults import Exit
from bot.opening import bring_up_to_date, held, key_file
from bot.settings import Settings


def command(_args: argparse.Namespace) -> int:
    """Upgrade, and say from where to where."""
    settings = Settings()
    with held(settings, new=False):
        key_file(settings)
        brought = bring_up_to_date(settings)
    before, after = brought.upgrade.before, brought.upgrade.after
    if brought.copy is not None:
        print(f"The database as it was is kept in {brought.copy}.")
        print("What somebody has erased since can still be read there: remove it within 30 days.")
    elif before not in (None, after):
        print("No copy was made: of a PostgreSQL database pg_dump makes one.")
    if before == after:
        print(f"The database is at {after} already.")
    else:
        print(f"The database went from {before or 'nothing'} to {after}.")
    return Exit.DONE
