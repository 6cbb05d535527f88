"""What fell due: claimed once, then one act or one turn of the clock in its person's lane."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from casework import daily, erasure, escalation, notices, outcome, profile, timing, unseen
from casework.rulebook import Rulebook
from storage import dues, inbox, people
from storage.dues import Due
from storage.tx import Tx

AT_ONCE = 20
CLOCK_CHANNEL = "clock"


def run_due(tx: Tx, rules: Rulebook) -> int:
    """Do what has fallen due, the oldest first; returns how many rows were claimed.

    What fell due several times for one subject, such as two reminders while we were away, happens once.

    Source: R14, P8.
    """
    claimed = dues.claim(tx, AT_ONCE)
    last = {(due.kind, due.subject): due for due in claimed}
    pings: dict[str, list[Due]] = defaultdict(list)
    for due in claimed:
        if due.kind == timing.PING:
            pings[due.subject].append(due)
        elif due.kind.startswith("clock."):
            # A row that is planned anew keeps its id, so the instant is part of what makes this turn one.
            key = f"{due.id}:{due.due_at.isoformat()}"
            question = due.detail.get("question", "")
            into_lane(tx, due.subject, due.kind.removeprefix("clock."), key, question)
        elif last[due.kind, due.subject] is due:
            KINDS[due.kind](tx, rules, due)
    for case_id, fallen in pings.items():
        escalation.pings_due(tx, rules, case_id, _with_later(tx, case_id, fallen))
    return len(claimed)


def _with_later(tx: Tx, case_id: str, fallen: Sequence[Due]) -> list[Due]:
    """All pings of a case that have fallen due, also those beyond this claim: only the highest is sent."""
    return [*fallen, *dues.claim_of(tx, case_id, timing.PING)]


def into_lane(tx: Tx, person_id: str, what: str, key: str, question: str = "") -> None:
    """Let the clock speak inside a person's dialogue: it takes its turn like anybody's message.

    Args:
        question: the one it is about, where it is of no use once another is open.
    """
    person = people.person(tx, person_id)
    door = people.door(tx, person_id)
    if door is None or person.erased:
        return
    raw = {"clock": what, "question": question}
    inbox.add(tx, CLOCK_CHANNEL, f"{what}:{key}", person_id, person.key_id, raw, door.id)


Act = Callable[[Tx, Rulebook, Due], None]

KINDS: dict[str, Act] = {
    timing.WAITING: lambda tx, rules, due: escalation.waiting_due(
        tx, rules, due.subject, due.detail["times"]
    ),
    timing.REVISIT: lambda tx, rules, due: outcome.ask(tx, rules, due.subject),
    outcome.REMIND: lambda tx, rules, due: outcome.remind(tx, rules, due.subject),
    outcome.SILENT: lambda tx, rules, due: outcome.silent(tx, rules, due.subject),
    notices.TEXT: lambda tx, rules, due: unseen.text_due(tx, rules, due.subject),
    notices.UNSEEN: lambda tx, rules, due: unseen.unseen_due(tx, rules, due.subject),
    "notice.release": lambda tx, _rules, due: notices.release(tx, due.subject),
    erasure.ERASE: lambda tx, rules, due: erasure.erase(
        tx, rules, due.subject, keep_open=due.detail["keep_open"]
    ),
    profile.EXPORT_OVER: lambda tx, _rules, due: erasure.drop_export(tx, due.subject),
    "union.daily": lambda tx, rules, _due: daily.send_lists(tx, rules),
}
