"""What a page says: in the inbox, and as its own echo in the feed, before it is answered."""

import asyncio
import math
from datetime import timedelta
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.channels.browser.access import Access, Refused
from bot.channels.browser.bodies import UPLOAD_WITHIN, pieces, read_json
from bot.channels.browser.channel import UPLOAD, BrowserChat
from bot.channels.browser.pace import Pace
from bot.channels.browser.posts import MOST_TEXT, POST, UploadQuery
from bot.wake import Wake
from domain.uploads import SIZE_LIMIT
from storage import browser, inbox, keyboards, people
from storage.files import FileTooLarge, Stored
from storage.people import Account
from storage.tx import Tx
from talk.words import Words

MOST_A_MINUTE = 60  # messages from one person; more are slowed down
LONGEST_PAUSE = timedelta(seconds=5)  # what a page holds back meanwhile may speak of danger
MOST_LABEL = 60  # characters of a button's words that are taken from the page
TOO_LONG = {"string_too_long"}


class Messages:
    """Everything a page sends on its person's behalf."""

    def __init__(self, access: Access, channel: BrowserChat, words: Words, wake: Wake) -> None:
        self._access = access
        self._channel = channel
        self._words = words
        self._wake = wake
        self._pace = Pace(MOST_A_MINUTE, timedelta(minutes=1))

    async def send(self, request: Request) -> Response:
        """Words, a press, a place, or the opening of the page."""
        account = await self._access.account(request)
        try:
            post = POST.validate_python(await read_json(request))
        except ValidationError as fault:
            long = fault.errors()[0]["type"] in TOO_LONG
            raise Refused(422, await self._too_long(account) if long else "") from None
        except Refused as refused:
            large = refused.status == 413
            raise Refused(refused.status, await self._too_long(account) if large else "") from None
        await self._take(account, post.model_dump(mode="json"))
        return JSONResponse({"ok": True})

    async def _too_long(self, account: Account) -> str:
        return await self._in_their_words(account, "kit.fault.too_long", {"max": MOST_TEXT})

    async def upload(self, request: Request) -> Response:
        """A photo, a file or a recording; one too many is read later, when the page tries again."""
        account = await self._access.account(request)
        try:
            query = UploadQuery.model_validate(dict(request.query_params))
        except ValidationError:
            raise Refused(422) from None
        wait = self._pace.wait(account.person_id, self._access.store.clock.read())
        if wait:
            raise Refused(429, wait=_seconds(wait))
        stored = await self._store_file(request, account)
        raw = {
            **query.model_dump(mode="json"),
            "mime": request.headers.get("content-type", ""),
            "size": stored.size,
            "ref": f"{stored.name}|{account.id}",
        }
        if not await self._take(account, raw):
            await asyncio.to_thread(self._channel.vault.remove, stored.name)
        return JSONResponse({"ok": True})

    async def _store_file(self, request: Request, account: Account) -> Stored:
        """Sealed and on disk before anything is answered."""
        key = await self._access.read(lambda tx: tx.data_key(account.key_id))
        writer = self._channel.vault.begin(key, UPLOAD)
        try:
            with writer:
                async for piece in pieces(request, UPLOAD_WITHIN):
                    await asyncio.to_thread(writer.write, piece)
                return await asyncio.to_thread(writer.finish)
        except FileTooLarge:
            limit = {"limit_mb": SIZE_LIMIT // (1024 * 1024)}
            raise Refused(413, await self._in_their_words(account, "upload.too_large", limit)) from None

    async def _in_their_words(self, account: Account, key: str, values: dict[str, Any]) -> str:
        person = await self._access.read(lambda tx: people.person(tx, account.person_id))
        return self._words.render(person.language, key, values)

    async def _take(self, account: Account, raw: dict[str, Any]) -> bool:
        """Store what was said, always; whoever says too much too fast is asked to wait only after that.

        Returns:
            Whether it is new.

        Raises:
            Refused: 429, it is stored and the next one should wait.
        """
        address, new = await self._access.write(lambda tx: self._enter(tx, account, raw))
        self._channel.wake(address)
        self._wake.inbox.set()
        if new:
            now = self._access.store.clock.read()
            wait = self._pace.wait(account.person_id, now)
            self._pace.note(account.person_id, now)
            if wait:
                raise Refused(429, wait=_seconds(wait))
        return new

    def _enter(self, tx: Tx, account: Account, raw: dict[str, Any]) -> tuple[str, bool]:
        """Into the inbox and the feed; a second copy changes nothing."""
        address = people.address(tx, account)
        raw["address"] = address
        origin = self._channel.origin(raw)
        assert origin is not None
        row = inbox.add(
            tx, self._channel.name, origin.update_key, account.person_id, account.key_id, raw, account.id
        )
        if row is not None:
            echo = self._echo(tx, account, raw)
            if echo is not None:
                browser.add_event(tx, account, "message", echo)
        return address, row is not None

    # ---- what a page said, as it finds it again after a reload

    def _echo(self, tx: Tx, account: Account, raw: dict[str, Any]) -> dict[str, Any] | None:
        mine = {"from": "me", "client_id": raw["id"]}
        match raw["kind"]:
            case "start":
                return None
            case "press":
                return {**mine, "kind": "press", **self._pressed(tx, account, raw)}
            case "location":
                place = {"latitude": raw["latitude"], "longitude": raw["longitude"]}
                return {**mine, "text": self._place(tx, account, raw), "attachments": [], **place}
            case "text":
                return {**mine, "text": raw["text"], "attachments": []}
        attached = {"kind": raw["kind"], "name": raw["name"]}
        return {**mine, "text": "", "attachments": [attached]}

    def _pressed(self, tx: Tx, account: Account, raw: dict[str, Any]) -> dict[str, Any]:
        """What was pressed, under which message: as we know it, else as the page says."""
        person = people.person(tx, account.person_id)
        press = keyboards.resolve(tx, person, raw["press"])
        if press is None:
            return {"text": str(raw.get("text", ""))[:MOST_LABEL], "reply_to": raw.get("reply_to")}
        face = press.label
        label = face["words"] or self._words.labels(person.language, face["label"], face["values"])
        return {"text": label, "reply_to": browser.event_of(tx, press.outbox_id) or raw.get("reply_to")}

    def _place(self, tx: Tx, account: Account, raw: dict[str, Any]) -> str:
        language = people.person(tx, account.person_id).language
        where = f"{raw['latitude']:.5f}, {raw['longitude']:.5f}"
        return self._words.render(language, "page.place", {"place": where})


def _seconds(wait: timedelta) -> int:
    return max(1, math.ceil(min(wait, LONGEST_PAUSE).total_seconds()))
