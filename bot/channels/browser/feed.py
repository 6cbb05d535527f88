"""What a page hears: its history and what is new, as a stream or by asking; a status ends the history."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.channels.browser.access import Access, Refused, account_of, bearer
from bot.channels.browser.bodies import read_as
from bot.channels.browser.channel import BrowserChat
from bot.channels.browser.posts import SeenPost
from bot.channels.browser.presence import Presence, Status
from bot.wake import Wake
from casework import files
from storage import browser, documents, people
from storage.browser import Event
from storage.people import Account
from storage.tx import KeyDestroyed

PAGE_OF = 200  # events read at once, so that a long history holds nobody up
PING_EVERY = 15.0  # seconds
POLL_WAITS = 20.0


class Feed:
    """Everything a page is told."""

    def __init__(self, access: Access, channel: BrowserChat, presence: Presence, wake: Wake) -> None:
        self._access = access
        self._channel = channel
        self._presence = presence
        self._wake = wake

    async def events(self, request: Request) -> Response:
        """What came after the last event a page has."""
        account = await self._access.account(request)
        address = await self._access.read(lambda tx: people.address(tx, account))
        if request.query_params.get("poll"):
            return await self._poll(account, address, _number(request.query_params.get("after")))
        after = _number(request.headers.get("last-event-id"))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        stream = self._stream(address, after, bearer(request))
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def _stream(self, address: str, after: int, key: str) -> AsyncIterator[str]:
        """The events, then how things stand, and both again as they change, until the key is revoked."""
        changed = self._channel.listen(address)
        told: Status = {}
        try:
            yield ": hello\n\n"
            while not self._wake.stopping.is_set():
                changed.clear()
                account = await self._access.read(lambda tx: account_of(tx, key))
                if account is None:
                    return
                while events := await self._after(account, after):
                    after = events[-1].id
                    yield "".join(_frame(event) for event in events)
                status = await self._status(account)
                yield ": ping\n\n" if status == told else _framed("status", status)
                told = status
                await _wait(changed, PING_EVERY)
        except KeyDestroyed:  # everything was erased while the page stayed open
            return
        finally:
            self._channel.leave(address, changed)

    async def _poll(self, account: Account, address: str, after: int) -> Response:
        changed = self._channel.listen(address)
        try:
            events = await self._after(account, after)
            if not events:
                await _wait(changed, POLL_WAITS)
                events = await self._after(account, after)
        finally:
            self._channel.leave(address, changed)
        told: list[dict[str, Any]] = [
            {"event": event.kind, "id": event.id, "data": _shown(event)} for event in events
        ]
        more = len(events) == PAGE_OF
        if not more:
            told.append({"event": "status", "data": await self._status(account)})
        return JSONResponse({"events": told, "more": more})

    async def _after(self, account: Account, after: int) -> list[Event]:
        return await self._access.read(lambda tx: browser.events_after(tx, account, after, PAGE_OF))

    async def _status(self, account: Account) -> Status:
        return await self._access.read(lambda tx: self._presence.status(tx, account))

    async def seen(self, request: Request) -> Response:
        """Note what was before the person's eyes."""
        account = await self._access.account(request)
        post = await read_as(SeenPost, request)
        await self._access.write(lambda tx: browser.seen(tx, account.id, post.upto))
        return JSONResponse({})

    async def document(self, request: Request) -> Response:
        """A file that was handed over to this person."""
        account = await self._access.account(request)
        handle = request.path_params["id"]
        if not await self._access.read(lambda tx: files.may_fetch(tx, account.person_id, handle)):
            raise Refused(404)
        found = await self._access.read(lambda tx: documents.load(tx, self._channel.vault, handle))
        if found is None:
            raise Refused(404)
        headers = {"Content-Disposition": "attachment"}
        return Response(found.content, media_type=found.mime, headers=headers)


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(changed.wait(), seconds)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 16 else 0


def _frame(event: Event) -> str:
    return f"id: {event.id}\n{_framed(event.kind, _shown(event))}"


def _framed(kind: str, data: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _shown(event: Event) -> dict[str, Any]:
    body = dict(event.body)
    document = body.get("document")
    if document:
        body["document"] = {"name": document["name"], "url": f"/chat/api/document/{document['id']}"}
    return {"from": "bot", **body, "id": event.id, "at": event.at.isoformat()}
