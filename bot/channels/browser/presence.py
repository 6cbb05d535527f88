"""What a page says at its top: whose chat it is, whether somebody is on duty, and in which zone hours are."""

from datetime import date, datetime, timedelta

from casework import duty
from casework.duty import Hours
from casework.rulebook import Rulebook
from domain.calendars import Calendar
from domain.units import UnitId
from storage import meta, people, sessions, union
from storage.people import Account, Person
from storage.tx import Tx
from talk.reply import Value
from talk.words import Words, day

Status = dict[str, str]
NEAR = timedelta(days=6)  # in which a weekday alone says which day is meant
ASKED_EVERY = timedelta(seconds=10)  # how often it is looked up who is on duty, however many pages ask


class Presence:
    """Tells how things stand for one person."""

    def __init__(self, words: Words, rules: Rulebook) -> None:
        self._words = words
        self._rules = rules
        self._known: dict[
            UnitId, tuple[datetime, Hours | None]
        ] = {}  # by unit: when looked up, what was found

    def status(self, tx: Tx, account: Account) -> Status:
        """The union's name, a sentence on who is there, and the zone of the person's unit."""
        person = people.person(tx, account.person_id)
        unit = union.tree(tx)[_unit_of(tx, person)]
        calendar = self._rules.calendar(unit.calendar)
        hours = self._hours(tx, unit.id)
        sentence = self._sentence(hours, calendar, tx.now, person.language) if hours else ""
        return {"duty": sentence, "name": meta.read(tx, "union_name") or "", "zone": str(calendar.zone)}

    def _hours(self, tx: Tx, unit_id: UnitId) -> Hours | None:
        asked_at, hours = self._known.get(unit_id, (None, None))
        if asked_at is None or not timedelta(0) <= tx.now - asked_at < ASKED_EVERY:
            hours = duty.hours(tx, self._rules, unit_id)
            self._known[unit_id] = (tx.now, hours)
        return hours

    def _sentence(self, hours: Hours, calendar: Calendar, now: datetime, language: str) -> str:
        at, today = calendar.local(hours.at), calendar.local(now).date()
        hour = f"{at:%H:%M}"
        if hours.now:
            return self._words.render(language, "page.duty.now", {"until": hour})
        if at.date() == today:
            return self._words.render(language, "page.duty.later", {"from": hour})
        values: dict[str, Value] = {"day": _day(at.date(), today), "from": hour}
        return self._words.render(language, "page.duty.another_day", values)


def _day(which: date, today: date) -> Value:
    return {"$key": f"page.weekday.{which.isoweekday()}"} if which - today <= NEAR else day(which)


def _unit_of(tx: Tx, person: Person) -> UnitId:
    """The unit nearest to somebody: their own as a member or a cadre, that of their poster, or the top."""
    tree = union.tree(tx)
    member = people.member(tx, person.id)
    entrance = sessions.load(tx, person).get("aside", {}).get("entrance") or {}
    held = [holder.unit_id for holder in union.posts_of(tx, person.id)]
    near = [member.unit_id] if member is not None and member.active else []
    found = (UnitId(unit_id) for unit_id in (*near, *held, entrance.get("unit", "")))
    return next((unit_id for unit_id in found if unit_id in tree), tree.root.id)
