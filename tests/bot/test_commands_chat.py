"""`steward chat`: what is played on the terminal can be played again as a transcript."""

import asyncio
import re
from pathlib import Path

import pytest

from storage import schema
from tests.bot.installation import Installation
from tests.player.house import Place
from tests.player.player import play_script
from tests.player.script import load

_ALIAS = re.compile(r"\b\d{4}\b")  # an anonymous worker's, drawn by chance
SESSION = """\
/start
同意，开始
要帮忙
返回
/wait 30 min
/as zhou
/as sun
要帮忙
工资工时
工资
老板三个月没发工资
/photo
先等等
/wait 1 day
/scan 城南配送站
/as wu
/start
"""


@pytest.fixture
def at(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def chat(at: Installation, lines: str, *words: str, **settings: str) -> str:
    """Type these lines and return what is seen."""
    done = at.steward("chat", *words, said=lines, **settings)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_session_recorded_is_a_transcript_that_holds(at: Installation, tmp_path: Path) -> None:
    shown = chat(at, SESSION, "--record", "played.chat")
    script = load(tmp_path / "played.chat")
    assert script.title == "played"
    assert dict(script.workers) == {"sun": "zh", "wu": "zh"}
    assert script.cadres == {"zhou"}
    words = [line.words for line in script.lines]
    assert words[:3] == ["sun: /start", "sun presses 同意，开始", "sun presses 要帮忙"]
    assert "sun sends photo" in words
    assert "wait 1 day" in words
    assert "sun scans 城南配送站" in words
    assert words[-1] == "wu: /start"
    assert all(
        row.strip() in shown for line in script.lines for row in line.seen_on("engine") if "@" not in row
    )

    (tmp_path / "again").mkdir()
    schema.upgrade(f"sqlite:///{tmp_path / 'again' / 'steward.db'}")
    place = Place(f"sqlite:///{tmp_path / 'again' / 'steward.db'}", tmp_path / "again")
    for line, items in asyncio.run(play_script(script, place, "engine")):
        assert items is not None
        seen = [row for item in items for row in item]
        assert [_ALIAS.sub("", row) for row in seen] == [
            _ALIAS.sub("", row) for row in line.seen_on("engine")
        ]


def test_a_session_may_begin_as_a_cadre(at: Installation) -> None:
    shown = chat(at, "菜单\n/who\n", "--as", "zhou")
    assert "zhou  周正平" in shown
    assert "you are zhou" in shown
    assert "[待接手]" in shown


def test_what_cannot_be_done_is_said_and_the_session_goes_on(at: Installation) -> None:
    shown = chat(at, "/wait soon\n/wait until Tuesday\n/scan 月球\n/as 王\n/help\n/who\n")
    for told in (
        "a length of time is written",
        "an hour is written",
        "posters hang at: 城南配送站",
        "a name is small letters",
        "let time pass",
        "you are sun",
    ):
        assert told in shown


def test_nothing_of_it_is_kept_and_no_setting_has_a_say(at: Installation, tmp_path: Path) -> None:
    real = f"sqlite:///{tmp_path / 'real.db'}"
    at.environment["TMPDIR"] = str(tmp_path)
    shown = chat(at, "/start\n/quit\n你好\n", database_url=real, telegram_token="123456789:" + "a" * 35)
    assert "江州市总工会" in shown
    assert "演示" not in shown
    assert list(tmp_path.iterdir()) == []
