"""`python -m tests.kill.launch`: the program itself, after what KILL_BUILD names was broken in it on purpose.

Nothing here is known to the program: a build is broken by replacing functions before it starts.
KILL_FULL_SPEED=1 lifts the channel's speed limits, so that far more is under way when a kill strikes.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

from sqlalchemy import update

from bot import commands, intake
from bot.channels.contract import Channel, Raw, Take
from bot.channels.telegram_channel import Telegram
from bot.intake import Intake
from handlers.registry import BUTTONS
from storage import inbox, outbox
from storage.ids import new_id
from storage.store import Store
from storage.tables import outbox as table
from storage.tx import Tx


def full_speed() -> None:
    """Send as fast as the server takes it."""
    lifted = replace(Telegram.capabilities, per_second=None, per_chat_second=None)
    Telegram.capabilities = lifted


def acknowledge_first() -> None:
    """Tell the channel that updates are kept before they are."""
    honest = Intake.door

    def door(self: Intake, channel: Channel) -> Take:
        keep = honest(self, channel)
        under_way = set()

        async def take(updates: Sequence[Raw]) -> None:
            task = asyncio.ensure_future(keep(updates))
            under_way.add(task)
            task.add_done_callback(under_way.discard)

        return take

    intake.Intake.door = door  # type: ignore[method-assign]


def no_unique_key() -> None:
    """Keep an update as often as it is delivered."""
    honest = inbox.add

    def add(tx: Tx, channel: str, update_key: str, *rest: Any, **more: Any) -> int | None:
        key = f"{update_key}:{new_id()}" if inbox.known(tx, channel, update_key) else update_key
        return honest(tx, channel, key, *rest, **more)

    inbox.add = add


def queue_after_commit() -> None:
    """Write what is to be said in a transaction of its own, after the turn's."""
    honest, opened = outbox._insert, Store.__init__
    stores: list[Store] = []

    def remember(self: Store, *given: Any, **more: Any) -> None:
        opened(self, *given, **more)
        stores.append(self)

    def insert(tx: Tx, *given: Any, **columns: Any) -> None:
        tx.after_commit.append(partial(_insert_later, stores[-1], partial(honest, **columns), given))

    Store.__init__ = remember  # type: ignore[method-assign]
    outbox._insert = insert


def _insert_later(store: Store, insert: Callable[..., None], given: Sequence[Any]) -> None:
    store.submit(lambda tx: insert(tx, *given))


def blind_resend() -> None:
    """After a restart, send again whatever was not seen to arrive, however often that has been done."""

    def settle(tx: Tx) -> list[tuple[int, str]]:
        under_way = table.c.state == "sending"
        tx.conn.execute(update(table).where(under_way).values(state="pending", doubts=0))
        return []

    outbox.settle_after_crash = settle


def poisoned() -> None:
    """Raise when somebody asks about the law; tries follow each other at once."""

    def break_down(*_: object) -> NoReturn:
        raise RuntimeError("poison")

    BUTTONS["menu.law"] = break_down
    inbox.WAITS = (0, 0, 0, 0)


def slowly_poisoned() -> None:
    """Raise when somebody asks about the law; the next try is a long time off."""
    poisoned()
    inbox.WAITS = (60, 60, 60, 60)


BUILDS: Mapping[str, Callable[[], None]] = {
    "acknowledge_first": acknowledge_first,
    "no_unique_key": no_unique_key,
    "queue_after_commit": queue_after_commit,
    "blind_resend": blind_resend,
    "poisoned": poisoned,
    "slowly_poisoned": slowly_poisoned,
}
MUTANTS = ("acknowledge_first", "no_unique_key", "queue_after_commit", "blind_resend")


def main() -> int:
    """Break what is to be broken, then run."""
    import handlers.flows  # noqa: F401  (registers every conversation, so that one can be broken)

    if os.environ.get("KILL_FULL_SPEED"):
        full_speed()
    build = os.environ.get("KILL_BUILD")
    if build:
        BUILDS[build]()
    return commands.main(["run"])


if __name__ == "__main__":
    sys.exit(main())
