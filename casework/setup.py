"""Setting a union up from its file: units, employers, doors, and in a demo its invented people."""

from datetime import time, timedelta

from domain.calendars import Span
from domain.unions import Cadre, UnionFile
from domain.units import Unit
from storage import meta, people, union
from storage.people import Person
from storage.tx import Tx

WORKING_HOURS = "working_hours"


def set_up(tx: Tx, file: UnionFile) -> None:
    """Put the tree and what is known around it in place; done again, it changes what the file changed."""
    meta.put(tx, "union_name", file.name)
    meta.put(tx, "area", file.area)
    meta.put(tx, WORKING_HOURS, "\n".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in file.working_hours))
    for unit in _top_down(file):
        union.add_unit(tx, unit)
    for employer in file.employers:
        union.put_employer(tx, employer.name, employer.aliases, employer.unit)
    known = {(each.unit_id, each.site, each.source) for each in union.entrances_of(tx)}
    for door in file.entrances:
        if (door.unit, door.site, door.source) not in known:
            union.add_entrance(tx, door.unit, door.site, door.source)


def working_hours(tx: Tx) -> list[Span]:
    """The union's own working hours; none when its file names none."""
    return [_span(line) for line in (meta.read(tx, WORKING_HOURS) or "").splitlines()]


def _span(line: str) -> Span:
    start, end = line.split("-")
    return time.fromisoformat(start), time.fromisoformat(end)


def _top_down(file: UnionFile) -> list[Unit]:
    return sorted(file.tree, key=lambda unit: len(file.tree.path_up(unit.id)))


def add_sample_people(tx: Tx, file: UnionFile) -> dict[str, str]:
    """Make the invented cadres of a sample union, each with a page of their own to look into.

    Returns:
        Person ids by the keys of the file.
    """
    made = {cadre.key: _add_cadre(tx, cadre) for cadre in file.cadres}
    for cadre in file.cadres:
        if cadre.away is not None:
            since = tx.now + timedelta(days=cadre.away.after_days)
            until = since + timedelta(days=cadre.away.days)
            union.plan_absence(tx, made[cadre.key].id, made[cadre.away.deputy].id, since, until)
    return {key: person.id for key, person in made.items()}


def _add_cadre(tx: Tx, cadre: Cadre) -> Person:
    account = people.add_account(tx, "browser", f"sample:{cadre.key}")
    person = people.person(tx, account.person_id)
    people.save_profile(tx, person, {"name": cadre.name, "woman": cadre.woman})
    people.give_consent(tx, person.id, "contact", "sample")
    for post in cadre.posts:
        union.add_post(tx, person.id, post.unit, post.role, post.on_duty, post.employer_side)
    return person
