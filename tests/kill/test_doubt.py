"""A message nobody knows the end of: repeated once, then asked anew where an answer is awaited (P6, P24)."""

from pathlib import Path

import pytest

from tests.kill.crowd import AGAIN, AGREE, HELP, WORDS
from tests.kill.home import Home
from tests.kill.process import Process
from tests.kill.verdict import Said, said_to
from tests.kill.waiting import quiet, until
from tests.telegram_server.faults import RESET_AFTER, hang_after, too_many
from tests.telegram_server.people import Person
from tests.telegram_server.server import TelegramServer

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300)]
QUESTION = WORDS.render("zh", "help.group.ask")


def asked(worker: Person) -> int:
    """How many messages on the screen hold the question."""
    return sum(QUESTION in shown.text for shown in worker.messages)


def at_the_menu(server: TelegramServer) -> Person:
    """Somebody new who has just agreed."""
    worker = server.person("工友")
    worker.start()
    worker.wait(lambda shown: AGREE in shown.labels, 30)
    worker.say(AGREE)
    worker.wait(lambda shown: HELP in shown.labels)
    quiet(server.ledger, 0.5)
    return worker


def killed_in_a_call(folder: Path, server: TelegramServer, build: str = "") -> list[Said]:
    """The process dies twice while it waits to hear whether a question arrived, then goes on.

    Returns:
        What the worker was told up to the third time the question came, and that it could be answered.
    """
    home = Home(folder, "demo")
    home.prepare()
    with Process(home, server, build=build) as process:
        process.start()
        worker = at_the_menu(server)
        server.faults.add("sendMessage", hang_after(60), times=2)
        worker.say(HELP)
        for times in (1, 2):
            until(lambda times=times: asked(worker) == times)  # type: ignore[misc]
            process.kill()
            process.start()
        until(lambda: asked(worker) == 3)
        seen = len(worker.messages)
        worker.say("工资工时")
        until(lambda: len(worker.messages) > seen)
    return said_to(server.ledger)[worker.id]


def test_a_question_in_doubt_is_repeated_once_then_asked_anew(tmp_path: Path) -> None:
    with TelegramServer() as server:
        said = killed_in_a_call(tmp_path, server)
    assert [each.copies for each in said if QUESTION in each.text] == [2, 1]
    assert sum(each.text.endswith(AGAIN) for each in said) == 1


def test_being_told_to_wait_does_not_use_up_the_repeat(tmp_path: Path) -> None:
    """A known refusal leaves no doubt: a lost answer afterwards is the first."""
    home = Home(tmp_path, "demo")
    home.prepare()
    with TelegramServer() as server, Process(home, server) as process:
        process.start()
        worker = at_the_menu(server)
        server.faults.add("sendMessage", too_many(1), RESET_AFTER)
        worker.say(HELP)
        until(lambda: asked(worker) == 2)
        quiet(server.ledger)
        said = said_to(server.ledger)[worker.id]
    assert [each.copies for each in said if QUESTION in each.text] == [2]
