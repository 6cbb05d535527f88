"""Transcripts are read and written back unchanged, and what ports show alike stands there once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.player.script import PORTS, ScriptError, load, merged
from tests.transcripts.test_transcripts import SCRIPTS, name_of

SEEN = st.lists(st.sampled_from(("  > 甲", "  > 乙", "  > 丙", "  chen > 丁")), max_size=5)


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_transcript_is_written_back_as_it_was_read(path: Path) -> None:
    assert load(path).written() == path.read_text(encoding="utf-8")


def test_there_are_enough_stories() -> None:
    assert len(SCRIPTS) >= 25


@given(engine=SEEN, browser=SEEN, telegram=SEEN)
def test_each_port_finds_in_the_merged_list_what_it_showed(
    engine: list[str], browser: list[str], telegram: list[str]
) -> None:
    seen = dict(zip(PORTS, (engine, browser, telegram), strict=True))
    items = merged({port: [[line] for line in lines] for port, lines in seen.items()})
    for port, lines in seen.items():
        assert [line for item in items if port in item.ports for line in item.lines] == lines
    if engine == browser == telegram:
        assert all(item.ports == frozenset(PORTS) for item in items)


@pytest.mark.parametrize(
    "written",
    [
        "title: 甲\nclock: 2026-11-24 10:00\n\nsun: /start\n",
        "title: 甲\nrequirement: R9\nclock: 2026-11-24 10:00\npeople: Sun=worker\n\nsun: /start\n",
        "title: 甲\nrequirement: R9\nclock: 2026-11-24 10:00\nweather: fine\n\nsun: /start\n",
        "title: 甲\nrequirement: R9\nclock: 2026-11-24 10:00\n\n  > 没有人说话\n",
        "title: 甲\nrequirement: R9\nclock: 2026-11-24 10:00\n\nsun: /start\n   三个空格\n",
    ],
)
def test_a_mistake_in_a_transcript_is_named(written: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.chat"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(ScriptError, match=r"wrong\.chat"):
        load(path)
