"""An update nobody can handle stops neither its chat nor anybody else (P18, P17); two processes (F13)."""

from pathlib import Path

import httpx
import pytest

from bot.faults import Exit
from tests.kill.crowd import AGREE, HELP, WORDS, label
from tests.kill.home import Home
from tests.kill.process import Process
from tests.kill.test_doubt import at_the_menu
from tests.kill.waiting import until
from tests.telegram_server.people import Person
from tests.telegram_server.server import TelegramServer

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300)]
LAW = label("menu.button.law")  # the launcher's poisoned builds raise when somebody presses it
SORRY = WORDS.render("zh", "kit.bug")
CROWD = 80  # more than are taken up at once


def prepared(folder: Path, server: TelegramServer, build: str = "") -> Process:
    home = Home(folder, "demo")
    home.prepare()
    return Process(home, server, build=build)


def answers(worker: Person) -> None:
    """The next thing a worker says is answered."""
    seen = len(worker.messages)
    worker.say(HELP)
    until(lambda: len(worker.messages) > seen, 10)


def test_poison_is_set_aside_after_five_tries(tmp_path: Path) -> None:
    with TelegramServer() as server, prepared(tmp_path, server, "poisoned") as process:
        process.start()
        unlucky, other = at_the_menu(server), at_the_menu(server)
        unlucky.press(LAW)
        answers(other)
        assert SORRY in unlucky.wait(SORRY).text
        answers(unlucky)
        health = httpx.get(f"{process.url}/healthz", trust_env=False).json()
        assert (health["dead"], health["inbox"]) == (1, 0)
        assert process.log.count("a turn failed") == 5


def test_many_that_wait_for_another_try_delay_nobody(tmp_path: Path) -> None:
    with TelegramServer() as server, prepared(tmp_path, server, "slowly_poisoned") as process:
        process.start()
        other = at_the_menu(server)
        crowd = [server.person(f"工友{number}") for number in range(CROWD)]
        for worker in crowd:
            worker.start()
        for worker in crowd:
            worker.wait(lambda shown: AGREE in shown.labels, 60)
            worker.say(AGREE)
        for worker in crowd:
            worker.wait(lambda shown: LAW in shown.labels, 60)
            worker.press(LAW)
        until(lambda: process.log.count("a turn failed") == CROWD, 60)
        answers(other)


def test_a_second_process_refuses_to_start(tmp_path: Path) -> None:
    with TelegramServer() as server, prepared(tmp_path, server) as process:
        process.start()
        worker = at_the_menu(server)
        second = Process(Home(tmp_path, "demo"), server)
        second.start()
        assert second.wait(30) == Exit.BUSY
        answers(worker)
