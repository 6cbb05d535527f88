"""What is to be said, in order per chat, each with a known end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, literal, select, update

from storage import keyboards
from storage.people import Account, account
from storage.tables import accounts, browser_feed, outbox, people
from storage.tables import keyboards as keyboards_table
from storage.tx import Tx
from talk.reply import Say

URGENT, NORMAL, BULK = 0, 1, 2
OPEN = ("pending", "sending")
LONGEST_WAIT = 3600  # seconds
PATIENCE = timedelta(hours=24)
UNREACHABLE = "unreachable"  # why what waited for a closed door was dropped


@dataclass(frozen=True, slots=True)
class Queued:
    """One thing waiting to be done in one chat."""

    id: int
    account_id: str
    person_id: str
    key_id: str
    channel: str
    address: str
    asking: bool  # a keyboard that shares something is shown in the chat
    language: str
    op: str
    repeatable: bool
    payload: dict[str, Any]
    rendered: dict[str, Any] | None
    case_id: str | None
    target_id: int | None
    target: str | None  # the platform's id of the message that is edited or stripped
    target_text: str  # what that message says
    tries: int
    doubts: int
    made_at: datetime


def put(
    tx: Tx,
    to: Account,
    say: Say,
    *,
    urgency: int = NORMAL,
    repeatable: bool = True,
    question: str = "",
    fold: str | None = None,
    held_until: datetime | None = None,
    lives: timedelta = keyboards.LIVES,
    notice: bool = False,
) -> int:
    """Queue a message; its buttons become handles that only this person can use.

    Args:
        question: id of the open question its buttons answer.
        fold: what copies of one notice to several people have in common.
        held_until: it stays back until `release` lets it go.
        notice: news of a case, of which it matters whether the person has seen it.

    Returns:
        The row's id.
    """
    row_id = tx.next_id()
    rows = keyboards.add(tx, to, row_id, say.choices, question, lives) if say.choices else []
    payload = {
        "key": say.key,
        "values": dict(say.values),
        "ask": say.ask,
        "rows": rows,
        "document": say.document,
    }
    edits = say.edits if say.edits is not None and _account_of(tx, say.edits) == to.id else None
    op = "edit" if edits is not None else "send"
    columns = {
        "urgency": urgency,
        "repeatable": repeatable,
        "case_id": say.case_id or None,
        "notice": notice,
        "target_id": edits,
        "fold": fold,
        "state": "pending" if held_until is None else "held",
        "not_before": held_until,
    }
    _insert(tx, to, row_id, op, payload, **columns)
    return row_id


def strip(tx: Tx, target_id: int, chosen: dict[str, Any] | None = None) -> None:
    """Queue taking the buttons off an earlier message, wherever it went; what was chosen stays readable."""
    to = account(tx, _account_of(tx, target_id) or "")
    if to is None:
        return
    columns = {"urgency": NORMAL, "repeatable": True, "state": "pending", "target_id": target_id}
    _insert(tx, to, tx.next_id(), "strip", {"chosen": chosen}, notice=False, **columns)


def _account_of(tx: Tx, row_id: int) -> str | None:
    return tx.conn.execute(select(outbox.c.account_id).where(outbox.c.id == row_id)).scalar_one_or_none()


def held_for(tx: Tx, person_id: str) -> list[tuple[int, str | None, dict[str, Any]]]:
    """What is held back for a person and may go now: row, case and payload, oldest first."""
    rows = tx.conn.execute(
        select(outbox, people.c.key_id)
        .join(people, people.c.id == outbox.c.person_id)
        .where(
            (outbox.c.person_id == person_id) & (outbox.c.state == "held") & (outbox.c.not_before <= tx.now)
        )
        .order_by(outbox.c.id)
    )
    return [
        (row.id, row.case_id, tx.unseal(row.key_id, "outbox", row.id, "payload", row.payload)) for row in rows
    ]


def release(tx: Tx, row_id: int, key_id: str, payload: dict[str, Any]) -> None:
    """Let a held row go, with what it says now."""
    _set(
        tx,
        row_id,
        state="pending",
        not_before=None,
        payload=tx.seal(key_id, "outbox", row_id, "payload", payload),
    )


def hold_no_longer(tx: Tx, person_id: str) -> None:
    """What is held back for a person may go now."""
    held = (outbox.c.person_id == person_id) & (outbox.c.state == "held")
    tx.conn.execute(update(outbox).where(held).values(not_before=tx.now))


def cancel(tx: Tx, row_id: int, why: str) -> None:
    """Drop a row that was not sent."""
    _set(tx, row_id, state="cancelled", fault=why)


def _insert(tx: Tx, to: Account, row_id: int, op: str, payload: dict[str, Any], **columns: Any) -> None:
    tx.conn.execute(
        insert(outbox).values(
            id=row_id,
            account_id=to.id,
            person_id=to.person_id,
            op=op,
            payload=tx.seal(to.key_id, "outbox", row_id, "payload", payload),
            tries=0,
            doubts=0,
            made_at=tx.now,
            **columns,
        )
    )


def strip_fold(tx: Tx, fold: str) -> None:
    """Close every copy of a notice and take its buttons away."""
    for row_id in tx.conn.execute(select(outbox.c.id).where(outbox.c.fold == fold)).scalars().all():
        if keyboards.close_under(tx, row_id):
            strip(tx, row_id)


def next_in_chats(tx: Tx, busy: Collection[str], limit: int) -> list[Queued]:
    """The next thing to do in each chat that is neither busy nor waiting, urgent ones first."""
    heads = (
        select(func.min(outbox.c.id)).where(_in_state("pending")).group_by(outbox.c.account_id)
    ).scalar_subquery()
    target = outbox.alias()
    query = (
        select(
            outbox,
            people.c.key_id,
            people.c.language,
            accounts.c.channel,
            accounts.c.address,
            accounts.c.asking,
            target.c.message_id.label("target"),
            target.c.rendered.label("target_rendered"),
        )
        .join(accounts, accounts.c.id == outbox.c.account_id)
        .join(people, people.c.id == outbox.c.person_id)
        .outerjoin(target, target.c.id == outbox.c.target_id)
        .where(outbox.c.id.in_(heads) & (outbox.c.not_before.is_(None) | (outbox.c.not_before <= tx.now)))
        .order_by(outbox.c.urgency, outbox.c.id)
        .limit(limit + len(busy))
    )
    found = [row for row in tx.conn.execute(query) if row.account_id not in busy]
    return [_queued(tx, row) for row in found[:limit]]


def _in_state(state: str) -> ColumnElement[bool]:
    """In words the planner sees: it uses the small index of a state only when it can read which state."""
    return outbox.c.state == literal(state, literal_execute=True)


def _queued(tx: Tx, row: Any) -> Queued:
    def opened(table: str, row_id: str | int, column: str, blob: bytes | None) -> Any:
        return None if blob is None else tx.unseal(row.key_id, table, row_id, column, blob)

    return Queued(
        row.id,
        row.account_id,
        row.person_id,
        row.key_id,
        row.channel,
        opened("accounts", row.account_id, "address", row.address),
        row.asking,
        row.language,
        row.op,
        row.repeatable,
        opened("outbox", row.id, "payload", row.payload),
        opened("outbox", row.id, "rendered", row.rendered),
        row.case_id,
        row.target_id,
        row.target,
        _words_of(opened("outbox", row.target_id, "rendered", row.target_rendered)),
        row.tries,
        row.doubts,
        row.made_at,
    )


def _words_of(rendered: dict[str, Any] | None) -> str:
    """What a message said when it was sent; nothing for the words under a file, which cannot be replaced."""
    return "" if rendered is None or rendered["document"] else str(rendered["text"])


def sending(tx: Tx, item: Queued, rendered: dict[str, Any]) -> None:
    """Note, before the call, that it is being made; a crash in between leaves an unknown outcome."""
    blob = tx.seal(item.key_id, "outbox", item.id, "rendered", rendered)
    _set(tx, item.id, state="sending", tries=item.tries + 1, tried_at=tx.now, rendered=blob)


def part_sent(tx: Tx, item: Queued, rendered: dict[str, Any]) -> None:
    """Note what is left of a message that goes out in several parts."""
    _set(tx, item.id, rendered=tx.seal(item.key_id, "outbox", item.id, "rendered", rendered))


def sent(tx: Tx, row_id: int, message_id: str) -> None:
    """It was delivered."""
    _set(tx, row_id, state="sent", message_id=message_id, sent_at=tx.now, fault=None)


def retry(tx: Tx, item: Queued, fault: str, seconds: float | None = None) -> bool:
    """Try again later; returns whether it was given up instead."""
    if tx.now - item.made_at >= PATIENCE:
        failed(tx, item.id, f"given up: {fault}")
        return True
    wait = seconds if seconds is not None else min(2.0 ** min(item.tries, 20), LONGEST_WAIT)
    at = tx.now + timedelta(seconds=wait)
    _set(tx, item.id, state="pending", tries=item.tries + 1, not_before=at, fault=fault[:200])
    return False


def failed(tx: Tx, row_id: int, fault: str) -> None:
    """It will never be delivered."""
    _set(tx, row_id, state="failed", fault=fault[:200])


def unknown(tx: Tx, item: Queued, fault: str) -> bool:
    """It was perhaps delivered: done once more when that is harmless, else left as it is.

    Returns:
        Whether it was left, perhaps never to arrive.
    """
    if item.op != "send":
        retry(tx, item, fault)  # an edit done twice is done once
        return False
    again = _again(item.repeatable, item.doubts)
    _set(
        tx,
        item.id,
        state="pending" if again else "unknown",
        doubts=item.doubts + 1,
        fault=fault[:200],
        not_before=tx.now + timedelta(seconds=2),
    )
    return not again


def _again(repeatable: bool, doubts: int) -> bool:
    """Whether a message that perhaps arrived is sent again: once, whatever else went wrong before (P6)."""
    return repeatable and doubts == 0


def settle_after_crash(tx: Tx) -> list[tuple[int, str]]:
    """Give every call that was under way when the process died its unknown outcome.

    Returns:
        Row and person of each message that was left, perhaps never to arrive.
    """
    rows = tx.conn.execute(
        select(outbox.c.id, outbox.c.person_id, outbox.c.op, outbox.c.repeatable, outbox.c.doubts).where(
            _in_state("sending")
        )
    ).all()
    left = []
    for row in rows:
        again = row.op != "send" or _again(row.repeatable, row.doubts)
        state, fault = "pending" if again else "unknown", "the process ended during the call"
        _set(tx, row.id, state=state, doubts=row.doubts + 1, fault=fault)
        if not again:
            left.append((row.id, row.person_id))
    return left


def kept_out(tx: Tx, row_id: int) -> None:
    """It was not delivered because the door is closed."""
    _set(tx, row_id, state="cancelled", fault=UNREACHABLE)


def cancel_for(tx: Tx, account_id: str) -> None:
    """Drop what waits for a chat that can no longer be reached."""
    tx.conn.execute(
        update(outbox)
        .where((outbox.c.account_id == account_id) & (outbox.c.state == "pending"))
        .values(state="cancelled", fault=UNREACHABLE)
    )


def _set(tx: Tx, row_id: int, **values: Any) -> None:
    tx.conn.execute(update(outbox).where(outbox.c.id == row_id).values(**values))


def row_of_message(tx: Tx, account_id: str, message_id: str) -> int | None:
    """The row that became a message of ours."""
    found = _made_as(tx, account_id, message_id)
    return None if found is None else int(found.id)


def case_of_message(tx: Tx, account_id: str, message_id: str) -> str | None:
    """The case an earlier message of ours was about."""
    found = _made_as(tx, account_id, message_id)
    return None if found is None else found.case_id


def _made_as(tx: Tx, account_id: str, message_id: str) -> Row[Any] | None:
    """The row a message was sent with; rows that changed it later carry its id too."""
    here = (outbox.c.account_id == account_id) & (outbox.c.message_id == message_id)
    return tx.conn.execute(
        select(outbox).where(here & (outbox.c.op == "send")).order_by(outbox.c.id.desc()).limit(1)
    ).one_or_none()


def forget_case(tx: Tx, case_ids: Collection[str], but: str) -> list[str]:
    """Take what was said about cases out of other people's chats as they are kept here.

    Args:
        but: the person whose own chat is seen to elsewhere.

    Returns:
        Ids of the people who were told something.
    """
    which = outbox.c.case_id.in_(case_ids) & (outbox.c.person_id != but)
    rows = tx.conn.execute(select(outbox.c.id, outbox.c.person_id).where(which)).all()
    told = [row.id for row in rows]
    followed = select(outbox.c.id).where(outbox.c.target_id.in_(told))  # buttons taken off, with the words
    ids = [*told, *tx.conn.execute(followed).scalars()]
    for column in (browser_feed.c.outbox_id, keyboards_table.c.outbox_id, outbox.c.id):
        tx.conn.execute(delete(column.table).where(column.in_(ids)))
    return list(dict.fromkeys(row.person_id for row in rows))


def backlog(tx: Tx) -> dict[str, int]:
    """How many rows are in each state."""
    rows = tx.conn.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return {state: count for state, count in rows}  # noqa: C416  (rows are typed as tuples, not pairs)


def waiting(tx: Tx) -> int:
    """How many rows wait to be sent."""
    return int(tx.conn.execute(select(func.count()).where(_in_state("pending"))).scalar_one())


def oldest_pending(tx: Tx) -> datetime | None:
    """When the row that waits longest was made."""
    found: datetime | None = tx.conn.execute(
        select(func.min(outbox.c.made_at)).where(_in_state("pending"))
    ).scalar()
    return found
