"""Every transcript, on every port and on both databases; README.md says how they are written."""

import difflib
from pathlib import Path

import pytest

from tests.player.player import play_script
from tests.player.script import PORTS, Script, load, merged
from tests.transcripts.conftest import Places

HERE = Path(__file__).parent
SCRIPTS = sorted(HERE.glob("*/*.chat"))


def name_of(path: Path) -> str:
    return str(path.relative_to(HERE).with_suffix(""))


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
async def test_transcript(
    path: Path, port: str, database: str, places: Places, request: pytest.FixtureRequest
) -> None:
    script = load(path)
    if port not in script.ports:
        return
    if request.config.getoption("--rewrite-transcripts"):
        if (port, database) == (script.ports[0], "sqlite"):
            await _rewrite(script, places)
        return
    for line, items in await play_script(script, places(database), port):
        if items is not None:
            _compare(
                script, line.number, line.words, line.seen_on(port), [row for item in items for row in item]
            )


def _compare(script: Script, number: int, words: str, wanted: list[str], seen: list[str]) -> None:
    if seen != wanted:
        diff = "\n".join(difflib.unified_diff(wanted, seen, "written", "seen", lineterm="", n=30))
        pytest.fail(f"{name_of(script.path)}.chat:{number}: {words}\n{diff}", pytrace=False)


async def _rewrite(script: Script, places: Places) -> None:
    """Write down what was seen, once for what every port shows and marked for what only some do."""
    runs = {port: await play_script(script, places("sqlite"), port) for port in script.ports}
    lines = [line for line in script.lines if not line.comment]
    for place, line in enumerate(lines):
        seen = {port: runs[port][place][1] for port in script.ports}
        line.items = merged({port: items for port, items in seen.items() if items is not None})
    script.path.write_text(script.written(), encoding="utf-8")
