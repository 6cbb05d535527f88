"""Somebody in danger asks for a person: an urgent case, called upward until somebody takes it."""

from casework import intake
from casework.intake import NewCase
from casework.rulebook import Rulebook
from domain.cases import Reader
from storage.cases import Case
from storage.people import Person
from storage.tx import Tx

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
    return intake.open_case(tx, rules, person, new)
