"""Somebody in danger asks for a person: an urgent case, called upward until somebody takes it."""

from datetime import timedelta

from casework import duty, intake, timing
from casework.intake import NewCase
from casework.rulebook import Rulebook
from domain.cases import Reader
from storage.cases import Case
from storage.people import Person
from storage.tx import Tx

EVERY = timedelta(minutes=10)

# Which category holds a matter of each kind of danger.
CATEGORY = {
    "self_harm": "mental",
    "injury_now": "injury",
    "violence": "violence",
    "harassment": "harassment",
    "detention": "violence",
    "child_labour": "other",
}


def call_somebody(
    tx: Tx, rules: Rulebook, person: Person, kind: str, text: str, unit_id: str | None, source: str
) -> Case:
    """Open an urgent case for the area's union; its limit repeats upward until somebody takes it.

    Source: R3, R11.
    """
    category = CATEGORY.get(kind, "other")
    new = NewCase(
        category=category if category in rules.categories else "other",
        source=source,
        unit_id=unit_id,
        body={"text": text, "danger": kind},
        reader=Reader.AREA,
        anonymous=not person.profile.get("name"),
        urgent=True,
    )
    case = intake.open_case(tx, rules, person, new)
    if not duty.somebody_now(tx, rules, case.unit_id):
        _call_upward(tx, case)
    return case


def _call_upward(tx: Tx, case: Case) -> None:
    """Nobody is on duty: a level more hears of it every ten minutes until somebody takes it."""
    for level, _ in enumerate(duty.rungs_of(tx, case), 1):
        timing.plan_ping(tx, case, level, 0, tx.now + level * EVERY, "take")
