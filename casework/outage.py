"""After we were away: a button pressed meanwhile is lost for good, so what was open is asked again (P24)."""

from datetime import datetime, timedelta

from casework import notices
from casework.rulebook import Rulebook
from domain.windows import next_allowed
from storage import dues, people, sessions
from storage.people import Person
from storage.tx import Tx

AWAY_AFTER = timedelta(seconds=100)  # platforms drop a press that nobody took within some 150 seconds
FRESH = timedelta(hours=24)  # a question left open for longer is nobody's next tap
SHORT = timedelta(hours=1)
IN_FLIGHT = timedelta(seconds=5)  # an answer to what did arrive comes in by then
REASK, NUDGE, UNSURE = "clock.reask", "clock.nudge", "clock.unsure"


def ask_again(tx: Tx, rules: Rulebook, away: timedelta) -> None:
    """Plan one more asking of every question that was open, for when its person may be written to.

    Args:
        away: how long nobody took what came in.
    """
    if away <= AWAY_AFTER:
        return
    for person_id, question in sessions.with_open_question(tx, tx.now - away - FRESH):
        dues.cancel(tx, person_id, NUDGE)
        at = _free(tx, rules, people.person(tx, person_id), away)
        dues.put(tx, at, REASK, person_id, f"reask:{person_id}:{question}", question=question)


def _free(tx: Tx, rules: Rulebook, person: Person, away: timedelta) -> datetime:
    """At once for somebody who was writing when we went; otherwise not in their sleep."""
    door = people.door(tx, person.id)
    last = door.last_in_at if door is not None else None
    if away <= SHORT and last is not None and tx.now - away - last < notices.HERE:
        return tx.now
    return next_allowed(tx.now, notices.quiet_hours(person), rules.default_calendar.zone)


def take_answers_first(tx: Tx) -> None:
    """On a start, let what people sent meanwhile come in before a question in doubt is asked anew."""
    dues.put_off(tx, UNSURE, tx.now + IN_FLIGHT)


def left_open(tx: Tx, row_id: int, person_id: str) -> None:
    """A message was given up without knowing whether it arrived; a question in it is asked anew if need be.

    Args:
        row_id: the message's row in the outbox.
    """
    person = people.person(tx, person_id)
    state = {} if person.erased else sessions.load(tx, person)
    if state.get("question") and state.get("prompt_row") == row_id:
        key = f"unsure:{person_id}:{row_id}"
        dues.put(tx, tx.now + IN_FLIGHT, UNSURE, person_id, key, question=state["question"])
