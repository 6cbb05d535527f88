"""`python -m tests.kill.speed`: updates a second and processor time for each, with everybody in a hurry.

People answer as soon as they see a question; the channel's own limits are lifted. The fake server and
its people share this machine, so updates a second say less than processor time does.
"""

import argparse
import os
import tempfile
from pathlib import Path

from tests.kill.trial import Trial
from tests.kill.waiting import wait
from tests.telegram_server.server import TelegramServer

_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure once and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill.speed")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--webhook", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, TelegramServer() as server:
        trial = Trial(Path(folder), server, seed=1, people=given.people, webhook=given.webhook)
        with trial.load():
            wait(2.0)
            before, threads = len(server.ledger.acknowledged()), _threads(trial.process.pid)
            wait(given.seconds)
            done, spent = len(server.ledger.acknowledged()) - before, _threads(trial.process.pid)
            memory = _memory(trial.process.pid)
            verdict = trial.drain()
    print(f"{done / given.seconds:.0f} updates/s, {memory:.0f} MB; processor time for each update:")
    used = {name: spent[name] - threads.get(name, 0.0) for name in spent}
    print(f"  {sum(used.values()) * 1000 / done:.2f} ms in all")
    for name, seconds in sorted(used.items(), key=lambda item: -item[1])[:4]:
        print(f"  {seconds * 1000 / done:.2f} ms {name}")
    print(verdict)


def _threads(pid: int) -> dict[str, float]:
    """Processor seconds of every thread."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        name = "main" if int(task.name) == pid else f"thread {task.name}"
        found[name] = (int(fields[11]) + int(fields[12])) / _TICKS
    return found


def _memory(pid: int) -> float:
    """Resident megabytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
