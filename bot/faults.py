"""How a command ends: every fault is one clear sentence and an exit code, never a stack trace."""

import os
import sys
from enum import IntEnum


class Exit(IntEnum):
    """What a shell or a supervisor is told."""

    DONE = 0
    FOUND = 1  # `check` or `doctor` found something wrong
    USAGE = 2  # the command line, a file or a setting is wrong
    BUSY = 3  # another process holds the database or the port
    DATABASE = 4  # the database, the key file or the disk cannot be used
    REFUSED = 5  # a rule says no
    BUG = 70  # a fault in the program
    INTERRUPTED = 130


EXITS = (
    (Exit.FOUND, "check or doctor found something wrong"),
    (Exit.USAGE, "the command line, a file or a setting is wrong"),
    (Exit.BUSY, "another process holds the database or the port"),
    (Exit.DATABASE, "the database, the key file or the disk cannot be used"),
    (Exit.REFUSED, "a rule says no: no union yet, no such unit, sample data in live, ..."),
    (Exit.BUG, "a fault in the program"),
)


class Stop(Exception):
    """A command cannot go on; its words are the sentence an operator reads."""

    loggable = True  # its words hold no content

    def __init__(self, sentence: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(sentence)
        self.code = code


def tell(error: BaseException) -> int:
    """Say on standard error what went wrong and return the exit code."""
    sentences, code = explain(error)
    for sentence in sentences:
        print(f"steward: {sentence}", file=sys.stderr)
    return code


def explain(error: BaseException) -> tuple[list[str], Exit]:
    """What went wrong, a sentence each, and the exit code that goes with it."""
    from pydantic import ValidationError

    from bot import settings

    if isinstance(error, Stop):
        return [str(error)], error.code
    if isinstance(error, ValidationError) and error.title == settings.Settings.__name__:
        return settings.faults_in(error), Exit.USAGE
    return _of_storage(error) or ([_of_system(error)], _code_of_system(error))


def _of_storage(error: BaseException) -> tuple[list[str], Exit] | None:
    from storage import faults, schema
    from storage.disk import DiskRefused
    from storage.keys import KeyFileError
    from storage.sealing import SealBroken
    from storage.store import StoreBusy

    match error:
        case StoreBusy():
            return ["another process of Steward holds this database; stop that one first"], Exit.BUSY
        case schema.DatabaseNewer():
            said = f"the database was written by a newer Steward (revision {error}); update the program"
            return [said], Exit.DATABASE
        case schema.RowsWithoutParent():
            return [f"the upgrade was taken back: rows without a parent in {error}"], Exit.DATABASE
        case KeyFileError():
            return [f"the key file cannot be used: {error}"], Exit.DATABASE
        case DiskRefused():
            return [f"the disk refuses: {error}"], Exit.DATABASE
        case SealBroken():
            return ["the key file does not belong to this database; put its own back"], Exit.DATABASE
    words = faults.words_of(error)
    return None if words is None else ([f"the database cannot be used: {words}"], Exit.DATABASE)


def _of_system(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{os.strerror(error.errno)}"
    from bot.redaction import describe

    return f"a fault in Steward itself: {describe(error)}{_place(error)}; please report it"


def _code_of_system(error: BaseException) -> Exit:
    return Exit.DATABASE if isinstance(error, OSError) else Exit.BUG


def _place(error: BaseException) -> str:
    """The last line of ours the error came from."""
    found, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "site-packages" not in file:
            found = f" at {'/'.join(file.split(os.sep)[-2:])}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
