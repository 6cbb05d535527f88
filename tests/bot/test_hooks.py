"""The signed hook, against a server that checks what a text-message service would check (R13, R37)."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.channels.contract import Channel
from bot.hooks import Hook
from bot.jobs import Jobs
from bot.settings import Settings
from bot.wake import Wake
from casework.unseen import HOOK
from storage import people
from storage.files import Vault
from tests.casework.conftest import Office
from tests.casework.news import PHONE, Desk

SECRET = "not-a-secret-of-anybody-0123456789"
PAGE = "https://union.example/chat"


class Service:
    """A text-message service: what it was sent, and what it answers next."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[bytes] = []
        self.hangs = False

    async def start(self) -> str:
        """Listen on this machine; returns the address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Listen no more."""
        self._server.close()

    def will_answer(self, *statuses: str, headers: str = "") -> None:
        """What the next calls get, 200 after that."""
        self.answers = [
            f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n{headers}\r\n".encode() for status in statuses
        ]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.calls.append((first, headers, body))
        if self.hangs:
            await asyncio.sleep(30)
        writer.write(self.answers.pop(0) if self.answers else b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()


def signed(headers: dict[str, str], body: bytes) -> bool:
    """What the service does to know that a call is ours."""
    wanted = hmac.new(SECRET.encode(), headers["x-steward-timestamp"].encode() + body, hashlib.sha256)
    return hmac.compare_digest(wanted.hexdigest(), headers["x-steward-signature"])


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    yield made
    await made.stop()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    found = Office(tmp_path)
    yield found
    found.store.close()


@pytest.fixture
def desk(office: Office) -> Desk:
    """News a worker who wants text messages has not seen for an hour."""
    found = Desk(office)
    found.agree()
    found.write()
    found.pass_time(timedelta(hours=1))
    return found


def jobs_of(desk: Desk, url: str) -> Jobs:
    """The loop that does slow work, with the hook in it."""
    channels: dict[str, Channel] = {}
    loop = Jobs(desk.office.store, desk.office.rules, channels, Vault(Path("/nonexistent")), Wake())
    loop.add(HOOK, Hook(desk.office.store, url, SECRET, PAGE, patience=0.5).work)
    return loop


async def work(desk: Desk, loop: Jobs, after: timedelta = timedelta()) -> int:
    """Do what is ready after a while; returns how much is left to do."""
    desk.office.clock.move(after)
    await loop.drain()
    return desk.texts()


# ---- what goes out


async def test_the_call_is_signed_and_holds_number_link_and_phone_only(desk: Desk, service: Service) -> None:
    await work(desk, jobs_of(desk, f"{await service.start()}/texts?union=1"))
    [(first, headers, body)] = service.calls
    assert first == "POST /texts?union=1 HTTP/1.1"
    assert signed(headers, body)
    said = json.loads(body)
    assert set(said) == {"case", "link", "at", "phone"}
    assert (said["case"], said["link"], said["phone"]) == (desk.case.number, PAGE, PHONE)
    assert abs(int(headers["x-steward-timestamp"]) - desk.office.clock.read().timestamp()) < 1


async def test_a_changed_body_or_moment_is_not_signed(desk: Desk, service: Service) -> None:
    await work(desk, jobs_of(desk, await service.start()))
    [(_, headers, body)] = service.calls
    assert not signed(headers, body.replace(b"138", b"139"))
    assert not signed({**headers, "x-steward-timestamp": "1"}, body)


async def test_it_is_done_once(desk: Desk, service: Service) -> None:
    loop = jobs_of(desk, await service.start())
    assert await work(desk, loop) == 0
    assert await work(desk, loop, timedelta(hours=2)) == 0
    assert len(service.calls) == 1


# ---- what does not


async def test_news_seen_meanwhile_is_not_texted(desk: Desk, service: Service) -> None:
    desk.see()
    assert await work(desk, jobs_of(desk, await service.start())) == 0
    assert service.calls == []


async def test_nobody_is_texted_who_stopped_it_meanwhile(desk: Desk, service: Service) -> None:
    desk.office.store.write(lambda tx: people.withdraw_consents(tx, desk.worker, "texts"))
    assert await work(desk, jobs_of(desk, await service.start())) == 0
    assert service.calls == []


# ---- what can go wrong


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Busy", "429 Too Many", "408 Slow"])
async def test_a_passing_fault_is_tried_again_under_the_same_id(
    desk: Desk, service: Service, status: str
) -> None:
    service.will_answer(status)
    loop = jobs_of(desk, await service.start())
    assert await work(desk, loop) == 0
    assert await work(desk, loop, timedelta(minutes=1)) == 0
    first, second = (headers["x-steward-delivery"] for _, headers, _ in service.calls)
    assert first == second
    assert all(signed(headers, body) for _, headers, body in service.calls)
    await work(desk, loop, timedelta(hours=2))
    assert len(service.calls) == 2


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_never_followed(desk: Desk, service: Service, status: str) -> None:
    url = await service.start()
    service.will_answer(status, headers=f"Location: {url}/elsewhere\r\n")
    loop = jobs_of(desk, url)
    await work(desk, loop)
    await work(desk, loop, timedelta(hours=2))
    assert [first for first, _, _ in service.calls] == ["POST / HTTP/1.1"]


async def test_a_refusal_is_not_repeated(desk: Desk, service: Service) -> None:
    service.will_answer("401 Unauthorized")
    loop = jobs_of(desk, await service.start())
    await work(desk, loop)
    await work(desk, loop, timedelta(hours=2))
    assert len(service.calls) == 1


async def test_a_service_that_does_not_answer_is_not_waited_for(desk: Desk, service: Service) -> None:
    service.hangs = True
    loop = jobs_of(desk, await service.start())
    async with asyncio.timeout(5):
        await work(desk, loop)
    service.hangs = False
    await work(desk, loop, timedelta(minutes=1))
    assert len(service.calls) == 2


async def test_nobody_there_is_tried_again(desk: Desk, service: Service) -> None:
    url = await service.start()
    await service.stop()
    loop = jobs_of(desk, url)
    await work(desk, loop)
    assert await work(desk, loop, timedelta(seconds=1)) == 0
    desk.office.clock.move(timedelta(minutes=1))
    assert desk.texts() == 1


async def test_an_answer_that_is_no_http_is_tried_again(desk: Desk, service: Service) -> None:
    service.answers = [b"SSH-2.0-OpenSSH\r\n", b"\r\n", b"x" * 10_000]
    loop = jobs_of(desk, await service.start())
    for _ in range(4):
        await work(desk, loop, timedelta(minutes=5))
    assert len(service.calls) == 4
    assert desk.texts() == 0


async def test_it_is_given_up_after_a_day(desk: Desk, service: Service) -> None:
    service.will_answer(*["500 no"] * 100)
    loop = jobs_of(desk, await service.start())
    for _ in range(30):
        await work(desk, loop, timedelta(hours=1))
    before = len(service.calls)
    await work(desk, loop, timedelta(days=2))
    assert len(service.calls) == before


# ---- what may be set


@pytest.mark.parametrize("url", ["http://texts.example/hook", "ftp://texts.example", "https://", "texts"])
def test_a_hook_in_the_clear_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="STEWARD_NOTICE_HOOK must be an https address"):
        Settings(home=tmp_path, notice_hook=url, notice_hook_secret=SECRET)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/x", "http://localhost/x", "https://texts.example/x"])
def test_https_or_this_machine_is_taken(url: str, tmp_path: Path) -> None:
    assert Settings(home=tmp_path, notice_hook=url, notice_hook_secret=SECRET).notice_hook == url  # type: ignore[arg-type]


def test_a_hook_without_a_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="STEWARD_NOTICE_HOOK_SECRET"):
        Settings(home=tmp_path, notice_hook="https://texts.example/x")
