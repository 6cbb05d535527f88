"""The sample union shows what a real one needs, and a mistake in a union file stops before storing."""

import tomllib
from collections.abc import Callable
from copy import deepcopy
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from domain.cases import Kind, Reader
from domain.people import PersonId, person_name
from domain.roles import NOT_FOUND, Act, Actor, CaseSubject, Post, Role, decide
from domain.unions import union_from
from domain.units import UnitId, UnitKind

WRITTEN = tomllib.loads((Path(__file__).parents[2] / "knowledge/sample_union.toml").read_text("utf-8"))
SAMPLE = union_from(WRITTEN, {"cn"})


def actor(key: str) -> Actor:
    """A cadre of the sample as authorisation sees them."""
    cadre = next(one for one in SAMPLE.cadres if one.key == key)
    return Actor(PersonId(key), tuple(Post(p.unit, p.role, p.employer_side) for p in cadre.posts))


def test_the_sample_is_small_enough_to_see_at_once() -> None:
    assert len(SAMPLE.tree) <= 8
    assert len(SAMPLE.cadres) == 6
    assert len(SAMPLE.employers) == 8
    assert {unit.kind for unit in SAMPLE.tree} == set(UnitKind)


def test_its_people_have_names_and_somebody_holds_what_the_flows_need() -> None:
    assert [person_name(cadre.name) for cadre in SAMPLE.cadres] == [cadre.name for cadre in SAMPLE.cadres]
    held = {post.role for cadre in SAMPLE.cadres for post in cadre.posts}
    assert held >= {Role.GROUP_LEADER, Role.COMMITTEE, Role.CHAIR, Role.LEGAL, Role.ADMIN}
    assert any(cadre.woman for cadre in SAMPLE.cadres)
    assert any(cadre.away for cadre in SAMPLE.cadres)


def test_a_rider_kept_from_the_station_is_heard_on_three_levels() -> None:
    matter = CaseSubject(UnitId("riders"), Kind.HELP, Reader.AREA, PersonId("rider"), against_employer=True)
    assert decide(actor("wang"), Act.READ, matter, SAMPLE.tree) is not None
    for key in ("chen", "li", "zhou"):
        assert decide(actor(key), Act.READ, matter, SAMPLE.tree) is None


def test_the_works_chair_who_is_also_personnel_sees_nothing_against_the_works() -> None:
    matter = CaseSubject(
        UnitId("mingda"), Kind.HELP, Reader.WORKPLACE, PersonId("worker"), against_employer=True
    )
    refused = decide(actor("zhao"), Act.READ, matter, SAMPLE.tree)
    assert refused is not None
    assert refused.key == NOT_FOUND
    assert decide(actor("liu"), Act.TAKE, matter, SAMPLE.tree) is None


def test_a_unit_without_people_has_a_unit_with_duty_above_it() -> None:
    served = {post.unit for cadre in SAMPLE.cadres for post in cadre.posts if post.on_duty}
    for unit in SAMPLE.tree:
        assert any(above.id in served for above in SAMPLE.tree.path_up(unit.id))
    assert any(unit.id not in served for unit in SAMPLE.tree)


def test_employers_can_be_told_apart_by_every_name() -> None:
    names = [name for employer in SAMPLE.employers for name in (employer.name, *employer.aliases)]
    assert len(set(names)) == len(names)


def test_working_hours_are_read_as_times() -> None:
    assert SAMPLE.working_hours == ((time(9), time(12)), (time(13, 30), time(18)))


def test_the_least_union_is_one_unit() -> None:
    least = {
        "name": "小工会",
        "area": "江州市",
        "calendar": "cn",
        "unit": {"all": {"name": "小工会", "kind": "region"}},
    }
    assert [unit.name for unit in union_from(least, {"cn"}).tree] == ["小工会"]


MISTAKES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no name": (lambda b: b.pop("name"), "union: name is missing"),
    "an unknown calendar": (lambda b: b.update(calendar="mars"), "'mars', which does not exist"),
    "an unknown parent": (lambda b: b["unit"]["riders"].update(parent="x"), "'x', which does not exist"),
    "an unknown kind": (lambda b: b["unit"]["riders"].update(kind="club"), "kind is 'club'"),
    "a post nowhere": (lambda b: b["cadre"]["li"]["posts"][0].update(unit="x"), "unit 'x' does not exist"),
    "a cadre without posts": (lambda b: b["cadre"]["li"].pop("posts"), r"cadre\.li: posts is empty"),
    "an unknown role": (lambda b: b["cadre"]["li"]["posts"][0].update(role="boss"), "role is 'boss'"),
    "one's own deputy": (lambda b: b["cadre"]["liu"]["away"].update(deputy="liu"), "no other cadre"),
    "an absence of no days": (lambda b: b["cadre"]["liu"]["away"].update(days=0), "a number from 1, not 0"),
    "hours in words": (lambda b: b.update(working_hours=["早九晚六"]), "not like 09:00-12:00"),
    "hours that overlap": (lambda b: b.update(working_hours=["09:00-12:00", "11:00-18:00"]), "must be apart"),
    "hours backwards": (lambda b: b.update(working_hours=["18:00-09:00"]), "must be apart"),
    "an employer nowhere": (lambda b: b["employer"][0].update(unit="x"), r"employer\[0\]: unit 'x'"),
    "a misspelt table": (lambda b: b.update(cadres={}), "nothing reads cadres"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_and_says_what_it_is(mistake: str) -> None:
    spoil, fault = MISTAKES[mistake]
    broken: dict[str, Any] = deepcopy(WRITTEN)
    spoil(broken)
    with pytest.raises(ValueError, match=fault):
        union_from(broken, {"cn"})
