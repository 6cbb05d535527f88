"""The browser chat: pages that call the real HTTP API, without sockets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from bot.app import Steward
from bot.channels.contract import Channel
from storage import browser, people
from storage.store import Store
from storage.tx import Tx
from tests.player.acts import Act, Locate, Open, Press, Send, Share, Write
from tests.player.port import Impossible
from tests.player.screen import Bubble, Screen

REFUSED = (413, 422)  # answered with a sentence that the page shows


@dataclass
class Page:
    """One page, as the browser keeps it."""

    key: str = ""
    language: str = "zh"
    after: int = 0
    screen: list[Bubble] = field(default_factory=list)
    handles: dict[tuple[str, str], str] = field(default_factory=dict)


class Browser:
    """Everybody has the page open."""

    name = "browser"

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self._count = 0
        self._last: tuple[str, httpx.Request] | None = None

    def channels(self) -> Sequence[Channel]:
        """The browser chat is always there."""
        return ()

    async def attach(self, steward: Steward) -> None:
        """Talk to this process; what a page shows must be what it is told again after a reload."""
        self._store: Store = steward.store
        transport = httpx.ASGITransport(steward.application())
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    async def arrive(self, name: str, language: str) -> None:
        """A page nobody has opened yet."""
        self.pages[name] = Page(language=language)

    def give_door(self, tx: Tx, name: str, person_id: str) -> None:
        """A page for a cadre of the sample union."""
        door = people.door(tx, person_id)
        assert door is not None
        self.pages[name] = Page(key=browser.issue_key(tx, door.id))

    async def act(self, name: str, act: Act) -> None:
        """One call, as the page makes it."""
        page = self.pages[name]
        if not page.key:
            await self._hello(page, act.payload if isinstance(act, Open) else "")
        elif page.after:
            await self._call(page, "seen", json={"upto": page.after})
        self._count += 1
        request = self._request(page, f"client-{self._count:06d}", act)
        self._last = (name, request)
        await self._send(page, request)

    async def again(self) -> None:
        """The page tries the same call once more, as it does when an answer was lost."""
        assert self._last is not None
        name, request = self._last
        await self._send(self.pages[name], request)

    async def look(self) -> Mapping[str, Screen]:
        """Everybody's screen, once the pages have asked for what is new."""
        open_pages = [page for page in self.pages.values() if page.key]
        newest = self._store.read(lambda tx: [_newest(tx, page.key) for page in open_pages])
        for page, upto in zip(open_pages, newest, strict=True):
            await self._catch_up(page, upto)
        return {name: tuple(page.screen) for name, page in self.pages.items()}

    async def reload(self) -> None:
        """Every page is loaded anew and must show what it showed before.

        Raises:
            AssertionError: it shows something else.
        """
        for name, page in self.pages.items():
            fresh = Page(page.key, page.language)
            if page.key:
                await self._catch_up(fresh, page.after)
            shown = [bubble for bubble in page.screen if not bubble.id.startswith("refused")]
            assert fresh.screen == shown, f"the page of {name} shows something else after a reload"

    def handle(self, name: str, label: str) -> str:
        """The newest handle with these words."""
        handles = self.pages[name].handles
        return next((handle for (_, said), handle in reversed(handles.items()) if said == label), "")

    # ---- calls

    async def _hello(self, page: Page, start: str) -> None:
        answer = await self._client.post("/chat/api/hello", json={"lang": page.language, "start": start})
        page.key = answer.raise_for_status().json()["key"]

    async def _call(self, page: Page, what: str, **more: Any) -> httpx.Response:
        answer = await self._client.post(f"/chat/api/{what}", headers=_bearer(page), **more)
        return answer.raise_for_status()

    async def _send(self, page: Page, request: httpx.Request) -> None:
        answer = await self._client.send(_copy(request))
        if answer.status_code in REFUSED and answer.json().get("error"):
            page.screen.append(Bubble(f"refused{self._count}", answer.json()["error"]))
        else:
            answer.raise_for_status()

    def _request(self, page: Page, client_id: str, act: Act) -> httpx.Request:
        if isinstance(act, Send):
            query = {"id": client_id, "kind": act.kind, "name": act.name, "album": act.album}
            return self._client.build_request(
                "POST", "/chat/api/upload", params=query, content=act.content, headers=_bearer(page)
            )
        body = {"id": client_id, "lang": page.language, **self._content(page, act)}
        return self._client.build_request("POST", "/chat/api/send", json=body, headers=_bearer(page))

    def _content(self, page: Page, act: Act) -> dict[str, Any]:
        match act:
            case Write(text, reply_to):
                if text.split(" ")[0] == "/start":
                    return {"kind": "start", "payload": text.removeprefix("/start").strip()}
                return {"kind": "text", "text": text, "reply_to": int(reply_to) if reply_to else None}
            case Press(label, bubble, raw):
                return {"kind": "press", "press": raw or page.handles[bubble, label]}
            case Locate(latitude, longitude):
                return {"kind": "location", "latitude": latitude, "longitude": longitude}
            case Share(phone, True):
                return {"kind": "text", "text": phone}
            case Open(payload):
                return {"kind": "start", "payload": payload}
        raise Impossible

    # ---- what comes

    async def _catch_up(self, page: Page, upto: int) -> None:
        while page.after < upto:
            answer = await self._client.get(
                "/chat/api/events", params={"poll": 1, "after": page.after}, headers=_bearer(page)
            )
            for event in answer.raise_for_status().json()["events"]:
                if event["event"] == "status":
                    continue
                page.after = event["id"]
                _show(page, event["event"], event["data"])


def _newest(tx: Tx, key: str) -> int:
    account_id = browser.account_of_key(tx, key)
    return browser.last_event(tx, account_id) if account_id else 0


def _bearer(page: Page) -> dict[str, str]:
    return {"Authorization": f"Bearer {page.key}"}


def _copy(request: httpx.Request) -> httpx.Request:
    return httpx.Request(request.method, request.url, headers=request.headers, content=request.content)


def _show(page: Page, kind: str, data: dict[str, Any]) -> None:
    if data["from"] == "me":
        return
    target = str(data["target"] or data["id"])
    at = next((i for i, each in enumerate(page.screen) if each.id == target), None)
    if kind == "strip":
        if at is not None:
            page.screen[at] = replace(page.screen[at], rows=(), ask="")
        return
    bubble = Bubble(
        target,
        data["text"],
        tuple(tuple(button["label"] for button in row) for row in data["buttons"]),
        data["ask_label"] if data["ask"] else "",
        data["document"]["name"] if data["document"] else "",
    )
    page.handles |= {(target, button["label"]): button["press"] for row in data["buttons"] for button in row}
    if at is None:
        page.screen.append(bubble)
    else:
        page.screen[at] = bubble
