"""Killed again and again under load: nothing is lost, nothing happens twice (P1, P2, P4, P6, F1).

STEWARD_KILL_SEED replays a run: it decides who answers what and how long each life lasts.
"""

import os
from pathlib import Path

import pytest

from tests.kill.trial import Trial
from tests.kill.verdict import SWEEP, Verdict
from tests.telegram_server.limits import TELEGRAM_SPEED
from tests.telegram_server.server import TelegramServer

SEED = int(os.environ.get("STEWARD_KILL_SEED", "20261120"))
pytestmark = [pytest.mark.kill, pytest.mark.timeout(900)]


def agree(verdict: Verdict) -> None:
    """Tell what was seen, and the seed that shows it again."""
    print(f"seed {SEED}: {verdict}")
    assert not verdict.wrong, f"STEWARD_KILL_SEED={SEED}\n{verdict}"


def test_sixty_kills_while_polling(tmp_path: Path) -> None:
    with TelegramServer() as server:
        trial = Trial(tmp_path, server, SEED, people=25)
        with trial.load():
            trial.strike(60, longest=0.6)
            verdict = trial.drain()
    agree(verdict)
    assert trial.process.lives == 61
    assert verdict.figures["receipts"] >= 20, "too few went all the way for this to prove anything"


def test_kills_behind_a_webhook(tmp_path: Path) -> None:
    with TelegramServer() as server:
        trial = Trial(tmp_path, server, SEED + 1, people=15, webhook=True)
        with trial.load():
            trial.strike(8)
            verdict = trial.drain(patience=30)
    agree(verdict)
    assert verdict.figures["receipts"] >= 5


def test_kills_at_the_speed_telegram_allows(tmp_path: Path) -> None:
    """The command as it is shipped, with its limits, against a server that enforces them (P7)."""
    with TelegramServer(speed=TELEGRAM_SPEED) as server:
        trial = Trial(tmp_path, server, SEED + 2, people=4, most=4, full_speed=False)
        with trial.load():
            trial.strike(3)
            verdict = trial.drain(patience=20)
    agree(verdict)
    refused = [entry for entry in server.ledger.entries("refused") if entry.details.get("code") == 429]
    sweeps = [call for call in server.ledger.delivered("sendMessage") if call["params"]["text"] == SWEEP]
    assert len(refused) <= 2 * len(sweeps), "sent faster than Telegram allows"


def test_stopping_is_no_crash(tmp_path: Path) -> None:
    """What was under way is finished first, so nothing is in doubt afterwards and nothing repeated."""
    with TelegramServer() as server:
        trial = Trial(tmp_path, server, SEED + 3, people=10)
        with trial.load():
            statuses = trial.restart(3)
            verdict = trial.drain()
    agree(verdict)
    assert statuses == [0, 0, 0]
    assert verdict.figures["repeats"] == 0
