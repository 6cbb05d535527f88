"""What is held about a person, in words they can read (R8)."""

from collections.abc import Collection
from typing import Any

from casework.profile import FOR_GOOD, ITEMS
from casework.rulebook import Rulebook
from casework.unseen import TEXTS_TO
from domain.people import OCCUPATIONS, masked_id, masked_mobile
from domain.units import UnitId
from storage import cases, people, union
from storage.cases import Case
from storage.people import Member, Person
from storage.tx import Tx
from talk.reply import Value
from talk.words import at, day

MASKED = ("phone", TEXTS_TO, "resident_id")  # what reaches or identifies a person
SHOWN_CONSENTS = ("contact", "joining", "abroad", "texts")


def about(tx: Tx, rules: Rulebook, person: Person, *, masked: Collection[str] = ()) -> list[Value]:
    """Everything about a person but their matters, a line each.

    Args:
        masked: which of `MASKED` are hidden but for a few places.
    """
    return [
        *_said_of_themselves(person, masked),
        _membership(tx, rules, person),
        *_consents(tx, rules, person),
        _matters(tx, person),
        _line("doors", {"$list": [_channel(each.channel) for each in people.accounts_of(tx, person.id)]}),
        _line("language", {"$key": f"profile.language.{person.language}"}),
        *_muted(tx, person),
    ]


def _line(item: str, value: Value) -> Value:
    return {"$key": "profile.line", "values": {"item": {"$key": f"profile.item.{item}"}, "value": value}}


def _said_of_themselves(person: Person, masked: Collection[str]) -> list[Value]:
    held = person.profile
    return [
        _line(name, item_words(name, held[name], masked=name in masked))
        for name in (*ITEMS, TEXTS_TO)
        if held.get(name)
    ]


def item_words(name: str, value: Any, *, masked: bool = False) -> Value:
    """One thing somebody said of themselves, as it is shown."""
    if masked:
        return masked_id(value) if name == "resident_id" else masked_mobile(value)
    if name == "employment":
        return {"$key": f"joining.employment.option.{value}"}
    if name == "shift":
        return {"$key": f"about_me.shift.option.{value}"}
    if name == "occupation" and value in OCCUPATIONS:
        return {"$key": f"about_me.occupation.option.{value}"}
    return str(value)


def _membership(tx: Tx, rules: Rulebook, person: Person) -> Value:
    member = people.member(tx, person.id)
    if member is None:
        return _line("member", {"$key": "profile.member.none"})
    tree = union.tree(tx)
    unit = tree[UnitId(member.unit_id)] if member.unit_id in tree else tree.root
    zone = rules.calendar(unit.calendar)
    ended = member.until if not member.active else None
    key = "profile.member.active" if ended is None else "profile.member.left"
    said = day(zone.local(ended or member.since).date(), year=True)
    return _line("member", {"$key": key, "values": _member_values(member, unit.name, said)})


def _member_values(member: Member, unit: str, since: Value) -> dict[str, Value]:
    return {"member": member.number, "unit": unit, "day": since}


def _consents(tx: Tx, rules: Rulebook, person: Person) -> list[Value]:
    local = rules.default_calendar.local
    return [
        _line(
            "consent",
            {
                "$key": "profile.consent.given",
                "values": {
                    "what": {"$key": f"profile.consent.{what}"} if what in SHOWN_CONSENTS else what,
                    "day": day(local(given_at).date(), year=True),
                },
            },
        )
        for what, given_at in people.consents_of(tx, person.id)
    ]


def _matters(tx: Tx, person: Person) -> Value:
    mine = cases.of_worker(tx, person.id)
    values: dict[str, Value] = {"total": len(mine), "open": sum(1 for case in mine if case.open)}
    return _line("matters", {"$key": "profile.matters", "values": values})


def _channel(name: str) -> Value:
    return {"$key": f"profile.channel.{name}"} if name in ("browser", "telegram") else name


def _muted(tx: Tx, person: Person) -> list[Value]:
    if person.muted_until is None or not person.muted(tx.now):
        return []
    for_good = person.muted_until >= FOR_GOOD
    until: Value = {"$key": "profile.mute.for_good"} if for_good else at(person.muted_until)
    return [_line("muted", until)]


def matters(tx: Tx, rules: Rulebook, person: Person) -> list[Value]:
    """A person's matters with what was said in each, a line each."""
    return [line for case in reversed(cases.of_worker(tx, person.id)) for line in _matter(tx, rules, case)]


def _matter(tx: Tx, rules: Rulebook, case: Case) -> list[Value]:
    category = rules.category_words(case.category)
    head: Value = {
        "$key": "profile.export.matter",
        "values": {
            "number": case.number,
            "category": category,
            "opened": at(case.opened_at, year=True),
            "text": str(cases.body(tx, case).get("text") or ""),
        },
    }
    events: list[Value] = [
        {
            "$key": f"my.event.{event.kind}",
            "values": {"at": at(event.at), "text": str(event.detail.get("text", ""))},
        }
        for event in cases.timeline(tx, case, shown_only=True)
    ]
    return [head, *events]
