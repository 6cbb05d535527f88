"""Pages of the browser chat that call the real HTTP side of a union, without a socket or a browser."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import httpx
from starlette.applications import Starlette

from storage import browser, people
from storage.clock import SetClock
from storage.people import Account
from storage.store import Store
from storage.tx import Tx
from tests.player.house import House, sqlite_place
from tests.player.script import civil

PATIENCE = 10.0  # seconds a test waits for what must come


class Served(Protocol):
    """What pages talk to."""

    app: Starlette
    client: httpx.AsyncClient

    async def work(self) -> None:
        """Let everything that waits happen."""


class Union:
    """The sample union with a clock that stands still, and its pages."""

    def __init__(self, template: Path, folder: Path, at: str) -> None:
        self.clock = SetClock(civil(at))
        self.house = House(sqlite_place(template, folder), self.clock, [])
        self.cadres = self.house.set_up()
        self.app: Starlette = self.house.steward.application()
        self.call_from("127.0.0.1")

    def call_from(self, address: str) -> None:
        """Let the calls that follow come from this address."""
        transport = httpx.ASGITransport(self.app, client=(address, 4711))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    @property
    def store(self) -> Store:
        """What is kept."""
        return self.house.store

    async def work(self) -> None:
        """Let everything that waits happen."""
        await self.house.work()

    async def hello(self, **body: str) -> "Page":
        """A page nobody opened yet."""
        answer = await self.client.post("/chat/api/hello", json={"lang": "zh", **body})
        return Page(self, answer.raise_for_status().json()["key"])

    async def known(self, **body: str) -> "Page":
        """A page whose person has agreed to what is kept."""
        page = await self.hello(**body)
        await page.send(kind="start", payload=body.get("start", ""))
        await page.press("同意，开始" if body.get("lang", "zh") == "zh" else "I agree, start")
        return page

    def cadre(self, key: str) -> "Page":
        """A cadre's page."""

        def issue(tx: Tx) -> str:
            door = people.door(tx, self.cadres[key])
            assert door is not None
            return browser.issue_key(tx, door.id)

        return Page(self, self.store.write(issue))


class Page:
    """One page and its key."""

    def __init__(self, union: Served, key: str) -> None:
        self.union = union
        self.key = key
        self._sent = 0

    @property
    def headers(self) -> dict[str, str]:
        """What every call carries."""
        return {"Authorization": f"Bearer {self.key}"}

    def read_account(self, tx: Tx) -> Account:
        """The account behind the key."""
        account = people.account(tx, browser.account_of_key(tx, self.key) or "")
        assert account is not None
        return account

    async def post(self, call: str, **more: Any) -> httpx.Response:
        """One call."""
        headers = self.headers | more.pop("headers", {})
        return await self.union.client.post(f"/chat/api/{call}", headers=headers, **more)

    async def send(self, **body: Any) -> httpx.Response:
        """Say something and let what follows happen."""
        self._sent += 1
        answer = await self.post("send", json={"id": f"client-{self._sent:06d}", **body})
        await self.union.work()
        return answer

    async def press(self, label: str, **more: Any) -> int:
        """Press the newest button of that name; returns the message it stood under."""
        for message in reversed(await self.messages()):
            for button in (each for row in message.get("buttons", ()) for each in row):
                if button["label"] == label:
                    await self.send(kind="press", press=button["press"], **more)
                    return int(message["id"])
        raise AssertionError(f"no button {label}")

    async def events(self, after: int = 0) -> list[dict[str, Any]]:
        """Everything the page is told, however many times it has to ask; the status comes last."""
        told: list[dict[str, Any]] = []
        while True:
            answer = await self.union.client.get(
                "/chat/api/events", params={"poll": 1, "after": after}, headers=self.headers
            )
            page = answer.raise_for_status().json()
            told += page["events"]
            if not page["more"]:
                return told
            after = told[-1]["id"]

    async def messages(self) -> list[dict[str, Any]]:
        """The feed as it stands."""
        return [event["data"] for event in await self.events() if event["event"] == "message"]

    async def status(self) -> dict[str, str]:
        """How things stand for this page."""
        last = (await self.events())[-1]
        assert last["event"] == "status"
        data: dict[str, str] = last["data"]
        return data

    @asynccontextmanager
    async def listen(self, after: int = 0) -> AsyncIterator["Stream"]:
        """The stream of events, while somebody listens."""
        stream = Stream(self, after)
        task = asyncio.create_task(stream.run())
        try:
            yield stream
        finally:
            stream.gone.set()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


class Stream:
    """A stream that is read frame by frame; the server waits while nobody reads."""

    def __init__(self, page: Page, after: int) -> None:
        self._page = page
        self._after = after
        self.gone = asyncio.Event()
        self.ended = asyncio.Event()
        self._frames: asyncio.Queue[str] = asyncio.Queue(maxsize=1)
        self._rest: list[str] = []

    async def run(self) -> None:
        """Carry what is sent until the page is closed."""
        headers = {**self._page.headers, "Last-Event-ID": str(self._after), "Host": "127.0.0.1"}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/chat/api/events",
            "raw_path": b"/chat/api/events",
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await self._page.union.app(scope, self._receive, self._send)
        self.ended.set()

    async def _receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Mapping[str, Any]) -> None:
        if message.get("body"):
            await self._frames.put(message["body"].decode())

    async def frame(self) -> tuple[str, str, dict[str, Any]]:
        """The next event: its id or nothing, its kind and its data."""
        while not self._rest:
            chunk = await asyncio.wait_for(self._frames.get(), PATIENCE)
            self._rest = [part for part in chunk.split("\n\n") if part and not part.startswith(":")]
        fields = dict(line.split(": ", 1) for line in self._rest.pop(0).split("\n"))
        return fields.get("id", ""), fields["event"], json.loads(fields["data"])

    async def until(self, kind: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Every event up to the first of this kind."""
        seen = [await self.frame()]
        while seen[-1][1] != kind:
            seen.append(await self.frame())
        return seen
