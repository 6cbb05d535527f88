"""What a page may send and how fast: nothing said is lost, and nothing holds the others up (I85, I87)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from starlette.requests import Request

from bot.channels.browser.access import Refused
from bot.channels.browser.bodies import pieces, read_json
from bot.channels.browser.files import HEADERS, PAGE
from bot.channels.browser.pace import Pace
from storage import inbox
from tests.channels.pages import Page, Union
from tests.player.script import civil

NOW = civil("2026-11-24 10:00")


def waiting(union: Union) -> int:
    """How many updates wait for their turn."""
    return union.store.read(inbox.backlog).get("waiting", 0)


async def write(page: Page, number: int) -> Any:
    """One message; nothing that follows from it happens yet."""
    return await page.post(
        "send", json={"id": f"message-{number:04d}", "kind": "text", "text": f"第 {number} 句"}
    )


async def test_more_than_sixty_a_minute_are_kept_and_asked_to_wait(union: Union) -> None:
    page = await union.hello()
    answers = [await write(page, number) for number in range(70)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429] * 10
    assert {answer.headers["retry-after"] for answer in answers[60:]} == {"5"}
    assert waiting(union) == 70
    assert (await write(page, 65)).status_code == 200, "the page's next try finds it taken"
    assert waiting(union) == 70
    union.clock.move(timedelta(seconds=61))
    assert (await write(page, 71)).status_code == 200


async def test_words_of_danger_are_answered_however_much_was_said_before(union: Union) -> None:
    page = await union.known()
    for number in range(70):
        await write(page, number)
    answer = await page.post(
        "send", json={"id": "the-last-one", "kind": "text", "text": "工友从架子上掉下来流血不止"}
    )
    assert answer.status_code == 429
    await union.work()
    assert any("120" in message["text"] for message in await page.messages() if message["from"] == "bot")


async def test_one_person_too_fast_slows_nobody_else(union: Union) -> None:
    fast, other = await union.hello(), await union.hello()
    for number in range(65):
        await write(fast, number)
    assert (await write(other, 1)).status_code == 200


async def upload(page: Page, name: str, content: bytes = b"%PDF-1.4 ...", **headers: str) -> Any:
    """One file."""
    params = {"id": name, "kind": "file", "name": "工资.pdf"}
    return await page.post("upload", params=params, content=content, headers=headers)


async def test_files_of_somebody_too_fast_wait_on_their_device(union: Union) -> None:
    page = await union.hello()
    for number in range(60):
        await write(page, number)
    answer = await upload(page, "one-file-more")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert waiting(union) == 60
    union.clock.move(timedelta(seconds=61))
    assert (await upload(page, "one-file-more")).status_code == 200


async def test_a_file_sent_twice_is_kept_once(union: Union) -> None:
    page = await union.hello()
    for _ in range(2):
        assert (await upload(page, "the-same-file")).status_code == 200
    assert waiting(union) == 1
    assert len(union.house.steward.vault.names()) == 1


@pytest.mark.parametrize("mime", ["", "application/x-nobody-knows", "text/html", "; ;;", "图片"])
async def test_what_a_file_is_called_by_the_browser_does_not_matter(union: Union, mime: str) -> None:
    page = await union.hello()
    answer = await union.client.post(
        "/chat/api/upload",
        params={"id": "file-00001", "kind": "file", "name": "x"},
        content=b"%PDF-1.4",
        headers=[(b"authorization", f"Bearer {page.key}".encode()), (b"content-type", mime.encode())],
    )
    assert answer.status_code == 200


async def test_words_need_no_content_type(union: Union) -> None:
    page = await union.hello()
    body = '{"id": "client-0001", "kind": "text", "text": "你好"}'.encode()
    for mime in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
        answer = await page.post("send", content=body, headers={"content-type": mime})
        assert answer.status_code == 200


async def test_a_file_too_large_is_refused_with_a_sentence_and_leaves_nothing(union: Union) -> None:
    page = await union.hello(lang="en")
    answer = await upload(page, "a-large-file", bytes(20 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "20 MB" in answer.json()["error"]
    assert union.house.steward.vault.names() == []
    assert waiting(union) == 0


@pytest.mark.parametrize("length", [20_001, 100_000])
async def test_words_too_long_are_refused_with_a_sentence(union: Union, length: int) -> None:
    page = await union.hello()
    answer = await page.post("send", json={"id": "client-0001", "kind": "text", "text": "长" * length})
    assert answer.status_code in (413, 422)
    assert "20000 个字" in answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 5000,
        b'{"id": "short", "kind": "text", "text": "x"}',
        b'{"id": "client-0001", "kind": "dance"}',
        b'{"id": "client-0001", "kind": "text"}',
        b'{"id": "client-0001", "kind": "location", "latitude": "north", "longitude": 2}',
        b'{"id": "client-0001", "kind": "press", "press": "' + b"x" * 65 + b'"}',
    ],
)
async def test_what_is_no_message_is_refused_and_nothing_is_kept(union: Union, body: bytes) -> None:
    page = await union.hello()
    answer = await page.post("send", content=body)
    assert answer.status_code == 422
    assert set(answer.json()) == {"error"}
    assert waiting(union) == 0


@pytest.mark.parametrize("place", ["NaN", "Infinity", "1e400", "91", '"\\ud800"'])
async def test_a_place_that_is_nowhere_is_refused(union: Union, place: str) -> None:
    page = await union.known()
    body = f'{{"id": "client-0001", "kind": "location", "latitude": {place}, "longitude": 1}}'
    assert (await page.post("send", content=body.encode())).status_code == 422


@pytest.mark.parametrize("text", [r"\ud800", r"half \udc00\ud83d", r"\u0000", r"\u2028\u202e", r"\ufffe"])
async def test_signs_that_are_none_break_no_page(union: Union, text: str) -> None:
    page = await union.known()
    body = f'{{"id": "client-0001", "kind": "text", "text": "{text}"}}'
    assert (await page.post("send", content=body.encode())).status_code == 200
    await union.work()
    assert (await page.events())[-1]["event"] == "status"
    async with page.listen() as stream:
        assert (await stream.until("status"))[-1][1] == "status"


@pytest.mark.parametrize("number", [-1, 2**53 + 1, 10**30])
async def test_numbers_no_event_has_are_refused(union: Union, number: int) -> None:
    page = await union.known()
    body = {"id": "client-0001", "kind": "text", "text": "是", "reply_to": number}
    assert (await page.post("send", json=body)).status_code == 422
    assert (await page.post("seen", json={"upto": number})).status_code == 422


async def test_without_a_key_nothing_is_taken(union: Union) -> None:
    stranger = Page(union, "a_key_nobody_has")
    for call in ("send", "upload", "seen"):
        assert (await stranger.post(call, json={})).status_code == 401
    assert (await union.client.get("/chat/api/events", headers=stranger.headers)).status_code == 401


# ---- slow bodies


def slow_request(*parts: bytes) -> Request:
    """A call whose body never ends."""
    left = list(parts)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": left.pop(0), "more_body": True}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def test_a_body_that_does_not_come_ends() -> None:
    with pytest.raises(Refused) as refused:
        await read_json(slow_request(b'{"id":'), within=0.05)
    assert refused.value.status == 408


async def test_a_file_that_does_not_come_ends_and_what_came_was_there() -> None:
    body = pieces(slow_request(b"one", b"two"), 0.05)
    assert [await anext(body), await anext(body)] == [b"one", b"two"]
    with pytest.raises(Refused) as refused:
        await anext(body)
    assert refused.value.status == 408


# ---- how often


def test_what_is_done_counts_for_as_long_as_it_matters() -> None:
    pace = Pace(2, timedelta(minutes=1))
    for second in (0, 30):
        assert pace.wait("sun", NOW + timedelta(seconds=second)) == timedelta(0)
        pace.note("sun", NOW + timedelta(seconds=second))
    assert pace.wait("sun", NOW + timedelta(seconds=40)) == timedelta(seconds=20)
    assert pace.wait("amy", NOW + timedelta(seconds=40)) == timedelta(0)
    assert pace.wait("sun", NOW + timedelta(seconds=60)) == timedelta(0)
    pace.take_back("sun")
    assert pace.wait("sun", NOW + timedelta(seconds=40)) == timedelta(0)


def test_a_clock_that_steps_back_locks_nobody_out_for_longer() -> None:
    pace = Pace(1, timedelta(minutes=1))
    pace.note("sun", NOW)
    assert pace.wait("sun", NOW - timedelta(days=1)) == timedelta(minutes=1)


def test_callers_nobody_hears_of_again_are_forgotten() -> None:
    pace = Pace(1, timedelta(minutes=1))
    for number in range(10_000):
        pace.note(f"caller {number}", NOW)
    pace.note("the last", NOW + timedelta(minutes=2))
    assert pace.known == 1


# ---- headers


@pytest.mark.parametrize(
    "name", sorted(file.name for file in PAGE.iterdir() if file.suffix in (".js", ".css", ".svg"))
)
async def test_every_file_of_the_page_carries_the_pages_headers(union: Union, name: str) -> None:
    answer = await union.client.get(f"/chat/page/{name}")
    assert answer.status_code == 200
    assert {key: answer.headers.get(key) for key in HEADERS} == HEADERS
    unchanged = await union.client.get(
        f"/chat/page/{name}", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert unchanged.status_code == 304
    assert {key: unchanged.headers.get(key) for key in HEADERS} == HEADERS


async def test_the_page_itself_and_its_calls_say_what_may_be_kept(union: Union) -> None:
    page = await union.client.get("/chat")
    assert {key: page.headers.get(key) for key in HEADERS} == HEADERS
    for answer in (
        await union.client.post("/chat/api/hello", json={}),
        await union.client.post("/chat/api/send"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_nothing_outside_the_page_is_served(union: Union) -> None:
    for path in ("../routes.py", "..%2froutes.py", "%2e%2e/routes.py", "", "nothing.js"):
        assert (await union.client.get(f"/chat/page/{path}")).status_code == 404
