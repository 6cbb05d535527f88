"""The page's calls: everything posted is stored before it is answered."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.channels.browser.channel import UPLOAD, BrowserChat
from bot.channels.browser.posts import POST, UploadQuery
from bot.wake import Wake
from casework import return_codes
from domain.errors import Refusal
from domain.uploads import SIZE_LIMIT
from handlers.abroad import PASSAGE
from handlers.welcome import BACK
from storage import browser, documents, inbox, meta, people, union
from storage.browser import Event
from storage.files import FileTooLarge
from storage.ids import new_id
from storage.people import Account
from storage.store import Store
from storage.tx import Tx
from talk.words import Words

T = TypeVar("T")
PAGE = Path(__file__).parent / "page"
MOST_JSON = 96 * 1024  # bytes
PING_EVERY = 15.0  # seconds
POLL_WAITS = 20.0
RETURN_TRIES = 5  # an hour, from one address

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "style-src 'self'; script-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Refused(Exception):
    """A call that will never be taken, with the sentence for the person."""

    def __init__(self, status: int, sentence: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(slots=True)
class _Try:
    """One return code tried; it counts while it is looked up, and after that when it was nobody's."""

    at: float
    counts: bool = False


class BrowserRoutes:
    """Everything under /chat."""

    def __init__(self, store: Store, channel: BrowserChat, words: Words, wake: Wake) -> None:
        self._store = store
        self._channel = channel
        self._words = words
        self._wake = wake
        self._return_tries: dict[str, list[_Try]] = {}

    def routes(self) -> list[BaseRoute]:
        """The routes of the page."""
        call = self._guarded
        return [
            Route("/chat", self._page),
            Mount("/chat/page", StaticFiles(directory=PAGE)),
            Route("/chat/api/hello", call(self._hello), methods=["POST"]),
            Route("/chat/api/send", call(self._send), methods=["POST"]),
            Route("/chat/api/upload", call(self._upload), methods=["POST"]),
            Route("/chat/api/events", call(self._events)),
            Route("/chat/api/seen", call(self._seen), methods=["POST"]),
            Route("/chat/api/forget", call(self._forget), methods=["POST"]),
            Route("/chat/api/return", call(self._return), methods=["POST"]),
            Route("/chat/api/document/{id}", call(self._document)),
        ]

    async def _page(self, _request: Request) -> Response:
        return FileResponse(PAGE / "index.html", headers=HEADERS)

    def _guarded(
        self, handle: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except Refused as refused:
                return JSONResponse({"error": refused.sentence}, status_code=refused.status)
            except OSError:
                return JSONResponse({}, status_code=503, headers={"Retry-After": "30"})

        return guarded

    # ---- who

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self._store.submit(work))

    async def _read(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.to_thread(self._store.read, work)

    async def _account(self, request: Request) -> Account:
        key = _bearer(request)
        account = await self._read(lambda tx: _account_of(tx, key)) if key else None
        if account is None:
            raise Refused(401)
        return account

    async def _hello(self, request: Request) -> Response:
        body = await _json(request)
        start, language = str(body.get("start", "")), "en" if body.get("lang") == "en" else "zh"
        key, name = await self._write(lambda tx: self._greet(tx, start, language))
        return JSONResponse({"key": key, "name": name})

    def _greet(self, tx: Tx, start: str, language: str) -> tuple[str, str]:
        """A new identity, or another door for the person a one-use link belongs to."""
        person_id = None
        if start.startswith(PASSAGE):
            person_id = union.use_passage(tx, start.removeprefix(PASSAGE))
            if person_id is None or people.person(tx, person_id).erased:
                raise Refused(422, self._words.render(language, "welcome.link_used"))
        account = people.add_account(tx, self._channel.name, new_id(), person_id, language)
        return browser.issue_key(tx, account.id), meta.read(tx, "union_name") or ""

    async def _return(self, request: Request) -> Response:
        body = await _json(request)
        language = "en" if body.get("lang") == "en" else "zh"
        with self._counted_try(request, language) as one_try:
            person_id = await self._read(lambda tx: self._owner(tx, str(body.get("code", "")), language))
            one_try.counts = person_id is None
        if person_id is None:
            raise Refused(422, self._words.render(language, "code.unknown"))
        key, name = await self._write(lambda tx: self._come_back(tx, person_id))
        self._wake.inbox.set()
        return JSONResponse({"key": key, "name": name})

    def _owner(self, tx: Tx, code: str, language: str) -> str | None:
        """Whose code was typed; reading it takes a while, so it is not done where others write."""
        try:
            return return_codes.owner(tx, code)
        except Refusal as refusal:
            values = {name: str(value) for name, value in refusal.values.items()}
            raise Refused(422, self._words.render(language, refusal.key, values)) from None

    def _come_back(self, tx: Tx, person_id: str) -> tuple[str, str]:
        """One more page for a person; its conversation begins with what is open."""
        address = new_id()
        account = people.add_account(tx, self._channel.name, address, person_id)
        raw = {"kind": "start", "payload": BACK, "id": BACK, "address": address}
        inbox.add(tx, self._channel.name, f"{address}:{BACK}", person_id, account.key_id, raw, account.id)
        return browser.issue_key(tx, account.id), meta.read(tx, "union_name") or ""

    @contextmanager
    def _counted_try(self, request: Request, language: str) -> Iterator["_Try"]:
        """Five codes of nobody's an hour from one address, so that codes are not guessed; slips are free."""
        address = request.client.host if request.client else ""
        now = asyncio.get_running_loop().time()
        tries = [each for each in self._return_tries.get(address, ()) if now - each.at < 3600]
        if len(tries) >= RETURN_TRIES:
            raise Refused(429, self._words.render(language, "code.too_many_tries"))
        one_try = _Try(now)
        self._return_tries[address] = [*tries, one_try]
        try:
            yield one_try
        finally:
            kept = [each for each in self._return_tries[address] if each is not one_try or each.counts]
            self._return_tries[address] = kept
            if not kept:
                del self._return_tries[address]

    async def _forget(self, request: Request) -> Response:
        key = _bearer(request)
        await self._write(lambda tx: browser.revoke_key(tx, key))
        return JSONResponse({})

    # ---- what they say

    async def _send(self, request: Request) -> Response:
        account = await self._account(request)
        try:
            post = POST.validate_python(await _json(request))
        except ValidationError:
            raise Refused(422) from None
        await self._take(account, post.model_dump(mode="json"))
        return JSONResponse({"ok": True})

    async def _upload(self, request: Request) -> Response:
        account = await self._account(request)
        try:
            query = UploadQuery.model_validate(dict(request.query_params))
        except ValidationError:
            raise Refused(422) from None
        stored = await self._store_file(request, account)
        raw = {
            **query.model_dump(mode="json"),
            "mime": request.headers.get("content-type", ""),
            "size": stored.size,
            "ref": f"{stored.name}|{account.id}",
        }
        await self._take(account, raw)
        return JSONResponse({"ok": True})

    async def _store_file(self, request: Request, account: Account) -> Any:
        """Sealed and on disk before anything is answered."""
        key = await self._read(lambda tx: tx.data_key(account.key_id))
        language = await self._read(lambda tx: people.person(tx, account.person_id).language)
        writer = self._channel.vault.begin(key, UPLOAD)
        try:
            with writer:
                async for piece in request.stream():
                    await asyncio.to_thread(writer.write, piece)
                return await asyncio.to_thread(writer.finish)
        except FileTooLarge:
            limit = {"limit_mb": SIZE_LIMIT // (1024 * 1024)}
            raise Refused(413, self._words.render(language, "upload.too_large", limit)) from None

    async def _take(self, account: Account, raw: dict[str, Any]) -> None:
        address = await self._write(lambda tx: self._enter(tx, account, raw))
        self._channel.wake(address)
        self._wake.inbox.set()

    def _enter(self, tx: Tx, account: Account, raw: dict[str, Any]) -> str:
        """Into the inbox, and as its own echo into the feed; a second copy changes nothing."""
        address = people.address(tx, account)
        raw["address"] = address
        origin = self._channel.origin(raw)
        assert origin is not None
        row = inbox.add(
            tx, self._channel.name, origin.update_key, account.person_id, account.key_id, raw, account.id
        )
        if row is not None and raw["kind"] not in ("press", "start"):
            browser.add_event(tx, account, "message", _echo(raw))
        return address

    async def _seen(self, request: Request) -> Response:
        account = await self._account(request)
        upto = (await _json(request)).get("upto")
        if not isinstance(upto, int):
            raise Refused(422)
        await self._write(lambda tx: browser.seen(tx, account.id, upto))
        return JSONResponse({})

    # ---- what they hear

    async def _events(self, request: Request) -> Response:
        account = await self._account(request)
        address = await self._read(lambda tx: people.address(tx, account))
        if request.query_params.get("poll"):
            return await self._poll(account, address, _number(request.query_params.get("after")))
        after = _number(request.headers.get("last-event-id"))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        stream = self._stream(account, address, after, _bearer(request))
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def _stream(self, account: Account, address: str, after: int, key: str) -> AsyncIterator[str]:
        changed = self._channel.listen(address)
        try:
            yield ": hello\n\n"
            while not self._wake.stopping.is_set():
                changed.clear()
                for event in await self._after(account, after):
                    after = event.id
                    yield _frame(event)
                try:
                    await asyncio.wait_for(changed.wait(), PING_EVERY)
                except TimeoutError:
                    if await self._read(lambda tx: browser.account_of_key(tx, key)) is None:
                        return
                    yield ": ping\n\n"
        finally:
            self._channel.leave(address, changed)

    async def _after(self, account: Account, after: int) -> list[Event]:
        return await self._read(lambda tx: browser.events_after(tx, account, after))

    async def _poll(self, account: Account, address: str, after: int) -> Response:
        changed = self._channel.listen(address)
        try:
            events = await self._read(lambda tx: browser.events_after(tx, account, after))
            if not events:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), POLL_WAITS)
                events = await self._read(lambda tx: browser.events_after(tx, account, after))
        finally:
            self._channel.leave(address, changed)
        shown = [{"event": event.kind, "id": event.id, "data": _shown(event)} for event in events]
        return JSONResponse({"events": shown})

    async def _document(self, request: Request) -> Response:
        account = await self._account(request)
        handle = request.path_params["id"]
        found = await self._read(lambda tx: documents.load(tx, self._channel.vault, handle))
        if found is None or found.person_id != account.person_id:
            raise Refused(404)
        headers = {"Content-Disposition": "attachment", "Cache-Control": "no-store"}
        return Response(found.content, media_type=found.mime, headers=headers)


def _account_of(tx: Tx, key: str) -> Account | None:
    account_id = browser.account_of_key(tx, key)
    return people.account(tx, account_id) if account_id else None


def _bearer(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" else ""


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 16 else 0


async def _json(request: Request) -> dict[str, Any]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_JSON:
            raise Refused(413)
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refused(422) from None
    if not isinstance(value, dict):
        raise Refused(422)
    return value


def _echo(raw: dict[str, Any]) -> dict[str, Any]:
    """What the page itself said, as it finds it again after a reload."""
    attached = raw["kind"] in ("photo", "file", "voice")
    place = raw["kind"] == "location"
    return {
        "from": "me",
        "client_id": raw["id"],
        "text": raw.get("text") or "",
        "attachments": [{"kind": raw["kind"], "name": raw.get("name", "")}] if attached else [],
        **({"latitude": raw["latitude"], "longitude": raw["longitude"]} if place else {}),
    }


def _frame(event: Event) -> str:
    data = json.dumps(_shown(event), ensure_ascii=False)
    return f"id: {event.id}\nevent: {event.kind}\ndata: {data}\n\n"


def _shown(event: Event) -> dict[str, Any]:
    body = dict(event.body)
    document = body.get("document")
    if document:
        body["document"] = {"name": document["name"], "url": f"/chat/api/document/{document['id']}"}
    return {"from": "bot", **body, "id": event.id, "at": event.at.isoformat()}
