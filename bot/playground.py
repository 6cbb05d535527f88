"""Two phones over the sample union and a clock that moves; in a demo only."""

import asyncio
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.browser.access import Refused
from bot.channels.browser.bodies import read_json
from bot.channels.browser.files import HEADERS, PAGE
from casework.handling import name_of
from domain.calendars import Calendar
from domain.units import UnitId
from handlers.welcome import ENTRANCE
from storage import browser, cases, dues, inbox, meta, outbox, people, union
from storage.cases import Case
from storage.ids import new_id
from storage.tx import Tx

if TYPE_CHECKING:
    from bot.app import Steward

CADRE = "playground_cadre"  # where the sample union's answering cadre is noted
POSTER = "playground_poster"  # where the handle of the poster is noted that the worker comes through
SHOWN_DUES = (
    "case.ping",
    "case.waiting",
    "case.revisit",
    "case.check",
    "case.remind",
    "case.silent",
    "notice.unseen",
    "notice.release",
    "clock.nudge",
    "clock.rest",
    "union.daily",
)
OF_A_CASE = ("case.", "notice.unseen")  # whose subject is a case
MOST_OPEN, MOST_CLOSED, MOST_DUES, MOST_EVENTS = 8, 3, 8, 8


class Playground:
    """Everything under /play."""

    def __init__(self, steward: "Steward") -> None:
        self._steward = steward
        self._store = steward.store
        self._words = steward.words

    def routes(self) -> list[BaseRoute]:
        """The routes of the playground."""
        return [
            Route("/play", self._page),
            Route("/play/api/enter", self._enter, methods=["POST"]),
            Route("/play/api/clock", self._clock, methods=["POST"]),
            Route("/play/api/state", self._state),
        ]

    async def _page(self, _request: Request) -> Response:
        return FileResponse(PAGE / "playground.html", headers=HEADERS)

    async def _enter(self, request: Request) -> Response:
        body = await _asked(request)
        language = "en" if body.get("lang") == "en" else "zh"
        work = self._enter_cadre if body.get("as") == "cadre" else self._enter_worker
        entered = await asyncio.wrap_future(self._store.submit(lambda tx: work(tx, language)))
        return JSONResponse(entered)

    def _enter_worker(self, tx: Tx, language: str) -> dict[str, str]:
        """A new worker who came through the poster at a station."""
        account = people.add_account(tx, "browser", new_id(), None, language)
        start = f"{ENTRANCE}{meta.read(tx, POSTER) or ''}"
        return {"key": browser.issue_key(tx, account.id), "start": start}

    def _enter_cadre(self, tx: Tx, language: str) -> dict[str, str]:
        """The sample cadre who answers for that station."""
        person_id = meta.read(tx, CADRE) or ""
        door = people.door(tx, person_id)
        assert door is not None
        people.set_language(tx, person_id, language)
        return {"key": browser.issue_key(tx, door.id)}

    async def _clock(self, request: Request) -> Response:
        advance = str((await _asked(request)).get("advance"))
        now = self._store.clock.read() + self._store.offset
        calendar = self._steward.rules.default_calendar
        by = {"1h": timedelta(hours=1), "1w": timedelta(weeks=1)}.get(advance) or _to_next_day(calendar, now)
        await asyncio.to_thread(self._store.move_clock, by)
        await self._steward.tick()
        self._steward.wake.all()
        self._steward.browser.wake_all()
        return JSONResponse({"now": (now + by).isoformat()})

    async def _state(self, request: Request) -> Response:
        language = "en" if request.query_params.get("lang") == "en" else "zh"
        return JSONResponse(await asyncio.to_thread(self._store.read, lambda tx: self._facts(tx, language)))

    def _facts(self, tx: Tx, language: str) -> dict[str, Any]:
        calendar = self._steward.rules.default_calendar
        sent = outbox.backlog(tx)
        received = inbox.backlog(tx)
        newest = sorted(cases.open_cases(tx), key=lambda case: case.opened_at, reverse=True)[:MOST_OPEN]
        shown = [*newest, *cases.closed_lately(tx, MOST_CLOSED)]
        return {
            "now": tx.now.isoformat(),
            "zone": str(calendar.zone),
            "cadre": self._cadre(tx, language),
            "provisional": not calendar.confirmed(calendar.local(tx.now).date()),
            "inbox": {"waiting": received.get("waiting", 0), "done": received.get("done", 0)},
            "outbox": {
                "pending": sent.get("pending", 0) + sent.get("held", 0),
                "sent": sent.get("sent", 0),
                "failed": sent.get("failed", 0),
            },
            "dues": self._dues(tx, language),
            "cases": [self._case(tx, case, language) for case in shown],
            "feed": self._feed(tx, language),
        }

    def _cadre(self, tx: Tx, language: str) -> dict[str, str]:
        """Whose phone the cadre's is."""
        post = next(iter(union.posts_of(tx, meta.read(tx, CADRE) or "")), None)
        if post is None:
            return {"who": "", "unit": ""}
        who = self._words.render(language, "kit.plain", {"words": name_of(tx, post.person_id)})
        return {"who": who, "unit": union.tree(tx)[UnitId(post.unit_id)].name}

    def _dues(self, tx: Tx, language: str) -> list[dict[str, Any]]:
        found = [due for due in dues.planned(tx, limit=60) if due.kind in SHOWN_DUES]
        return [
            {
                "kind": due.kind,
                "label": self._words.render(language, f"play.due.{due.kind}"),
                "case": cases.get(tx, due.subject).number if due.kind.startswith(OF_A_CASE) else "",
                "at": due.due_at.isoformat(),
            }
            for due in found[:MOST_DUES]
        ]

    def _case(self, tx: Tx, case: Case, language: str) -> dict[str, Any]:
        """A case as it stands; what is closed or waits for somebody else has no limit."""
        owner = self._words.render(language, "kit.plain", {"words": name_of(tx, case.owner_id)})
        return {
            "number": case.number,
            "state": self._words.render(language, f"case.state.{case.state.value}"),
            "open": case.open,
            "owner": owner if case.open else "",
            "due": case.due_at.isoformat() if case.clock_runs else None,
        }

    def _feed(self, tx: Tx, language: str) -> list[dict[str, Any]]:
        """What happened last, the newest at the end."""
        return [
            {
                "at": at.isoformat(),
                "text": f"{number} {self._words.render(language, f'play.event.{kind}')}",
            }
            for number, kind, at in reversed(cases.newest_events(tx, MOST_EVENTS))
        ]


async def _asked(request: Request) -> dict[str, Any]:
    """What a call says; anything but a small JSON object says nothing."""
    try:
        return await read_json(request)
    except Refused:
        return {}


def _to_next_day(calendar: Calendar, now: datetime) -> timedelta:
    """To ten in the morning of the next working day."""
    day = calendar.next_working_day(calendar.local(now).date())
    return calendar.at(day, time(10)) - now
