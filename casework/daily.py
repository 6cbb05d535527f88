"""Every working morning, each cadre's list of what is due (R14, R31)."""

from datetime import datetime, time

from casework.handling import name_of
from casework.rulebook import Rulebook
from domain.calendars import Calendar
from storage import cases, dues, outbox, people, union
from storage.cases import Case
from storage.tx import Tx
from talk.reply import Choice, Say, Value

AT = time(8, 30)
KIND = "union.daily"


def plan_next(tx: Tx, rules: Rulebook) -> None:
    """Plan the next morning's lists."""
    calendar = rules.default_calendar
    today = calendar.local(tx.now).date()
    day = today if calendar.is_working(today) and calendar.at(today, AT) > tx.now else None
    at = calendar.at(day or calendar.next_working_day(today), AT)
    dues.put(tx, at, KIND, "union", f"daily:{at.isoformat()}")


def send_lists(tx: Tx, rules: Rulebook) -> None:
    """Send every cadre the open cases they own, and plan the next morning."""
    plan_next(tx, rules)
    calendar = rules.default_calendar
    for person_id in dict.fromkeys(holder.person_id for holder in union.all_holders(tx)):
        mine = cases.owned_by(tx, person_id)
        deputy = union.deputy(tx, person_id)
        door = people.door(tx, deputy or person_id)
        if mine and door is not None:
            outbox.put(tx, door, _list(mine, tx.now, calendar, name_of(tx, person_id) if deputy else None))


def _list(mine: list[Case], now: datetime, calendar: Calendar, stood_in_for: Value) -> Say:
    today = calendar.local(now).date()
    counting = [case for case in mine if case.clock_runs]
    overdue = [case for case in counting if case.due_at <= now]
    due_today = [c for c in counting if c not in overdue and calendar.local(c.due_at).date() == today]
    values: dict[str, Value] = {"overdue": len(overdue), "today": len(due_today), "total": len(mine)}
    row = (Choice("desk.mine", label="menu.button.desk"), Choice("desk.waiting", label="menu.button.waiting"))
    if stood_in_for is not None:
        return Say("desk.daily_for", {**values, "who": stood_in_for}, (row,))
    return Say("desk.daily", values, (row,))
