"""`steward init`: a real union out of its file, and its tree changed later without losing anything."""

from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import commands
from bot.app import load
from bot.faults import Exit
from bot.settings import ROOT, Settings
from casework import cadres, handling, intake, setup
from casework.intake import NewCase
from casework.rulebook import Rulebook
from domain.cases import Reader, State
from domain.errors import Refusal
from domain.roles import Role
from storage import audit, cases, meta, people, tables, union
from storage.keys import KeyFile
from storage.store import Store
from storage.tx import Tx
from tests.bot.installation import link_in

KNOWLEDGE = ROOT / "knowledge"
UNION = """
name = "临水县总工会"
area = "临水县"
calendar = "cn"
working_hours = ["08:00-12:00", "14:00-17:30"]
channels = ["browser"]

[unit.county]
name = "临水县总工会"
kind = "federation"

[unit.mill]
name = "临水纸厂工会"
kind = "enterprise"
parent = "county"
workplace = true

[unit.pulp]
name = "制浆车间工会小组"
kind = "group"
parent = "mill"
workplace = true

[[employer]]
name = "临水纸厂"
aliases = ["纸厂"]
unit = "pulp"

[[entrance]]
unit = "pulp"
site = "制浆车间门口"
source = "poster"
"""
WITHOUT_PULP = UNION.partition("[unit.pulp]")[0]


class Place:
    """A live installation whose commands run in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = folder / "var"
        self.file = folder / "union.toml"
        self._capsys = capsys

    def init(self, union: str | None, *words: str) -> tuple[int, str, str]:
        """Run `steward init` on this file; returns the exit code and what was said."""
        if union is not None:
            self.file.write_text(union, encoding="utf-8")
        return self.steward("init", str(self.file), *words)

    def steward(self, *words: str) -> tuple[int, str, str]:
        """Run a command."""
        self._capsys.readouterr()
        code = commands.main(words)
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def store(self) -> Store:
        return Store(f"sqlite:///{self.home / 'steward.db'}", KeyFile.open(self.home / "steward.key"))


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("MODE", "DATABASE_URL", "PUBLIC_URL", "TELEGRAM_TOKEN"):
        monkeypatch.delenv(f"STEWARD_{name}", raising=False)
    monkeypatch.setenv("STEWARD_HOME", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path, capsys)


def names(tx: Tx) -> dict[str, str]:
    return {unit.id: unit.name for unit in union.tree(tx)}


# ---- the first time


def test_the_first_time_it_makes_the_union_and_invites_its_administrator(place: Place) -> None:
    code, said, _ = place.init(UNION)
    assert code == Exit.DONE
    payload = link_in(said)
    store = place.store()
    try:
        assert list(store.read(names)) == ["county", "mill", "pulp"]
        assert store.read(setup.working_hours) == [(time(8), time(12)), (time(14), time(17, 30))]
        assert store.read(lambda tx: meta.read(tx, "mode")) == "live"
        person = store.write(lambda tx: people.add_person(tx))
        post = store.write(lambda tx: cadres.accept_invitation(tx, person, payload.removeprefix("i_")))
        assert (post.unit_id, post.role) == ("county", Role.ADMIN)
    finally:
        store.close()


def test_the_invitation_is_shown_once_and_a_new_one_is_a_command_away(place: Place) -> None:
    place.init(UNION)
    code, said, _ = place.init(UNION)
    assert code == Exit.DONE
    assert "nothing changed" in said
    assert "/chat#start=" not in said
    assert "steward invite UNIT admin" in said
    assert link_in(place.steward("invite", "county", "admin")[1]).startswith("i_")


def test_the_link_leads_where_people_reach_the_union(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_PUBLIC_URL", "https://union.example.org/")
    monkeypatch.setenv("STEWARD_TELEGRAM_TOKEN", "123456:" + "a" * 35)
    said = place.init(UNION)[1]
    payload = link_in(said)
    assert f"https://union.example.org/chat#start={payload}\n" in said
    assert f"https://t.me/BOT?start={payload}\n" in said
    assert len(payload) <= 64  # what Telegram lets a link carry
    assert "this machine only" not in said
    assert "a" * 35 not in said


def test_rules_without_hours_of_a_union_keep_the_calendars_own() -> None:
    rules = Rulebook.load(KNOWLEDGE)
    assert rules.with_hours([]) is rules
    own = rules.with_hours([(time(8), time(12))])
    assert own.calendar("cn").day_length == timedelta(hours=4)
    assert own.categories is rules.categories
    assert rules.calendar("cn").day_length == timedelta(hours=7, minutes=30)


def test_a_process_counts_in_the_unions_own_hours(place: Place) -> None:
    place.init(UNION)
    store = place.store()
    try:
        steward = load(Settings(), store)
        assert steward.rules.default_calendar.spans == ((time(8), time(12)), (time(14), time(17, 30)))
    finally:
        store.close()


def test_the_example_can_be_set_up_as_it_is(place: Place) -> None:
    code, example, _ = place.steward("init", "--example")
    assert code == Exit.DONE
    assert example.count("#") > 20
    assert place.init(example)[0] == Exit.DONE


# ---- again


def test_names_change_and_units_are_added(place: Place) -> None:
    place.init(UNION)
    more = '[unit.pier]\nname = "临水码头工会"\nkind = "site"\nparent = "county"\n'
    renamed = UNION.replace("临水纸厂工会", "临水纸业工会")
    _, said, _ = place.init(renamed.replace("[unit.pulp]", f"{more}\n[unit.pulp]"))
    assert "Added: 临水码头工会." in said
    assert "Changed: 临水纸业工会." in said
    store = place.store()
    assert store.read(names)["mill"] == "临水纸业工会"
    assert len(store.read(union.entrances_of)) == 1  # the poster that hangs keeps its code
    store.close()


def test_a_unit_that_left_the_file_stays_until_it_is_retired(place: Place) -> None:
    place.init(UNION)
    code, said, _ = place.init(WITHOUT_PULP)
    assert code == Exit.DONE
    assert "left as they are (--retire takes them out): 制浆车间工会小组" in said
    store = place.store()
    assert "pulp" in store.read(names)
    store.close()


def test_retiring_moves_what_hangs_on_a_unit_to_the_one_above(place: Place) -> None:
    place.init(UNION)
    store = place.store()
    case_id = store.write(lambda tx: _settled(tx))
    store.close()
    invited = link_in(place.steward("invite", "pulp", "liaison")[1])

    code, said, _ = place.init(WITHOUT_PULP, "--retire")
    assert code == Exit.DONE, said
    assert "Retired: 制浆车间工会小组." in said
    store = place.store()
    try:
        assert list(store.read(names)) == ["county", "mill"]
        assert store.read(lambda tx: cases.get(tx, case_id).unit_id) == "mill"
        assert [door.unit_id for door in store.read(union.entrances_of)] == ["mill"]
        assert [each.unit_id for each in store.read(union.all_employers)] == ["mill"]
        assert store.read(_units_of_members) == ["mill"]
        assert store.read(lambda tx: union.holders(tx, "pulp")) == []
        newcomer = store.write(lambda tx: people.add_person(tx))
        with pytest.raises(Refusal, match="invitation_unusable"):
            store.write(lambda tx: cadres.accept_invitation(tx, newcomer, invited.removeprefix("i_")))
        acts = [(e.act, e.subject, e.outcome) for e in store.read(lambda tx: audit.entries(tx))]
        assert ("retire_unit", "pulp", "mill") in acts
    finally:
        store.close()
    assert place.init(UNION)[0] == Exit.DONE  # and it may come back
    store = place.store()
    assert "pulp" in store.read(names)
    store.close()


def _units_of_members(tx: Tx) -> list[str]:
    return list(tx.conn.execute(select(tables.members.c.unit_id)).scalars())


def _opened(tx: Tx) -> str:
    """A worker of the pulp room with a matter, and a cadre there who takes it."""
    rules = Rulebook.load(KNOWLEDGE)
    worker, cadre = people.add_person(tx), people.add_person(tx)
    people.add_account(tx, "browser", "worker", worker.id)
    people.add_account(tx, "browser", "cadre", cadre.id)
    people.add_member(tx, worker.id, "LS0001", "pulp")
    union.add_post(tx, cadre.id, "pulp", Role.GROUP_LEADER, True)
    new = NewCase("wages", "browser", "pulp", {"text": "少发了加班费"}, reader=Reader.WORKPLACE)
    case = intake.open_case(tx, rules, worker, new)
    assert case.unit_id == "pulp"
    handling.take(tx, rules, union.actor(tx, cadre.id), case.id)
    return case.id


def _settled(tx: Tx) -> str:
    case_id = _opened(tx)
    case = cases.get(tx, case_id)
    cases.change(tx, case, state=State.CLOSED.value, closed_at=tx.now)
    return case_id


def test_a_unit_with_an_open_case_is_not_retired(place: Place) -> None:
    place.init(UNION)
    store = place.store()
    case_id = store.write(_opened)
    number = store.read(lambda tx: cases.get(tx, case_id).number)
    store.close()
    code, _, said = place.init(WITHOUT_PULP.replace("临水纸厂工会", "临水纸业工会"), "--retire")
    assert code == Exit.REFUSED
    assert said.startswith("steward: pulp cannot be retired while cases are open there: " + number)
    store = place.store()
    assert store.read(names) == {"county": "临水县总工会", "mill": "临水纸厂工会", "pulp": "制浆车间工会小组"}
    store.close()


def test_two_topmost_units_are_never_kept(place: Place) -> None:
    place.init(UNION)
    moved = UNION.replace("[unit.county]", "[unit.other]").replace('parent = "county"', 'parent = "other"')
    code, _, said = place.init(moved)
    assert code == Exit.REFUSED
    assert "is no tree" in said
    store = place.store()
    assert "other" not in store.read(names)
    store.close()
    assert place.init(moved, "--retire")[0] == Exit.DONE
    store = place.store()
    assert store.read(lambda tx: union.tree(tx).root.id) == "other"
    store.close()


# ---- what is refused


@pytest.mark.parametrize(
    ("union", "words"),
    [
        ("name = ", "Invalid value"),
        (UNION.replace('name = "临水县总工会"\narea', "area"), "name is missing"),
        (UNION.replace('calendar = "cn"', 'calendar = "xx"'), "calendar 'xx', which does not exist"),
        (UNION.replace("08:00-12:00", "8 to 12"), "not like 09:00-12:00"),
        (UNION.replace("14:00-17:30", "11:00-17:30"), "working_hours"),
        (UNION.replace('["browser"]', '["pigeon"]'), "channels must be"),
        (UNION.replace('["browser"]', '"browser"'), "channels must be"),
        (UNION.replace('kind = "group"', 'kind = "gang"'), "kind is 'gang'"),
        (UNION.replace("制浆车间工会小组", "长" * 81), "longer than 80"),
        (UNION.replace("unit.pulp", f"unit.{'p' * 33}").replace('"pulp"', f'"{"p" * 33}"'), "longer than 32"),
        (UNION + '\n[cadre.wang]\nname = "王"\nposts = []\n', "steward invite"),
        (UNION + "\ncolour = 1\n", "nothing reads colour"),
    ],
)
def test_a_file_with_a_mistake_is_refused_in_a_sentence(place: Place, union: str, words: str) -> None:
    code, _, said = place.init(union)
    assert code == Exit.USAGE
    assert said.startswith(f"steward: {place.file}: ")
    assert words in said
    assert said.count("\n") == 1
    assert not place.home.exists()


def test_the_sample_union_is_not_for_live(place: Place) -> None:
    sample = (KNOWLEDGE / "sample_union.toml").read_text(encoding="utf-8")
    assert place.init(sample)[0] == Exit.USAGE
    assert not place.home.exists()


def test_no_file_and_no_terminal_is_said(place: Place) -> None:
    code, _, said = place.steward("init")
    assert code == Exit.USAGE
    assert "--example" in said
    place.file.write_bytes(b"\xff\xfe")
    assert place.steward("init", str(place.file))[0] == Exit.USAGE
    assert place.steward("init", "nowhere.toml")[2] == "steward: nowhere.toml: No such file or directory\n"


def test_a_demo_is_not_set_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_MODE", "demo")
    assert place.init(UNION)[0] == Exit.REFUSED
