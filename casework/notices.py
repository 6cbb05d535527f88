"""Telling people: when each may be disturbed, what waits, and what is told together."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from casework.rulebook import Rulebook
from domain import windows
from domain.calendars import Calendar
from domain.people import Shift, Tag
from domain.units import UnitId
from storage import cases, dues, news, outbox, people, union
from storage.cases import Case
from storage.people import Person
from storage.tx import Tx
from talk.reply import Choice, Say, Value

Rows = Sequence[Sequence[Choice]]
HERE = timedelta(minutes=15)
UNSEEN = "notice.unseen"
TEXT = "notice.text"
UNSEEN_AFTER = timedelta(hours=24)  # then somebody phones or goes there


def tell_worker(
    tx: Tx,
    rules: Rulebook,
    case: Case,
    key: str,
    rows: Rows = (),
    *,
    survey: bool = False,
    spoken: bool = False,
    **values: Value,
) -> None:
    """Tell the worker about their case, in their own window unless it is urgent (R13).

    Args:
        survey: never sent again after an unknown outcome.
        spoken: somebody's words, not a change of state: they do not wait to be told together with others.
    """
    person = people.person(tx, cases.worker_of(tx, case))
    if person.erased:
        return
    at = tx.now if case.urgent else _worker_time(tx, rules, case, person, spoken)
    if survey and not case.open and person.muted_until is not None:
        at = max(at, person.muted_until)  # muting leaves news of open matters alone (R8)
    urgency = outbox.URGENT if case.urgent else outbox.NORMAL
    say = _about(case, key, values, rows)
    waiting = at <= tx.now and news.held_until(tx, person.id, case.id) is not None
    row_id = _put(tx, person, say, at, urgency=urgency, repeatable=not survey, notice=True, joins=waiting)
    if waiting:
        news.hurry(tx, person.id, case.id)
        release(tx, person.id)
    if row_id is not None:
        watch(tx, rules, case, person, row_id, at)


def watch(tx: Tx, rules: Rulebook, case: Case, person: Person, row_id: int, at: datetime) -> None:
    """Look after news of a case until the worker has seen it; what follows goes with the first.

    Args:
        at: when the news goes out.
    """
    watched = any(due.kind == UNSEEN for due in dues.planned(tx, case.id))
    if not watched:
        dues.put(tx, at + UNSEEN_AFTER, UNSEEN, case.id, f"unseen:{row_id}")
    oldest = news.oldest_unseen(tx, person.id, case.id)
    begins = not watched or (oldest is not None and oldest.id == row_id)
    if begins and rules.text_after is not None:
        plan_text(tx, rules, case, person, row_id, at + rules.text_after)


def plan_text(tx: Tx, rules: Rulebook, case: Case, person: Person, row_id: int, at: datetime) -> None:
    """Plan a text message about unseen news, in the worker's own window unless it is urgent."""
    free = at if case.urgent else _free(tx, rules, case, person, at)
    dues.put_or_move(tx, free, TEXT, case.id, f"text:{row_id}")


def tell_cadre(
    tx: Tx,
    rules: Rulebook,
    person_id: str,
    case: Case,
    key: str,
    rows: Rows = (),
    *,
    fold: str | None = None,
    **values: Value,
) -> None:
    """Tell a cadre about a case, outside quiet hours unless it is urgent (R14)."""
    person = people.person(tx, person_id)
    zone = calendar_of(tx, rules, case).zone
    quiet = () if _here(tx, person) else windows.CADRE_QUIET
    at = windows.next_allowed(tx.now, quiet, zone, urgent=case.urgent)
    urgency = outbox.URGENT if case.urgent else outbox.NORMAL
    said: dict[str, Value] = {"category": rules.category_words(case.category), **values}
    _put(tx, person, _about(case, key, said, rows), at, urgency=urgency, repeatable=True, fold=fold)


def calendar_of(tx: Tx, rules: Rulebook, case: Case) -> Calendar:
    """The working calendar of a case's unit."""
    return rules.calendar(union.tree(tx)[UnitId(case.unit_id)].calendar)


def _about(case: Case, key: str, values: dict[str, Value], rows: Rows) -> Say:
    said: dict[str, Value] = {"number": case.number, **values}
    return Say(key, said, tuple(tuple(row) for row in rows), case_id=case.id)


def _worker_time(tx: Tx, rules: Rulebook, case: Case, person: Person, spoken: bool) -> datetime:
    """The worker's next free time, and at most one message in ten minutes about one case's changes."""
    at = tx.now if spoken else max(tx.now, _told_together_at(tx, case, person))
    return at if _here(tx, person) else _free(tx, rules, case, person, at)


def _told_together_at(tx: Tx, case: Case, person: Person) -> datetime:
    """When the changes of a case are told next: with those already waiting, or ten minutes after the last."""
    held = news.held_until(tx, person.id, case.id)
    if held is not None:
        return held
    told = news.last_told(tx, person.id, case.id)
    return tx.now if told is None else windows.merge_until(told)


def _free(tx: Tx, rules: Rulebook, case: Case, person: Person, at: datetime) -> datetime:
    """The worker's first free time from an instant on."""
    return windows.next_allowed(at, quiet_hours(person), calendar_of(tx, rules, case).zone)


def quiet_hours(person: Person) -> tuple[windows.QuietHours, ...]:
    """When a worker is left in peace: while asleep, and riders and drivers while orders come in (R13)."""
    rider = Tag.PLATFORM.value in person.profile.get("tags", ())
    return windows.worker_quiet(night_shift=person.profile.get("shift") == Shift.NIGHT, rider=rider)


def _here(tx: Tx, person: Person) -> bool:
    """Whether the person wrote a moment ago and so is awake and looking."""
    door = people.door(tx, person.id)
    return door is not None and door.last_in_at is not None and tx.now - door.last_in_at < HERE


def _put(
    tx: Tx,
    person: Person,
    say: Say,
    at: datetime,
    *,
    urgency: int,
    repeatable: bool,
    fold: str | None = None,
    notice: bool = False,
    joins: bool = False,
) -> int | None:
    """Queue it, or hold it until then; one that joins others waits for them to be released together."""
    door = people.door(tx, person.id)
    if door is None:
        return None
    held = at if joins or at > tx.now else None
    row_id = outbox.put(
        tx, door, say, urgency=urgency, repeatable=repeatable, fold=fold, held_until=held, notice=notice
    )
    if held is not None and not joins:
        dues.put(tx, held, "notice.release", person.id, f"release:{person.id}:{held.isoformat()}")
    return row_id


def release(tx: Tx, person_id: str) -> None:
    """Send what was held back for a person; news of one case go out as one message."""
    person = people.person(tx, person_id)
    by_case: dict[str, list[tuple[int, dict[str, object]]]] = {}
    for row_id, case_id, payload in outbox.held_for(tx, person_id):
        by_case.setdefault(case_id or str(row_id), []).append((row_id, payload))
    for rows in by_case.values():
        *earlier, (last_id, _) = rows
        for row_id, _ in earlier:
            outbox.cancel(tx, row_id, "told together with a later one")
        outbox.release(tx, last_id, person.key_id, _together([payload for _, payload in rows]))


def _together(payloads: list[dict[str, object]]) -> dict[str, object]:
    """One message of several; the buttons are the last one's."""
    if len(payloads) == 1:
        return payloads[0]
    lines = [{"$key": payload["key"], "values": payload["values"]} for payload in payloads]
    return {**payloads[-1], "key": "case.news", "values": {"lines": {"$lines": lines}}}
