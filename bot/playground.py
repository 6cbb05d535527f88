"""Two phones over the sample union and a clock that moves; in a demo only."""

import asyncio
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.browser.routes import HEADERS, PAGE
from casework.handling import name_of
from domain.calendars import Calendar
from handlers.welcome import ENTRANCE
from storage import browser, cases, dues, inbox, meta, outbox, people, union
from storage.cases import Case
from storage.ids import new_id
from storage.tx import Tx

if TYPE_CHECKING:
    from bot.app import Steward

CADRE = "playground_cadre"  # where the sample union's answering cadre is noted
SHOWN_DUES = (
    "case.ping",
    "case.waiting",
    "case.revisit",
    "case.remind",
    "case.silent",
    "clock.nudge",
    "clock.rest",
)


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
        body = await request.json()
        language = "en" if body.get("lang") == "en" else "zh"
        work = self._enter_cadre if body.get("as") == "cadre" else self._enter_worker
        entered = await asyncio.wrap_future(self._store.submit(lambda tx: work(tx, language)))
        return JSONResponse(entered)

    def _enter_worker(self, tx: Tx, language: str) -> dict[str, str]:
        """A new worker who came through the poster at a station."""
        account = people.add_account(tx, "browser", new_id(), None, language)
        poster = next(iter(union.entrances_of(tx)), None)
        start = f"{ENTRANCE}{poster.token}" if poster else ""
        return {"key": browser.issue_key(tx, account.id), "start": start}

    def _enter_cadre(self, tx: Tx, language: str) -> dict[str, str]:
        """The sample cadre who answers for that station."""
        person_id = meta.read(tx, CADRE) or ""
        door = people.door(tx, person_id)
        assert door is not None
        people.set_language(tx, person_id, language)
        return {"key": browser.issue_key(tx, door.id)}

    async def _clock(self, request: Request) -> Response:
        advance = (await request.json()).get("advance")
        now = self._store.clock.read() + self._store.offset
        calendar = self._steward.rules.default_calendar
        by = {"1h": timedelta(hours=1), "1w": timedelta(weeks=1)}.get(advance) or _to_next_day(calendar, now)
        await asyncio.to_thread(self._store.move_clock, by)
        await self._steward.tick()
        self._steward.wake.all()
        return JSONResponse({"now": (now + by).isoformat()})

    async def _state(self, request: Request) -> Response:
        language = "en" if request.query_params.get("lang") == "en" else "zh"
        return JSONResponse(await asyncio.to_thread(self._store.read, lambda tx: self._facts(tx, language)))

    def _facts(self, tx: Tx, language: str) -> dict[str, Any]:
        calendar = self._steward.rules.default_calendar
        sent = outbox.backlog(tx)
        received = inbox.backlog(tx)
        newest = sorted(cases.open_cases(tx), key=lambda case: case.opened_at, reverse=True)[:8]
        return {
            "now": tx.now.isoformat(),
            "zone": str(calendar.zone),
            "provisional": not calendar.confirmed(calendar.local(tx.now).date()),
            "inbox": {"waiting": received.get("waiting", 0), "done": received.get("done", 0)},
            "outbox": {
                "pending": sent.get("pending", 0) + sent.get("held", 0),
                "sent": sent.get("sent", 0),
                "failed": sent.get("failed", 0),
            },
            "dues": self._dues(tx, language),
            "cases": [self._case(tx, case, language) for case in newest],
            "feed": self._feed(tx, newest, language),
        }

    def _dues(self, tx: Tx, language: str) -> list[dict[str, Any]]:
        found = [due for due in dues.planned(tx, limit=60) if due.kind in SHOWN_DUES]
        return [
            {
                "kind": due.kind,
                "label": self._words.render(language, f"play.due.{due.kind}"),
                "case": cases.get(tx, due.subject).number if due.kind.startswith("case.") else "",
                "at": due.due_at.isoformat(),
            }
            for due in found[:8]
        ]

    def _case(self, tx: Tx, case: Case, language: str) -> dict[str, Any]:
        owner = self._words.render(language, "kit.plain", {"words": name_of(tx, case.owner_id)})
        state = self._words.render(language, f"case.state.{case.state.value}")
        return {"number": case.number, "state": state, "owner": owner, "due": case.due_at.isoformat()}

    def _feed(self, tx: Tx, newest: list[Case], language: str) -> list[dict[str, Any]]:
        told = [(event, case) for case in newest for event in cases.timeline(tx, case)]
        told.sort(key=lambda pair: pair[0].id)
        return [
            {
                "at": event.at.isoformat(),
                "text": f"{case.number} {self._words.render(language, f'play.event.{event.kind}')}",
            }
            for event, case in told[-8:]
        ]


def _to_next_day(calendar: Calendar, now: datetime) -> timedelta:
    """To ten in the morning of the next working day."""
    day = calendar.next_working_day(calendar.local(now).date())
    return calendar.at(day, time(10)) - now
