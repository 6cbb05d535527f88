"""Commands that begin with a slash, listed in each language and obeyed in any."""

import pytest

from handlers.menu import COMMANDS, LISTED, listed_commands
from tests.handlers.conftest import Stage
from tests.player.house import words

GREETED = ("sun: /start", "sun presses 同意，开始")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/menu", "您要办什么？"),
        ("/help", "哪一类事？"),
        ("/law", "您想问什么？"),
        ("/cases", "您还没有登记过事情"),
        ("/mine", "您还没有登记过事情"),
        ("/language", "Which language?"),
        ("/cancel", "您要办什么？"),
        ("/nosuchthing", "您要办什么？"),
        ("/HELP", "哪一类事？"),
        ("/help 老板不发钱", "哪一类事？"),
    ],
)
async def test_each_does_what_it_says(stage: Stage, typed: str, answer: str) -> None:
    async with stage("telegram", sun="zh") as play:
        assert answer in await play(*GREETED, f"sun: {typed}")


async def test_a_language_is_chosen_by_command(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*GREETED, "sun: /language")
        assert "What do you need?" in await play("sun presses English") or play.person("sun").language == "en"
        await play("sun: /language", "sun: 中文")
        assert play.person("sun").language == "zh"


async def test_in_the_middle_of_a_form_the_question_is_asked_in_the_new_language(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*GREETED, "sun presses 要帮忙", "sun: /language", "sun presses English")
        assert "[" in said
        assert play.person("sun").language == "en"
        assert "哪一类" not in said


async def test_cancel_asks_once_more_and_then_drops_the_draft(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*GREETED, "sun presses 要帮忙", "sun presses 别的", "sun: /cancel")
        assert "真的不弄了？" in said
        assert "已经删掉" in await play("sun presses 删掉不弄了")


async def test_a_command_before_the_greeting_was_agreed_to_is_no_word_to_keep(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        assert "这样可以开始吗" in await play("sun: /help")
        assert "您要办什么？" in await play("sun presses 同意，开始")


def test_what_is_listed_is_obeyed_and_fits_telegram() -> None:
    assert all(f"/{name}" in COMMANDS for name in LISTED)
    listed = listed_commands(words())
    assert set(listed) == {"", "zh", "en"}
    for commands in listed.values():
        assert [name for name, _ in commands] == list(LISTED)
        assert all(1 <= len(said) <= 256 and name.isascii() and name.islower() for name, said in commands)
