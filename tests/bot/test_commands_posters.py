"""Posters: every code opens the chat page and knows its place (R4)."""

from pathlib import Path

import pytest

from bot import control, posters
from bot.commands import main
from bot.faults import Exit, Stop
from handlers.welcome import ENTRANCE
from storage import union
from tests.casework.conftest import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The sample union, whose file has posters already."""
    return Office(tmp_path)


def test_a_poster_that_is_added_is_listed_and_leads_to_its_place(office: Office) -> None:
    request = {"do": "posters", "unit": "riders", "place": "东门充电站"}
    before = office.store.write(lambda tx: posters.list_or_add(tx, {"unit": "", "place": ""}))
    after = office.store.write(lambda tx: posters.list_or_add(tx, request))
    added = [poster for poster in after if poster not in before]
    assert [(poster["place"], poster["unit"]) for poster in added] == [("东门充电站", "江州市骑手联合工会")]
    door = office.store.read(lambda tx: union.entrance(tx, added[0]["token"]))
    assert door is not None
    assert (door.unit_id, door.site, door.source) == ("riders", "东门充电站", "poster")
    assert len(f"{ENTRANCE}{door.token}") <= 64  # what a Telegram deep link carries


def test_codes_are_drawn_and_no_second_one_is_made_by_looking(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = office.store.write(lambda tx: posters.list_or_add(tx, {"unit": "", "place": ""}))
    monkeypatch.setattr(control, "do", lambda *_: (found, False))
    assert main(["posters", "--folder", str(tmp_path / "codes")]) == Exit.DONE
    assert sorted(path.suffix for path in (tmp_path / "codes").iterdir()) == [".svg"] * len(found)
    said = capsys.readouterr().out
    assert all(poster["place"] in said and poster["token"] in said for poster in found)


def test_a_unit_that_is_not_there_is_named(office: Office) -> None:
    with pytest.raises(Stop, match="nowhere"):
        office.store.write(lambda tx: posters.list_or_add(tx, {"unit": "nowhere", "place": "门口"}))
    assert main(["posters", "riders"]) == Exit.USAGE
