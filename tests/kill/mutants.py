"""`python -m tests.kill.mutants`: builds broken on purpose, and whether the trials notice.

Each mutant lives through a short trial of kills; the two that only show in a particular place have a
trial of their own. A mutant nobody notices ends this with status 1: the trials prove nothing about it.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.kill.launch import MUTANTS
from tests.kill.test_doubt import killed_in_a_call
from tests.kill.trial import Trial
from tests.telegram_server.server import TelegramServer

SEED = 20261120
KILLS = 12


def killed_under_load(folder: Path, build: str, seed: int) -> Sequence[str]:
    """What is wrong after some kills under load."""
    with TelegramServer() as server:
        trial = Trial(folder, server, seed, build=build)
        with trial.load():
            trial.strike(KILLS)
            return trial.drain(patience=8).wrong


def killed_in_one_call(folder: Path, build: str, _seed: int) -> Sequence[str]:
    """What is wrong after two kills during the sending of one message."""
    with TelegramServer() as server:
        said = killed_in_a_call(folder, server, build)
    return [f"{each.copies} copies of {each.text[:40]!r}" for each in said if each.copies > 2]


Trying = Callable[[Path, str, int], Sequence[str]]
TRIALS: dict[str, Trying] = {"blind_resend": killed_in_one_call}


def main() -> int:
    """Try every mutant, or those named."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill.mutants")
    parser.add_argument("builds", nargs="*", metavar="BUILD", help=f"of {', '.join(MUTANTS)}")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    missed = [build for build in given.builds or MUTANTS if not _noticed(build, given.seed)]
    return 1 if missed else 0


def _noticed(build: str, seed: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        wrong = TRIALS.get(build, killed_under_load)(Path(folder), build, seed)
    print(f"{build}: {'noticed' if wrong else 'MISSED'}", *wrong[:3], sep="\n    ", flush=True)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
