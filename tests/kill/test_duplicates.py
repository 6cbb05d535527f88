"""Updates that come twice, calls that fail: no extra case or message, and nobody is stuck (P2, P5, P6)."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.kill.chance import ELSE, Chance, Shares
from tests.kill.test_sigkill import SEED, agree
from tests.kill.trial import Trial
from tests.kill.verdict import Verdict
from tests.telegram_server.faults import DUPLICATE, RESET_AFTER, page, too_many
from tests.telegram_server.server import TelegramServer

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]
EVERYBODY = 30


def walk(folder: Path, shares: Mapping[str, Shares], *, webhook: bool = False) -> tuple[Verdict, Chance]:
    """Thirty people go all the way while this goes wrong."""
    server = TelegramServer()
    chance = Chance(SEED, shares)
    server.api.faults = chance
    with server:
        trial = Trial(folder, server, SEED, people=EVERYBODY, most=EVERYBODY, webhook=webhook)
        with trial.load():
            verdict = trial.drain(patience=20)
    return verdict, chance


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
def test_updates_that_come_twice_count_once(tmp_path: Path, webhook: bool) -> None:
    """A fifth of all hand-overs is repeated; behind a webhook some acknowledgements are lost as well."""
    shares = {"getupdates": [(0.2, DUPLICATE)], "webhook": [(0.2, DUPLICATE), (0.05, RESET_AFTER)]}
    verdict, chance = walk(tmp_path, shares, webhook=webhook)
    agree(verdict)
    assert len(chance.struck) >= 10
    assert verdict.figures["repeats"] == 0
    assert verdict.figures["receipts"] == EVERYBODY


def test_a_platform_that_stumbles_leaves_nobody_stuck(tmp_path: Path) -> None:
    """2 % of all calls are told to wait, 2 % meet a gateway's 502, 1 % are done but their answer is lost."""
    verdict, chance = walk(tmp_path, {ELSE: [(0.02, too_many(1)), (0.02, page(502)), (0.01, RESET_AFTER)]})
    lost = [method for method, fault in chance.struck if fault is RESET_AFTER]
    agree(verdict)
    assert len(chance.struck) >= 10
    assert verdict.figures["repeats"] <= lost.count("sendMessage")
    assert verdict.figures["receipts"] == EVERYBODY
